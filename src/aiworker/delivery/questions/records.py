"""A question as the database holds it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiworker.wire.tasks import QuestionStatus


@dataclass(frozen=True, slots=True)
class QuestionRecord:
    """One row of `task_questions`."""

    id: str
    task_id: str
    question: str
    context: str | None
    choices: list[dict[str, Any]]
    status: QuestionStatus
    asked_at: datetime
    asked_by: str | None
    execute_id: str | None
    response: str | None
    responded_at: datetime | None
    responder: str | None
