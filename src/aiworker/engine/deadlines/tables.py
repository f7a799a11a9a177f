"""The table of deadlines."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, json_column

# Only of robots that have a due date, until somebody sees that they are over: others cost nothing.
robot_deadlines = Table(
    "robot_deadlines",
    metadata,
    Column("robot_id", String(50), ForeignKey("robots.robot_id", ondelete="CASCADE"), primary_key=True),
    Column("due_date", UtcTimestamp(), nullable=False),
    # When it is looked at again.
    Column("look_at", UtcTimestamp(), nullable=False),
    # When it will probably be done; NULL: nobody can tell.
    Column("forecast_at", UtcTimestamp()),
    Column("at_risk", Boolean, nullable=False),
    Column("why", String(200)),
    # The same for other languages: `{code, values}`.
    Column("why_told", json_column()),
    Index("ix_robot_deadlines_look_at", "look_at"),
    Index("ix_robot_deadlines_at_risk", "at_risk"),
)
