"""Tables of schedules and their runs."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, text, true

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, enum_column, json_column, utc_timestamp, word_column
from aiworker.wire.schedules import CatchUp, Overlap, RunOutcome

_ACTIVE = text("is_active = true")

schedules = Table(
    "schedules",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("cron", String(100), nullable=False),
    Column("timezone", String(64), nullable=False, server_default="UTC"),
    Column("catch_up", enum_column(CatchUp, "schedule_catch_up"), nullable=False, server_default="LATEST"),
    Column("overlap", word_column(Overlap), nullable=False, server_default="QUEUE"),
    Column("created_by", String(200)),
    # The robot to be made, as the wire's NewRobot.
    Column("template", json_column(), nullable=False),
    Column("is_active", Boolean, nullable=False, server_default=true()),
    # The system's own schedules are set again at each start and cannot be deleted.
    Column("system", Boolean, nullable=False),
    Column("next_due", UtcTimestamp()),
    Column("last_due", UtcTimestamp()),
    Column("last_error", String(500)),
    Column("last_error_told", json_column()),
    Column("created_at", UtcTimestamp(), nullable=False, server_default=utc_timestamp()),
    Column("updated_at", UtcTimestamp(), nullable=False, server_default=utc_timestamp()),
    Index("ix_schedules_next_due", "next_due", sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
)

# Its primary key is what makes a schedule fire once, whatever clocks and replicas do.
schedule_runs = Table(
    "schedule_runs",
    metadata,
    Column("schedule_name", String(100), ForeignKey("schedules.name", ondelete="CASCADE"), primary_key=True),
    Column("due_at", UtcTimestamp(), primary_key=True),
    Column("robot_id", String(50)),
    # FIRED, SKIPPED (the robot before was not done) or FAILED (no robot could be made).
    Column("outcome", word_column(RunOutcome), nullable=False, server_default="FIRED"),
    Column("detail", String(500)),
    Column("detail_told", json_column()),
    # Who ran it by hand.
    Column("started_by", String(200)),
    Column("fired_at", UtcTimestamp(), nullable=False),
)
