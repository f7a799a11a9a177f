"""The forecast of one robot. Nothing here touches a database.

A robot under way is done when its own progress says so, else when it has taken as long as its type typically takes. One
that waits is done after those before it, at the pace at which its module works, and its own time. Which is at risk: the
forecast lies behind the due date; or there is none, and what it typically takes would be too long already.
"""

from bisect import bisect_left
from datetime import datetime, timedelta
from typing import Final

from aiworker.core.clock import iso
from aiworker.core.sayings import Saying, Sentence
from aiworker.engine.deadlines.records import Deadline, Line, Pending
from aiworker.wire.engine import RobotStatus

OVERDUE: Final = Sentence("forecast_overdue", "it is overdue")
PAUSED: Final = Sentence("forecast_paused", "it is paused")
BY_PROGRESS: Final = Sentence("forecast_by_progress", "by its own progress")
RUNS: Final = Sentence("forecast_runs", "it is under way, and nobody knows how long its type takes")
RUNS_TYPICALLY: Final = Sentence("forecast_runs_typically", "it is under way; its type takes {takes}")
HELD: Final = Sentence("forecast_held", "it is held: {reason}")
UNKNOWN: Final = Sentence("forecast_unknown", "nobody knows how long its type takes")
WAITS: Final = Sentence("forecast_waits", "{ahead} are before it; its type takes {takes}")
WAITS_UNTIL: Final = Sentence("forecast_waits_until", "not before {at}; {ahead} are before it; its type takes {takes}")

_SOONEST: Final = timedelta(minutes=1)
_LATEST: Final = timedelta(hours=1)
# It cannot become late again; it is only looked at to see whether it is over.
_MISSED: Final = timedelta(minutes=10)
_FOR_EVER: Final = 366 * 24 * 60


def first(robot_id: str, due_date: datetime, now: datetime) -> Deadline:
    """That of a new robot: looked at with the next round."""
    return Deadline(robot_id, due_date, now, None, at_risk=False, why=None, why_told=None)


def looked_at(robot: Pending, line: Line | None, now: datetime) -> Deadline:
    """What is thought of it now."""
    forecast_at, why = forecast(robot, line, now)
    latest = forecast_at if forecast_at is not None else now + (_takes(robot) or timedelta())
    if robot.due_date <= now:
        late = OVERDUE()
        missed = now + _MISSED
        return Deadline(robot.robot_id, robot.due_date, missed, forecast_at, True, late.words, late.told)
    return Deadline(
        robot.robot_id,
        robot.due_date,
        # The less time is left, the more often.
        now + min(_LATEST, max(_SOONEST, (robot.due_date - max(now, latest)) / 4)),
        forecast_at,
        at_risk=latest > robot.due_date,
        why=why.words[:200],
        why_told=why.told,
    )


def forecast(robot: Pending, line: Line | None, now: datetime) -> tuple[datetime | None, Saying]:
    """When it will probably be done, and what that rests on; None: nobody can tell."""
    return _of_running(robot, now) if robot.status is RobotStatus.PROCESSING else _of_waiting(robot, line, now)


def _of_running(robot: Pending, now: datetime) -> tuple[datetime | None, Saying]:
    takes = _takes(robot)
    if robot.paused_at is not None:
        return None, PAUSED()
    if robot.estimated_completion_at is not None:
        return max(now, robot.estimated_completion_at), BY_PROGRESS()
    if takes is None or robot.started_at is None:
        return None, RUNS()
    return max(now, robot.started_at + takes), RUNS_TYPICALLY(takes=_words(takes))


def _of_waiting(robot: Pending, line: Line | None, now: datetime) -> tuple[datetime | None, Saying]:
    takes = _takes(robot)
    if robot.held is not None:
        return None, HELD(reason=robot.held)
    if takes is None:
        return None, UNKNOWN()
    ahead = bisect_left(line.places, (robot.rank, robot.age, robot.robot_id)) if line is not None else 0
    start = max(now, robot.due_at or now)
    if ahead and line is not None:
        # A module that has done none lately is assumed to do one after the other.
        wait = timedelta(minutes=min(ahead / line.per_minute, _FOR_EVER)) if line.per_minute else ahead * takes
        start = max(start, now + wait)
    if robot.due_at is not None:
        return start + takes, WAITS_UNTIL(at=iso(robot.due_at), ahead=ahead, takes=_words(takes))
    return start + takes, WAITS(ahead=ahead, takes=_words(takes))


def _takes(robot: Pending) -> timedelta | None:
    """What was measured counts more than what was estimated."""
    if robot.typical_ms is not None:
        return timedelta(milliseconds=robot.typical_ms)
    if robot.estimated_duration_minutes is not None:
        return timedelta(minutes=robot.estimated_duration_minutes)
    return None


def _words(takes: timedelta) -> str:
    seconds = takes.total_seconds()
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"  # noqa: PLR2004 (two minutes)
