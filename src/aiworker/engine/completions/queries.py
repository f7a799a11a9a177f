"""The statements of a completion: each reads or writes any number of robots in one round trip."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    func,
    or_,
    select,
    tuple_,
    update,
)

from aiworker.engine.breakers.queries import stirred as breaker_is_stirred
from aiworker.engine.breakers.tables import module_breakers
from aiworker.engine.completions.records import Ending, Running
from aiworker.engine.executions.records import Execution
from aiworker.engine.executions.states import REVIEW
from aiworker.engine.executions.tables import robot_execute
from aiworker.engine.modules.tables import module_registry
from aiworker.engine.queues.tables import queues
from aiworker.engine.robots.tables import robots
from aiworker.storage.given import Way, given_keys, given_rows, given_table, is_given
from aiworker.storage.outbox.events import Event, rows_of
from aiworker.storage.outbox.writing import outbox_row, outbox_values
from aiworker.storage.prepared import Prepared
from aiworker.storage.transaction import Tx
from aiworker.storage.types import utc_timestamp
from aiworker.wire.engine import ExecutionState, RobotStatus

_ROBOT = (
    "robot_id",
    "robot_type",
    "module_name",
    "correlation_id",
    "completeness_score",
    "confidence_score",
    "estimated_duration_minutes",
    "required_completeness",
    "required_confidence",
    "running_lane",
    "moves",
)
_EXECUTION = tuple(field.name for field in fields(Running) if field.name not in {*_ROBOT, "stirred", "limited"})
_OF_ROBOT = (
    "robot_id",
    "output_data",
    "completeness_score",
    "confidence_score",
    "processing_time_ms",
    "actual_duration_minutes",
)
_OF_EXECUTION = (
    "execute_id",
    "ended_by",
    "duration_ms",
    "paused_ms",
    "completed_steps",
    "total_steps",
    "efficiency_score",
)


S = TypeVar("S", bound="Select[*tuple[Any, ...]]")
_BESIDE = (
    utc_timestamp().label("now"),
    breaker_is_stirred().label("stirred"),
    or_(queues.c.max_running.is_not(None), module_registry.c.max_concurrent.is_not(None)).label("limited"),
)


def lock(tx: Tx, execute_ids: Sequence[str]) -> dict[str, Running]:
    """Executions and their robots by the executions' ids, ours until the commit: robots first, as everywhere."""
    way = Way.of(tx.dialect, len(execute_ids))
    executions = given_keys(way, "execute_id", execute_ids)
    if tx.dialect == "mysql":
        return _lock_in_turn(tx, way, executions)
    return _running(tx, _lock_both(way), executions)


def look(tx: Tx, execute_id: str) -> Running | None:
    """The same of one execution, without a lock."""
    way = Way.of(tx.dialect, 1)
    return _running(tx, _look(way), given_keys(way, "execute_id", [execute_id])).get(execute_id)


def _running(tx: Tx, statement: Prepared, executions: Mapping[str, Any]) -> dict[str, Running]:
    found: dict[str, Running] = {}
    for row in tx.execute(statement, executions):
        values = dict(zip((*_ROBOT, *_EXECUTION), row, strict=False))
        running = Running(**values, stirred=bool(row.stirred), limited=bool(row.limited))
        found[running.execute_id] = running
        tx.learn(row.now)
    return found


@lru_cache
def _lock_both(way: Way) -> Prepared:
    # Always in the same order, robot before execution, so that two completions of the same cannot deadlock.
    return Prepared(_both(way).order_by(robots.c.robot_id).with_for_update(of=[robots, robot_execute]))


@lru_cache
def _look(way: Way) -> Prepared:
    return Prepared(_both(way))


def _both(way: Way) -> "Select[*tuple[Any, ...]]":
    given = given_table(way, [robot_execute.c.execute_id])
    found = select(*_columns(robots, _ROBOT), *_columns(robot_execute, _EXECUTION), *_BESIDE).join_from(
        given, robot_execute, is_given(way, robot_execute.c.execute_id, given)
    )
    return _with_limits(found.join(robots, robots.c.robot_id == robot_execute.c.robot_id))


def _with_limits(found: S) -> S:
    """With what tells whom an end concerns: breakers, and those who wait for the slot."""
    return (
        found.outerjoin(module_breakers, module_breakers.c.module_name == robot_execute.c.module_name)
        .outerjoin(module_registry, module_registry.c.module_name == robots.c.module_name)
        .outerjoin(queues, queues.c.name == robots.c.queue)
    )


