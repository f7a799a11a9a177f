"""The table of reports."""

from sqlalchemy import Boolean, Column, String, Table

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, json_column

analytics_reports = Table(
    "analytics_reports",
    metadata,
    Column("kind", String(20), primary_key=True),
    # A day, a week or a month: 2026-11-21, 2026-W47, 2026-11.
    Column("period", String(10), primary_key=True),
    Column("made_at", UtcTimestamp(), nullable=False),
    # Made after its period had ended: it does not change any more.
    Column("complete", Boolean, nullable=False),
    # A list of lines, each an object.
    Column("data", json_column(), nullable=False),
)
