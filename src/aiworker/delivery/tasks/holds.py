"""Why a task in the backlog may not start yet; its robot is held for as long as that is so."""

from collections.abc import Sequence

from aiworker.access.actors import SYSTEM, Actor
from aiworker.delivery.questions import queries as question_queries
from aiworker.delivery.tasks import board, queries
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.engine.service import Engine
from aiworker.storage.transaction import Tx
from aiworker.wire.tasks import TaskState

QUESTION_WAITS = "a question waits for an answer"

_REACHED = {TaskState.APPROVED, TaskState.STAGING, TaskState.PRODUCTION}
_AFTER = "after "
_CANCELLED = " cancelled"
_LONGEST = 200


def reason(tx: Tx, task: TaskRecord) -> str | None:
    """What a task waits for now: an answer, or other tasks; None if it may start."""
    if question_queries.count_pending(tx, task.id):
        return QUESTION_WAITS
    return waits_for(queries.dependencies(tx, [task.id])[task.id])


def waits_for(others: Sequence[TaskRecord]) -> str | None:
    """Why a task that depends on these may not start; None if it may."""
    cancelled = [other.task_key for other in others if other.state is TaskState.CANCELLED]
    if cancelled:
        return _listed("", cancelled, f" {'was' if len(cancelled) == 1 else 'were'}{_CANCELLED}")
    missing = [other.task_key for other in others if other.state not in _REACHED]
    return _listed(_AFTER, missing, "") if missing else None


def ends_by_itself(held: str) -> bool:
    """Whether the reason goes away when what it names is done; else a person has to send the task back to work."""
    return held == QUESTION_WAITS or held.startswith(_AFTER) or held.endswith(_CANCELLED)


def refresh(tx: Tx, engine: Engine, task: TaskRecord, *, by: Actor = SYSTEM) -> TaskRecord:
    """Hold or free a locked task's robot as things stand now. What waits for a person goes on waiting."""
    waits_for_a_person = task.held is not None and not ends_by_itself(task.held)
    if task.state is not TaskState.BACKLOG or task.robot_id is None or waits_for_a_person:
        return task
    now = reason(tx, task)
    if now == task.held:
        return task
    if now is None:
        engine.unhold(tx, task.robot_id)
        return board.note(tx, task, "freed", by=by, message="What it waited for is done; it may start.", held=None)
    engine.hold(tx, task.robot_id, now)
    return board.note(tx, task, "held", by=by, message=f"It waits: {now}.", held=now)


def refresh_dependants(tx: Tx, engine: Engine, task: TaskRecord) -> None:
    """After a move of `task`: hold or free those that wait for it."""
    refresh_each(tx, engine, queries.dependants(tx, task.id))


def refresh_each(tx: Tx, engine: Engine, dependants: Sequence[TaskRecord]) -> None:
    """`refresh` for several that are not locked yet."""
    for dependant in dependants:
        if dependant.robot_id is not None:
            engine.lock_robot(tx, dependant.robot_id)
        refresh(tx, engine, board.lock(tx, dependant.id))


def _listed(before: str, keys: Sequence[str], after: str) -> str:
    room = _LONGEST - len(before) - len(after)
    named = ", ".join(keys)
    while len(named) > room:
        keys = keys[:-1]
        named = f"{', '.join(keys)} and others"
    return f"{before}{named}{after}"
