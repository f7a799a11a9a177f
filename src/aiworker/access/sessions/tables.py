"""Tables of sessions and of the codes that open one."""

from sqlalchemy import Column, ForeignKey, Index, String, Table

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, utc_timestamp

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("token_hash", String(64), nullable=False),
    # Whose it is: a person's, or a key's (and then it ends with the key).
    Column("user_id", String(36), ForeignKey("users.id", ondelete="CASCADE")),
    Column("key_id", String(36), ForeignKey("api_keys.id", ondelete="CASCADE")),
    Column("address", String(64)),
    Column("user_agent", String(255)),
    Column("created_at", UtcTimestamp(), nullable=False, server_default=utc_timestamp()),
    Column("expires_at", UtcTimestamp(), nullable=False),
    Column("ended_at", UtcTimestamp()),
    Index("uq_sessions_token_hash", "token_hash", unique=True),
    Index("ix_sessions_user_id", "user_id"),
    Index("ix_sessions_key_id", "key_id"),
    Index("ix_sessions_expires_at", "expires_at"),
)

sign_in_codes = Table(
    "sign_in_codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("user_id", String(36), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", UtcTimestamp(), nullable=False, server_default=utc_timestamp()),
    Column("expires_at", UtcTimestamp(), nullable=False),
    Column("used_at", UtcTimestamp()),
    Index("ix_sign_in_codes_user_id", "user_id"),
    Index("ix_sign_in_codes_expires_at", "expires_at"),
)
