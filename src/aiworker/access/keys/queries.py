"""Statements about keys."""

from datetime import datetime

from sqlalchemy import and_, bindparam, insert, or_, select, update

from aiworker.access.keys.records import KeyRecord
from aiworker.access.keys.tables import api_keys
from aiworker.core.paging import Cursor
from aiworker.storage.prepared import Prepared
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx

_COLUMNS = columns(KeyRecord, api_keys)


def add(tx: Tx, key: KeyRecord, hash_: str) -> None:
    """Store a new key."""
    values = {name: getattr(key, name) for name in (column.name for column in _COLUMNS)}
    tx.execute(insert(api_keys).values(**values, hash=hash_))


def find(tx: Tx, key_id: str) -> KeyRecord | None:
    """By id."""
    return tx.record(KeyRecord, select(*_COLUMNS).where(api_keys.c.id == key_id))


def hash_by_prefix(tx: Tx, prefix: str) -> tuple[str, str] | None:
    """Id and hash of the key that begins so."""
    row = tx.row(select(api_keys.c.id, api_keys.c.hash).where(api_keys.c.prefix == prefix))
    return None if row is None else (row.id, row.hash)


def active_by_name(tx: Tx, name: str) -> KeyRecord | None:
    """The key that people made under that name and that is still good."""
    alive = or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > tx.now)
    named = and_(api_keys.c.name == name, api_keys.c.attempt.is_(None))
    return next(
        iter(tx.records(KeyRecord, select(*_COLUMNS).where(named, api_keys.c.revoked_at.is_(None), alive).limit(1))),
        None,
    )


_OF_ATTEMPT = Prepared(select(*_COLUMNS).where(api_keys.c.attempt == bindparam("attempt")).limit(100))


def of_attempt(tx: Tx, attempt: str) -> list[KeyRecord]:
    """Keys that were made for an execution."""
    return tx.records(KeyRecord, _OF_ATTEMPT, {"attempt": attempt})


def listed(tx: Tx, *, after: Cursor | None, limit: int) -> list[KeyRecord]:
    """Keys that people made, newest first."""
    statement = select(*_COLUMNS).where(api_keys.c.attempt.is_(None))
    if after is not None:
        older = and_(api_keys.c.created_at == after.moment, api_keys.c.id < after.id)
        statement = statement.where(or_(api_keys.c.created_at < after.moment, older))
    return tx.records(KeyRecord, statement.order_by(api_keys.c.created_at.desc(), api_keys.c.id.desc()).limit(limit))


def revoke(tx: Tx, key_id: str) -> None:
    """Revoke, if that was not done before."""
    tx.execute(
        update(api_keys).where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None)).values(revoked_at=tx.now)
    )


def expire_of(tx: Tx, attempt: str, at: datetime) -> None:
    """Let the keys of an execution end then."""
    tx.execute(update(api_keys).where(api_keys.c.attempt == attempt).values(expires_at=at))


def touch(tx: Tx, key_id: str, used_at: datetime) -> None:
    """Remember when it was last used."""
    tx.execute(update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=used_at))
