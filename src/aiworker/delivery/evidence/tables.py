"""The table of what is known of commits."""

from sqlalchemy import Column, ForeignKey, Index, String, Table

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, json_column, utc_timestamp

commit_statuses = Table(
    "commit_statuses",
    metadata,
    Column("project_id", String(36), ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("commit", String(40), primary_key=True),
    Column("checks", json_column(), nullable=False),
    Column("seen_at", UtcTimestamp(), nullable=False, server_default=utc_timestamp()),
    Index("ix_commit_statuses_seen_at", "seen_at"),
)
