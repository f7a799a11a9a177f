"""How long a module's tries took and its robots waited, over time: from the tries of a day, else from the reports."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiworker.core.errors import Invalid
from aiworker.engine.analytics import queries
from aiworker.engine.analytics.records import Try
from aiworker.engine.reports import queries as shelf
from aiworker.storage.transaction import Tx
from aiworker.wire.analytics import PacePoint, Paces, ReportKind

_LONGEST_HOURS: Final = 30 * 24
_DAY_HOURS: Final = 24
_DAY_MINUTES: Final = 1_440
# With fewer tries to a point, a percentile would just be one of them.
_PIECES: Final = 48
# So many are read and sorted in a few hundredths of a second.
_MOST_TRIES: Final = 10_000


def paces(tx: Tx, name: str, *, hours: int) -> Paces:
    """A module's durations and waits over the last hours, oldest first. Raises: Invalid."""
    if not 1 <= hours <= _LONGEST_HOURS:
        raise Invalid(
            f"Trends go back 1 to {_LONGEST_HOURS} hours.", code="bad_hours", details={"most": _LONGEST_HOURS}
        )
    since = tx.now - timedelta(hours=hours)
    if hours > _DAY_HOURS:
        return _by_day(tx, name, since)
    found = queries.tries(tx, name, since=since, limit=_MOST_TRIES)
    step = max(1, hours * 60 // _PIECES)
    # The oldest piece may have been cut off.
    since = found[-1].completed_at if len(found) == _MOST_TRIES else since
    return Paces(step_minutes=step, since=since, points=_points(found, step))


def _points(found: Iterable[Try], step: int) -> list[PacePoint]:
    pieces: dict[int, list[Try]] = {}
    for one in found:
        minute = int(one.completed_at.timestamp()) // 60
        pieces.setdefault(minute - minute % step, []).append(one)
    return [
        PacePoint(
            at=datetime.fromtimestamp(minute * 60, UTC),
            completed=len(piece),
            p50_ms=reached([one.duration_ms for one in piece], 50),
            p95_ms=reached([one.duration_ms for one in piece], 95),
            queue_ms=round(sum(one.queue_ms for one in piece) / len(piece)),
        )
        for minute, piece in sorted(pieces.items())
    ]


def reached(values: Sequence[int], percent: int) -> int:
    """The smallest of the values that so many of a hundred do not exceed (nearest rank)."""
    return sorted(values)[-(-len(values) * percent // 100) - 1]


def _by_day(tx: Tx, name: str, since: datetime) -> Paces:
    days = shelf.between(tx, ReportKind.PERFORMANCE, f"{since:%Y-%m-%d}", f"{tx.now:%Y-%m-%d}")
    points = [
        _day_point(day.period, mine)
        for day in days
        if (mine := [line for line in day.data if line["moduleName"] == name and line["completed"]])
    ]
    return Paces(step_minutes=_DAY_MINUTES, since=since, points=points)


def _day_point(day: str, lines: Sequence[Mapping[str, Any]]) -> PacePoint:
    """A report has percentiles by type: of several types together it is their mean, by how many there were."""
    completed = sum(line["completed"] for line in lines)

    def mean(field: str) -> int:
        return round(sum(line[field] * line["completed"] for line in lines) / completed)

    return PacePoint(
        at=datetime.fromisoformat(day).replace(tzinfo=UTC),
        completed=completed,
        p50_ms=mean("p50Ms"),
        p95_ms=mean("p95Ms"),
        queue_ms=mean("avgQueueMs"),
    )
