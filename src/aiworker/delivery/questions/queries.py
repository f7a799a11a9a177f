"""Every statement on questions."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from aiworker.delivery.questions.records import QuestionRecord
from aiworker.delivery.questions.tables import task_questions
from aiworker.delivery.tasks.tables import tasks
from aiworker.storage.prepared import Prepared
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx
from aiworker.wire.tasks import QuestionStatus, TaskState

_QUESTION = columns(QuestionRecord, task_questions)
_OF_TASKS = (
    select(*_QUESTION)
    .where(task_questions.c.task_id.in_(bindparam("tasks", expanding=True)))
    .order_by(task_questions.c.asked_at, task_questions.c.id)
    .limit(1000)
)
_COUNT_PENDING = Prepared(
    select(func.count())
    .select_from(task_questions)
    .where(task_questions.c.task_id == bindparam("task"), task_questions.c.status == QuestionStatus.PENDING)
)
_ALL_OF_TASKS = Prepared(_OF_TASKS)
_SOME_OF_TASKS = Prepared(_OF_TASKS.where(task_questions.c.status == bindparam("status")))


def add(tx: Tx, values: Mapping[str, Any]) -> None:
    """Insert a question."""
    tx.execute(insert(task_questions).values(values))


def find(tx: Tx, question_id: str) -> QuestionRecord | None:
    """By id."""
    return tx.record(QuestionRecord, select(*_QUESTION).where(task_questions.c.id == question_id))


def of_tasks(tx: Tx, task_ids: Sequence[str], *, status: QuestionStatus | None = None) -> list[QuestionRecord]:
    """The questions of some tasks, oldest first, at most 1,000."""
    if not task_ids:
        return []
    if status is None:
        return tx.records(QuestionRecord, _ALL_OF_TASKS, {"tasks": task_ids})
    return tx.records(QuestionRecord, _SOME_OF_TASKS, {"tasks": task_ids, "status": status})


def pending(tx: Tx, *, project_id: str | None = None, limit: int = 200) -> list[QuestionRecord]:
    """Everything that waits for an answer, oldest first."""
    statement = (
        select(*_QUESTION)
        .join(tasks, tasks.c.id == task_questions.c.task_id)
        .where(task_questions.c.status == QuestionStatus.PENDING, tasks.c.state != TaskState.CANCELLED)
        .order_by(task_questions.c.asked_at, task_questions.c.id)
        .limit(limit)
    )
    if project_id is not None:
        statement = statement.where(tasks.c.project_id == project_id)
    return tx.records(QuestionRecord, statement)


def count_pending(tx: Tx, task_id: str) -> int:
    """How many questions of a task wait for an answer."""
    return tx.scalar(_COUNT_PENDING, {"task": task_id})


def settle(
    tx: Tx, question_id: str, *, status: QuestionStatus, response: str | None, responder_id: str, responder: str
) -> bool:
    """Answer or skip a question that still waits; False if it does not."""
    statement = (
        update(task_questions)
        .where(task_questions.c.id == question_id, task_questions.c.status == QuestionStatus.PENDING)
        .values(
            status=status,
            response=response,
            responded_at=tx.now,
            responded_by=responder_id[:36],
            responder=responder,
        )
    )
    return tx.execute(statement).rowcount == 1
