"""Tables of schedules and their runs."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, text, true

from aiworker.engine.schedules.records import CatchUp
from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, enum_column, json_column, utc_timestamp

_ACTIVE = text("is_active = true")

schedules = Table(
    "schedules",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("cron", String(100), nullable=False),
    Column("timezone", String(64), nullable=False, server_default="UTC"),
    Column("catch_up", enum_column(CatchUp, "schedule_catch_up"), nullable=False, server_default="LATEST"),
    # The robot to be made, as the wire's NewRobot.
    Column("template", json_column(), nullable=False),
    Column("is_active", Boolean, nullable=False, server_default=true()),
    # The system's own schedules are set again at each start and cannot be deleted.
    Column("system", Boolean, nullable=False),
    Column("next_due", UtcTimestamp()),
    Column("last_due", UtcTimestamp()),
    Column("last_error", String(500)),
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
    Column("fired_at", UtcTimestamp(), nullable=False),
)
