"""The statements of a completion: each reads or writes any number of robots in one round trip."""

from collections.abc import Sequence
from dataclasses import fields
from functools import lru_cache

from sqlalchemy import Select, Update, bindparam, select, update

from aiworker.engine.completions.records import Ending, Running
from aiworker.engine.executions.tables import robot_execute
from aiworker.engine.robots.tables import robots
from aiworker.storage.given import given_keys, given_rows, given_table, is_given
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import ExecutionState, RobotStatus

_ROBOT = (
    "robot_id",
    "robot_type",
    "module_name",
    "correlation_id",
    "completeness_score",
    "confidence_score",
    "estimated_duration_minutes",
    "running_lane",
    "moves",
)
_EXECUTION = tuple(field.name for field in fields(Running) if field.name not in _ROBOT)
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


def lock(tx: Tx, execute_ids: Sequence[str]) -> dict[str, Running]:
    """Executions and their robots by the executions' ids, ours until the commit: robots first, as everywhere."""
    executions = given_keys(tx.dialect, "execute_id", execute_ids)
    robot_of = {row.execute_id: row.robot_id for row in tx.execute(_find(tx.dialect), executions)}
    if not robot_of:
        return {}
    theirs = given_keys(tx.dialect, "robot_id", sorted({*robot_of.values()}))
    robot = {row.robot_id: dict(zip(_ROBOT, row, strict=True)) for row in tx.execute(_lock_robots(tx.dialect), theirs)}
    return {
        row.execute_id: Running(**robot[robot_of[row.execute_id]], **dict(zip(_EXECUTION, row, strict=True)))
        for row in tx.execute(_lock_executions(tx.dialect), executions)
    }


@lru_cache
def _find(dialect: str) -> Select[*tuple[object, ...]]:
    given = given_table(dialect, [robot_execute.c.execute_id])
    return select(robot_execute.c.execute_id, robot_execute.c.robot_id).join(
        given, is_given(dialect, robot_execute.c.execute_id, given)
    )


@lru_cache
def _lock_robots(dialect: str) -> Select[*tuple[object, ...]]:
    given = given_table(dialect, [robots.c.robot_id])
    # In one order: two that complete the same robots never wait for each other in a circle.
    return (
        select(*(robots.c[name] for name in _ROBOT))
        .join(given, is_given(dialect, robots.c.robot_id, given))
        .order_by(robots.c.robot_id)
        .with_for_update(of=robots)
    )


@lru_cache
def _lock_executions(dialect: str) -> Select[*tuple[object, ...]]:
    given = given_table(dialect, [robot_execute.c.execute_id])
    return (
        select(*(robot_execute.c[name] for name in _EXECUTION))
        .join(given, is_given(dialect, robot_execute.c.execute_id, given))
        .with_for_update(of=robot_execute)
    )


def write(tx: Tx, endings: Sequence[Ending]) -> None:
    """Robots and executions become COMPLETED, those that were locked before: so they are found by key and nothing else.

    With any other condition MariaDB may choose its index, and locks others' rows there.
    """
    for statement, names in ((_end_robots, _OF_ROBOT), (_end_executions, _OF_EXECUTION)):
        given = given_rows(tx.dialect, endings, names, key=names[0])
        if tx.execute(statement(tx.dialect), {**given, "now": tx.now}).rowcount != len(endings):
            raise RuntimeError("robots were completed by two at once")


@lru_cache
def _end_robots(dialect: str) -> Update:
    given = given_table(dialect, [robots.c[name] for name in _OF_ROBOT])
    now = bindparam("now", type_=robots.c.updated_at.type)
    return (
        update(robots)
        .where(is_given(dialect, robots.c.robot_id, given))
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


@lru_cache
def _end_executions(dialect: str) -> Update:
    given = given_table(dialect, [robot_execute.c[name] for name in _OF_EXECUTION])
    now = bindparam("now", type_=robot_execute.c.completed_at.type)
    return (
        update(robot_execute)
        .where(is_given(dialect, robot_execute.c.execute_id, given))
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
