"""Statements about people."""

from sqlalchemy import insert, select

from aiworker.access.users.records import UserRecord
from aiworker.access.users.tables import users
from aiworker.core.ids import new_id
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx
from aiworker.wire.access import Scope

_COLUMNS = columns(UserRecord, users)


def add(tx: Tx, *, name: str, role: Scope) -> UserRecord:
    """Make a person."""
    user = UserRecord(id=new_id(), name=name, email=None, role=role, is_active=True, created_at=tx.now)
    tx.execute(
        insert(users).values(
            id=user.id, name=name, role=role, is_active=True, created_at=user.created_at, updated_at=user.created_at
        )
    )
    return user


def find(tx: Tx, user_id: str) -> UserRecord | None:
    """By id."""
    return tx.record(UserRecord, select(*_COLUMNS).where(users.c.id == user_id))


def by_name(tx: Tx, name: str) -> UserRecord | None:
    """By name."""
    return tx.record(UserRecord, select(*_COLUMNS).where(users.c.name == name))


def lock_by_name(tx: Tx, name: str) -> UserRecord | None:
    """By name, held until the end of the transaction."""
    return tx.record(UserRecord, select(*_COLUMNS).where(users.c.name == name).with_for_update())
