"""Modules, robots, executions and the Worker protocol as they travel."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Protocol

from pydantic import AwareDatetime, Field

from aiworker.core.errors import AiWorkerError
from aiworker.core.sayings import Saying, as_kept
from aiworker.wire.base import Body, Identifier, JsonObject, Line, Request, Timestamp, Wire
from aiworker.wire.robot_types import TypeSettings
from aiworker.wire.telling import Telling


class RobotStatus(StrEnum):
    """RETRYING: failed, and the next try is due at a time. CANCELLED: ended by a person or an owner."""

    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    RETRYING = "RETRYING"
    CANCELLED = "CANCELLED"


class RobotPriority(StrEnum):
    """How urgent, least first."""

    LOW = "LOW"
    NORMAL = "NORMAL"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"


class ProcessingTier(StrEnum):
    """From the estimate: under a minute, ten, sixty, beyond."""

    FAST = "FAST"
    STANDARD = "STANDARD"
    COMPLEX = "COMPLEX"
    BULK = "BULK"


class ExecutionState(StrEnum):
    """How a try goes."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    RETRYING = "RETRYING"
    CANCELLED = "CANCELLED"


class StepCategory(StrEnum):
    """What kind of step."""

    INIT = "INIT"
    VALIDATION = "VALIDATION"
    PROCESSING = "PROCESSING"
    EXTERNAL_API = "EXTERNAL_API"
    FINALIZATION = "FINALIZATION"


class HealthStatus(StrEnum):
    """How a module is."""

    HEALTHY = "HEALTHY"
    DEGRADED = "DEGRADED"
    UNHEALTHY = "UNHEALTHY"
    UNKNOWN = "UNKNOWN"


class PerformanceTier(StrEnum):
    """From the score."""

    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"
    CRITICAL = "CRITICAL"


class BreakerState(StrEnum):
    """How carefully robots are handed to a module that failed some in a row. OPEN: one is tried now and then."""

    CLOSED = "CLOSED"
    FEWER = "FEWER"
    OPEN = "OPEN"


class ErrorCategory(StrEnum):
    """Why a try failed. The first two are not tried again."""

    VALIDATION = "VALIDATION"
    BUSINESS = "BUSINESS"
    TIMEOUT = "TIMEOUT"
    EXTERNAL_API = "EXTERNAL_API"
    RESOURCE = "RESOURCE"
    APPLICATION = "APPLICATION"

    @property
    def retried(self) -> bool:
        """Whether trying again can help."""
        return self not in {ErrorCategory.VALIDATION, ErrorCategory.BUSINESS}


RobotType = Annotated[str, Field(pattern=r"^[a-zA-Z][a-zA-Z0-9_-]*(\.[a-zA-Z0-9_-]+)*$", max_length=50)]
ModuleName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*(@[A-Za-z0-9._-]+)?$", max_length=100)]


# What workers speak. A change that an old module does not survive makes another one.
API_VERSION: Final = 1


class NewModule(Request):
    """Registers a module, or updates it. `apiVersion`: of this description, which the module was written for."""

    module_name: ModuleName
    module_version: Annotated[Line, Field(min_length=1, max_length=50, pattern=r"^[A-Za-z0-9._+-]+$")]
    supported_robot_types: Annotated[list[RobotType], Field(min_length=1, max_length=200)]
    health_endpoint: Annotated[Line, Field(max_length=200, pattern=r"^https?://")] | None = None
    max_concurrent: Annotated[int, Field(ge=1, le=100_000)] | None = None
    max_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    api_version: Annotated[int, Field(ge=1, le=1_000)] = API_VERSION
    registration_data: JsonObject = Field(default_factory=dict)
    type_settings: Annotated[dict[RobotType, TypeSettings], Field(max_length=200)] = Field(
        default_factory=dict[RobotType, TypeSettings]
    )


class ModuleChanges(Request):
    """Changes to a module. `draining`: no new robots, those that wait move; when it is empty it is switched off."""

    is_active: bool | None = None
    draining: bool | None = None
    health_endpoint: Annotated[Line, Field(max_length=200, pattern=r"^https?://")] | None = None
    max_concurrent: Annotated[int, Field(ge=1, le=100_000)] | None = None
    max_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] | None = None


