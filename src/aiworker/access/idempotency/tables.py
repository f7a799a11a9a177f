"""The table of remembered requests."""

from sqlalchemy import Column, Index, SmallInteger, String, Table
from sqlalchemy.dialects import mysql
from sqlalchemy.types import LargeBinary

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, utc_timestamp

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    # SHA-256 of who asks, what for, and the key they gave.
    Column("id", String(64), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    # NULL until the change is made, 0 until it is answered.
    Column("status", SmallInteger),
    Column("answer", LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql")),
    Column("created_at", UtcTimestamp(), nullable=False, server_default=utc_timestamp()),
    Index("ix_idempotency_keys_created_at", "created_at"),
)
