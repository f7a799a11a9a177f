"""Every statement on reviews."""

from collections.abc import Collection, Sequence
from dataclasses import fields

from sqlalchemy import bindparam, delete, insert, select, update

from aiworker.core.paging import Cursor
from aiworker.engine.reviews.records import WAITING, Review
from aiworker.engine.reviews.tables import robot_reviews
from aiworker.engine.robots.tables import robots
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx

_REVIEW = columns(Review, robot_reviews)
_NAMES = tuple(field.name for field in fields(Review))


def find(tx: Tx, robot_id: str) -> Review | None:
    """The last review of a robot."""
    return tx.record(Review, select(*_REVIEW).where(robot_reviews.c.robot_id == robot_id))


def waiting(tx: Tx, *, among: Collection[str] | None, after: Cursor | None, limit: int) -> list[Review]:
    """Those that wait for a person, the oldest first, `among`: of these modules."""
    asked_at, name = robot_reviews.c.asked_at, robot_reviews.c.robot_id
    statement = select(*_REVIEW).where(robot_reviews.c.state == WAITING).order_by(asked_at, name).limit(limit)
    if among is not None:
        statement = statement.join(robots, robots.c.robot_id == name).where(robots.c.module_name.in_(among))
    if after is not None:
        statement = statement.where((asked_at > after.moment) | ((asked_at == after.moment) & (name > after.id)))
    return tx.records(Review, statement)


def ask(tx: Tx, reviews: Sequence[Review]) -> None:
    """Hold results; a robot's earlier review gives way. Their robots are locked by who calls."""
    held = [review.robot_id for review in reviews]
    tx.execute(delete(robot_reviews).where(robot_reviews.c.robot_id.in_(held)))
    tx.execute(insert(robot_reviews), [{name: getattr(review, name) for name in _NAMES} for review in reviews])
    mark(tx, held, WAITING)


def mark(tx: Tx, robot_ids: Sequence[str], state: str) -> None:
    """Robots say themselves how their result is judged."""
    tx.execute(update(robots).where(robots.c.robot_id.in_(robot_ids)).values(review=state))


_DECIDE = (
    update(robot_reviews)
    .where(robot_reviews.c.robot_id == bindparam("robot"))
    .values({name: bindparam(name) for name in ("state", "decided_at", "decided_by", "comment")})
)


def decide(tx: Tx, robot_id: str, state: str, *, by: str, comment: str | None) -> None:
    """Write what a person said."""
    said = {"state": state, "decided_at": tx.now, "decided_by": by, "comment": comment}
    tx.execute(_DECIDE, {"robot": robot_id, **said})
    mark(tx, [robot_id], state)
