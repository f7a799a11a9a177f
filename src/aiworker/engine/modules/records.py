"""Modules as values."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiworker.engine.modules.routing import Candidate
from aiworker.engine.queues.records import Door
from aiworker.wire.engine import API_VERSION, HealthStatus, PerformanceTier


@dataclass(frozen=True, slots=True)
class Module:
    """A registered service that can process certain robot types. What was never measured is None."""

    module_id: str
    module_name: str
    module_version: str
    supported_robot_types: list[str]
    is_active: bool
    health_endpoint: str | None
    registration_data: dict[str, Any] | None
    performance_score: float
    performance_tier: PerformanceTier
    error_count_24h: int
    success_rate_24h: float | None
    avg_processing_time_ms: int
    capacity_utilization: float
    health_status: HealthStatus
    last_health_check: datetime | None
    consecutive_failures: int
    last_error_message: str | None
    last_error_message_told: dict[str, Any] | None
    uptime_percentage_24h: float | None
    last_performance_check: datetime | None
    total_robots_processed: int
    total_processing_time_hours: float
    max_concurrent: int | None
    max_per_minute: int | None
    recent_starts: dict[str, int] | None
    internal: bool
    draining: bool
    removed_at: datetime | None
    last_seen_at: datetime | None
    registered_at: datetime
    updated_at: datetime

    @property
    def api_version(self) -> int:
        """The version of the workers' API that it said it was written for."""
        return int((self.registration_data or {}).get("apiVersion", API_VERSION))

    @property
    def silent(self) -> bool:
        """Whether nothing was heard of its program when it was last looked at: nobody runs it, it seems."""
        looked_for = self.health_endpoint is None and self.last_seen_at is not None
        return looked_for and self.last_health_check is not None and self.health_status is not HealthStatus.HEALTHY


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who does which type, by name, the lanes that they have, and the types that something is said of."""

    of_type: Mapping[str, Sequence[Candidate]]
    lane_ids: Mapping[tuple[str, Door], int]
    described: Collection[str]


@dataclass(frozen=True, slots=True)
class Score:
    """How well a module did over the last 24 hours. None: there was nothing to measure."""

    module_name: str
    performance_score: float
    performance_tier: PerformanceTier
    success_rate_24h: float | None
    uptime_percentage_24h: float | None
    avg_processing_time_ms: int


@dataclass(frozen=True, slots=True)
class ModuleLoad:
    """How many robots wait for a module (counted up to a bound) and how many take a slot of it."""

    queued: int
    running: int
