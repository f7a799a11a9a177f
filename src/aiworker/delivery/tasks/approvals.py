"""An approval is for one commit: when the branch moves on, it is gone."""

from aiworker.access.actors import SYSTEM, Actor
from aiworker.core.sayings import Sentence
from aiworker.delivery.tasks import board, holds
from aiworker.delivery.tasks.history import PUSHED_AFTER_APPROVAL, WENT_ON_MEANWHILE
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.delivery.tasks.states import Cause
from aiworker.engine.service import Engine
from aiworker.storage.transaction import Tx
from aiworker.wire.tasks import TaskState


def take_back(
    tx: Tx, engine: Engine, task: TaskRecord, commit: str, *, by: Actor, happened: Sentence = PUSHED_AFTER_APPROVAL
) -> TaskRecord:
    """A locked, approved task's branch stands at another commit now: somebody has to look again."""
    task = board.move(
        tx,
        task,
        Cause.PUSH,
        by=by,
        why=happened(actor=by.name, commit=commit, approved=str(task.approved_commit)),
        details={"commit": commit},
        head_commit=commit,
        approved_commit=None,
        approved_by=None,
        approved_at=None,
    )
    holds.refresh_dependants(tx, engine, task)
    return task


def check(tx: Tx, engine: Engine, task: TaskRecord) -> TaskRecord:
    """Back from a release: what was pushed while that was on the move has not been looked at."""
    pushed = task.head_commit is not None and task.head_commit != task.approved_commit
    if task.state is not TaskState.APPROVED or not pushed:
        return task
    return take_back(tx, engine, task, str(task.head_commit), by=SYSTEM, happened=WENT_ON_MEANWHILE)
