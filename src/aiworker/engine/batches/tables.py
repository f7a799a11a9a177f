"""The table of batches."""

from sqlalchemy import Column, Index, Integer, String, Table

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp

# A batch is the robots of one correlation id; how far they are is counted from themselves, never kept here.
robot_batches = Table(
    "robot_batches",
    metadata,
    Column("correlation_id", String(100), primary_key=True),
    Column("made_by", String(200), nullable=False),
    Column("made_at", UtcTimestamp(), nullable=False),
    # How many robots were asked for, and how many of those were answered by a robot that was there already.
    Column("asked", Integer, nullable=False),
    Column("shared", Integer, nullable=False),
    Column("cancelled_at", UtcTimestamp()),
    Index("ix_robot_batches_made_at", "made_at", "correlation_id"),
)
