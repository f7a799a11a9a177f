"""Scoring: every 15 minutes, from the rows of the last 24 hours, so that no counter can drift."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from aiworker.engine.health import queries as samples
from aiworker.engine.health.states import uptime
from aiworker.engine.modules import queries as modules
from aiworker.engine.scores import queries
from aiworker.engine.scores.records import Ended, GivenScore, Totals
from aiworker.engine.scores.states import scored, speeds
from aiworker.storage.transaction import Tx

SCORE_MODULES: Final = "score.modules"
SCORE_CRON: Final = "*/15 * * * *"
_WINDOW: Final = timedelta(hours=24)
# A unit of work that ended an execution then has been committed by now.
_SETTLED: Final = timedelta(minutes=2)
_COUNTED_AT_ONCE: Final = timedelta(days=1)
_MILLISECONDS_PER_HOUR: Final = 3_600_000
_MOST_HOURS: Final = 999_999.99


def measure(tx: Tx) -> list[GivenScore]:
    """The score of every module that is switched on, as the rows tell it now."""
    since = tx.now - _WINDOW
    ended = queries.ended(tx, since, tx.now + timedelta(seconds=1))
    speed = speeds(queries.paces(tx, queries.shared_types(tx), since))
    checks = samples.since(tx, since)
    return [
        scored(
            module.module_name,
            tx.now,
            ended.get(module.module_name, Ended()),
            speed=speed.get(module.module_name, 1.0),
            uptime=uptime(checks.get(module.module_name, ()), since=since, now=tx.now),
        )
        for module in modules.list_modules(tx)
        if module.is_active
    ]


def give(tx: Tx, scores: Sequence[GivenScore]) -> None:
    """Write scores down, for routing and for their history."""
    looked_at = {module.module_name: module.last_health_check for module in modules.list_modules(tx)}
    given = [score for score in scores if score.module_name in looked_at]
    queries.add(tx, given)
    modules.change_many(tx, [_columns(score, looked_at[score.module_name]) for score in given])


def typical_times(tx: Tx) -> dict[tuple[str, str], int]:
    """How many milliseconds robots took on average over the last 24 hours, by module and type."""
    paces = queries.paces(tx, None, tx.now - _WINDOW)
    return {(pace.module_name, pace.robot_type): round(pace.mean_ms) for pace in paces}


def count_totals(tx: Tx) -> bool:
    """Add to the modules' totals what ended since they were counted, at most a day of it; whether there is more.

    The mark moves with the totals or not at all, so nothing is counted twice or left out, whoever is killed when.
    """
    settled = tx.now - _SETTLED
    known = queries.totals(tx)
    marks = {one.counted_until or _beginning(tx) for one in known}
    if not marks or (since := min(marks)) >= settled:
        return False
    # Those that were counted further wait until the others have caught up with them.
    until = min(settled, since + _COUNTED_AT_ONCE, *(mark for mark in marks if mark > since))
    spent = queries.spent(tx, since, until)
    modules.change_many(
        tx,
        [
            _totals(one, *spent.get(one.module_name, (0, 0)), until)
            for one in known
            if (one.counted_until or since) == since
        ],
    )
    return until < settled


def _beginning(tx: Tx) -> datetime:
    return queries.first_end(tx) or tx.now - _SETTLED


def _totals(one: Totals, processed: int, spent_ms: int, until: datetime) -> dict[str, Any]:
    total_ms = one.spent_ms + spent_ms
    return {
        "name": one.module_name,
        "counted_until": until,
        "total_robots_processed": one.processed + processed,
        "total_processing_ms": total_ms,
        "total_processing_time_hours": min(_MOST_HOURS, round(total_ms / _MILLISECONDS_PER_HOUR, 2)),
    }


def scores_of(tx: Tx, name: str, *, hours: int) -> list[GivenScore]:
    """The scores of a module in the last hours, oldest first; at most one for each quarter of an hour."""
    return queries.of_module(tx, name, tx.now - timedelta(hours=hours), limit=hours * 4 + 1)


def _columns(score: GivenScore, looked_at: datetime | None) -> dict[str, Any]:
    """For the formula what was not measured is perfect; shown, it is not known."""
    tried = score.succeeded + score.failed > 0
    looked = looked_at is not None and looked_at > score.scored_at - _WINDOW
    return {
        "name": score.module_name,
        "performance_score": score.score,
        "performance_tier": score.tier,
        "last_performance_check": score.scored_at,
        "error_count_24h": score.failed,
        "success_rate_24h": round(100 * score.success_rate, 2) if tried else None,
        "avg_processing_time_ms": score.avg_processing_time_ms,
        "uptime_percentage_24h": round(100 * score.uptime, 2) if looked else None,
    }
