"""Sampling: each minute, what every module has to do, how full it is, and what fails there."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from aiworker.core.errors import Invalid
from aiworker.engine.breakers import queries as breakers
from aiworker.engine.breakers.records import Breaker
from aiworker.engine.modules import queries as modules
from aiworker.engine.modules.records import Module
from aiworker.engine.scores.queries import ended as ended_between
from aiworker.engine.scores.records import Ended
from aiworker.engine.trends import queries
from aiworker.engine.trends.records import Resources, TrendPoint, TrendSample
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import BreakerState

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
    careful = breakers.stirred_ones(tx)
    unlimited = [one.module_name for one in active if one.max_concurrent is None and one.module_name in running]
    busiest = queries.busiest(tx, unlimited, minute - _MINUTE)
    samples = [
        _sample(
            module,
            minute,
            queued.get(module.module_name, 0),
            running.get(module.module_name, 0),
            _utilisation(module, careful, queued, running, busiest),
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
        raise Invalid(
            f"Trends go back 1 to {_LONGEST_HOURS} hours.", code="bad_hours", details={"most": _LONGEST_HOURS}
        )
    last = minute_of(tx.now)
    first = last - hours * _MINUTE
    step = max(1, hours * _MINUTE // _PIECES)
    return step, queries.points(tx, name, first=first, last=last, step=step, limit=_MOST_POINTS)


def utilisation(running: int, limit: int | None, *, queued: int, busiest: int) -> float:
    """How much of what it can a module has under way, 0 to 1. Without a limit that is the most that it had within the
    last hour, `busiest`; and one more while nothing waits for it."""
    most = limit if limit is not None else max(1, busiest, running if queued else running + 1)
    return round(min(1.0, running / most), 2)


def minute_of(moment: datetime) -> int:
    """Minutes since 1970 UTC."""
    return int(moment.timestamp()) // _MINUTE


def moment_of(minute: int) -> datetime:
    """The beginning of a minute."""
    return datetime.fromtimestamp(minute * _MINUTE, UTC)


def _utilisation(
    module: Module,
    careful: Mapping[str, Breaker],
    queued: Mapping[str, int],
    running: Mapping[str, int],
    busiest: Mapping[str, int],
) -> float:
    name, breaker = module.module_name, careful.get(module.module_name)
    if breaker is not None and breaker.state is BreakerState.OPEN:
        # It gets next to nothing, so others should get what is new.
        return 1.0
    limits = [limit for limit in (module.max_concurrent, breaker and breaker.allowed) if limit is not None]
    return utilisation(
        running.get(name, 0), min(limits, default=None), queued=queued.get(name, 0), busiest=busiest.get(name, 0)
    )


def _sample(
    module: Module, minute: int, queued: int, running: int, use: float, ended: Ended, reported: Resources
) -> TrendSample:
    return TrendSample(
        module_name=module.module_name,
        minute=minute,
        queued=queued,
        running=running,
        utilisation=use,
        ended=ended.succeeded + ended.failed,
        failed=ended.failed,
        cpu_percent=reported.cpu_percent,
        memory_mb=reported.memory_mb,
        disk_io_mb=reported.disk_io_mb,
        network_io_mb=reported.network_io_mb,
    )