def _lock_in_turn(tx: Tx, way: Way, executions: Mapping[str, Any]) -> dict[str, Running]:
    """MariaDB/MySQL lock the tables of a join in the order in which they read them."""
    robot_of: dict[str, str] = {}
    beside: dict[str, dict[str, Any]] = {}
    for row in tx.execute(_find(way), executions):
        robot_of[row.execute_id] = row.robot_id
        beside[row.execute_id] = {"stirred": bool(row.stirred), "limited": bool(row.limited)}
        tx.learn(row.now)
    if not robot_of:
        return {}
    theirs = given_keys(way, "robot_id", sorted({*robot_of.values()}))
    robot = {row.robot_id: dict(zip(_ROBOT, row, strict=True)) for row in tx.execute(_lock_robots(way), theirs)}
    return {
        row.execute_id: Running(
            **robot[robot_of[row.execute_id]],
            **dict(zip(_EXECUTION, row, strict=True)),
            **beside[row.execute_id],
        )
        for row in tx.execute(_lock_executions(way), executions)
    }


@lru_cache
def _find(way: Way) -> Prepared:
    given = given_table(way, [robot_execute.c.execute_id])
    found = select(robot_execute.c.execute_id, robot_execute.c.robot_id, *_BESIDE).join_from(
        given, robot_execute, is_given(way, robot_execute.c.execute_id, given)
    )
    return Prepared(_with_limits(found.join(robots, robots.c.robot_id == robot_execute.c.robot_id)))


@lru_cache
def _lock_robots(way: Way) -> Prepared:
    given = given_table(way, [robots.c.robot_id])
    # Always in the same order, so that two completions of the same robots cannot deadlock.
    return Prepared(
        select(*_columns(robots, _ROBOT))
        .join(given, is_given(way, robots.c.robot_id, given))
        .order_by(robots.c.robot_id)
        .with_for_update()
    )


@lru_cache
def _lock_executions(way: Way) -> Prepared:
    given = given_table(way, [robot_execute.c.execute_id])
    return Prepared(
        select(*_columns(robot_execute, _EXECUTION))
        .join(given, is_given(way, robot_execute.c.execute_id, given))
        .with_for_update()
    )


def write(tx: Tx, endings: Sequence[Ending]) -> None:
    """Robots and executions become COMPLETED, those that were locked before: so they are found by key and nothing else.

    With any other condition MariaDB may choose its index, and locks others' rows there.
    """
    way = Way.of(tx.dialect, len(endings))
    if tx.dialect == "postgresql":
        given = given_rows(way, endings, (*_OF_ROBOT, *_OF_EXECUTION), "robot_id", "execute_id")
        ended = [tx.execute(_end_both(way), {**given, "now": tx.now}).rowcount]
    else:
        ended = [
            tx.execute(statement(way), {**given_rows(way, endings, names, names[0]), "now": tx.now}).rowcount
            for statement, names in ((_end_robots, _OF_ROBOT), (_end_executions, _OF_EXECUTION))
        ]
    if any(number != len(endings) for number in ended):
        raise RuntimeError("robots were completed by two at once")


@lru_cache
def _end_robots(way: Way) -> Prepared:
    given = given_table(way, _columns(robots, _OF_ROBOT))
    return Prepared(_ending_robots(given, is_given(way, robots.c.robot_id, given)))


@lru_cache
def _end_executions(way: Way) -> Prepared:
    given = given_table(way, _columns(robot_execute, _OF_EXECUTION))
    return Prepared(_ending_executions(given, is_given(way, robot_execute.c.execute_id, given)))


@lru_cache
def _end_both(way: Way) -> Prepared:
    """PostgreSQL changes two tables in one round trip: the executions of those robots that were really changed."""
    columns = [*_columns(robots, _OF_ROBOT), *_columns(robot_execute, _OF_EXECUTION)]
    given = select(given_table(way, columns)).cte("ending")
    robot_is_given = is_given(way, robots.c.robot_id, given)
    ended = _ending_robots(given, robot_is_given).returning(robots.c.robot_id).cte("ended")
    execution_is_given = is_given(way, robot_execute.c.execute_id, given)
    return Prepared(_ending_executions(given, and_(execution_is_given, ended.c.robot_id == given.c.robot_id)))


# What a completion depends on, beside the robot's place in its own order of events.
_AS_SEEN = ("lease_token", "execution_state", "completed_steps", "total_steps", "paused_ms")
_EMPTY = ("current_step", "paused_at", "outcome")


def write_alone(tx: Tx, seen: Running, ending: Ending, event: Event) -> bool:
    """The same of one robot that was not locked, with the event, as all that a unit of work writes (PostgreSQL).

    False, and nothing was written, if it is not any more as it was seen.
    """
    way = Way.of(tx.dialect, 1)
    as_seen = {f"seen_{name}": getattr(seen, name) for name in (*_AS_SEEN, "execute_id", "moves")}
    (told,) = rows_of([event], tx.now)
    given = given_rows(way, [ending], (*_OF_ROBOT, *_OF_EXECUTION))
    return bool(tx.conclude(_end_alone(way), {**given, **as_seen, **outbox_values(told), "now": tx.now}))


