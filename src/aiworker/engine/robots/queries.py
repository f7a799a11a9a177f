"""Every statement on robots."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    TextClause,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    true,
    union,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError

from aiworker.core.ids import robot_id_before
from aiworker.core.paging import Cursor
from aiworker.engine.deadlines.tables import robot_deadlines
from aiworker.engine.executions.tables import robot_execute
from aiworker.engine.robots.records import Robot
from aiworker.engine.robots.tables import ACTIVE, COMPLETED, TROUBLED, robots
from aiworker.storage.given import Way, given_rows, given_table
from aiworker.storage.keyset import before
from aiworker.storage.prepared import Prepared, insert_of, this, update_of
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import RobotStatus

_ROBOT = columns(Robot, robots)
_NAMES = tuple(field.name for field in fields(Robot))
# From so many rows on, sending them as one parameter is worth it; and so many are sent at once.
_MANY, _AT_ONCE = 20, 500
_KINDS_LIMIT = 1_000


# Statements on one robot are built once: building costs more than running.
_ONE = select(*_ROBOT).where(robots.c.robot_id == bindparam("id"))
_FIND = Prepared(_ONE)
_LOCK = Prepared(_ONE.with_for_update())
_LOCK_OR_SKIP = Prepared(_ONE.with_for_update(skip_locked=True))
_AMONG = robots.c.robot_id.in_(bindparam("ids", expanding=True))
_BY_IDS = Prepared(select(*_ROBOT).where(_AMONG).limit(bindparam("number")))
_LOCK_MANY = Prepared(
    select(robots.c.robot_id).where(_AMONG).order_by(robots.c.robot_id).limit(bindparam("number")).with_for_update()
)
_LOCK_OF_EXECUTION = Prepared(
    select(*_ROBOT)
    .where(
        robots.c.robot_id
        == select(robot_execute.c.robot_id).where(robot_execute.c.execute_id == bindparam("id")).scalar_subquery()
    )
    .with_for_update()
)


def find(tx: Tx, robot_id: str) -> Robot | None:
    """A robot by id."""
    return tx.record(Robot, _FIND, {"id": robot_id})


def lock(tx: Tx, robot_id: str, *, skip_locked: bool = False) -> Robot | None:
    """A robot by id, ours until the commit; None as well if it is somebody else's now and `skip_locked`."""
    return tx.record(Robot, _LOCK_OR_SKIP if skip_locked else _LOCK, {"id": robot_id})


def lock_by_execution(tx: Tx, execute_id: str) -> Robot | None:
    """The robot that an execution is a try at, ours until the commit."""
    return tx.record(Robot, _LOCK_OF_EXECUTION, {"id": execute_id})


def lock_many(tx: Tx, robot_ids: Sequence[str]) -> None:
    """Robots, ours until the commit, always locked in the same order."""
    tx.rows(_LOCK_MANY, {"ids": robot_ids, "number": len(robot_ids)})


def delete_done(tx: Tx, robot_type: str, before: datetime, limit: int) -> int:
    """Remove the oldest of a type that were done before then, with their executions. Ids sort by birth within a type's
    prefix, so the key finds them."""
    first, last = f"{robot_type.partition('.')[0]}_0", robot_id_before(robot_type, before)
    done = robots.c.status.in_([RobotStatus.COMPLETED, RobotStatus.CANCELLED])
    old = (
        select(robots.c.robot_id)
        .where(robots.c.robot_id.between(first, last), robots.c.robot_type == robot_type, done)
        .order_by(robots.c.robot_id)
        .limit(limit)
    )
    ids = [row.robot_id for row in tx.rows(old)]
    return tx.execute(delete(robots).where(robots.c.robot_id.in_(ids))).rowcount if ids else 0


def by_ids(tx: Tx, robot_ids: Sequence[str]) -> list[Robot]:
    """Those of the ids that exist."""
    if not robot_ids:
        return []
    return tx.records(Robot, _BY_IDS, {"ids": robot_ids, "number": len(robot_ids)})


def by_cache_keys(tx: Tx, cache_keys: Sequence[str]) -> dict[str, Robot]:
    """The robots that have these keys, by key, ours until the commit; always locked in the same order."""
    found: dict[str, Robot] = {}
    in_order = sorted(set(cache_keys))
    for start in range(0, len(in_order), _AT_ONCE):
        part = in_order[start : start + _AT_ONCE]
        which = select(*_ROBOT).where(robots.c.cache_key.in_(part)).order_by(robots.c.cache_key).limit(len(part))
        found |= {robot.cache_key: robot for robot in tx.records(Robot, which.with_for_update()) if robot.cache_key}
    return found


