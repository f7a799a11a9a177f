"""Sampling: each minute, what every module has to do, how full it is, and what fails there."""

from datetime import UTC, datetime, timedelta
from typing import Final

from aiworker.core.errors import Invalid
from aiworker.engine.modules import queries as modules
from aiworker.engine.modules.records import Module
from aiworker.engine.scores.queries import ended as ended_between
from aiworker.engine.scores.records import Ended
from aiworker.engine.trends import queries
from aiworker.engine.trends.records import Resources, TrendPoint, TrendSample
from aiworker.storage.transaction import Tx

_MINUTE: Final = 60
_MOST_POINTS: Final = 10_000
# As many points as a chart has room for.
_PIECES: Final = 240
_LONGEST_HOURS: Final = 30 * 24


def sample(tx: Tx) -> int:
    """Write down the minute that ended last, and every module's utilisation for routing; once, whoever does it.

    How many modules those were; 0 if it is written down already.
    """
    minute = minute_of(tx.now) - 1
    if queries.has_minute(tx, minute):
        return 0
    start = moment_of(minute)
    ended = ended_between(tx, start, start + timedelta(minutes=1))
    queued = {name: number for name, number, _ in modules.waiting(tx)}
    running = modules.running_by_module(tx)
    reported = queries.resources(tx)
    active = [module for module in modules.list_modules(tx) if module.is_active]
    samples = [
        _sample(
            module,
            minute,
            queued.get(module.module_name, 0),
            running.get(module.module_name, 0),
            ended.get(module.module_name, Ended()),
            reported.get(module.module_name, Resources()),
        )
        for module in active
    ]
    if not samples or not queries.add(tx, samples):
        return 0
    before = {module.module_name: module.capacity_utilization for module in active}
    moved = [one for one in samples if one.utilisation != before[one.module_name]]
    modules.change_many(tx, [{"name": one.module_name, "capacity_utilization": one.utilisation} for one in moved])
    return len(samples)


def trends(tx: Tx, name: str | None, *, hours: int) -> tuple[int, list[TrendPoint]]:
    """The last hours in pieces of so many minutes, and those pieces by module, oldest first. Raises: Invalid."""
    if not 1 <= hours <= _LONGEST_HOURS:
        raise Invalid(f"Trends go back 1 to {_LONGEST_HOURS} hours.", code="bad_hours")
    last = minute_of(tx.now)
    first = last - hours * _MINUTE
    step = max(1, hours * _MINUTE // _PIECES)
    return step, queries.points(tx, name, first=first, last=last, step=step, limit=_MOST_POINTS)


def utilisation(running: int, limit: int | None) -> float:
    """How much of its limit a module has under way, 0 to 1; without a limit it is never full."""
    return 0.0 if limit is None else round(min(1.0, running / limit), 2)


def minute_of(moment: datetime) -> int:
    """Minutes since 1970 UTC."""
    return int(moment.timestamp()) // _MINUTE


def moment_of(minute: int) -> datetime:
    """The beginning of a minute."""
    return datetime.fromtimestamp(minute * _MINUTE, UTC)


def _sample(module: Module, minute: int, queued: int, running: int, ended: Ended, reported: Resources) -> TrendSample:
    return TrendSample(
        module_name=module.module_name,
        minute=minute,
        queued=queued,
        running=running,
        utilisation=utilisation(running, module.max_concurrent),
        ended=ended.succeeded + ended.failed,
        failed=ended.failed,
        cpu_percent=reported.cpu_percent,
        memory_mb=reported.memory_mb,
        disk_io_mb=reported.disk_io_mb,
        network_io_mb=reported.network_io_mb,
    )
