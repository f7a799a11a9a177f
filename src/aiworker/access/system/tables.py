"""Tables about the installation itself."""

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, json_column, utc_timestamp

system_config = Table(
    "system_config",
    metadata,
    Column("key", String(100), primary_key=True),
    Column("value", json_column(), nullable=False),
    Column("description", Text),
    Column("updated_by", String(100)),
    Column("updated_at", UtcTimestamp(), nullable=False, server_default=utc_timestamp()),
)

backup_log = Table(
    "backup_log",
    metadata,
    Column("id", String(36), primary_key=True),
    # full or incremental.
    Column("kind", String(20), nullable=False),
    # running, completed, failed, verified or removed.
    Column("status", String(20), nullable=False),
    Column("location", String(1000)),
    Column("size_bytes", BigInteger),
    Column("checksum", String(64)),
    Column("error_message", Text),
    Column("started_at", UtcTimestamp(), nullable=False, server_default=utc_timestamp()),
    Column("completed_at", UtcTimestamp()),
    Column("verified_at", UtcTimestamp()),
    Index("ix_backup_log_started_at", "started_at"),
)
