"""Asking and answering."""

from collections.abc import Sequence

from aiworker.access.actors import SYSTEM, Actor
from aiworker.core.errors import Conflict, Invalid, NotFound
from aiworker.core.ids import new_id
from aiworker.delivery.attempts.service import Holding, Work
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.questions import queries
from aiworker.delivery.questions.records import QuestionRecord
from aiworker.delivery.tasks import board, holds
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.history import ANSWERED, SKIPPED
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.engine.service import Engine
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import ExecutionState
from aiworker.wire.projects import ProjectStatus
from aiworker.wire.tasks import Choice, QuestionStatus, Respond, TaskState

_SHOWN = 120
_AT_ONCE = 100


def topic(question_id: str) -> str:
    """What those who wait for an answer listen to."""
    return f"question:{question_id}"


class Questions:
    """Use cases around questions."""

    def __init__(self, engine: Engine, work: Work) -> None:
        self._engine = engine
        self._work = work

    def ask(
        self, tx: Tx, holding: Holding, *, question: str, context: str | None, choices: Sequence[Choice]
    ) -> QuestionRecord:
        """Put a question to people; the task waits in needs_input while any is pending."""
        question_id = new_id()
        self._engine.lock_robot(tx, holding.attempt.robot_id)
        queries.add(
            tx,
            {
                "id": question_id,
                "task_id": holding.task.id,
                "question": question,
                "context": context,
                "choices": [choice.model_dump() for choice in choices],
                "status": QuestionStatus.PENDING,
                "asked_at": tx.now,
                "asked_by": holding.agent.pod_name,
                "execute_id": holding.execution.execute_id,
            },
        )
        if holding.execution.execution_state is ExecutionState.RUNNING:
            self._engine.pause(
                tx,
                holding.execution.execute_id,
                by=holding.agent.holder,
                reason=_short(question),
                as_owner=True,
            )
        task = board.lock(tx, holding.task.id)
        asked = _found(queries.find(tx, question_id), question_id)
        board.emit(
            tx,
            task,
            "task:needs_input",
            {
                "question": {
                    "id": asked.id,
                    "question": asked.question,
                    "context": asked.context,
                    "choices": asked.choices,
                }
            },
        )
        return asked

    def get(self, tx: Tx, question_id: str) -> QuestionRecord:
        """By id. Raises: NotFound."""
        return _found(queries.find(tx, question_id), question_id)

    def respond(self, tx: Tx, actor: Actor, name: str, answer: Respond) -> TaskRecord:
        """Answer a question, or go on without; when none is left, the work goes on.

        Raises: Invalid (neither or both of response and skip; several pending and none named), Conflict (settled
        already), NotFound.
        """
        if answer.skip == (answer.response is not None):
            raise Invalid("Give either `response` or `skip: true`.", code="answer_missing")
        task = board.get(tx, name)
        robot = self._engine.lock_robot(tx, task.robot_id) if task.robot_id else None
        task = board.lock(tx, task.id)
        question = self._meant(tx, task, answer.question_id)
        status = QuestionStatus.SKIPPED if answer.skip else QuestionStatus.ANSWERED
        settled = queries.settle(
            tx, question.id, status=status, response=answer.response, responder_id=actor.id, responder=actor.name
        )
        if not settled:
            raise Conflict("This question has been settled already.", code="question_settled")
        said = SKIPPED(actor=actor.name) if answer.skip else ANSWERED(actor=actor.name, answer=answer.response)
        task = board.note(
            tx, task, "answered", by=actor, message=said, details={"questionId": question.id, "status": status.value}
        )
        tx.wake(topic(question.id))
        if robot is None or queries.count_pending(tx, task.id):
            return task
        return self._go_on(tx, task, robot.robot_id, by=actor)

    def resume_answered(self, tx: Tx) -> int:
        """Parked attempts whose answers came while their project was paused go on once it is not. How many."""
        found = task_queries.answered(tx, limit=_AT_ONCE)
        for task in found:
            robot = self._engine.lock_robot(tx, str(task.robot_id))
            self._go_on(tx, board.lock(tx, task.id), robot.robot_id, by=SYSTEM)
        return len(found)

    def _go_on(self, tx: Tx, task: TaskRecord, robot_id: str, *, by: Actor) -> TaskRecord:
        execution = self._engine.active_execution(tx, robot_id)
        if task.state is TaskState.NEEDS_INPUT and execution is not None:
            project = project_queries.find(tx, task.project_id)
            if execution.parked_at is not None and project and project.status is not ProjectStatus.ACTIVE:
                # `resume_answered` does, once the project is open again.
                return task
            self._work.go_on(tx, execution.execute_id, by=by.name)
            return board.get(tx, task.id)
        return holds.refresh(tx, self._engine, task, by=by)

    def _meant(self, tx: Tx, task: TaskRecord, question_id: str | None) -> QuestionRecord:
        if question_id is not None:
            question = self.get(tx, question_id)
            if question.task_id != task.id:
                raise NotFound(f"{task.task_key} has no question {question_id[:60]!r}.", code="question_not_found")
            return question
        pending = queries.of_tasks(tx, [task.id], status=QuestionStatus.PENDING)
        if not pending:
            raise Conflict(f"No question about {task.task_key} waits for an answer.", code="no_question")
        if len(pending) > 1:
            raise Invalid(
                f"{len(pending)} questions about {task.task_key} wait; name one by questionId.",
                code="question_ambiguous",
                details={"questionIds": [question.id for question in pending]},
            )
        return pending[0]


def _found(question: QuestionRecord | None, question_id: str) -> QuestionRecord:
    if question is None:
        raise NotFound(f"There is no question {question_id[:60]!r}.", code="question_not_found")
    return question


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
