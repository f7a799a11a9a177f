"""Tables of attempts."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, false

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, json_column

attempts = Table(
    "attempts",
    metadata,
    # One row beside each execution of a task's robot: what the engine need not know.
    Column("execute_id", String(50), primary_key=True),
    Column("task_id", String(36), ForeignKey("tasks.id", ondelete="CASCADE"), nullable=False),
    Column("robot_id", String(50), nullable=False),
    Column("round", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("agent_id", String(36), ForeignKey("agents.id", ondelete="SET NULL")),
    Column("agent_name", String(253)),
    Column("token_used", Boolean, nullable=False, server_default=false()),
    Column("outcome", String(20)),
    Column("summary", Text),
    Column("error", Text),
    # The same for other languages, if we said it: `{code, values}`.
    Column("error_told", json_column()),
    Column("tokens_in", Integer, nullable=False, server_default="0"),
    Column("tokens_out", Integer, nullable=False, server_default="0"),
    Column("cost_microdollars", Integer),
    # What the agent asked for and was not allowed: `[{tool, input}]`.
    Column("permission_denials", json_column()),
    # It was parked, its answers are in, and its agent has not been heard of since.
    Column("to_resume", Boolean, nullable=False, server_default=false()),
    Column("started_at", UtcTimestamp(), nullable=False),
    Column("ended_at", UtcTimestamp()),
    # The working clock: it runs since `clock_started_at` and has run for `worked_seconds` before.
    Column("clock_started_at", UtcTimestamp()),
    Column("worked_seconds", Integer, nullable=False, server_default="0"),
    UniqueConstraint("task_id", "number", name="uq_attempts_task_number"),
    Index("ix_attempts_agent", "agent_id", "ended_at"),
)
