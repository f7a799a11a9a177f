"""Every statement on health samples, and on what tells how a module is."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import false, func, insert, or_, select, true

from aiworker.engine.executions.tables import robot_execute
from aiworker.engine.health.records import HealthSample
from aiworker.engine.health.tables import module_health
from aiworker.engine.modules.tables import module_registry
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx
from aiworker.storage.trimming import delete_oldest
from aiworker.wire.engine import ExecutionState

_SAMPLE = columns(HealthSample, module_health)
# A check every five minutes and one after each failure: so many are more than a day has.
_SAMPLES_LIMIT = 20_000
_MODULES_LIMIT = 10_000
_ALL_SAMPLES_LIMIT = 1_000_000
_FAILED = [ExecutionState.FAILED, ExecutionState.RETRYING]


def add(tx: Tx, sample: HealthSample) -> None:
    """Insert a sample; a second one at the very same moment says nothing new."""
    same = select(module_health.c.module_name).where(
        module_health.c.module_name == sample.module_name, module_health.c.checked_at == sample.checked_at
    )
    if tx.row(same) is None:
        tx.execute(insert(module_health).values(asdict(sample)))


def of_module(tx: Tx, name: str, since: datetime) -> list[HealthSample]:
    """The samples of a module since then, oldest first, and the last one before."""
    mine = module_health.c.module_name == name
    before = select(func.max(module_health.c.checked_at)).where(mine, module_health.c.checked_at < since)
    first = tx.scalar(before) or since
    statement = select(*_SAMPLE).where(mine, module_health.c.checked_at >= first).order_by(module_health.c.checked_at)
    return tx.records(HealthSample, statement.limit(_SAMPLES_LIMIT))


def since(tx: Tx, moment: datetime) -> dict[str, list[tuple[datetime, bool]]]:
    """When each module was checked since then, and whether that went well; oldest first."""
    statement = (
        select(module_health.c.module_name, module_health.c.checked_at, module_health.c.well)
        .where(module_health.c.checked_at >= moment)
        .order_by(module_health.c.module_name, module_health.c.checked_at)
        .limit(_ALL_SAMPLES_LIMIT)
    )
    found: defaultdict[str, list[tuple[datetime, bool]]] = defaultdict(list)
    for row in tx.rows(statement):
        found[row.module_name].append((row.checked_at, row.well))
    return found


def delete_before(tx: Tx, moment: datetime, limit: int) -> int:
    """Remove the oldest samples from before then, about `limit`; how many."""
    return delete_oldest(tx, module_health.c.checked_at, moment, limit)


def signs_of_life(tx: Tx) -> dict[str, datetime]:
    """When a worker of each module was last heard of through what it has in hand; only those with a live lease."""
    moment = func.coalesce(robot_execute.c.reported_at, robot_execute.c.started_at)
    statement = (
        select(robot_execute.c.module_name, func.max(moment).label("at"))
        .where(
            robot_execute.c.execution_state == ExecutionState.RUNNING,
            robot_execute.c.lease_expires_at > tx.now,
        )
        .group_by(robot_execute.c.module_name)
        .limit(_MODULES_LIMIT)
    )
    return {row.module_name: row.at for row in tx.rows(statement)}


def never_checked(tx: Tx) -> Sequence[str]:
    """The modules that there is something to look at, and nobody has since they were registered or moved."""
    alive = or_(module_registry.c.health_endpoint.is_not(None), module_registry.c.last_seen_at.is_not(None))
    statement = (
        select(module_registry.c.module_name)
        .where(
            module_registry.c.is_active == true(),
            module_registry.c.internal == false(),
            module_registry.c.last_health_check.is_(None),
            alive,
        )
        .limit(_MODULES_LIMIT)
    )
    return [row.module_name for row in tx.rows(statement)]


def failed_since(tx: Tx, moment: datetime, *, checked_before: datetime) -> Sequence[str]:
    """The modules with an end point that an execution of theirs failed at since then, if nobody looked lately."""
    failed = (
        select(robot_execute.c.module_name)
        .where(robot_execute.c.completed_at >= moment, robot_execute.c.execution_state.in_(_FAILED))
        .distinct()
        .subquery()
    )
    statement = (
        select(module_registry.c.module_name)
        .join(failed, failed.c.module_name == module_registry.c.module_name)
        .where(
            module_registry.c.is_active == true(),
            module_registry.c.health_endpoint.is_not(None),
            func.coalesce(module_registry.c.last_health_check, moment) <= checked_before,
        )
        .limit(_MODULES_LIMIT)
    )
    return [row.module_name for row in tx.rows(statement)]
