"""Every statement on executions and their steps."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    delete,
    false,
    func,
    select,
    union_all,
    update,
)

from aiworker.core.ids import first_id
from aiworker.core.paging import Cursor
from aiworker.engine.executions.records import Execution, ExecutionStep
from aiworker.engine.executions.tables import execution_steps, robot_execute
from aiworker.engine.modules.tables import module_registry
from aiworker.engine.robots.tables import robots
from aiworker.storage.prepared import Prepared, insert_of, this, update_of
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx
from aiworker.storage.types import utc_timestamp
from aiworker.wire.engine import ExecutionState

_EXECUTION = columns(Execution, robot_execute)
_NAMES = tuple(field.name for field in fields(Execution))
_STEP = columns(ExecutionStep, execution_steps)
_STEP_NAMES = tuple(field.name for field in fields(ExecutionStep))
_UNDER_WAY = [ExecutionState.RUNNING, ExecutionState.PAUSED]
_STEPS_LIMIT = 10_000


# Statements on one execution are built once: building costs more than running.
_ONE = select(*_EXECUTION).where(robot_execute.c.execute_id == bindparam("id"))
_FIND = Prepared(_ONE)
_LOCK = Prepared(_ONE.add_columns(utc_timestamp().label("now")).with_for_update())
_LEASES = Prepared(
    select(*_EXECUTION)
    .where(robot_execute.c.holder == bindparam("holder"), robot_execute.c.check_at.is_not(None))
    .where(robot_execute.c.lease_expires_at.is_not(None))
    .limit(bindparam("number"))
)
_ACTIVE = Prepared(
    select(*_EXECUTION).where(
        robot_execute.c.robot_id == bindparam("robot"), robot_execute.c.execution_state.in_(_UNDER_WAY)
    )
)
_AMONG = select(*_EXECUTION).where(robot_execute.c.execute_id.in_(bindparam("ids", expanding=True)))
_BY_IDS = Prepared(_AMONG.limit(bindparam("number")))
_LOCK_MANY = Prepared(_AMONG.order_by(robot_execute.c.execute_id).limit(bindparam("number")).with_for_update())


def find(tx: Tx, execute_id: str) -> Execution | None:
    """An execution by id."""
    return tx.record(Execution, _FIND, {"id": execute_id})


def lock(tx: Tx, execute_id: str) -> Execution | None:
    """An execution by id, ours until the commit. Who also needs its robot locks that first."""
    return tx.record(Execution, _LOCK, {"id": execute_id})


def robot_of(tx: Tx, execute_id: str) -> str | None:
    """The id of the robot that an execution is a try at."""
    return tx.scalar(select(robot_execute.c.robot_id).where(robot_execute.c.execute_id == execute_id))


def active(tx: Tx, robot_id: str, *, lock: bool = False) -> Execution | None:
    """The execution of a robot that is under way; there is one at most. To `lock` it, lock the robot first."""
    execution = tx.record(Execution, _ACTIVE, {"robot": robot_id})
    if execution is None or not lock:
        return execution
    # Found first, then locked by key: a lock by way of an index that reports change would deadlock with them (MariaDB).
    execution = tx.record(Execution, _LOCK, {"id": execution.execute_id})
    return execution if execution is not None and execution.execution_state in _UNDER_WAY else None


def add(tx: Tx, rows: Sequence[Execution]) -> None:
    """Insert executions."""
    tx.execute(insert_of(robot_execute, _NAMES), [{name: getattr(row, name) for name in _NAMES} for row in rows])


def save(tx: Tx, before: Execution, after: Execution) -> None:
    """Write what differs, if the execution is still as it was read under its lock."""
    changed = _changed(before, after)
    if changed and tx.execute(_update(changed), {**changed, **_mine(before)}).rowcount != 1:
        raise RuntimeError(f"execution {before.execute_id} was changed by two at once")


def save_many(tx: Tx, changes: Sequence[tuple[Execution, Execution]]) -> None:
    """Write what differs in executions that are locked: as they were, and as they are to be."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for before, after in changes:
        if changed := _changed(before, after):
            alike.setdefault(tuple(changed), []).append({**changed, **_mine(before)})
    for names, values in alike.items():
        tx.execute(_update(names), values)


def _changed(before: Execution, after: Execution) -> dict[str, Any]:
    return {
        name: new
        for name in _NAMES
        if (new := getattr(after, name)) is not (old := getattr(before, name)) and new != old
    }


def _mine(before: Execution) -> dict[str, Any]:
    return this(execute_id=before.execute_id, execution_state=before.execution_state, lease_token=before.lease_token)


def _update(names: Iterable[str]) -> Prepared:
    return update_of(robot_execute, ("execute_id", "execution_state", "lease_token"), tuple(names))