def add(tx: Tx, rows: Sequence[Robot]) -> None:
    """Insert robots; of many, some hundred in one statement."""
    # MariaDB's driver writes many rows into one statement by itself, and reads a wide JSON_TABLE three times as slowly.
    if len(rows) == 1:
        tx.put_off(insert_of(robots, _NAMES), {name: getattr(rows[0], name) for name in _NAMES})
        return
    if len(rows) < _MANY or tx.dialect == "mysql":
        tx.execute(insert_of(robots, _NAMES), [{name: getattr(robot, name) for name in _NAMES} for robot in rows])
        return
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        way = Way.of(tx.dialect, len(part))
        tx.execute(_add_given(way), given_rows(way, part, _NAMES))


@lru_cache
def _add_given(way: Way) -> Prepared:
    given = given_table(way, [robots.c[name] for name in _NAMES])
    return Prepared(insert(robots).from_select(list(_NAMES), select(*given.c)))


def add_with_keys(tx: Tx, rows: Sequence[Robot]) -> bool:
    """Insert robots that have cache keys; False, and none of them, if somebody else's robot got one of them first."""
    try:
        with tx.savepoint():
            add(tx, rows)
    except IntegrityError:
        return False
    return True


def save(tx: Tx, before: Robot, after: Robot) -> None:
    """Write what differs, if the robot is still as it was read under its lock."""
    changed = {
        name: new
        for name in _NAMES
        if (new := getattr(after, name)) is not (old := getattr(before, name)) and new != old
    }
    if not changed:
        return
    as_read = this(robot_id=before.robot_id, status=before.status, moves=before.moves)
    update_it = update_of(robots, ("robot_id", "status", "moves"), tuple(changed))
    if tx.execute(update_it, changed | as_read).rowcount != 1:
        raise RuntimeError(f"robot {before.robot_id} was changed by two at once")


# A partial index serves only a query that repeats its condition. It is worth that where few robots have the status;
# where many have it, the walk by time finds them soon.
_NARROWED = {
    RobotStatus.PROCESSING: ACTIVE,
    RobotStatus.RETRYING: TROUBLED,
    RobotStatus.FAILED: TROUBLED,
}

# For counting, any of them will do.
_COUNTED: Mapping[RobotStatus, Sequence[TextClause]] = {
    RobotStatus.CANCELLED: [],
    RobotStatus.PENDING: [ACTIVE],
    RobotStatus.PROCESSING: [ACTIVE],
    RobotStatus.RETRYING: [ACTIVE],
    RobotStatus.FAILED: [TROUBLED],
    RobotStatus.COMPLETED: [COMPLETED],
}

_BY_AGE = (robots.c.created_at, robots.c.robot_id)
# Whoever asks for one of these asks for few robots.
_FEW = ("module_name", "correlation_id", "source_reference")
# Up to so many modules are read one by one; with more, a walk from the newest robot finds theirs soon.
_ASKED_EACH = 50
_AT_RISK = select(robot_deadlines.c.robot_id).where(robot_deadlines.c.at_risk == true())


def list_robots(
    tx: Tx,
    *,
    wanted: Mapping[str, Any],
    named: str | None,
    at_risk: bool,
    among: Collection[str] | None,
    cursor: Cursor | None,
    limit: int,
) -> list[Robot]:
    """Newest first, those whose columns equal what is wanted, whose id, batch or reference is `named`, who will
    probably be late if it is asked for those `at_risk`, and which are `among` these modules' robots; up to `limit`."""
    conditions = {name: robots.c[name] == value for name, value in wanted.items() if value is not None}
    status: RobotStatus | None = wanted.get("status")
    narrowed: list[Any] = [_NARROWED[status]] if status is not None and status in _NARROWED else []
    if status is not None and not narrowed and tx.dialect == "sqlite":
        # It has no statistics, and would take an index of the status and sort all that have it.
        conditions["status"] = func.likely(conditions["status"])
    if at_risk:
        narrowed += [ACTIVE, robots.c.robot_id.in_(_AT_RISK)]
    if cursor is not None:
        conditions["older"] = before(_BY_AGE, (cursor.moment, cursor.id))
    newest_first = [column.desc() for column in _BY_AGE]
    few = named is not None or any(wanted.get(name) is not None for name in _FEW)
    if among is not None and len(among) <= _ASKED_EACH and not few:
        return _of_modules(tx, among, [*narrowed, *conditions.values()], newest_first, limit)
    if among is not None:
        conditions["among"] = robots.c.module_name.in_(among)
    statement = select(*_ROBOT).where(and_(True, *narrowed, *conditions.values()))
    if named is not None:
        # Each name by its own index, rather than all robots from the newest to the oldest.
        ways = (robots.c.robot_id, robots.c.correlation_id, robots.c.source_reference)
        found = union(*(select(robots.c.robot_id).where(way == named) for way in ways)).subquery()
        statement = statement.join(found, found.c.robot_id == robots.c.robot_id)
    return tx.records(Robot, statement.order_by(*newest_first).limit(limit))


