"""Every statement on samples by the minute."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from aiworker.engine.executions.tables import robot_execute
from aiworker.engine.trends.records import Resources, TrendPoint, TrendSample
from aiworker.engine.trends.tables import module_trends
from aiworker.storage.transaction import Tx
from aiworker.storage.trimming import delete_oldest
from aiworker.wire.engine import ExecutionState

_LIMIT = 10_000


def has_minute(tx: Tx, minute: int) -> bool:
    """Whether somebody sampled that minute."""
    return tx.row(select(module_trends.c.minute).where(module_trends.c.minute == minute).limit(1)) is not None


def add(tx: Tx, samples: Sequence[TrendSample]) -> bool:
    """Insert the samples of a minute; False if somebody else did just now."""
    try:
        with tx.savepoint():
            tx.execute(insert(module_trends), [asdict(sample) for sample in samples])
    except IntegrityError:
        return False
    return True


def resources(tx: Tx) -> dict[str, Resources]:
    """What the workers of all that runs report, by module."""
    statement = (
        select(
            robot_execute.c.module_name,
            func.sum(robot_execute.c.cpu_usage_percent).label("cpu_percent"),
            func.sum(robot_execute.c.memory_usage_mb).label("memory_mb"),
            func.sum(robot_execute.c.disk_io_mb).label("disk_io_mb"),
            func.sum(robot_execute.c.network_io_mb).label("network_io_mb"),
        )
        .where(robot_execute.c.execution_state == ExecutionState.RUNNING)
        .group_by(robot_execute.c.module_name)
        .limit(_LIMIT)
    )
    return {
        row.module_name: Resources(
            _float(row.cpu_percent), _int(row.memory_mb), _int(row.disk_io_mb), _int(row.network_io_mb)
        )
        for row in tx.rows(statement)
    }


def busiest(tx: Tx, names: Sequence[str], since: int) -> dict[str, int]:
    """The most that each of the modules had under way at once since that minute."""
    if not names:
        return {}
    kept = module_trends.c
    statement = (
        select(kept.module_name, func.max(kept.running).label("running"))
        .where(kept.module_name.in_(names), kept.minute >= since)
        .group_by(kept.module_name)
        .limit(len(names))
    )
    return {row.module_name: row.running for row in tx.rows(statement)}


def points(tx: Tx, name: str | None, *, first: int, last: int, step: int, limit: int) -> list[TrendPoint]:
    """The minutes from `first` to `last` in pieces of `step`, by module, oldest first; up to `limit`."""
    kept = module_trends.c
    piece = (kept.minute - kept.minute % step).label("piece")
    wanted = [kept.minute >= first, kept.minute <= last]
    if name is not None:
        wanted.append(kept.module_name == name)
    means = (
        kept.queued,
        kept.running,
        kept.utilisation,
        kept.cpu_percent,
        kept.memory_mb,
        kept.disk_io_mb,
        kept.network_io_mb,
    )
    statement = (
        select(
            kept.module_name,
            piece,
            *(func.avg(column).label(column.name) for column in means),
            func.sum(kept.ended).label("ended"),
            func.sum(kept.failed).label("failed"),
        )
        .where(*wanted)
        .group_by(kept.module_name, piece)
        .order_by(kept.module_name, piece)
        .limit(limit)
    )
    return [
        TrendPoint(
            module_name=row.module_name,
            minute=row.piece,
            queued=round(float(row.queued), 2),
            running=round(float(row.running), 2),
            utilisation=round(float(row.utilisation), 4),
            ended=int(row.ended),
            failed=int(row.failed),
            cpu_percent=_float(row.cpu_percent),
            memory_mb=_float(row.memory_mb),
            disk_io_mb=_float(row.disk_io_mb),
            network_io_mb=_float(row.network_io_mb),
        )
        for row in tx.rows(statement)
    ]


def delete_before(tx: Tx, minute: int, limit: int) -> int:
    """Remove the oldest samples from before then, about `limit`; how many."""
    return delete_oldest(tx, module_trends.c.minute, minute, limit)


def _float(value: object) -> float | None:
    return None if value is None else round(float(str(value)), 2)


def _int(value: object) -> int | None:
    return None if value is None else round(float(str(value)))