class Breaker(Wire):
    """What a module's failures in a row have led to."""

    state: BreakerState
    failures: int = Field(description="In a row; those that may be the module's fault.")
    allowed: int | None = Field(description="While FEWER: how many may be under way.")
    again_at: Timestamp | None = Field(description="While OPEN: when the next one is tried.")
    changed_at: Timestamp


class Module(Wire):
    """A registered service that can process certain robot types."""

    module_id: str
    module_name: str
    module_version: str
    api_version: int = Field(description="What it speaks with the server.")
    supported_robot_types: list[str]
    is_active: bool
    health_endpoint: str | None
    max_concurrent: int | None
    max_per_minute: int | None = Field(default=None, description="At most so many robots begin within 60 seconds.")
    performance_score: float
    performance_tier: PerformanceTier
    health_status: HealthStatus
    last_health_check: Timestamp | None
    consecutive_failures: int
    last_error_message: str | None
    last_error_message_told: Telling | None = None
    error_count_24h: int
    success_rate_24h: float | None = Field(description="Percent; null: no try ended in that time.")
    avg_processing_time_ms: int
    capacity_utilization: float
    uptime_percentage_24h: float | None = Field(description="null: nobody looked in that time.")
    last_performance_check: Timestamp | None
    total_robots_processed: int
    total_processing_time_hours: float
    draining: bool
    internal: bool
    last_seen_at: Timestamp | None
    silent: bool = Field(
        default=False,
        description="It has no end point and was not heard of when it was last looked at: nobody runs it.",
    )
    queued: int = 0
    running: int = 0
    breaker: Breaker | None = Field(default=None, description="None: none of its robots ever failed.")
    registered_at: Timestamp
    updated_at: Timestamp


class NewRobot(Request):
    """A unit of work to be done."""

    robot_type: RobotType
    input_data: JsonObject
    priority: RobotPriority = RobotPriority.NORMAL
    queue: Annotated[Line, Field(max_length=100)] = ""
    needs: Annotated[list[Annotated[Line, Field(min_length=1, max_length=60)]], Field(max_length=20)] = Field(
        default_factory=list[str]
    )
    held: Annotated[Line, Field(max_length=200)] | None = None
    defer_until: AwareDatetime | None = None
    due_date: AwareDatetime | None = None
    retry_limit: Annotated[int, Field(ge=0, le=100)] | None = None
    backoff_seconds: Annotated[int, Field(ge=0, le=86_400)] | None = None
    backoff_cap_seconds: Annotated[int, Field(ge=0, le=7 * 86_400)] | None = None
    timeout_seconds: Annotated[int, Field(ge=1, le=7 * 86_400)] | None = None
    correlation_id: Annotated[Line, Field(max_length=100)] | None = None
    source_reference: Annotated[Line, Field(max_length=200)] | None = None
    cache_key: Annotated[Line, Field(min_length=1, max_length=200)] | None = None
    estimated_duration_minutes: Annotated[int, Field(ge=0, le=100_000)] | None = None
    module_name: ModuleName | None = None


class Deadline(Wire):
    """What is thought of a due date, anew at least each hour."""

    forecast_at: Timestamp | None = Field(description="When it will probably be done; null: nobody can tell.")
    at_risk: bool = Field(description="It will probably be late, or is.")
    why: str | None = Field(description="What that rests on.")
    why_told: Telling | None = Field(default=None, description="The same for other languages.")


class Robot(Wire):
    """A unit of work."""

    robot_id: str
    robot_type: str
    status: RobotStatus
    module_name: str
    priority: RobotPriority
    queue: str
    needs: list[str]
    held: str | None
    waiting: str | None = None
    waiting_told: Telling | None = None
    input_data: dict[str, Any]
    output_data: dict[str, Any] | None
    processing_time_ms: int | None
    processing_tier: ProcessingTier
    cache_hit: bool
    cache_source_robot_id: str | None
    retry_count: int
    retry_limit: int
    error_details: dict[str, Any] | None
    error_category: str | None
    last_error_at: Timestamp | None
    completeness_score: float
    confidence_score: float
    required_completeness: float | None
    required_confidence: float | None
    review: str | None = Field(description="waiting, accepted, corrected, refused, sent_back or cancelled.")
    estimated_duration_minutes: int | None
    actual_duration_minutes: int | None
    security_classification: str = Field(description="SENSITIVE if fields of its input or result are.")
    compliance_tags: list[str] | None = Field(description="JSON pointers to what of input and result is sensitive.")
    audit_trail: list[dict[str, Any]] | None = Field(description="Who did what with it, and why.")
    source_reference: str | None
    correlation_id: str | None
    routing_decision: dict[str, Any] | None
    defer_until: Timestamp | None
    due_date: Timestamp | None
    deadline: Deadline | None = None
    created_at: Timestamp
    updated_at: Timestamp
    started_at: Timestamp | None
    completed_at: Timestamp | None


