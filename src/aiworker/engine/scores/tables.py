"""The table of scores as they were given."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, decimal_column, enum_column
from aiworker.wire.engine import PerformanceTier

module_scores = Table(
    "module_scores",
    metadata,
    Column(
        "module_name",
        String(100),
        ForeignKey("module_registry.module_name", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("scored_at", UtcTimestamp(), primary_key=True),
    Column("score", decimal_column(3, 2), nullable=False),
    Column("tier", enum_column(PerformanceTier, "module_score_tier"), nullable=False),
    # The three parts of the score, each from 0 to 1.
    Column("success_rate", decimal_column(5, 4), nullable=False),
    Column("speed", decimal_column(5, 4), nullable=False),
    Column("uptime", decimal_column(5, 4), nullable=False),
    # What they were counted from.
    Column("succeeded", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("avg_processing_time_ms", Integer, nullable=False),
    Index("ix_module_scores_scored_at", "scored_at"),
)
