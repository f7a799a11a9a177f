"""The forecast of one robot. Nothing here touches a database.

A robot under way is done when its own progress says so, else when it has taken as long as its type typically takes. One
that waits is done after those before it, at the pace at which its module works, and its own time. Which is at risk: the
forecast lies behind the due date; or there is none, and what it typically takes would be too long already.
"""

from bisect import bisect_left
from datetime import datetime, timedelta
from typing import Final

from aiworker.core.clock import iso
from aiworker.engine.deadlines.records import Deadline, Line, Pending
from aiworker.wire.engine import RobotStatus

_SOONEST: Final = timedelta(minutes=1)
_LATEST: Final = timedelta(hours=1)
# It cannot become late again; it is only looked at to see whether it is over.
_MISSED: Final = timedelta(minutes=10)
_FOR_EVER: Final = 366 * 24 * 60


def first(robot_id: str, due_date: datetime, now: datetime) -> Deadline:
    """That of a new robot: looked at with the next round."""
    return Deadline(robot_id, due_date, now, None, at_risk=False, why=None)


def looked_at(robot: Pending, line: Line | None, now: datetime) -> Deadline:
    """What is thought of it now."""
    forecast_at, why = forecast(robot, line, now)
    latest = forecast_at if forecast_at is not None else now + (_takes(robot) or timedelta())
    if robot.due_date <= now:
        return Deadline(robot.robot_id, robot.due_date, now + _MISSED, forecast_at, at_risk=True, why="it is overdue")
    return Deadline(
        robot.robot_id,
        robot.due_date,
        # The less time is left, the more often.
        now + min(_LATEST, max(_SOONEST, (robot.due_date - max(now, latest)) / 4)),
        forecast_at,
        at_risk=latest > robot.due_date,
        why=why[:200],
    )


def forecast(robot: Pending, line: Line | None, now: datetime) -> tuple[datetime | None, str]:
    """When it will probably be done, and what that rests on; None: nobody can tell."""
    return _of_running(robot, now) if robot.status is RobotStatus.PROCESSING else _of_waiting(robot, line, now)


def _of_running(robot: Pending, now: datetime) -> tuple[datetime | None, str]:
    takes = _takes(robot)
    if robot.paused_at is not None:
        return None, "it is paused"
    if robot.estimated_completion_at is not None:
        return max(now, robot.estimated_completion_at), "by its own progress"
    if takes is None or robot.started_at is None:
        return None, "it is under way, and nobody knows how long its type takes"
    return max(now, robot.started_at + takes), f"it is under way; its type takes {_words(takes)}"


def _of_waiting(robot: Pending, line: Line | None, now: datetime) -> tuple[datetime | None, str]:
    takes = _takes(robot)
    if robot.held is not None:
        return None, f"it is held: {robot.held}"
    if takes is None:
        return None, "nobody knows how long its type takes"
    ahead = bisect_left(line.places, (robot.rank, robot.age, robot.robot_id)) if line is not None else 0
    start = max(now, robot.due_at or now)
    if ahead and line is not None:
        # Of a module that has done none lately it is thought that it does one after the other.
        wait = timedelta(minutes=min(ahead / line.per_minute, _FOR_EVER)) if line.per_minute else ahead * takes
        start = max(start, now + wait)
    later = f"not before {iso(robot.due_at)}; " if robot.due_at is not None else ""
    return start + takes, f"{later}{ahead} are before it; its type takes {_words(takes)}"


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
