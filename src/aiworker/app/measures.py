"""What the installation measures: health and scores of modules, reports; and what becomes of old samples."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from aiworker.app.cleanup import bit_by_bit
from aiworker.app.house import House
from aiworker.engine.analytics.service import REPORTS, keep, make, periods_to_make, stored
from aiworker.engine.context import Context
from aiworker.engine.health import queries as health_samples
from aiworker.engine.health.service import HEALTH_CHECK, HEALTH_CRON
from aiworker.engine.module_loop import Handler
from aiworker.engine.modules.queries import set_typical
from aiworker.engine.schedules import queries as schedule_runs
from aiworker.engine.scores import queries as given_scores
from aiworker.engine.scores.service import SCORE_CRON, SCORE_MODULES, count_totals, give, measure, typical_times
from aiworker.engine.trends import queries as trend_samples
from aiworker.engine.trends.service import minute_of
from aiworker.storage.transaction import Tx
from aiworker.wire.analytics import ReportKind
from aiworker.wire.engine import NewRobot

CLEANUP_SAMPLES = "cleanup.samples"
_CRON: Mapping[str, str] = MappingProxyType(
    {
        HEALTH_CHECK: HEALTH_CRON,
        SCORE_MODULES: SCORE_CRON,
        CLEANUP_SAMPLES: "25 * * * *",
        **{robot_type: cron for robot_type, (_, cron) in REPORTS.items()},
    }
)
_SAMPLES_KEPT = timedelta(days=30)
# Nobody reads the history of a robot that runs every few minutes for ever.
_ROBOTS_KEPT = timedelta(days=1)
_AT_ONCE = 500


def measure_handlers(house: House) -> dict[str, Handler]:
    """By robot type."""
    return {
        HEALTH_CHECK: _health(house),
        SCORE_MODULES: _score(house),
        CLEANUP_SAMPLES: _samples(house),
        **{robot_type: _report(house, kind) for robot_type, (kind, _) in REPORTS.items()},
    }


def schedule_measures(tx: Tx, house: House) -> None:
    """The system's own schedules."""
    for robot_type, cron in _CRON.items():
        template = NewRobot(robot_type=robot_type, input_data={})
        house.schedules.put(tx, robot_type, expression=cron, template=template, system=True)
        if robot_type in REPORTS and not stored(tx, REPORTS[robot_type][0], limit=1):
            # Nobody has to wait for the first one.
            house.engine.submit(tx, template)


def _health(house: House) -> Handler:
    async def run(_context: Context) -> dict[str, Any]:
        return {"checked": await house.health.check_all()}

    return run


def _score(house: House) -> Handler:
    async def run(_context: Context) -> dict[str, Any]:
        # Counting may read much: it holds up nobody who writes.
        scores = await house.database.read(measure)
        await house.database.write(give, scores)
        await house.database.write(set_typical, await house.database.read(typical_times))
        while await house.database.write(count_totals):
            pass
        return {"scored": len(scores)}

    return run


def _report(house: House, kind: ReportKind) -> Handler:
    async def run(context: Context) -> dict[str, Any]:
        lines: dict[str, int] = {}
        for period in await house.database.read(periods_to_make, kind):
            made = await house.database.read(make, kind, period)
            await house.database.write(keep, made)
            lines[period.name] = len(made.data)
            await context.report()
        return {"lines": lines}

    return run


def _samples(house: House) -> Handler:
    def older(delete: Callable[[Tx, Any, int], int], tx: Tx) -> int:
        return delete(tx, tx.now - _SAMPLES_KEPT, _AT_ONCE)

    def minutes(tx: Tx) -> int:
        return trend_samples.delete_before(tx, minute_of(tx.now - _SAMPLES_KEPT), _AT_ONCE)

    def robots(robot_type: str, tx: Tx) -> int:
        return house.engine.forget_robots(tx, robot_type, tx.now - _ROBOTS_KEPT)

    async def run(context: Context) -> dict[str, Any]:
        removed = await bit_by_bit(house, context, partial(older, health_samples.delete_before))
        removed += await bit_by_bit(house, context, partial(older, given_scores.delete_before))
        removed += await bit_by_bit(house, context, minutes)
        removed += await bit_by_bit(house, context, partial(older, schedule_runs.delete_runs_before))
        looks = 0
        for robot_type in _CRON:
            looks += await bit_by_bit(house, context, partial(robots, robot_type))
        return {"samples": removed, "robots": looks}

    return run