def _of_modules(
    tx: Tx, names: Collection[str], conditions: Sequence[Any], order: Sequence[Any], limit: int
) -> list[Robot]:
    """The newest of each module by its own index, rather than everybody's from the newest to the oldest."""
    if not names:
        return []
    own = (select(robots.c.robot_id).where(robots.c.module_name == name, *conditions) for name in names)
    newest = (select(one.order_by(*order).limit(limit).subquery().c.robot_id) for one in own)
    found = union_all(*newest).subquery()
    statement = select(*_ROBOT).join(found, found.c.robot_id == robots.c.robot_id)
    return tx.records(Robot, statement.order_by(*order).limit(limit))


def count_by_status(
    tx: Tx, *, wanted: Mapping[str, Any], among: Collection[str] | None = None, most: int
) -> dict[RobotStatus, int]:
    """How many have each status of those whose columns equal what is wanted; of each it counts up to `most`."""
    conditions = [robots.c[name] == value for name, value in wanted.items()]
    if among is not None:
        conditions.append(robots.c.module_name.in_(among))
    parts: list[Select[str, int]] = []
    for status, narrowed in _COUNTED.items():
        has: list[ColumnElement[bool] | TextClause] = [robots.c.status == status, *narrowed]
        if among is not None and status is RobotStatus.COMPLETED and tx.dialect == "sqlite":
            # It would look at everybody's, of which most are completed.
            has = [func.likely(robots.c.status == status)]
        some = select(robots.c.robot_id).where(*has, *conditions).limit(most).subquery()
        parts.append(select(literal(status.value).label("status"), func.count().label("number")).select_from(some))
    return {RobotStatus(row.status): row.number for row in tx.rows(union_all(*parts))}


def due(tx: Tx, limit: int) -> list[Robot]:
    """Robots that only time held and whose time has come, ours until the commit; others' are skipped."""
    statement = (
        select(*_ROBOT)
        .where(robots.c.due_at <= tx.now)
        .order_by(robots.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return tx.records(Robot, statement)


def make_ready(tx: Tx, robot_ids: Sequence[str]) -> None:
    """Put robots whose time has come into their lanes."""
    if robot_ids:
        values = {"ready_lane": robots.c.lane_id, "due_at": None, "updated_at": tx.now}
        tx.execute(update(robots).where(robots.c.robot_id.in_(robot_ids)).values(values))


def next_due(tx: Tx) -> datetime | None:
    """When the next one that only time holds is due."""
    # Not min(): MariaDB would read the times of all of them.
    return tx.scalar(select(robots.c.due_at).where(robots.c.due_at.is_not(None)).order_by(robots.c.due_at).limit(1))


def kinds_waiting_for(tx: Tx, module_name: str) -> list[tuple[str, str | None]]:
    """The types of the robots that wait for a module, each with the module that was asked for."""
    kind = (robots.c.robot_type, robots.c.asked_module)
    statement = select(*kind).where(ACTIVE, *_waits_for(module_name)).distinct().limit(_KINDS_LIMIT)
    return sorted(
        ((row.robot_type, row.asked_module) for row in tx.rows(statement)), key=lambda kind: (kind[0], kind[1] or "")
    )


def waiting_for(tx: Tx, module_name: str, robot_type: str, asked: str | None, limit: int) -> list[Robot]:
    """Robots of this kind that wait for a module, ours until the commit; others' are skipped."""
    statement = (
        select(*_ROBOT)
        .where(ACTIVE, *_waits_for(module_name), robots.c.robot_type == robot_type, robots.c.asked_module == asked)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return tx.records(Robot, statement)


def _waits_for(module_name: str) -> tuple[ColumnElement[bool], ...]:
    waiting = robots.c.status.in_([RobotStatus.PENDING, RobotStatus.RETRYING])
    return (robots.c.module_name == module_name, waiting)
