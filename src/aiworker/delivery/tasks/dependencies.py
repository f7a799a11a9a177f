"""What a task waits for: other tasks, until they are approved."""

from collections.abc import Sequence

from aiworker.access.actors import SYSTEM
from aiworker.core.errors import Conflict, Invalid
from aiworker.delivery.tasks import board, queries
from aiworker.delivery.tasks.errors import TaskNotFound
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.engine.service import Engine
from aiworker.storage.transaction import Tx
from aiworker.wire.tasks import TaskState

_REACHED = {TaskState.APPROVED, TaskState.STAGING, TaskState.PRODUCTION}
_AFTER = "after "
_CANCELLED = " was cancelled"


def resolve(tx: Tx, project_id: str, names: Sequence[str]) -> list[TaskRecord]:
    """The tasks named, each once. Raises: TaskNotFound, Invalid (another project's)."""
    found = queries.by_names(tx, names)
    for name in names:
        match = next((task for task in found if name == task.id or name.upper() == task.task_key), None)
        if match is None:
            raise TaskNotFound(name)
        if match.project_id != project_id:
            raise Invalid(f"{match.task_key} belongs to another project.", code="dependency_of_another_project")
    return found


def replace(tx: Tx, task: TaskRecord, others: Sequence[TaskRecord]) -> None:
    """Set what a task depends on. Raises: Conflict for a circle."""
    ids = [other.id for other in others]
    if task.id in ids or queries.reaches(tx, ids, task.id):
        raise Conflict(f"{task.task_key} would wait for itself.", code="dependency_circle")
    queries.set_dependencies(tx, task.id, ids)


def reason(others: Sequence[TaskRecord]) -> str | None:
    """Why a task with these dependencies may not start; None if it may."""
    cancelled = [other.task_key for other in others if other.state is TaskState.CANCELLED]
    if cancelled:
        return f"{', '.join(cancelled)[:150]}{_CANCELLED}"
    missing = [other.task_key for other in others if other.state not in _REACHED]
    return f"{_AFTER}{', '.join(missing)}"[:200] if missing else None


def refresh(tx: Tx, engine: Engine, task: TaskRecord) -> TaskRecord:
    """Hold or free a task's robot as its dependencies stand now. Other reasons to hold it stay."""
    ours = task.held is None or task.held.startswith(_AFTER) or task.held.endswith(_CANCELLED)
    if task.state is not TaskState.BACKLOG or task.robot_id is None or not ours:
        return task
    now = reason(queries.dependencies(tx, [task.id])[task.id])
    if now == task.held:
        return task
    if now is None:
        engine.unhold(tx, task.robot_id)
        return board.note(tx, task, "freed", by=SYSTEM, message="What it waited for is done.", held=None)
    engine.hold(tx, task.robot_id, now)
    return board.note(tx, task, "held", by=SYSTEM, message=f"It waits: {now}.", held=now)


def refresh_dependants(tx: Tx, engine: Engine, task: TaskRecord) -> None:
    """After a move of `task`: hold or free those that wait for it."""
    for dependant in queries.dependants(tx, task.id):
        refresh(tx, engine, dependant)
