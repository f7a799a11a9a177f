"""The statements of a claim: find the lanes with the most urgent heads, look at those, lock and mark what is taken."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Insert,
    Integer,
    Select,
    Update,
    bindparam,
    false,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    true,
    union_all,
    update,
)

from aiworker.engine.breakers.records import Breaker
from aiworker.engine.breakers.tables import module_breakers
from aiworker.engine.claims.records import Claimable, Head, ReadyLane, Sensitive, Start, Terms
from aiworker.engine.executions.tables import robot_execute
from aiworker.engine.modules.records import Module
from aiworker.engine.modules.tables import module_registry
from aiworker.engine.queues.tables import lanes, queues
from aiworker.engine.robots.tables import robots
from aiworker.storage.given import Way, given_keys, given_rows, given_table, is_given
from aiworker.storage.keyset import from_on
from aiworker.storage.prepared import Prepared
from aiworker.storage.records import by_name, columns, load
from aiworker.storage.transaction import Tx
from aiworker.storage.types import utc_timestamp
from aiworker.wire.engine import ExecutionState, RobotStatus

# PostgreSQL takes a limit that is a parameter for a tenth of the table, and so plans a statement anew each time.
ONE = literal_column("1", Integer)
# SQLite takes at most 500 parts of a compound select.
_LANES_AT_ONCE = 200
CLAIMABLE = columns(Claimable, robots)
_HEAD = tuple(field.name for field in fields(Head))
_START = tuple(field.name for field in fields(Start))
IN_ORDER = (robots.c.rank, robots.c.age, robots.c.robot_id)


_BREAKER = columns(Breaker, module_breakers)
_OF_LANE = ("queue", "needs", "max_running", *_HEAD)


def find_module(
    tx: Tx, name: str, *, only: Sequence[str] | None, lanes_at_most: int
) -> tuple[Module | None, Breaker | None, list[ReadyLane]]:
    """A module by name, with its breaker if it has one, and the first of its lanes as `ready_lanes`."""
    parameters: dict[str, Any] = {"module": name, "first": 0, "number": lanes_at_most}
    if only is not None:
        parameters["only"] = list(only)
    rows = tx.execute(_module_and_lanes(restricted=only is not None), parameters).all()
    if not rows:
        return None, None, []
    tx.learn(rows[0].now)
    values = by_name(rows[0])
    found = [_lane(*[getattr(row, f"lane_{name}") for name in _OF_LANE]) for row in rows if row.lane_robot_id]
    breaker = None
    if values["breaker_module_name"] is not None:
        breaker = Breaker(**{column.name: values[f"breaker_{column.name}"] for column in _BREAKER})
    return load(Module, rows[0]), breaker, found


@lru_cache(maxsize=2)
def _module_and_lanes(*, restricted: bool) -> Prepared:
    part = _lanes_in_order(restricted=restricted).subquery("ready")
    return Prepared(
        select(
            *columns(Module, module_registry),
            utc_timestamp().label("now"),
            *(column.label(f"breaker_{column.name}") for column in _BREAKER),
            *(part.c[name].label(f"lane_{name}") for name in _OF_LANE),
        )
        .outerjoin(module_breakers, module_breakers.c.module_name == module_registry.c.module_name)
        .outerjoin(part, part.c.module_name == module_registry.c.module_name)
        .where(module_registry.c.module_name == bindparam("module"))
        .order_by(part.c.rank, part.c.age, part.c.robot_id)
    )


def _lane(queue: str, needs: list[str], max_running: int | None, *head: Any) -> ReadyLane:
    return ReadyLane(head=Head(*head), queue=queue, needs=needs, limited=max_running is not None)


def ready_lanes(tx: Tx, module_name: str, *, only: Sequence[str] | None, offset: int, limit: int) -> list[ReadyLane]:
    """A part of the module's lanes that are neither empty nor paused nor full, the one with the most urgent head first.

    `only`: of these queues. Locks nothing.
    """
    parameters: dict[str, Any] = {"module": module_name, "first": offset, "number": limit}
    if only is not None:
        parameters["only"] = list(only)
    rows = tx.execute(_ready_lanes(restricted=only is not None), parameters)
    return [_lane(*row[: len(_OF_LANE)]) for row in rows]


@lru_cache(maxsize=2)
def _ready_lanes(*, restricted: bool) -> Prepared:
    return Prepared(_lanes_in_order(restricted=restricted))


def _lanes_in_order(*, restricted: bool) -> "Select[*tuple[Any, ...]]":
    first = (
        select(robots.c.robot_id)
        .where(robots.c.ready_lane == lanes.c.lane_id)
        # All rows have the same lane; sorting by it shows MySQL that the index is in this order already.
        .order_by(robots.c.ready_lane, *IN_ORDER)
        .limit(ONE)
        .correlate(lanes)
        .scalar_subquery()
    )
    taken, of_queue = robots.alias("taken"), lanes.alias("of_queue")
    running = (
        select(func.count())
        .select_from(of_queue)
        .join(taken, taken.c.running_lane == of_queue.c.lane_id)
        .where(of_queue.c.queue == queues.c.name)
        .correlate(queues)
        .scalar_subquery()
    )
    opened = (
        select(lanes.c.queue, lanes.c.needs, queues.c.max_running, lanes.c.module_name, first.label("head"))
        .outerjoin(queues, queues.c.name == lanes.c.queue)
        .where(
            lanes.c.module_name == bindparam("module"),
            or_(queues.c.paused.is_(None), queues.c.paused == false()),
            or_(queues.c.max_running.is_(None), running < queues.c.max_running),
        )
    )
    if restricted:
        opened = opened.where(lanes.c.queue.in_(bindparam("only", expanding=True)))
    part = opened.subquery()
    return (
        select(part.c.queue, part.c.needs, part.c.max_running, *(robots.c[name] for name in _HEAD), part.c.module_name)
        .join(robots, robots.c.robot_id == part.c.head)
        .order_by(*IN_ORDER)
        .limit(bindparam("number"))
        .offset(bindparam("first"))
    )


def heads(tx: Tx, lane_ids: Sequence[int], limit: int) -> list[Head]:
    """The first `limit` robots of these lanes together, most urgent first, then oldest. Locks nothing."""
    found: list[Head] = []
    for start in range(0, len(lane_ids), _LANES_AT_ONCE):
        part = lane_ids[start : start + _LANES_AT_ONCE]
        parameters: Mapping[str, Any] = {"heads": limit} | {f"lane{i}": lane_id for i, lane_id in enumerate(part)}
        found += [Head(*row) for row in tx.execute(_heads(len(part)), parameters)]
    return sorted(found)[:limit]


@lru_cache(maxsize=_LANES_AT_ONCE)
def _heads(number: int) -> Prepared:
    parts = [
        select(*(robots.c[name] for name in _HEAD))
        .where(robots.c.ready_lane == bindparam(f"lane{i}"))
        .order_by(*IN_ORDER)
        .limit(bindparam("heads"))
        .subquery(f"head{i}")
        for i in range(number)
    ]
    together = union_all(*[select(part) for part in parts]).subquery("together")
    in_order = (together.c.rank, together.c.age, together.c.robot_id)
    return Prepared(select(together).order_by(*in_order).limit(bindparam("heads")))


# The robots of a lane in order, from the head that was seen on (`seen` has the parameters), locked, but for those that
# others are taking just now. What was taken before that head is not walked over a second time: as long as some
# transaction stays open, its index entries do. The lane is a part of the place: where it were equal to something,
# MariaDB would look that up, and nothing further.
_IN_LANES = (robots.c.ready_lane, *IN_ORDER)
_SEEN = [bindparam(f"head_{column.name}", type_=column.type) for column in _IN_LANES]
FIRST_ONES = (
    select(*CLAIMABLE)
    .where(from_on(_IN_LANES, _SEEN), robots.c.ready_lane <= _SEEN[0])
    .order_by(*_IN_LANES)
    .with_for_update(skip_locked=True)
)
_TAKE_ONE = Prepared(FIRST_ONES.limit(ONE))
_TAKE = Prepared(FIRST_ONES.limit(bindparam("number")))


def seen(head: Head) -> dict[str, Any]:
    """The parameters of `FIRST_ONES`."""
    return {f"head_{name}": getattr(head, name) for name in _HEAD}


def take(tx: Tx, head: Head, number: int) -> list[Claimable]:
    """The first `number` of a lane, from its head on, that nobody else is taking just now, locked."""
    some = {"number": number} if number > 1 else {}
    rows = tx.execute(_TAKE if some else _TAKE_ONE, seen(head) | some)
    return [Claimable(*row) for row in rows]


def start(tx: Tx, starts: Sequence[Start], terms: Terms) -> None:
    """Robots that were taken leave their lane and get a slot, and each gets its execution."""
    way = Way.of(tx.dialect, len(starts))
    robot_ids = given_keys(way, "robot_id", [one.robot_id for one in starts])
    rows = given_rows(way, starts, _START)
    of_all = parameters_of(terms) | {"now": tx.now}
    if tx.dialect == "postgresql":
        # It changes two tables in one round trip.
        started = tx.execute(_mark_and_add(way), {**robot_ids, **rows, **of_all}).rowcount
    else:
        started = tx.execute(_mark(way), {**robot_ids, "now": tx.now}).rowcount
        tx.execute(_add(way), {**rows, **of_all})
    if started != len(starts):
        raise RuntimeError("robots were claimed by two at once")


def parameters_of(terms: Terms) -> dict[str, Any]:
    """As `as_started` wants them, but for the time."""
    return {"module": terms.module_name, "holder": terms.holder, "lease_seconds": terms.lease_seconds}


_SENSITIVE = ("execute_id", "compliance_context")


def mark_sensitive(tx: Tx, executions: Sequence[Sensitive]) -> None:
    """Write what of their input is sensitive; few robots have any."""
    way = Way.of(tx.dialect, len(executions))
    tx.execute(_mark_sensitive(way), given_rows(way, executions, _SENSITIVE, "execute_id"))


@lru_cache
def _mark_sensitive(way: Way) -> Prepared:
    given = given_table(way, [robot_execute.c[name] for name in _SENSITIVE])
    return Prepared(
        update(robot_execute)
        .where(is_given(way, robot_execute.c.execute_id, given))
        .values(contains_sensitive_data=true(), compliance_context=given.c.compliance_context)
    )


def as_claimed() -> dict[str, Any]:
    """What becomes of a robot that is claimed."""
    now = bindparam("now", type_=robots.c.started_at.type)
    return {
        "status": RobotStatus.PROCESSING,
        "ready_lane": None,
        "running_lane": robots.c.lane_id,
        "retry_at": None,
        "moves": robots.c.moves + 1,
        "started_at": func.coalesce(robots.c.started_at, now),
        "updated_at": now,
    }


def as_started() -> dict[str, ColumnElement[Any]]:
    """What all executions of a claim have in common."""
    return {
        "module_name": bindparam("module", type_=robot_execute.c.module_name.type),
        "execution_state": literal(ExecutionState.RUNNING, robot_execute.c.execution_state.type),
        "holder": bindparam("holder", type_=robot_execute.c.holder.type),
        "lease_seconds": bindparam("lease_seconds", type_=robot_execute.c.lease_seconds.type),
        "started_at": bindparam("now", type_=robot_execute.c.started_at.type),
    }


def _mark_claimed(way: Way) -> Update:
    given = given_table(way, [robots.c.robot_id])
    # By key and nothing else: for any other condition MariaDB may choose another index, and lock rows of others there.
    return update(robots).where(is_given(way, robots.c.robot_id, given)).values(as_claimed())


@lru_cache
def _mark(way: Way) -> Prepared:
    return Prepared(_mark_claimed(way))


@lru_cache
def _add(way: Way) -> Prepared:
    return Prepared(_add_executions(way))


@lru_cache
def _mark_and_add(way: Way) -> Prepared:
    """Executions of those robots that were really marked."""
    marked = _mark_claimed(way).returning(robots.c.robot_id).cte("marked")
    return Prepared(_add_executions(way, marked))


def _add_executions(way: Way, of: CTE | None = None) -> Insert:
    given = given_table(way, [robot_execute.c[name] for name in _START])
    same = as_started()
    rows = select(*given.c, *same.values())
    if of is not None:
        rows = rows.join(of, of.c.robot_id == given.c.robot_id)
    return insert(robot_execute).from_select([*_START, *same], rows)
