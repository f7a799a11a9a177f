"""Statements about remembered requests."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from aiworker.access.idempotency.tables import idempotency_keys
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx

# No HTTP status yet.
_CARRIED_OUT = 0


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """A request as stored."""

    body_hash: str
    status: int | None
    answer: bytes | None
    created_at: datetime


def find(tx: Tx, request: str) -> RequestRecord | None:
    """The request, locked until the commit."""
    return tx.record(
        RequestRecord,
        select(*columns(RequestRecord, idempotency_keys)).where(idempotency_keys.c.id == request).with_for_update(),
    )


def add(tx: Tx, request: str, body_hash: str) -> bool:
    """A request begins; False if another one by that name began in the same moment."""
    try:
        with tx.savepoint():
            tx.execute(insert(idempotency_keys).values(id=request, body_hash=body_hash, created_at=tx.now))
    except IntegrityError:
        return False
    return True


def restart(tx: Tx, request: str) -> None:
    """A request that was given up begins again."""
    tx.execute(update(idempotency_keys).where(idempotency_keys.c.id == request).values(created_at=tx.now))


def carried_out(tx: Tx, request: str, began: datetime) -> bool:
    """The try that began then makes its change; False if it is not the one under way."""
    this = (idempotency_keys.c.id == request, idempotency_keys.c.created_at == began)
    noted = update(idempotency_keys).where(*this, idempotency_keys.c.answer.is_(None)).values(status=_CARRIED_OUT)
    return tx.execute(noted).rowcount == 1


def answer(tx: Tx, request: str, status: int, body: bytes) -> None:
    """A request was answered."""
    tx.execute(update(idempotency_keys).where(idempotency_keys.c.id == request).values(status=status, answer=body))


def remove(tx: Tx, request: str) -> None:
    """A request that has not been carried out is forgotten."""
    tx.execute(delete(idempotency_keys).where(idempotency_keys.c.id == request, idempotency_keys.c.status.is_(None)))


def forget_old(tx: Tx, before: datetime) -> None:
    """Remove what is older than a moment."""
    tx.execute(delete(idempotency_keys).where(idempotency_keys.c.created_at < before))
