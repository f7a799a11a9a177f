"""A claim in one statement (PostgreSQL): it takes robots from a lane, gives each its execution, and tells of both.

What a claim does otherwise in four statements within a transaction is here one that commits by itself. It does the same
as `queries.take`, `queries.start` and the event after them; a test holds it to that.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    Insert,
    Integer,
    Select,
    Text,
    Update,
    any_,
    bindparam,
    exists,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, INTERVAL, TIMESTAMP, aggregate_order_by

from aiworker.engine.changes import STATUS_EVENT
from aiworker.engine.claims.queries import (
    CLAIMABLE,
    FIRST_ONES,
    IN_ORDER,
    ONE,
    as_claimed,
    as_started,
    parameters_of,
    seen,
)
from aiworker.engine.claims.records import Claimable, Head, Issued, Terms, Ticket
from aiworker.engine.executions.tables import robot_execute
from aiworker.engine.owners import Transition
from aiworker.engine.robots.tables import robots
from aiworker.storage.given import Way, given_rows, given_table
from aiworker.storage.outbox.events import SYSTEM_FEED
from aiworker.storage.outbox.tables import outbox
from aiworker.storage.prepared import Prepared
from aiworker.storage.records import names_of
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import ExecutionState, RobotStatus

_TICKET = (Column("place", Integer), robot_execute.c.execute_id, robot_execute.c.lease_token)
_WHEN = TIMESTAMP(timezone=True)


def start(
    tx: Tx,
    head: Head,
    tickets: Sequence[Ticket],
    terms: Terms,
    *,
    limit: int,
    but_not: Sequence[str],
) -> list[tuple[Claimable, Issued]]:
    """The first `limit` robots of a lane, from its head on, that nobody else is taking just now, in order.

    None at all, if there are more of them than tickets, or if one has something sensitive in its input or is of one of
    the types in `but_not`: more must be written for those.
    """
    way = Way.of(tx.dialect, limit)
    of_all = parameters_of(terms) | {"now": tx.now}
    which = seen(head) | {"number": min(limit, len(tickets) + 1), "tickets": len(tickets), "but_not": but_not}
    rows = tx.conclude(_start(way), given_rows(way, tickets, names_of(Ticket)) | of_all | which)
    robot = len(CLAIMABLE)
    return [(Claimable(*row[:robot]), Issued(*row[robot:])) for row in rows]


@lru_cache
def _start(way: Way) -> Prepared:
    taken = _taken(way).cte("taken")
    other = taken.alias("other")
    needs_more = or_(
        other.c.robot_type == any_(bindparam("but_not", type_=ARRAY(Text))), other.c.compliance_tags.is_not(None)
    )
    place = func.row_number().over(order_by=[taken.c[column.name] for column in IN_ORDER])
    given = given_table(way, _TICKET)
    mine = (
        select(taken, place.label("place"))
        .where(~exists(select(1).select_from(other).where(needs_more)))
        .where(select(func.count()).select_from(other).scalar_subquery() <= bindparam("tickets", type_=Integer))
        .cte("mine")
    )
    begun = _begun(mine, select(given).cte("given")).cte("begun")
    answer = (*(begun.c[column.name] for column in CLAIMABLE), *(begun.c[name] for name in names_of(Issued)))
    return Prepared(
        select(*answer)
        .order_by(begun.c.place)
        .add_cte(_marked(mine).cte("marked"), _added(begun).cte("added"), _told(begun).cte("told"))
    )


def _taken(way: Way) -> "Select[*tuple[Any, ...]]":
    number = ONE if way.one else bindparam("number", type_=Integer)
    return FIRST_ONES.limit(number)


def _begun(mine: CTE, given: CTE) -> "Select[*tuple[Any, ...]]":
    """Robots and their executions, with the times of these."""
    now = bindparam("now", type_=_WHEN)
    lease_end = now + _seconds(bindparam("lease_seconds", type_=Integer))
    timeout = now + _seconds(mine.c.timeout_seconds)
    return select(
        mine,
        given.c.execute_id,
        given.c.lease_token,
        lease_end.label("lease_expires_at"),
        timeout.label("timeout_at"),
        func.least(lease_end, timeout).label("check_at"),
        mine.c.retry_limit.label("max_retries"),
    ).join(given, given.c.place == mine.c.place)


def _seconds(number: ColumnElement[int]) -> ColumnElement[timedelta]:
    return literal_column("INTERVAL '1 second'").op("*", return_type=INTERVAL())(number)


def _marked(mine: CTE) -> Update:
    # As an array they are found by key, however many the planner takes them for.
    which = func.array(select(mine.c.robot_id).scalar_subquery(), type_=ARRAY(Text))
    return update(robots).where(robots.c.robot_id == any_(which)).values(as_claimed())


def _added(begun: CTE) -> Insert:
    same = as_started()
    own = ("execute_id", "robot_id", "retry_count", "max_retries", "timeout_seconds", "lease_token")
    times = ("lease_expires_at", "timeout_at", "check_at")
    rows = select(*(begun.c[name] for name in (*own, *times)), *same.values())
    return insert(robot_execute).from_select([*own, *times, *same], rows)


def _told(begun: CTE) -> Insert:
    """As `changes.status_event`."""
    data = func.jsonb_build_object(
        *_pairs(
            robotId=begun.c.robot_id,
            status=literal(RobotStatus.PROCESSING.value, Text),
            robotType=begun.c.robot_type,
            correlationId=begun.c.correlation_id,
            moduleName=begun.c.module_name,
            executeId=begun.c.execute_id,
            executionState=literal(ExecutionState.RUNNING.value, Text),
            transition=literal(Transition.CLAIMED.value, Text),
        )
    )
    moves = begun.c.moves + 1
    kind = literal(STATUS_EVENT, Text)
    event = func.jsonb_build_object(*_pairs(stream=begun.c.robot_id, position=moves, kind=kind, data=data))
    rows = select(
        literal(SYSTEM_FEED, Text),
        func.jsonb_agg(aggregate_order_by(event, begun.c.place)),
        func.count(),
        bindparam("now", type_=_WHEN),
    ).select_from(begun)
    return insert(outbox).from_select(["feed", "events", "size", "created_at"], rows.having(func.count() > 0))


def _pairs(**values: Any) -> list[Any]:
    return [part for name, value in values.items() for part in (literal(name, Text), value)]
