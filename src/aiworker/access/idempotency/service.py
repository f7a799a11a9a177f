"""Remember the answer to a request for 24 hours, and give it again to whoever repeats the request."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiworker.access.idempotency import queries
from aiworker.core.errors import Conflict
from aiworker.storage.transaction import Tx

KEPT = timedelta(hours=24)
# A request that takes long shows a sign of life this often, ...
SIGN_OF_LIFE = timedelta(seconds=5)
# ... and one that shows none for so long is taken for one whose server died.
_ABANDONED = timedelta(seconds=15)
# After that so is one that has been carried out and has no answer.
_ANSWER_LOST = timedelta(seconds=10)


class RequestUnderWay(Conflict):
    """The first request with this key has no answer yet."""

    default_code = "request_under_way"

    def __init__(self) -> None:
        super().__init__("The first request with this Idempotency-Key is still under way.")


class AnswerLost(Conflict):
    """The request was carried out, once; the server ended before it could answer."""

    default_code = "answer_lost"

    def __init__(self) -> None:
        super().__init__(
            "The request with this Idempotency-Key was carried out, but its answer was lost when a server ended; "
            "look at what is there."
        )


@dataclass(slots=True)
class Begun:
    """A try at a request, under way: its name, and when it showed its last sign of life."""

    request: str
    at: datetime

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """By which it knows itself: the last sign of life, or the next, which may be on its way."""
        return self.at, self.at + SIGN_OF_LIFE


@dataclass(frozen=True, slots=True)
class Remembered:
    """An answer that was given before."""

    status: int
    answer: bytes


def request_id(*, actor_id: str, route: str, key: str) -> str:
    """One name for: this caller's request, under this key, to this end point."""
    return hashlib.sha256(f"{actor_id}\0{route}\0{key}".encode()).hexdigest()


def begin(tx: Tx, request: str, body: bytes) -> Begun | Remembered:
    """Begin a request, or get the answer that was given to it before.

    Raises: Conflict, if the key was used for another body, the first request is still under way, or was carried out
    without an answer.
    """
    body_hash = hashlib.sha256(body).hexdigest()
    queries.forget_old(tx, tx.now - KEPT)
    known = queries.find(tx, request)
    if known is None:
        if not queries.add(tx, request, body_hash):
            raise RequestUnderWay
        return Begun(request, tx.now)
    if known.body_hash != body_hash:
        raise Conflict(
            "This Idempotency-Key was used for another request; take a new one.", code="idempotency_key_reused"
        )
    if known.status is not None and known.answer is not None:
        return Remembered(known.status, known.answer)
    carried_out = known.status is not None
    if tx.now - known.created_at < (_ANSWER_LOST if carried_out else _ABANDONED):
        raise RequestUnderWay
    if carried_out:
        raise AnswerLost
    queries.restart(tx, request)
    return Begun(request, tx.now)


def carry_out(tx: Tx, begun: Begun) -> None:
    """Note in the change's own transaction that it is made, so that it is made once.

    Raises: RequestUnderWay if this try was given up, and another goes on in its place.
    """
    if not queries.carried_out(tx, begun.request, begun.moments):
        raise RequestUnderWay


def show_life(tx: Tx, begun: Begun) -> None:
    """It is still under way."""
    queries.renew(tx, begun.request, begun.moments, begun.at + SIGN_OF_LIFE)


def finish(tx: Tx, begun: Begun, status: int, answer: bytes) -> None:
    """Remember the answer."""
    queries.answer(tx, begun.request, begun.moments, status, answer)


def drop(tx: Tx, begun: Begun) -> None:
    """The request failed: it may be sent again. One that was carried out all the same stays known."""
    queries.remove(tx, begun.request, begun.moments)
