"""Statements about remembered requests."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from aiworker.access.idempotency.tables import idempotency_keys
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx

Moments = tuple[datetime, ...]

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


def carried_out(tx: Tx, request: str, moments: Moments) -> bool:
    """The try makes its change; False if it is not the one under way."""
    noted = update(idempotency_keys).where(*_try(request, moments), idempotency_keys.c.answer.is_(None))
    return tx.execute(noted.values(status=_CARRIED_OUT)).rowcount == 1


def renew(tx: Tx, request: str, moments: Moments, now: datetime) -> None:
    """The try lives."""
    tx.execute(update(idempotency_keys).where(*_try(request, moments)).values(created_at=now))


def answer(tx: Tx, request: str, moments: Moments, status: int, body: bytes) -> None:
    """The try was answered."""
    tx.execute(update(idempotency_keys).where(*_try(request, moments)).values(status=status, answer=body))


def remove(tx: Tx, request: str, moments: Moments) -> None:
    """A try that made no change is forgotten."""
    tx.execute(delete(idempotency_keys).where(*_try(request, moments), idempotency_keys.c.status.is_(None)))


def _try(request: str, moments: Moments) -> tuple[ColumnElement[bool], ...]:
    """One try of a request: whoever goes on in its place has shown life at another moment."""
    return idempotency_keys.c.id == request, idempotency_keys.c.created_at.in_(moments)


def forget_old(tx: Tx, before: datetime) -> None:
    """Remove what is older than a moment."""
    tx.execute(delete(idempotency_keys).where(idempotency_keys.c.created_at < before))
