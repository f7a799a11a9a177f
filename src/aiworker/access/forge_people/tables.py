"""The table of people who are known by their login in the forge."""

from sqlalchemy import Column, String, Table

from aiworker.storage.metadata import metadata
from aiworker.storage.types import UtcTimestamp, enum_column, utc_timestamp
from aiworker.wire.access import Scope

forge_people = Table(
    "forge_people",
    metadata,
    # In lower case: logins differ by more than that.
    Column("login", String(100), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("role", enum_column(Scope, "forge_role"), nullable=False),
    Column("created_at", UtcTimestamp(), nullable=False, server_default=utc_timestamp()),
)
