"""Why a task in the backlog may not start yet; its robot is held for as long as that is so."""

from collections.abc import Sequence

from aiworker.access.actors import SYSTEM, Actor
from aiworker.core.sayings import Saying
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.questions import queries as question_queries
from aiworker.delivery.tasks import board, queries
from aiworker.delivery.tasks.history import FREED, WAITS
from aiworker.delivery.tasks.reasons import QUESTION_WAITS, TASK_COST, after, after_cancelled, ends_by_itself, spent
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.engine.service import Engine
from aiworker.storage.transaction import Tx
from aiworker.wire.tasks import TaskState

_MILESTONES = [TaskState.APPROVED, TaskState.STAGING, TaskState.PRODUCTION]


def reason(tx: Tx, task: TaskRecord) -> Saying | None:
    """What a task waits for now: an answer, other tasks, or money; None if it may start."""
    if question_queries.count_pending(tx, task.id):
        return QUESTION_WAITS()
    waits = waits_for(queries.dependencies(tx, [task.id])[task.id], until=task.depends_until)
    if waits is not None:
        return waits
    project = project_queries.find(tx, task.project_id)
    return cost_hold(project, task.cost_microdollars) if project is not None else None


def cost_hold(project: ProjectRecord, cost: int | None) -> Saying | None:
    """Why a task whose attempts have cost too much may not go on; None if they have not."""
    return spent(project.task_cost_limit, cost, TASK_COST)


def waits_for(others: Sequence[TaskRecord], *, until: str) -> Saying | None:
    """Why a task that depends on these may not start; None if it may."""
    reached = _MILESTONES[_MILESTONES.index(TaskState(until)) :]
    cancelled = [other.task_key for other in others if other.state is TaskState.CANCELLED]
    if cancelled:
        return after_cancelled(cancelled)
    missing = [other.task_key for other in others if other.state not in reached]
    return after(missing, until=until) if missing else None


def refresh(tx: Tx, engine: Engine, task: TaskRecord, *, by: Actor = SYSTEM) -> TaskRecord:
    """Hold or free a locked task's robot as things stand now. What waits for a person goes on waiting."""
    waits_for_a_person = task.held is not None and not ends_by_itself(task.held_code)
    if task.state is not TaskState.BACKLOG or task.robot_id is None or waits_for_a_person:
        return task
    now = reason(tx, task)
    if now is None and task.held is None:
        return task
    if now is None:
        engine.unhold(tx, task.robot_id)
        return board.note(tx, task, "freed", by=by, message=FREED(), held=None)
    if now.words == task.held:
        return task
    engine.hold(tx, task.robot_id, now.words)
    return note_held(tx, task, now, by=by)


def note_held(tx: Tx, task: TaskRecord, why: Saying, *, by: Actor) -> TaskRecord:
    """Write into a locked task's history that it is held, and why."""
    return board.note(tx, task, "held", by=by, message=WAITS(reason=why), held=why)


def refresh_dependants(tx: Tx, engine: Engine, task: TaskRecord) -> None:
    """After a move of `task`: hold or free those that wait for it."""
    refresh_each(tx, engine, queries.dependants(tx, task.id))


def refresh_each(tx: Tx, engine: Engine, dependants: Sequence[TaskRecord]) -> None:
    """`refresh` for several that are not locked yet."""
    for dependant in dependants:
        if dependant.robot_id is not None:
            engine.lock_robot(tx, dependant.robot_id)
        refresh(tx, engine, board.lock(tx, dependant.id))
