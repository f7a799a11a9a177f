"""Tables of API keys."""

from sqlalchemy import Column, Index, Integer, String, Table

from aiworker.storage.metadata import metadata
from aiworker.storage.types import TextList, UtcTimestamp, enum_column, utc_timestamp
from aiworker.wire.access import Scope

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("scope", enum_column(Scope, "api_key_scope"), nullable=False),
    # What is shown of it, and what it is found by.
    Column("prefix", String(40), nullable=False),
    Column("hash", String(64), nullable=False),
    # The execution that the key was made for, and ends with; NULL for keys that people make.
    Column("attempt", String(50)),
    # The modules that a key of scope module is bound to; NULL: to none.
    Column("modules", TextList()),
    # NULL: as often as the installation lets everybody.
    Column("requests_per_minute", Integer),
    Column("expires_at", UtcTimestamp()),
    Column("last_used_at", UtcTimestamp()),
    Column("revoked_at", UtcTimestamp()),
    Column("created_by", String(100)),
    Column("created_at", UtcTimestamp(), nullable=False, server_default=utc_timestamp()),
    Index("uq_api_keys_prefix", "prefix", unique=True),
    Index("ix_api_keys_name", "name"),
    Index("ix_api_keys_attempt", "attempt"),
    Index("ix_api_keys_created_at", "created_at", "id"),
)
