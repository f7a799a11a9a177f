"""Every statement on scores, and the counts that they come from."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import case, func, insert, select, true

from aiworker.engine.executions.tables import robot_execute
from aiworker.engine.modules.tables import module_registry, module_types
from aiworker.engine.robots.tables import robots
from aiworker.engine.scores.records import Ended, GivenScore, Pace, Totals
from aiworker.engine.scores.tables import module_scores
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx
from aiworker.storage.trimming import delete_oldest
from aiworker.wire.engine import ExecutionState

_LIMIT = 10_000
_SCORE = columns(GivenScore, module_scores)
_SUCCEEDED = robot_execute.c.execution_state == ExecutionState.COMPLETED
# A try that failed and is followed by another one has failed all the same.
_TRIED = robot_execute.c.execution_state.in_([ExecutionState.COMPLETED, ExecutionState.FAILED, ExecutionState.RETRYING])


def ended(tx: Tx, since: datetime, until: datetime) -> dict[str, Ended]:
    """What ended from `since` up to, not including, `until`, by module."""
    good = case((_SUCCEEDED, 1), else_=0)
    duration = func.coalesce(robot_execute.c.duration_ms, 0)
    statement = (
        select(
            robot_execute.c.module_name,
            func.sum(good).label("succeeded"),
            func.count().label("tried"),
            func.sum(good * duration).label("succeeded_ms"),
        )
        .where(robot_execute.c.completed_at >= since, robot_execute.c.completed_at < until, _TRIED)
        .group_by(robot_execute.c.module_name)
        .limit(_LIMIT)
    )
    return {
        row.module_name: Ended(int(row.succeeded), row.tried - int(row.succeeded), int(row.succeeded_ms))
        for row in tx.rows(statement)
    }


def shared_types(tx: Tx) -> list[str]:
    """The types that more than one module does."""
    statement = (
        select(module_types.c.robot_type).group_by(module_types.c.robot_type).having(func.count() > 1).limit(_LIMIT)
    )
    return [row.robot_type for row in tx.rows(statement)]


def paces(tx: Tx, robot_types: Sequence[str] | None, since: datetime) -> list[Pace]:
    """How long each module took for robots of these types, or of all, since then."""
    if robot_types is not None and not robot_types:
        return []
    wanted = true() if robot_types is None else robots.c.robot_type.in_(robot_types)
    statement = (
        select(
            robot_execute.c.module_name,
            robots.c.robot_type,
            func.count().label("number"),
            func.avg(robot_execute.c.duration_ms).label("mean_ms"),
        )
        .join(robots, robots.c.robot_id == robot_execute.c.robot_id)
        .where(robot_execute.c.completed_at >= since, _SUCCEEDED, wanted)
        .group_by(robot_execute.c.module_name, robots.c.robot_type)
        .limit(_LIMIT)
    )
    return [Pace(row.module_name, row.robot_type, row.number, float(row.mean_ms or 0)) for row in tx.rows(statement)]


def totals(tx: Tx) -> list[Totals]:
    """What every module's totals say, ours until the commit: two that count at once would count twice."""
    statement = (
        select(
            module_registry.c.module_name,
            module_registry.c.counted_until,
            func.coalesce(module_registry.c.total_robots_processed, 0).label("processed"),
            module_registry.c.total_processing_ms.label("spent_ms"),
        )
        .where(module_registry.c.removed_at.is_(None))
        .order_by(module_registry.c.module_name)
        .limit(_LIMIT)
        .with_for_update(key_share=True)
    )
    return [Totals(row.module_name, row.counted_until, row.processed, row.spent_ms) for row in tx.rows(statement)]


def spent(tx: Tx, since: datetime, until: datetime) -> dict[str, tuple[int, int]]:
    """Robots done with, and milliseconds spent on tries, from `since` up to, not including, `until`, by module.

    What was lost is not there: its holder may come back and go on with it.
    """
    final = robot_execute.c.execution_state.in_([ExecutionState.COMPLETED, ExecutionState.FAILED])
    statement = (
        select(
            robot_execute.c.module_name,
            func.sum(case((final, 1), else_=0)).label("processed"),
            func.sum(func.coalesce(robot_execute.c.duration_ms, 0)).label("spent_ms"),
        )
        .where(robot_execute.c.completed_at >= since, robot_execute.c.completed_at < until)
        .where(robot_execute.c.outcome.in_(["completed", "failed", "timeout"]))
        .group_by(robot_execute.c.module_name)
        .limit(_LIMIT)
    )
    return {row.module_name: (int(row.processed), int(row.spent_ms)) for row in tx.rows(statement)}


def first_end(tx: Tx) -> datetime | None:
    """When the first execution that is still known ended."""
    ends = robot_execute.c.completed_at
    return tx.scalar(select(ends).where(ends.is_not(None)).order_by(ends).limit(1))


def add(tx: Tx, scores: Sequence[GivenScore]) -> None:
    """Insert scores."""
    if scores:
        tx.execute(insert(module_scores), [asdict(score) for score in scores])


def of_module(tx: Tx, name: str, since: datetime, limit: int) -> list[GivenScore]:
    """The scores of a module since then, oldest first."""
    statement = (
        select(*_SCORE)
        .where(module_scores.c.module_name == name, module_scores.c.scored_at >= since)
        .order_by(module_scores.c.scored_at)
        .limit(limit)
    )
    return tx.records(GivenScore, statement)


def delete_before(tx: Tx, moment: datetime, limit: int) -> int:
    """Remove the oldest scores from before then, about `limit`; how many."""
    return delete_oldest(tx, module_scores.c.scored_at, moment, limit)