def list_executions(
    tx: Tx,
    *,
    robot_id: str | None,
    correlation_id: str | None,
    state: ExecutionState | None,
    among: Collection[str] | None,
    cursor: Cursor | None,
    limit: int,
) -> list[Execution]:
    """Newest first (the ids sort by birth), `among`: of these modules; up to `limit`."""
    statement = select(*_EXECUTION)
    conditions: list[ColumnElement[bool]] = []
    if correlation_id is not None:
        statement = statement.join(robots, robots.c.robot_id == robot_execute.c.robot_id)
        conditions.append(robots.c.correlation_id == correlation_id)
    if robot_id is not None:
        conditions.append(robot_execute.c.robot_id == robot_id)
    if state is not None:
        conditions.append(robot_execute.c.execution_state == state)
    if cursor is not None:
        conditions.append(robot_execute.c.execute_id < cursor.id)
    newest_first = robot_execute.c.execute_id.desc()
    if among is not None and robot_id is None and correlation_id is None:
        # The newest of each module, rather than everybody's from the newest to the oldest.
        own = [robot_execute.c.module_name == name for name in among]
        ids = [select(robot_execute.c.execute_id).where(one, *conditions) for one in own]
        if not ids:
            return []
        newest = (select(one.order_by(newest_first).limit(limit).subquery().c.execute_id) for one in ids)
        found = union_all(*newest).subquery()
        statement = statement.join(found, found.c.execute_id == robot_execute.c.execute_id)
    else:
        conditions += [] if among is None else [robot_execute.c.module_name.in_(among)]
        statement = statement.where(and_(True, *conditions))
    return tx.records(Execution, statement.order_by(newest_first).limit(limit))


def by_ids(tx: Tx, execute_ids: Sequence[str]) -> list[Execution]:
    """Those of the ids that exist."""
    if not execute_ids:
        return []
    return tx.records(Execution, _BY_IDS, {"ids": execute_ids, "number": len(execute_ids)})


def paused_by_hand(tx: Tx, robot_ids: Sequence[str]) -> list[str]:
    """Those of the robots whose worker was told to pause; what the system pauses of its own is another matter."""
    if not robot_ids:
        return []
    statement = (
        select(robot_execute.c.robot_id)
        .join(module_registry, module_registry.c.module_name == robot_execute.c.module_name)
        .where(
            robot_execute.c.robot_id.in_(robot_ids),
            robot_execute.c.execution_state == ExecutionState.PAUSED,
            module_registry.c.internal == false(),
        )
        .limit(len(robot_ids))
    )
    return [row.robot_id for row in tx.rows(statement)]


def last_of(tx: Tx, robot_ids: Sequence[str]) -> list[Execution]:
    """The newest execution of each robot that has one (the ids sort by birth)."""
    if not robot_ids:
        return []
    newest = (
        select(func.max(robot_execute.c.execute_id))
        .where(robot_execute.c.robot_id.in_(robot_ids))
        .group_by(robot_execute.c.robot_id)
        .limit(len(robot_ids))
    )
    ids = [row[0] for row in tx.rows(newest)]
    return by_ids(tx, ids)


# --- leases ---


def renew(tx: Tx, leases: Sequence[Execution]) -> None:
    """Write lease ends, many at once."""
    if leases:
        names = ("lease_expires_at", "check_at", "reported_at")
        tx.execute(
            update_of(robot_execute, ("execute_id",), names),
            [{name: getattr(one, name) for name in names} | this(execute_id=one.execute_id) for one in leases],
        )


def leases_of(tx: Tx, holder: str, limit: int) -> list[Execution]:
    """What a holder has a lease on."""
    return tx.records(Execution, _LEASES, {"holder": holder, "number": limit})


def lock_many(tx: Tx, execute_ids: Sequence[str]) -> list[Execution]:
    """Executions, ours until the commit, always locked in the same order. Who locks them has locked their robots."""
    return tx.records(Execution, _LOCK_MANY, {"ids": execute_ids, "number": len(execute_ids)})


def holders(tx: Tx, prefix: str, limit: int) -> list[str]:
    """Who holds something now, by how its name begins."""
    statement = (
        select(robot_execute.c.holder)
        .where(robot_execute.c.holder.startswith(prefix, autoescape=True), robot_execute.c.check_at.is_not(None))
        .distinct()
        .limit(limit)
    )
    return [row.holder for row in tx.rows(statement)]


def expired(tx: Tx, limit: int) -> list[str]:
    """Executions whose lease or time-out is over, the longest first."""
    statement = (
        select(robot_execute.c.execute_id)
        .where(robot_execute.c.check_at <= tx.now)
        .order_by(robot_execute.c.check_at)
        .limit(limit)
    )
    return [row.execute_id for row in tx.rows(statement)]


