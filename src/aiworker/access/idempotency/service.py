"""Remember the answer to a request for 24 hours, and give it again to whoever repeats the request."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from aiworker.access.idempotency import queries
from aiworker.core.errors import Conflict
from aiworker.storage.transaction import Tx

KEPT = timedelta(hours=24)
# After that a request without an answer is taken for one whose server died.
_ABANDONED = timedelta(minutes=2)


class RequestUnderWay(Conflict):
    """The first request with this key has no answer yet."""

    default_code = "request_under_way"

    def __init__(self) -> None:
        super().__init__("The first request with this Idempotency-Key is still under way.")


@dataclass(frozen=True, slots=True)
class Remembered:
    """An answer that was given before."""

    status: int
    answer: bytes


def request_id(*, actor_id: str, route: str, key: str) -> str:
    """One name for: this caller's request, under this key, to this end point."""
    return hashlib.sha256(f"{actor_id}\0{route}\0{key}".encode()).hexdigest()


def begin(tx: Tx, request: str, body: bytes) -> Remembered | None:
    """Begin a request, or get the answer that was given to it before.

    Raises: Conflict, if the key was used for another body or the first request is still under way.
    """
    body_hash = hashlib.sha256(body).hexdigest()
    queries.forget_old(tx, tx.now - KEPT)
    known = queries.find(tx, request)
    if known is None:
        if not queries.add(tx, request, body_hash):
            raise RequestUnderWay
        return None
    if known.body_hash != body_hash:
        raise Conflict(
            "This Idempotency-Key was used for another request; take a new one.", code="idempotency_key_reused"
        )
    if known.status is not None and known.answer is not None:
        return Remembered(known.status, known.answer)
    if tx.now - known.created_at < _ABANDONED:
        raise RequestUnderWay
    queries.restart(tx, request)
    return None


def finish(tx: Tx, request: str, status: int, answer: bytes) -> None:
    """Remember the answer."""
    queries.answer(tx, request, status, answer)


def drop(tx: Tx, request: str) -> None:
    """The request failed: it may be sent again."""
    queries.remove(tx, request)
