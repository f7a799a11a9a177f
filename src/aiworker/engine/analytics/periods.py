"""Days, weeks and months of UTC, as reports are named by them. Nothing here touches a database."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal

from aiworker.core.errors import Invalid
from aiworker.wire.analytics import ReportKind

Length = Literal["day", "week", "month"]
LENGTHS: Final[Mapping[ReportKind, Length]] = {
    ReportKind.PERFORMANCE: "day",
    ReportKind.ERRORS: "week",
    ReportKind.CAPACITY: "month",
    ReportKind.EFFICIENCY: "week",
    ReportKind.BOTTLENECKS: "week",
}
_FORMS: Final[Mapping[Length, str]] = {"day": "2026-11-21", "week": "2026-W47", "month": "2026-11"}
_WEEK: Final = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time with a name: from `start` up to, not including, `end`."""

    name: str
    start: datetime
    end: datetime


def period_at(length: Length, moment: datetime) -> Period:
    """The day, the ISO week or the month in which a moment lies."""
    day = moment.astimezone(UTC).date()
    if length == "day":
        return Period(day.isoformat(), _midnight(day), _midnight(day + timedelta(days=1)))
    if length == "week":
        monday = day - timedelta(days=day.weekday())
        year, week, _ = day.isocalendar()
        return Period(f"{year:04}-W{week:02}", _midnight(monday), _midnight(monday + timedelta(days=7)))
    first = day.replace(day=1)
    return Period(f"{first:%Y-%m}", _midnight(first), _midnight((first + timedelta(days=32)).replace(day=1)))


def period_named(length: Length, name: str) -> Period:
    """The period of that name. Raises: Invalid."""
    try:
        if length == "week":
            found = _WEEK.fullmatch(name)
            day = date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else None
        else:
            day = date.fromisoformat(name if length == "day" else f"{name}-01")
        period = None if day is None else period_at(length, _midnight(day))
    except (ValueError, OverflowError):
        period = None
    if period is None or period.name != name:
        form = _FORMS[length]
        raise Invalid(f"The period should be a {length} like {form}.", code="bad_period", details={"form": form})
    return period


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
