"""Samples as values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Resources:
    """What the workers of all that runs at a module report, summed up; None: nobody reported any."""

    cpu_percent: float | None = None
    memory_mb: int | None = None
    disk_io_mb: int | None = None
    network_io_mb: int | None = None


@dataclass(frozen=True, slots=True)
class TrendSample:
    """A module in one minute (counted since 1970 UTC). `utilisation`: of its limit, 0 to 1; without a limit 0."""

    module_name: str
    minute: int
    queued: int
    running: int
    utilisation: float
    ended: int
    failed: int
    cpu_percent: float | None
    memory_mb: int | None
    disk_io_mb: int | None
    network_io_mb: int | None


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """Some minutes of a module together, from `minute` on: means, and the number of tries that ended and failed."""

    module_name: str
    minute: int
    queued: float
    running: float
    utilisation: float
    ended: int
    failed: int
    cpu_percent: float | None
    memory_mb: float | None
    disk_io_mb: float | None
    network_io_mb: float | None
