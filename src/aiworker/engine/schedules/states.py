"""Which times of a schedule become robots. Nothing here touches a database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from aiworker.core.errors import Invalid
from aiworker.engine.schedules import cron
from aiworker.engine.schedules.records import Schedule
from aiworker.wire.schedules import CatchUp

# Later than this, a due time was missed.
ON_TIME: Final = timedelta(seconds=60)
# After a long absence so many missed times are made up for in one unit of work; the rest follow in the next.
AT_ONCE: Final = 100
SHOWN_TIMES: Final = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """The due times that become robots now, oldest first, and when the schedule is looked at again."""

    moments: list[datetime]
    next_due: datetime


def planned(schedule: Schedule, now: datetime) -> Plan:
    """What is to be done about a schedule whose time has come, by its catch-up rule."""
    first = schedule.next_due or now
    moments = _missed_and_due(schedule, first, now)
    cut = schedule.catch_up is CatchUp.ALL and len(moments) == AT_ONCE
    after = moments[-1] if cut else now
    return Plan(moments, cron.next_time(schedule.cron, schedule.timezone, after=after))


def next_times(schedule: Schedule) -> list[datetime]:
    """Its next five times; none while it is paused, one while the later ones cannot be told (its zone may be gone)."""
    if not schedule.is_active or schedule.next_due is None:
        return []
    try:
        later = cron.next_times(schedule.cron, schedule.timezone, after=schedule.next_due, number=SHOWN_TIMES - 1)
    except Invalid:
        later = []
    return [schedule.next_due, *later]


def _missed_and_due(schedule: Schedule, first: datetime, now: datetime) -> list[datetime]:
    if schedule.catch_up is CatchUp.ALL:
        return cron.due_times(schedule.cron, schedule.timezone, first=first, now=now, at_most=AT_ONCE)
    latest = max(first, cron.latest_time(schedule.cron, schedule.timezone, now=now))
    if schedule.catch_up is CatchUp.NONE and now - latest > ON_TIME:
        return []
    return [latest]
