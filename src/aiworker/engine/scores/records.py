"""Counts and scores as values."""

from dataclasses import dataclass
from datetime import datetime

from aiworker.wire.engine import PerformanceTier


@dataclass(frozen=True, slots=True)
class Ended:
    """Tries of a module that ended within a span of time; what was cancelled or given back is not among them.

    `succeeded_ms`: what the good ones took together, in milliseconds.
    """

    succeeded: int = 0
    failed: int = 0
    succeeded_ms: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """Robots that a module was done with, well or not, and the milliseconds of all tries at them; up to a moment."""

    module_name: str
    counted_until: datetime | None
    processed: int
    spent_ms: int


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a module takes for robots of a type: how many it did, and their mean in milliseconds."""

    module_name: str
    robot_type: str
    number: int
    mean_ms: float


@dataclass(frozen=True, slots=True)
class GivenScore:
    """A module's score at one moment, with its parts (0 to 1) and what they were counted from."""

    module_name: str
    scored_at: datetime
    score: float
    tier: PerformanceTier
    success_rate: float
    speed: float
    uptime: float
    succeeded: int
    failed: int
    avg_processing_time_ms: int
