"""Tables of what was heard and seen of the forge."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, utc_timestamp

forge_deliveries = Table(
    "forge_deliveries",
    metadata,
    # As the forge names it: one that comes again is the same.
    Column("id", String(64), primary_key=True),
    Column("event", String(60), nullable=False),
    Column("repository", String(255), nullable=False),
    Column("received_at", UtcTimestamp(), nullable=False, server_default=utc_timestamp()),
    Index("ix_forge_deliveries_received_at", "received_at"),
)

forge_pull_requests = Table(
    "forge_pull_requests",
    metadata,
    Column("project_id", String(36), ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    # What it was last known to be, by whomever: only a change of this is news.
    Column("state", String(10), nullable=False),
)

forge_remarks = Table(
    "forge_remarks",
    metadata,
    # What was said on pull requests and has been taken in.
    Column("project_id", String(36), ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("remark", String(80), primary_key=True),
)

forge_marks = Table(
    "forge_marks",
    metadata,
    # How far a project's repository has been looked through, by the forge's own clock.
    Column("project_id", String(36), ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("pull_requests_at", UtcTimestamp()),
    Column("issues_at", UtcTimestamp()),
    Column("default_head", String(40)),
)
