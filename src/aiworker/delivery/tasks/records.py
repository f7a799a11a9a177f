"""A task and what belongs to it, as the database holds them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiworker.delivery.tasks.reasons import code_of
from aiworker.wire.tasks import TaskComplexity, TaskPriority, TaskState


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """One row of `tasks`."""

    id: str
    task_key: str
    project_id: str
    title: str
    description: str | None
    priority: TaskPriority
    state: TaskState
    estimated_complexity: TaskComplexity
    capabilities: list[str]
    depends_until: str
    held: str | None
    held_told: dict[str, Any] | None
    assigned_agent_id: str | None
    assigned_at: datetime | None
    branch_name: str | None
    base_commit: str | None
    head_commit: str | None
    approved_commit: str | None
    approved_by: str | None
    approved_at: datetime | None
    pr_number: int | None
    pr_url: str | None
    preview_namespace: str | None
    preview_url: str | None
    preview_deployed_at: datetime | None
    preview_status: str | None
    preview_error: str | None
    preview_error_told: dict[str, Any] | None
    robot_id: str | None
    round: int
    attempts: int
    worked_seconds: int
    cost_microdollars: int | None
    group_id: str | None
    actual_duration_minutes: int | None
    version: int
    position: int
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    deployed_staging_at: datetime | None
    deployed_production_at: datetime | None

    @property
    def held_code(self) -> str | None:
        """Which of our reasons holds it."""
        return code_of(self.held_told)

    @property
    def short_id(self) -> str:
        """The key in lower case, as branches, namespaces and hosts carry it."""
        return self.task_key.lower()

    @property
    def instance(self) -> str:
        """The name of its preview in the runtime."""
        return f"task-{self.short_id}"


@dataclass(frozen=True, slots=True)
class TimelineRecord:
    """One row of `task_timeline`."""

    task_id: str
    position: int
    kind: str
    actor: str
    actor_kind: str
    from_state: TaskState | None
    to_state: TaskState | None
    message: str
    details: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CommentRecord:
    """One row of `review_comments`."""

    id: str
    task_id: str
    round: int
    commit: str | None
    path: str | None
    line: int | None
    body: str
    author: str
    created_at: datetime
