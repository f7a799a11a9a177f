"""Cron expressions in a time zone. Nothing here touches a database.

When the zone's clock changes, a time that is skipped and a time that comes twice both run once.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from aiworker.core.errors import Invalid


def check(cron: str, timezone: str) -> None:
    """Raises: Invalid, if the expression or the zone cannot be understood, or never comes true."""
    _first(_times(cron, timezone, after=datetime.now(UTC)), cron)


def next_times(cron: str, timezone: str, *, after: datetime, number: int) -> list[datetime]:
    """The next due times, in UTC. Raises: Invalid."""
    return list(islice(_times(cron, timezone, after=after), number))


def next_time(cron: str, timezone: str, *, after: datetime) -> datetime:
    """The next due time, in UTC. Raises: Invalid."""
    return _first(_times(cron, timezone, after=after), cron)


def due_times(cron: str, timezone: str, *, first: datetime, now: datetime, at_most: int) -> list[datetime]:
    """`first`, which is a due time, and those after it up to `now`; the earliest `at_most` of them."""
    later = takewhile(lambda moment: moment <= now, _times(cron, timezone, after=first))
    return [first, *islice(later, at_most - 1)]


def latest_time(cron: str, timezone: str, *, now: datetime) -> datetime:
    """The last due time up to `now`, in UTC. Raises: Invalid."""
    return _first(_times(cron, timezone, after=now + timedelta(microseconds=1), backwards=True), cron)


def _times(cron: str, timezone: str, *, after: datetime, backwards: bool = False) -> Iterator[datetime]:
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(f"There is no time zone {timezone[:60]!r}.", code="bad_timezone") from error
    try:
        times = CronSim(cron, after.astimezone(zone), reverse=backwards)
    except CronSimError as error:
        raise Invalid(
            f"The cron expression {cron[:100]!r} is wrong: {error}.", code="bad_cron", details={"cron": cron[:100]}
        ) from error
    return (moment.astimezone(UTC) for moment in times)


def _first(times: Iterator[datetime], cron: str) -> datetime:
    moment = next(times, None)
    if moment is None:
        raise Invalid(
            f"The cron expression {cron[:100]!r} never comes true.", code="bad_cron", details={"cron": cron[:100]}
        )
    return moment
