"""How modules stand, reports and trends, as they travel. Rates and shares are from 0 to 1, `…Ms` are milliseconds."""

from enum import StrEnum
from typing import Generic, TypeVar

from aiworker.wire.base import Timestamp, Wire
from aiworker.wire.engine import HealthStatus, PerformanceTier

L = TypeVar("L")


class ReportKind(StrEnum):
    """What a report is about; each has a period of its own: a day, a week or a month."""

    PERFORMANCE = "performance"
    ERRORS = "errors"
    CAPACITY = "capacity"
    EFFICIENCY = "efficiency"
    BOTTLENECKS = "bottlenecks"


class PerformanceLine(Wire):
    """A day's tries of one module at robots of one type. `failed`: for good; `retried`: failed, and tried again."""

    module_name: str
    robot_type: str
    completed: int
    failed: int
    retried: int
    lost: int
    cancelled: int
    success_rate: float
    avg_ms: int
    p50_ms: int
    p95_ms: int
    max_ms: int
    avg_queue_ms: int


class ErrorLine(Wire):
    """A week's failures that look alike: `message` is their common shape, without numbers, ids and names."""

    category: str
    robot_type: str
    step: str | None
    message: str
    number: int
    modules: list[str]
    first_at: Timestamp
    last_at: Timestamp
    example_robot_id: str


class CapacityLine(Wire):
    """One day of a month at one module. `busyShare`: of the minutes, those in which something ran; `fullShare`: those
    in which it had reached its limit."""

    module_name: str
    day: str
    avg_running: float
    max_running: int
    avg_utilisation: float
    max_utilisation: float
    avg_queued: float
    max_queued: int
    ended: int
    failed: int
    busy_share: float
    full_share: float
    avg_queue_ms: int


class EfficiencyLine(Wire):
    """A week's robots with an estimate: what was estimated against what it took. `efficiency`: the mean of their
    `min(1, estimated / actual)`; `overShare`: of the robots, those that took longer than estimated."""

    module_name: str
    robot_type: str
    robots: int
    estimated_minutes: int
    actual_minutes: float
    efficiency: float
    over_share: float


class BottleneckLine(Wire):
    """One step of a robot type over a week; `share`: of the time of all the type's steps."""

    robot_type: str
    step: str
    category: str
    number: int
    failed: int
    avg_ms: int
    max_ms: int
    total_ms: int
    share: float


class Report(Wire, Generic[L]):
    """A stored report. `complete`: its period is over and it does not change any more. `madeAt` is null while there is
    none yet, `nextAt` is when it is counted again, if it is."""

    kind: ReportKind
    period: str
    made_at: Timestamp | None
    next_at: Timestamp | None
    complete: bool
    lines: list[L]


class ReportSummary(Wire):
    """A report that is stored."""

    kind: ReportKind
    period: str
    made_at: Timestamp
    complete: bool


class TrendPoint(Wire):
    """A module in the minutes from `at` on: means, and the number of tries that ended and failed. Resources are those
    of all its workers together, as they report them; null if nobody does."""

    module_name: str
    at: Timestamp
    queued: float
    running: float
    utilisation: float
    ended: int
    failed: int
    error_rate: float
    cpu_percent: float | None
    memory_mb: float | None
    disk_io_mb: float | None
    network_io_mb: float | None


class Trends(Wire):
    """Points of `stepMinutes` minutes each, by module, oldest first."""

    step_minutes: int
    points: list[TrendPoint]


class PacePoint(Wire):
    """The tries that a module completed from `at` on, and how long their robots had waited for the first one."""

    at: Timestamp
    completed: int
    p50_ms: int
    p95_ms: int
    queue_ms: int


class Paces(Wire):
    """Points of `stepMinutes` minutes each, oldest first; pieces in which nothing was completed are left out. `since`:
    from when on all is counted."""

    step_minutes: int
    since: Timestamp
    points: list[PacePoint]


class ScorePoint(Wire):
    """A module's score at one moment; its parts from 0 to 1, and what they were counted from."""

    scored_at: Timestamp
    score: float
    tier: PerformanceTier
    success_rate: float
    speed: float
    uptime: float
    succeeded: int
    failed: int
    avg_processing_time_ms: int


class ModuleHistory(Wire):
    """A module's scores, oldest first, and the worst that it was in each of the 48 half-hours since `healthFrom`."""

    module_name: str
    scores: list[ScorePoint]
    health: list[HealthStatus]
    health_from: Timestamp


class RoutedModule(Wire):
    """A module that does a robot type, with the figures that routing compares."""

    module_name: str
    is_active: bool
    draining: bool
    health_status: HealthStatus
    performance_score: float
    capacity_utilization: float
    figure: float
    well: bool


class Route(Wire):
    """Who gets robots of a type: the first one, as long as it is well."""

    robot_type: str
    modules: list[RoutedModule]


class Standing(Wire):
    """A module's place on the scoreboard; equal scores share a place."""

    place: int
    module_name: str
    performance_score: float
    performance_tier: PerformanceTier
    success_rate_24h: float | None
    uptime_percentage_24h: float | None
    avg_processing_time_ms: int
