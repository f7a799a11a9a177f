"""The table of health samples."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, enum_column
from aiworker.wire.engine import HealthStatus

module_health = Table(
    "module_health",
    metadata,
    Column(
        "module_name",
        String(100),
        ForeignKey("module_registry.module_name", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("checked_at", UtcTimestamp(), primary_key=True),
    # What it counted as from then on.
    Column("health_status", enum_column(HealthStatus, "module_health_status"), nullable=False),
    # Whether this very check went well.
    Column("well", Boolean, nullable=False),
    Column("took_ms", Integer),
    Column("error", String(500)),
    Index("ix_module_health_checked_at", "checked_at"),
)
