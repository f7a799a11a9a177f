"""Every statement on people of the forge."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select, update

from aiworker.access.forge_people.records import ForgePersonRecord
from aiworker.access.forge_people.tables import forge_people
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx

_COLUMNS = columns(ForgePersonRecord, forge_people)


def find(tx: Tx, login: str) -> ForgePersonRecord | None:
    """By login, whatever its case."""
    return tx.record(ForgePersonRecord, select(*_COLUMNS).where(forge_people.c.login == login.lower()))


def list_people(tx: Tx, *, limit: int) -> list[ForgePersonRecord]:
    """By login."""
    return tx.records(ForgePersonRecord, select(*_COLUMNS).order_by(forge_people.c.login).limit(limit))


def put(tx: Tx, login: str, values: Mapping[str, Any]) -> None:
    """Insert a person, or change the one with that login."""
    known = select(forge_people.c.login).where(forge_people.c.login == login.lower()).with_for_update()
    if tx.row(known) is None:
        tx.execute(insert(forge_people).values(login=login.lower(), created_at=tx.now, **values))
    else:
        tx.execute(update(forge_people).where(forge_people.c.login == login.lower()).values(**values))


def remove(tx: Tx, login: str) -> None:
    """Delete a person."""
    tx.execute(delete(forge_people).where(forge_people.c.login == login.lower()))
