"""Agents as they travel."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from aiworker.wire.base import Body, JsonObject, Line, Request, Timestamp, Wire
from aiworker.wire.tasks import Capability


class AgentStatus(StrEnum):
    """What an agent is up to."""

    IDLE = "idle"
    BUSY = "busy"
    ERROR = "error"
    OFFLINE = "offline"
    INITIALIZING = "initializing"


class LogLevel(StrEnum):
    """How loud a log line is."""

    DEBUG = "debug"
    INFO = "info"
    WARN = "warn"
    ERROR = "error"


class NewAgent(Request):
    """Registers an agent, or the same one after a restart (by `podName`; without it the server finds a free name)."""

    pod_name: Annotated[Line, Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]*$")] | None = (
        None
    )
    node_name: Annotated[Line, Field(max_length=253)] | None = None
    capabilities: Annotated[list[Capability], Field(max_length=50)] = Field(default_factory=list[str])
    max_concurrent_tasks: Annotated[int, Field(ge=1, le=100)] = 1


class AgentChanges(Request):
    """What may be changed of an agent."""

    capabilities: Annotated[list[Capability], Field(max_length=50)] | None = None
    max_concurrent_tasks: Annotated[int, Field(ge=1, le=100)] | None = None
    status: AgentStatus | None = None
    error_message: Annotated[Body, Field(max_length=2_000)] | None = None


class Agent(Wire):
    """A worker that takes tasks.

    `successRate`: of its attempts of the last 30 days that were handed in or failed, the share that was handed in (0 to
    1; null: none). `costTodayUsd`: what its attempts cost that ended since midnight UTC or go on (null: none says).
    """

    id: str
    pod_name: str
    k8s_namespace: str
    node_name: str | None
    status: AgentStatus
    current_task_id: str | None
    current_task_key: str | None
    current_task_title: str | None
    capabilities: list[str]
    max_concurrent_tasks: int
    last_heartbeat: Timestamp | None
    error_message: str | None
    restarts_count: int
    tasks_completed: int
    total_runtime_minutes: int
    # These in lists only.
    current_task_since: Timestamp | None = None
    success_rate: float | None = None
    cost_today_usd: float | None = None
    created_at: Timestamp
    updated_at: Timestamp


class AgentPool(Wire):
    """The agents that run as pods. `running` counts those that finish their last task, too."""

    wanted: int
    running: int


class AgentPoolChanges(Request):
    """How many agents there should be."""

    wanted: Annotated[int, Field(ge=0, le=1_000, strict=True)]


class NewLogLine(Request):
    """A line for the log, of at most 16,000 characters."""

    message: Annotated[Body, Field(min_length=1, max_length=16_000)]
    level: LogLevel = LogLevel.INFO
    metadata: JsonObject | None = None
