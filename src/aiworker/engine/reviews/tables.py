"""The table of reviews."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, decimal_column, json_column

# The last review of a robot. Its result stands here, and nowhere else, until a person accepts it.
robot_reviews = Table(
    "robot_reviews",
    metadata,
    Column("robot_id", String(50), ForeignKey("robots.robot_id", ondelete="CASCADE"), primary_key=True),
    Column("execute_id", String(50), nullable=False),
    Column("output_data", json_column(), nullable=False),
    Column("completeness_score", decimal_column(3, 2)),
    Column("confidence_score", decimal_column(3, 2)),
    Column("why", String(200), nullable=False),
    # waiting, accepted, corrected, refused, sent_back, cancelled
    Column("state", String(20), nullable=False),
    Column("asked_at", UtcTimestamp(), nullable=False),
    Column("decided_at", UtcTimestamp()),
    Column("decided_by", String(200)),
    Column("comment", Text),
    Index("ix_robot_reviews_state", "state", "asked_at", "robot_id"),
)
