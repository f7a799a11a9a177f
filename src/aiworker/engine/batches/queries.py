"""Every statement on batches."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache

from sqlalchemy import ColumnElement, Update, and_, bindparam, case, func, insert, or_, select, true, update
from sqlalchemy.exc import IntegrityError

from aiworker.core.paging import Cursor
from aiworker.engine.batches.records import Batch, Part, Progress
from aiworker.engine.batches.tables import robot_batches
from aiworker.engine.robots.records import Robot
from aiworker.engine.robots.tables import robots
from aiworker.storage.given import Way, given_rows, given_table, is_given
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import RobotStatus

_BATCH = columns(Batch, robot_batches)
_ROBOT = columns(Robot, robots)
_CATEGORIES = 20
_CANCELLED = ("robot_id", "audit_trail")


def find(tx: Tx, correlation_id: str) -> Batch | None:
    """A batch by its correlation id."""
    return tx.record(Batch, select(*_BATCH).where(robot_batches.c.correlation_id == correlation_id))


def listed(tx: Tx, *, among: Collection[str] | None, after: Cursor | None, limit: int) -> list[Batch]:
    """Newest first, `among`: those with a robot of these modules."""
    made_at, name = robot_batches.c.made_at, robot_batches.c.correlation_id
    statement = select(*_BATCH).order_by(made_at.desc(), name.desc()).limit(limit)
    if among is not None:
        one = select(robots.c.robot_id).where(robots.c.correlation_id == name, robots.c.module_name.in_(among))
        statement = statement.where(one.exists())
    if after is not None:
        statement = statement.where(or_(made_at < after.moment, and_(made_at == after.moment, name < after.id)))
    return tx.records(Batch, statement)


def note(tx: Tx, correlation_id: str, *, by: str, asked: int, shared: int) -> None:
    """Write down that so many were asked for; a batch may come in several requests."""
    values = {"made_by": by, "made_at": tx.now, "asked": asked, "shared": shared}
    more = (
        update(robot_batches)
        .where(robot_batches.c.correlation_id == correlation_id)
        .values(asked=robot_batches.c.asked + asked, shared=robot_batches.c.shared + shared, cancelled_at=None)
    )
    if tx.execute(more).rowcount:
        return
    try:
        with tx.savepoint():
            tx.execute(insert(robot_batches).values(correlation_id=correlation_id, **values))
    except IntegrityError:
        # Another request of the same batch was first.
        tx.execute(more)


def progress(tx: Tx, correlation_ids: Sequence[str], *, among: Collection[str] | None = None) -> dict[str, Progress]:
    """How far batches are, each counted from its robots (`among`: of these modules); all of them in two statements."""
    of_batch = and_(robots.c.correlation_id.in_(correlation_ids), *_of(among))
    hit = robots.c.cache_hit == true()
    parts: dict[str, dict[RobotStatus, Part]] = {name: {} for name in correlation_ids}
    failures: dict[str, dict[str, int]] = {name: {} for name in correlation_ids}
    counted = (
        select(
            robots.c.correlation_id,
            robots.c.status,
            func.count().label("number"),
            func.sum(case((hit, 1), else_=0)).label("cache_hits"),
            func.sum(func.coalesce(robots.c.processing_time_ms, 0)).label("busy_ms"),
            func.min(robots.c.started_at).label("started_at"),
            func.max(robots.c.completed_at).label("completed_at"),
        )
        .where(of_batch)
        .group_by(robots.c.correlation_id, robots.c.status)
    )
    for row in tx.rows(counted):
        parts[row.correlation_id][row.status] = Part(
            row.status, row.number, int(row.cache_hits), int(row.busy_ms), row.started_at, row.completed_at
        )
    if any(RobotStatus.FAILED in found for found in parts.values()):
        by_category = (
            select(robots.c.correlation_id, robots.c.error_category, func.count().label("number"))
            .where(of_batch, robots.c.status == RobotStatus.FAILED)
            .group_by(robots.c.correlation_id, robots.c.error_category)
            .limit(_CATEGORIES * len(correlation_ids))
        )
        for row in tx.rows(by_category):
            failures[row.correlation_id][row.error_category or "UNKNOWN"] = row.number
    return {name: Progress(parts[name], failures[name]) for name in correlation_ids}


def _of(among: Collection[str] | None) -> list[ColumnElement[bool]]:
    return [] if among is None else [robots.c.module_name.in_(among)]


def waiting(tx: Tx, correlation_id: str, limit: int, *, among: Collection[str] | None) -> list[Robot]:
    """Robots of a batch that nobody has begun, ours until the commit; always locked in the same order."""
    statement = (
        select(*_ROBOT)
        .where(
            robots.c.correlation_id == correlation_id,
            robots.c.status.in_([RobotStatus.PENDING, RobotStatus.RETRYING]),
            *_of(among),
        )
        .order_by(robots.c.robot_id)
        .limit(limit)
        .with_for_update()
    )
    return tx.records(Robot, statement)


def with_status(
    tx: Tx, correlation_id: str, status: RobotStatus, limit: int, *, among: Collection[str] | None
) -> list[str]:
    """The ids of robots of a batch that have a status."""
    statement = (
        select(robots.c.robot_id)
        .where(robots.c.correlation_id == correlation_id, robots.c.status == status, *_of(among))
        .order_by(robots.c.robot_id)
        .limit(limit)
    )
    return [row.robot_id for row in tx.rows(statement)]


def save_cancelled(tx: Tx, cancelled: Sequence[Robot]) -> None:
    """Robots that were waiting, and are locked, become CANCELLED: by key and nothing else, in one statement."""
    way = Way.of(tx.dialect, len(cancelled))
    given = given_rows(way, cancelled, _CANCELLED, "robot_id")
    if tx.execute(_cancel(way), {**given, "now": tx.now}).rowcount != len(cancelled):
        raise RuntimeError("robots were cancelled by two at once")


@lru_cache
def _cancel(way: Way) -> Update:
    from_outside = given_table(way, [robots.c[name] for name in _CANCELLED])
    now = bindparam("now", type_=robots.c.updated_at.type)
    return (
        update(robots)
        .where(is_given(way, robots.c.robot_id, from_outside))
        .values(
            status=RobotStatus.CANCELLED,
            audit_trail=from_outside.c.audit_trail,
            cache_key=None,
            ready_lane=None,
            due_at=None,
            moves=robots.c.moves + 1,
            completed_at=now,
            updated_at=now,
        )
    )


def mark_cancelled(tx: Tx, correlation_id: str, at: datetime) -> None:
    """Remember that a person ended it."""
    tx.execute(update(robot_batches).where(robot_batches.c.correlation_id == correlation_id).values(cancelled_at=at))
