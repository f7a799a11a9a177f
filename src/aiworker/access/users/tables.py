"""Tables of people."""

from sqlalchemy import Boolean, Column, Index, String, Table, true

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, enum_column, utc_timestamp
from aiworker.wire.access import Scope

users = Table(
    "users",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("email", String(255)),
    # The role: a key's scope, and `read` is the viewer.
    Column("role", enum_column(Scope, "user_role"), nullable=False),
    Column("password_hash", String(255)),
    Column("is_active", Boolean, nullable=False, server_default=true()),
    Column("created_at", UtcTimestamp(), nullable=False, server_default=utc_timestamp()),
    Column("updated_at", UtcTimestamp(), nullable=False, server_default=utc_timestamp()),
    Index("uq_users_name", "name", unique=True),
    Index("uq_users_email", "email", unique=True),
)