def next_check(tx: Tx) -> datetime | None:
    """When the next lease or time-out is over."""
    # Not min(): MariaDB would read the times of all of them.
    check_at = robot_execute.c.check_at
    return tx.scalar(select(check_at).where(check_at.is_not(None)).order_by(check_at).limit(1))


# --- steps ---

_STEPS_OF = Prepared(
    select(*_STEP)
    .where(execution_steps.c.execute_id.in_(bindparam("ids", expanding=True)))
    .order_by(execution_steps.c.execute_id, execution_steps.c.position)
    .limit(_STEPS_LIMIT)
)


def steps_of(tx: Tx, execute_ids: Sequence[str]) -> list[ExecutionStep]:
    """The steps of executions, in order."""
    if not execute_ids:
        return []
    return tx.records(ExecutionStep, _STEPS_OF, {"ids": execute_ids})


def delete_ended(tx: Tx, before: datetime, limit: int) -> int:
    """Remove the oldest of those that ended before then. Ids sort by birth, so the key finds them."""
    old = (
        select(robot_execute.c.execute_id)
        .where(robot_execute.c.execute_id < first_id(before), robot_execute.c.completed_at < before)
        .order_by(robot_execute.c.execute_id)
        .limit(limit)
    )
    ids = [row.execute_id for row in tx.rows(old)]
    return tx.execute(delete(robot_execute).where(robot_execute.c.execute_id.in_(ids))).rowcount if ids else 0


_NEWEST = (
    select(execution_steps.c.execute_id, func.max(execution_steps.c.position).label("position"))
    .where(
        execution_steps.c.execute_id.in_(bindparam("ids", expanding=True)),
        execution_steps.c.name.in_(bindparam("names", expanding=True)),
    )
    .group_by(execution_steps.c.execute_id, execution_steps.c.name)
    .subquery()
)
_LAST_STEPS = Prepared(
    select(*_STEP)
    .join(
        _NEWEST,
        and_(
            _NEWEST.c.execute_id == execution_steps.c.execute_id,
            _NEWEST.c.position == execution_steps.c.position,
        ),
    )
    .limit(bindparam("number"))
)
_OPEN_STEPS = Prepared(
    select(*_STEP)
    .where(execution_steps.c.execute_id.in_(bindparam("ids", expanding=True)), execution_steps.c.completed_at.is_(None))
    .limit(_STEPS_LIMIT)
)
_POSITIONS = Prepared(
    select(execution_steps.c.execute_id, func.max(execution_steps.c.position).label("last"))
    .where(execution_steps.c.execute_id.in_(bindparam("ids", expanding=True)))
    .group_by(execution_steps.c.execute_id)
    .limit(bindparam("number"))
)


def last_steps(tx: Tx, execute_ids: Sequence[str], names: Sequence[str]) -> list[ExecutionStep]:
    """The latest step of each name in each execution that has one."""
    if not names:
        return []
    number = len(execute_ids) * len(names)
    return tx.records(ExecutionStep, _LAST_STEPS, {"ids": execute_ids, "names": names, "number": number})


def next_positions(tx: Tx, execute_ids: Sequence[str]) -> dict[str, int]:
    """Where the next step goes in executions that have steps; drawn under their row locks."""
    rows = tx.rows(_POSITIONS, {"ids": execute_ids, "number": len(execute_ids)})
    return {row.execute_id: row.last + 1 for row in rows}


def open_steps(tx: Tx, execute_ids: Sequence[str]) -> list[ExecutionStep]:
    """Steps of these executions that have begun and not ended."""
    if not execute_ids:
        return []
    return tx.records(ExecutionStep, _OPEN_STEPS, {"ids": execute_ids})


def add_steps(tx: Tx, steps: Sequence[ExecutionStep]) -> None:
    """Insert steps."""
    if steps:
        tx.execute(
            insert_of(execution_steps, _STEP_NAMES),
            [{name: getattr(step, name) for name in _STEP_NAMES} for step in steps],
        )


_END = ("status", "detail", "told", "started_at", "completed_at", "duration_ms")
_SAVE_STEP = Prepared(
    update(execution_steps)
    .where(
        execution_steps.c.execute_id == bindparam("this_id"), execution_steps.c.position == bindparam("this_position")
    )
    .values({name: bindparam(name) for name in _END})
)


def save_steps(tx: Tx, steps: Sequence[ExecutionStep]) -> None:
    """Write how steps ended."""
    if steps:
        ends = [{name: getattr(step, name) for name in _END} for step in steps]
        these = [{"this_id": step.execute_id, "this_position": step.position} for step in steps]
        tx.execute(_SAVE_STEP, [this | end for this, end in zip(these, ends, strict=True)])
