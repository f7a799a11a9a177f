"""An agent as the database holds it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiworker.wire.agents import AgentStatus, LogLevel


@dataclass(frozen=True, slots=True)
class AgentRecord:
    """One row of `agents`."""

    id: str
    pod_name: str
    k8s_namespace: str
    node_name: str | None
    status: AgentStatus
    current_task_id: str | None
    capabilities: list[str] | None
    max_concurrent_tasks: int
    last_heartbeat: datetime | None
    error_message: str | None
    restarts_count: int
    tasks_completed: int
    total_runtime_minutes: int
    kind: str
    key_id: str | None
    created_at: datetime
    updated_at: datetime

    @property
    def holder(self) -> str:
        """How the engine names it as the holder of an execution."""
        return f"agent:{self.id}"


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One row of `agent_logs`."""

    id: int
    agent_id: str
    task_id: str | None
    level: LogLevel
    message: str
    metadata: dict[str, Any] | None
    execute_id: str | None
    created_at: datetime

    @property
    def execution_id(self) -> str | None:
        """The attempt during which it was said, as it travels."""
        return self.execute_id
