"""The statements of a completion: each reads or writes any number of robots in one round trip."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from functools import lru_cache

from sqlalchemy import Select, Update, bindparam, select, update

from aiworker.engine.completions.records import Ending, Running
from aiworker.engine.executions.tables import robot_execute
from aiworker.engine.robots.tables import robots
from aiworker.storage.given import given_rows, given_table, is_given
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import ExecutionState, RobotStatus

_NAMES = tuple(field.name for field in fields(Running))
# Of the fields that both tables have, these are the robot's.
_ROBOTS = frozenset({"robot_id", "module_name"})
_OF_ROBOT = (
    "robot_id",
    "moves",
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
    """Executions and their robots by the executions' ids, ours until the commit."""
    parameters = given_rows(tx.dialect, [{"execute_id": execute_id} for execute_id in execute_ids], key="execute_id")
    return {row[0]: Running(*row) for row in tx.execute(_lock(tx.dialect), parameters)}


@lru_cache
def _lock(dialect: str) -> Select[*tuple[object, ...]]:
    given = given_table(dialect, [robot_execute.c.execute_id])
    columns = [
        robot_execute.c[name] if name in robot_execute.c and name not in _ROBOTS else robots.c[name] for name in _NAMES
    ]
    return (
        select(*columns)
        .select_from(given)
        .join(robot_execute, is_given(dialect, robot_execute.c.execute_id, given))
        .join(robots, robots.c.robot_id == robot_execute.c.robot_id)
        # Two that complete the same robots never wait for each other in a circle.
        .order_by(robots.c.robot_id)
        .with_for_update(of=[robots, robot_execute])
    )


def write(tx: Tx, endings: Sequence[Ending]) -> None:
    """Robots and executions become COMPLETED, those that were locked before."""
    rows = [{**asdict(ending), "duration_ms": ending.processing_time_ms} for ending in endings]
    of_robots = given_rows(tx.dialect, [{name: row[name] for name in _OF_ROBOT} for row in rows], key="robot_id")
    of_executions = given_rows(
        tx.dialect, [{name: row[name] for name in _OF_EXECUTION} for row in rows], key="execute_id"
    )
    written = (
        tx.execute(_end_robots(tx.dialect), {**of_robots, "now": tx.now}).rowcount,
        tx.execute(_end_executions(tx.dialect), {**of_executions, "now": tx.now}).rowcount,
    )
    if written != (len(endings), len(endings)):
        raise RuntimeError("robots were completed by two at once")


@lru_cache
def _end_robots(dialect: str) -> Update:
    given = given_table(dialect, [robots.c[name] for name in _OF_ROBOT])
    now = bindparam("now", type_=robots.c.updated_at.type)
    return (
        update(robots)
        .where(
            is_given(dialect, robots.c.robot_id, given),
            robots.c.moves == given.c.moves,
            robots.c.status == RobotStatus.PROCESSING,
        )
        .values(
            **{name: given.c[name] for name in _OF_ROBOT[2:]},
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
        .where(
            is_given(dialect, robot_execute.c.execute_id, given),
            robot_execute.c.execution_state.in_([ExecutionState.RUNNING, ExecutionState.PAUSED]),
        )
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
