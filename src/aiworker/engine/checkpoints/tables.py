"""The table of checkpoints."""

from sqlalchemy import Column, ForeignKey, String, Table

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, json_column

# Apart from the robots, whose rows stay small: a checkpoint may be large, and few robots have one.
robot_checkpoints = Table(
    "robot_checkpoints",
    metadata,
    Column("robot_id", String(50), ForeignKey("robots.robot_id", ondelete="CASCADE"), primary_key=True),
    # The try that saved it.
    Column("execute_id", String(50), nullable=False),
    Column("data", json_column(), nullable=False),
    Column("saved_at", UtcTimestamp(), nullable=False),
)