class RobotCounts(Wire):
    """How many robots have each status. `most`: a number as large as this means as many or more."""

    by_status: dict[RobotStatus, int]
    most: int


class ExecutionStep(Wire):
    """One named step of an execution. `told`: its detail for other languages."""

    position: int
    name: str
    category: StepCategory
    status: str
    detail: str | None
    told: Telling | None = None
    started_at: Timestamp
    completed_at: Timestamp | None
    duration_ms: int | None


class Execution(Wire):
    """One try at a robot."""

    execute_id: str
    robot_id: str
    module_name: str
    execution_state: ExecutionState
    holder: str | None
    current_step: str | None
    progress_percentage: int
    step_category: StepCategory
    total_steps: int
    completed_steps: int
    steps: list[ExecutionStep] = Field(default_factory=list["ExecutionStep"])
    outcome: str | None
    error_message: str | None
    error_message_told: Telling | None = None
    error_stack_trace: str | None = Field(description="Shown to admins only.")
    started_at: Timestamp
    completed_at: Timestamp | None
    estimated_completion_at: Timestamp | None
    duration_ms: int | None
    paused_ms: int
    retry_count: int
    max_retries: int
    timeout_seconds: int | None
    contains_sensitive_data: bool
    compliance_context: dict[str, Any] | None
    checkpoint_at: Timestamp | None = Field(default=None, description="When its checkpoint was saved.")
    efficiency_score: float = Field(description="min(1, estimated / actual).")
    cpu_usage_percent: float | None
    memory_usage_mb: int | None
    disk_io_mb: int | None
    network_io_mb: int | None
    resource_peak_usage: dict[str, Any] | None
    throughput_items_per_sec: float | None
    processing_rate: float | None = Field(description="Percent of the work in a minute.")
    external_api_calls: int
    external_api_duration_ms: int
    external_api_failures: int


# --- the Worker protocol: the same for the control module in this process and for a module outside ---

Directive = Literal["continue", "pause", "cancel", "lost"]


class Claim(Request):
    """Ask for up to `limit` robots; wait up to `waitSeconds` for the first. `holder` names this worker process."""

    holder: Annotated[Line, Field(min_length=1, max_length=200)]
    limit: Annotated[int, Field(ge=1, le=500)] = 1
    wait_seconds: Annotated[float, Field(ge=0, le=55)] = 0
    lease_seconds: Annotated[int, Field(ge=5, le=3600)] = 60
    capabilities: Annotated[list[Annotated[Line, Field(max_length=60)]], Field(max_length=100)] = Field(
        default_factory=list[str]
    )


class ClaimedRobot(Wire):
    """A robot that is now yours alone, until the lease ends (none: held by a person). Later calls name `leaseToken`."""

    robot_id: str
    robot_type: str
    execute_id: str
    lease_token: str
    lease_expires_at: Timestamp | None
    input_data: dict[str, Any]
    correlation_id: str | None
    retry_count: int
    retry_limit: int
    timeout_seconds: int | None
    checkpoint: dict[str, Any] | None = Field(default=None, description="What an earlier try saved last.")


class StepReport(Request):
    """A step that begins (`running`) or ends (`completed`, `failed`, `skipped`).

    For a worker that gathers its reports, both by its own clock: `duration_ms`, how long it took; `ago_ms`, how long
    before the request that began or ended.
    """

    name: Annotated[Line, Field(min_length=1, max_length=100)]
    category: StepCategory = StepCategory.PROCESSING
    status: Literal["running", "completed", "failed", "skipped"] = "running"
    detail: Annotated[Body, Field(max_length=4_000)] | None = None
    told: Telling | None = None
    duration_ms: Annotated[int, Field(ge=0, le=7 * 86_400_000)] | None = None
    ago_ms: Annotated[int, Field(ge=0, le=7 * 86_400_000)] | None = None


