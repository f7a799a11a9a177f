"""The board's pen: every change of a task goes through here, with its timeline and its events, in one unit of work."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiworker.access.actors import Actor
from aiworker.core.errors import Conflict
from aiworker.core.sayings import Saying, keep
from aiworker.delivery.tasks import queries
from aiworker.delivery.tasks.errors import TaskNotFound
from aiworker.delivery.tasks.history import WROTE
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.delivery.tasks.states import Cause, next_state
from aiworker.storage.outbox.events import Event
from aiworker.storage.transaction import Tx
from aiworker.wire.tasks import TaskState


def get(tx: Tx, name: str) -> TaskRecord:
    """A task by id or key. Raises: TaskNotFound."""
    task = queries.find(tx, name)
    if task is None:
        raise TaskNotFound(name)
    return task


def lock(tx: Tx, name: str) -> TaskRecord:
    """A task by id or key, ours until the commit. Raises: TaskNotFound."""
    task = queries.lock(tx, name)
    if task is None:
        raise TaskNotFound(name)
    return task


def move(
    tx: Tx,
    task: TaskRecord,
    cause: Cause,
    *,
    by: Actor,
    why: Saying,
    details: Mapping[str, Any] | None = None,
    **values: Any,
) -> TaskRecord:
    """Move a locked task, with what else changes. Raises: IllegalMove."""
    target = next_state(task.task_key, task.state, cause)
    moved = _write(tx, task, state=target, **values)
    told = {"cause": cause.name.lower(), **(details or {})}
    _note(tx, moved, "moved", by=by, message=why, details=told, origin=task.state)
    _tell(tx, moved, "task:status_changed", {"oldState": task.state.value, "newState": target.value})
    return moved


def change(tx: Tx, task: TaskRecord, **values: Any) -> TaskRecord:
    """Change fields of a locked task without a word in its history; the page is told."""
    changed = _write(tx, task, **values)
    _tell(tx, changed, "task:updated", {})
    return changed


def note(
    tx: Tx,
    task: TaskRecord,
    kind: str,
    *,
    by: Actor,
    message: Saying,
    details: Mapping[str, Any] | None = None,
    **values: Any,
) -> TaskRecord:
    """Write a line into a locked task's history, with the fields that change; the page is told."""
    changed = _write(tx, task, **values)
    _note(tx, changed, kind, by=by, message=message, details=details)
    _tell(tx, changed, "task:updated", {})
    return changed


def created(tx: Tx, task: TaskRecord, *, by: Actor) -> TaskRecord:
    """The first line of a new task's history, and its first event."""
    written = _write(tx, task)
    _note(tx, written, "created", by=by, message=WROTE(actor=by.name))
    _tell(tx, written, "task:created", {"projectId": task.project_id})
    return written


def emit(tx: Tx, task: TaskRecord, kind: str, data: Mapping[str, Any]) -> TaskRecord:
    """One more event of a locked task, at the next place of its stream."""
    advanced = _write(tx, task)
    _tell(tx, advanced, kind, data)
    return advanced


def _tell(tx: Tx, task: TaskRecord, kind: str, data: Mapping[str, Any]) -> None:
    named = {"taskId": task.id, "taskKey": task.task_key, **data}
    tx.emit(Event(feed=task.project_id, stream=f"task:{task.id}", kind=kind, data=named, position=task.position))


def _write(tx: Tx, task: TaskRecord, **values: Any) -> TaskRecord:
    position = task.position + 1
    values = keep(values, "held", "preview_error")
    if not queries.change(tx, task, {**values, "position": position}):
        raise Conflict(f"{task.task_key} was changed by somebody else just now; look again.", code="task_changed")
    return queries.written(tx, replace(task, position=position, updated_at=tx.now, **values))


def _note(
    tx: Tx,
    task: TaskRecord,
    kind: str,
    *,
    by: Actor,
    message: Saying,
    details: Mapping[str, Any] | None = None,
    origin: TaskState | None = None,
) -> None:
    queries.add_timeline(
        tx,
        {
            "task_id": task.id,
            "position": task.position,
            "kind": kind,
            "actor": by.name,
            "actor_kind": by.kind,
            "from_state": origin.value if origin else None,
            "to_state": task.state.value if origin else None,
            "message": message.words,
            "details": {**(details or {}), "told": message.told},
            "created_at": tx.now,
        },
    )