@lru_cache
def _end_alone(way: Way) -> Prepared:
    columns = [*_columns(robots, _OF_ROBOT), *_columns(robot_execute, _OF_EXECUTION)]
    now = _columns(robot_execute, _AS_SEEN)
    seen = [bindparam(f"seen_{column.name}", type_=column.type) for column in now]
    locked = (
        select(robots.c.robot_id, robot_execute.c.execute_id)
        .join_from(robot_execute, robots, robots.c.robot_id == robot_execute.c.robot_id)
        .where(robot_execute.c.execute_id == bindparam("seen_execute_id", type_=robot_execute.c.execute_id.type))
        # Compared as a row, which no index serves but that of the id: those of states have an entry for each execution
        # that was in it while a transaction stays open.
        .where(tuple_(*now).is_not_distinct_from(tuple_(*seen)))
        .where(func.num_nonnulls(*_columns(robot_execute, _EMPTY)) == 0)
        .where(robots.c.moves == bindparam("seen_moves"))
        .with_for_update(of=[robots, robot_execute])
        .cte("locked")
    )
    given = given_table(way, columns)
    ending = select(given).join(locked, locked.c.execute_id == given.c.execute_id).cte("ending")
    ended = _ending_robots(ending, robots.c.robot_id == ending.c.robot_id).cte("ended")
    closed = _ending_executions(ending, robot_execute.c.execute_id == ending.c.execute_id).cte("closed")
    return Prepared(select(ending.c.execute_id).add_cte(ended, closed, outbox_row(ending).cte("told")))


def hold(tx: Tx, held: Sequence[Running]) -> None:
    """Robots stay PROCESSING without a worker until a person has looked at their results: no lease, no slot."""
    way = Way.of(tx.dialect, len(held))
    robot_ids = given_keys(way, "robot_id", [one.robot_id for one in held])
    execute_ids = given_keys(way, "execute_id", [one.execute_id for one in held])
    tx.execute(_hold_robots(way), {**robot_ids, "now": tx.now})
    tx.execute(_hold_executions(way), {**execute_ids, "now": tx.now})


@lru_cache
def _hold_robots(way: Way) -> Prepared:
    given = given_table(way, [robots.c.robot_id])
    now = bindparam("now", type_=robots.c.updated_at.type)
    which = is_given(way, robots.c.robot_id, given)
    return Prepared(update(robots).where(which).values(running_lane=None, moves=robots.c.moves + 1, updated_at=now))


@lru_cache
def _hold_executions(way: Way) -> Prepared:
    given = given_table(way, [robot_execute.c.execute_id])
    now = bindparam("now", type_=robot_execute.c.paused_at.type)
    return Prepared(
        update(robot_execute)
        .where(is_given(way, robot_execute.c.execute_id, given))
        .values(
            execution_state=ExecutionState.PAUSED,
            outcome=REVIEW,
            progress_percentage=100,
            paused_at=func.coalesce(robot_execute.c.paused_at, now),
            parked_at=now,
            lease_expires_at=None,
            timeout_at=None,
            check_at=None,
        )
    )


_MEASURES = (
    "execute_id",
    "cpu_usage_percent",
    "memory_usage_mb",
    "disk_io_mb",
    "network_io_mb",
    "resource_peak_usage",
    "throughput_items_per_sec",
    "external_api_calls",
    "external_api_duration_ms",
    "external_api_failures",
)


def write_measures(tx: Tx, executions: Sequence[Execution]) -> None:
    """What these tries used in the end; only few completions tell it."""
    way = Way.of(tx.dialect, len(executions))
    tx.execute(_measure(way), given_rows(way, executions, _MEASURES, "execute_id"))


@lru_cache
def _measure(way: Way) -> Prepared:
    given = given_table(way, _columns(robot_execute, _MEASURES))
    return Prepared(
        update(robot_execute)
        .where(is_given(way, robot_execute.c.execute_id, given))
        .values({name: given.c[name] for name in _MEASURES[1:]})
    )


def _columns(table: Table, names: Sequence[str]) -> list[Column[Any]]:
    return [table.c[name] for name in names]


def _ending_robots(given: FromClause, which: ColumnElement[bool]) -> Update:
    now = bindparam("now", type_=robots.c.updated_at.type)
    return (
        update(robots)
        .where(which)
        .values(
            **{name: given.c[name] for name in _OF_ROBOT[1:]},
            status=RobotStatus.COMPLETED,
            running_lane=None,
            uncounted=0,
            moves=robots.c.moves + 1,
            completed_at=now,
            updated_at=now,
        )
    )


def _ending_executions(given: FromClause, which: ColumnElement[bool]) -> Update:
    now = bindparam("now", type_=robot_execute.c.completed_at.type)
    return (
        update(robot_execute)
        .where(which)
        .values(
            **{name: given.c[name] for name in _OF_EXECUTION[1:]},
            execution_state=ExecutionState.COMPLETED,
            outcome="completed",
            progress_percentage=100,
            completed_at=now,
            estimated_completion_at=now,
            paused_at=None,
            parked_at=None,
            lease_expires_at=None,
            timeout_at=None,
            check_at=None,
        )
    )
