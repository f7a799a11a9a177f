"""The table of the audit log."""

from sqlalchemy import Column, Index, String, Table

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, big_id, json_column, utc_timestamp

security_audit = Table(
    "security_audit",
    metadata,
    Column("id", big_id(), primary_key=True, autoincrement=True),
    Column("actor_id", String(64), nullable=False),
    Column("actor_kind", String(20), nullable=False),
    Column("actor", String(100), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("details", json_column(), nullable=False),
    Column("address", String(64)),
    Column("created_at", UtcTimestamp(), nullable=False, server_default=utc_timestamp()),
    Index("ix_security_audit_created_at", "created_at"),
    Index("ix_security_audit_actor_id", "actor_id", "id"),
    Index("ix_security_audit_subject", "subject", "id"),
)
