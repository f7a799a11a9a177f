"""Every statement on deadlines."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import and_, bindparam, case, delete, func, insert, select, update

from aiworker.engine.deadlines.records import Deadline, Pending
from aiworker.engine.deadlines.tables import robot_deadlines
from aiworker.engine.executions.tables import robot_execute
from aiworker.engine.modules.tables import module_types
from aiworker.engine.queues.tables import lanes
from aiworker.engine.robots.tables import robots
from aiworker.engine.trends.tables import module_trends
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import ExecutionState

_DEADLINE = columns(Deadline, robot_deadlines)
_UNDER_WAY = [ExecutionState.RUNNING, ExecutionState.PAUSED]
_OF_TYPE = and_(
    module_types.c.module_name == robots.c.module_name,
    module_types.c.robot_type == robots.c.robot_type,
)
_OF_EXECUTION = {"started_at", "estimated_completion_at", "paused_at"}
_ELSEWHERE = {
    **{name: robot_execute.c[name] for name in _OF_EXECUTION},
    "typical_ms": module_types.c.typical_ms,
    "at_risk": robot_deadlines.c.at_risk,
    "due_date": robot_deadlines.c.due_date,
}
_PENDING = [_ELSEWHERE[field.name] if field.name in _ELSEWHERE else robots.c[field.name] for field in fields(Pending)]
_TURN = (
    select(robot_deadlines.c.robot_id)
    .where(robot_deadlines.c.look_at <= bindparam("now", type_=robot_deadlines.c.look_at.type))
    .order_by(robot_deadlines.c.look_at)
    .limit(bindparam("number"))
    .with_for_update(skip_locked=True)
)
_LOOK_AT = (
    select(*_PENDING)
    .select_from(robot_deadlines)
    .join(robots, robots.c.robot_id == robot_deadlines.c.robot_id)
    .outerjoin(module_types, _OF_TYPE)
    .outerjoin(
        robot_execute,
        and_(robot_execute.c.robot_id == robots.c.robot_id, robot_execute.c.execution_state.in_(_UNDER_WAY)),
    )
    .where(robot_deadlines.c.robot_id.in_(bindparam("robots", expanding=True)))
    .limit(bindparam("number"))
)
_SAVED = ("look_at", "forecast_at", "at_risk", "why", "why_told")
_SAVE = (
    update(robot_deadlines)
    .where(robot_deadlines.c.robot_id == bindparam("this"))
    .values({name: bindparam(f"new_{name}") for name in _SAVED})
)


def add(tx: Tx, deadlines: Sequence[Deadline]) -> None:
    """Insert the deadlines of new robots."""
    if deadlines:
        tx.execute(insert(robot_deadlines), [asdict(deadline) for deadline in deadlines])


def of_robots(tx: Tx, robot_ids: Sequence[str]) -> dict[str, Deadline]:
    """By robot; those that have none, or are known to be over, are left out."""
    if not robot_ids:
        return {}
    statement = select(*_DEADLINE).where(robot_deadlines.c.robot_id.in_(robot_ids)).limit(len(robot_ids))
    return {one.robot_id: one for one in tx.records(Deadline, statement)}


def to_look_at(tx: Tx, limit: int) -> list[Pending]:
    """Those whose turn it is, their deadlines ours until the commit; others' are skipped."""
    ids = [row.robot_id for row in tx.rows(_TURN, {"now": tx.now, "number": limit})]
    return tx.records(Pending, _LOOK_AT, {"robots": ids, "number": len(ids)}) if ids else []


def places(tx: Tx, module_names: Sequence[str], limit: int) -> dict[str, list[tuple[int, datetime, str]]]:
    """Who waits for each module, in the order in which they are taken; `limit` of them in all."""
    statement = (
        select(lanes.c.module_name, robots.c.rank, robots.c.age, robots.c.robot_id)
        .join(lanes, lanes.c.lane_id == robots.c.ready_lane)
        .where(lanes.c.module_name.in_(module_names))
        .order_by(robots.c.rank, robots.c.age, robots.c.robot_id)
        .limit(limit)
    )
    found: defaultdict[str, list[tuple[int, datetime, str]]] = defaultdict(list)
    for row in tx.rows(statement):
        found[row.module_name].append((row.rank, row.age, row.robot_id))
    return found


def pace(tx: Tx, module_names: Sequence[str], since: int) -> dict[str, float]:
    """How many robots each module was done with in a minute, over the minutes since then in which it had any."""
    kept = module_trends.c
    at_work = case((and_(kept.running == 0, kept.ended == 0), 0), else_=1)
    statement = (
        select(kept.module_name, func.sum(kept.ended - kept.failed).label("done"), func.sum(at_work).label("minutes"))
        .where(kept.module_name.in_(module_names), kept.minute >= since)
        .group_by(kept.module_name)
        .limit(len(module_names))
    )
    return {row.module_name: float(row.done) / float(row.minutes) for row in tx.rows(statement) if row.minutes}


def typical(tx: Tx, execute_ids: Sequence[str]) -> dict[str, int]:
    """How long executions like these take, in milliseconds, where that is known."""
    if not execute_ids:
        return {}
    statement = (
        select(robot_execute.c.execute_id, module_types.c.typical_ms)
        .join(robots, robots.c.robot_id == robot_execute.c.robot_id)
        .join(module_types, _OF_TYPE)
        .where(robot_execute.c.execute_id.in_(execute_ids), module_types.c.typical_ms.is_not(None))
        .limit(len(execute_ids))
    )
    return {row.execute_id: row.typical_ms for row in tx.rows(statement)}


def save(tx: Tx, deadlines: Sequence[Deadline]) -> None:
    """Write what is thought of them now."""
    if deadlines:
        rows = [{f"new_{name}": getattr(one, name) for name in _SAVED} | {"this": one.robot_id} for one in deadlines]
        tx.execute(_SAVE, rows)


def forget(tx: Tx, robot_ids: Sequence[str]) -> None:
    """Remove those of robots that are over."""
    if robot_ids:
        tx.execute(delete(robot_deadlines).where(robot_deadlines.c.robot_id.in_(robot_ids)))
