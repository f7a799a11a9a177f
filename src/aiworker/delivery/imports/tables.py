"""The table of where tasks came from."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, Text, false

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, utc_timestamp

task_origins = Table(
    "task_origins",
    metadata,
    # `issue` with its number, or `file` with a row's own id (or a digest of the row): one task each.
    Column("project_id", String(36), ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("source", String(10), primary_key=True),
    Column("external_id", String(100), primary_key=True),
    # NULL: the task was deleted; it does not come again by itself.
    Column("task_id", String(36), ForeignKey("tasks.id", ondelete="SET NULL")),
    Column("url", String(512)),
    # An issue as it was last seen, so that only a change of it is news.
    Column("title", String(255)),
    Column("body", Text),
    Column("is_open", Boolean),
    # What the issue has been told: that it has a task, and that this is in production.
    Column("announced", Boolean, nullable=False, server_default=false()),
    Column("shipped", Boolean, nullable=False, server_default=false()),
    Column("created_at", UtcTimestamp(), nullable=False, server_default=utc_timestamp()),
    Index("ix_task_origins_task", "task_id"),
)