class ReportedLine(Request):
    """A line of the worker's log."""

    level: Literal["debug", "info", "warn", "error"] = "info"
    message: Annotated[Body, Field(min_length=1, max_length=4_000)]


_Count = Annotated[int, Field(ge=0, le=2_000_000_000)]


class Measures(Request):
    """What a try has used so far. Counters count from its beginning, so telling them again changes nothing."""

    cpu_usage_percent: Annotated[float, Field(ge=0, le=100_000)] | None = None
    memory_usage_mb: Annotated[int, Field(ge=0, le=100_000_000)] | None = None
    disk_io_mb: _Count | None = None
    network_io_mb: _Count | None = None
    throughput_items_per_sec: Annotated[float, Field(ge=0, le=999_999)] | None = None
    external_api_calls: _Count | None = None
    external_api_duration_ms: _Count | None = None
    external_api_failures: _Count | None = None

    @property
    def measured(self) -> bool:
        """Whether it tells anything."""
        return not self.model_fields_set.isdisjoint(Measures.model_fields)


class Report(Measures):
    """Progress of an execution; also keeps the lease. An empty report is a heartbeat."""

    lease_token: Identifier
    progress_percentage: Annotated[int, Field(ge=0, le=100)] | None = None
    current_step: Annotated[Line, Field(max_length=100)] | None = None
    total_steps: Annotated[int, Field(ge=1, le=10_000)] | None = None
    step: StepReport | None = None
    log: Annotated[list[ReportedLine], Field(max_length=200)] = Field(default_factory=list["ReportedLine"])
    checkpoint: JsonObject | None = Field(
        default=None, description="Saved now; whoever tries this robot next finds it in what it claims."
    )


class Complete(Measures):
    """The work is done."""

    lease_token: Identifier
    output_data: JsonObject = Field(default_factory=dict)
    completeness_score: Annotated[float, Field(ge=0, le=1)] | None = None
    confidence_score: Annotated[float, Field(ge=0, le=1)] | None = None


class Fail(Measures):
    """The try failed."""

    lease_token: Identifier
    error_category: ErrorCategory = ErrorCategory.APPLICATION
    error_message: Annotated[Body, Field(min_length=1, max_length=8_000)]
    told: Telling | None = Field(default=None, description="The message for other languages.")
    error_stack_trace: Annotated[Body, Field(max_length=32_000)] | None = None
    error_details: JsonObject = Field(default_factory=dict)


class Release(Request):
    """Give the work back undone; it does not count as a try."""

    lease_token: Identifier
    reason: Annotated[Body, Field(max_length=2_000)] | None = None
    told: Telling | None = Field(default=None, description="The reason for other languages.")

    @property
    def why(self) -> Saying | None:
        """The reason."""
        return (
            None if self.reason is None else as_kept(self.reason, None if self.told is None else self.told.model_dump())
        )


class ReportAnswer(Wire):
    """What the worker should do now; `lost` means: stop, the result is no longer accepted."""

    directive: Directive
    lease_expires_at: Timestamp | None = None


class Worker(Protocol):
    """How work is fetched and given back. Filled by the engine in-process and by the SDK over HTTP."""

    async def claim(self, module_name: str, claim: Claim) -> list[ClaimedRobot]:
        """Up to `limit` robots, highest priority first; empty if none came in time."""
        ...

    async def report(self, execute_id: str, report: Report) -> ReportAnswer:
        """Progress; never raises for a lost lease but says so."""
        ...

    async def complete(self, execute_id: str, result: Complete) -> None:
        """Raises: Conflict with code `lease_lost` if it is no longer yours. Repeating one's own is no error."""
        ...

    async def complete_many(self, results: Mapping[str, Complete]) -> Mapping[str, AiWorkerError]:
        """Many at once, by their executions' ids: what was refused, with why. The others are done, and on disk."""
        ...

    async def fail(self, execute_id: str, failure: Fail) -> None:
        """Raises: as `complete`."""
        ...

    async def release(self, execute_id: str, release: Release) -> None:
        """Raises: as `complete`."""
        ...
