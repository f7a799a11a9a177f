"""Tables of questions."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, enum_column, json_column, utc_timestamp
from aiworker.wire.tasks import QuestionStatus

task_questions = Table(
    "task_questions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("task_id", String(36), ForeignKey("tasks.id", ondelete="CASCADE"), nullable=False),
    Column("question", Text, nullable=False),
    Column("context", Text),
    Column("asked_at", UtcTimestamp(), server_default=utc_timestamp()),
    Column("response", Text),
    Column("responded_at", UtcTimestamp()),
    Column("responded_by", String(36)),
    Column("status", enum_column(QuestionStatus, "question_status"), server_default=QuestionStatus.PENDING.value),
    Column("choices", json_column(), nullable=False),
    Column("execute_id", String(50)),
    Column("asked_by", String(253)),
    Column("responder", String(200)),
    Index("ix_task_questions_task_status", "task_id", "status"),
    Index("ix_task_questions_status", "status"),
)
