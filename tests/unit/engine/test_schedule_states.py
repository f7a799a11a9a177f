"""Which times of a schedule become robots: by example, and whatever the clocks, the zones and the absences."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiworker.engine.schedules import cron
from aiworker.engine.schedules.records import Schedule
from aiworker.engine.schedules.states import AT_ONCE, ON_TIME, planned
from aiworker.wire.schedules import CatchUp, Overlap

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
# Half an hour of summer time, none, in the other half of the year, and zones that are no whole hours away.
ZONES = ("UTC", "Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia")


def schedule(catch_up: CatchUp, expression: str = "0 * * * *", timezone: str = "UTC") -> Schedule:
    return Schedule(
        name="hourly",
        cron=expression,
        timezone=timezone,
        catch_up=catch_up,
        overlap=Overlap.QUEUE,
        template={},
        is_active=True,
        system=False,
        created_by=None,
        next_due=MIDNIGHT,
        last_due=None,
        last_error=None,
        last_error_told=None,
        created_at=MIDNIGHT,
        updated_at=MIDNIGHT,
    )


def hours(*numbers: float) -> list[datetime]:
    return [MIDNIGHT + timedelta(hours=number) for number in numbers]


@pytest.mark.parametrize(
    ("catch_up", "absence", "moments"),
    [
        (CatchUp.LATEST, timedelta(hours=5, minutes=20), hours(5)),
        (CatchUp.ALL, timedelta(hours=3), hours(0, 1, 2, 3)),
        (CatchUp.NONE, timedelta(minutes=20), []),
        (CatchUp.NONE, timedelta(hours=2, seconds=2), hours(2)),
    ],
)
def test_after_an_absence_the_rule_says_what_is_made_up_for(
    catch_up: CatchUp, absence: timedelta, moments: list[datetime]
) -> None:
    assert planned(schedule(catch_up), MIDNIGHT + absence).moments == moments


def test_a_year_of_missed_minutes_is_made_up_for_in_portions() -> None:
    plan = planned(schedule(CatchUp.ALL, "* * * * *"), MIDNIGHT + timedelta(days=365))
    assert (len(plan.moments), plan.next_due) == (AT_ONCE, MIDNIGHT + timedelta(minutes=AT_ONCE))


@dataclass
class Life:
    """A schedule that is looked at now and then: what became robots, and when that was."""

    schedule: Schedule
    now: datetime
    fired: list[tuple[datetime, datetime]] = field(default_factory=list[tuple[datetime, datetime]])

    def look(self) -> int:
        """Once, as the clock's hand does; how many due times became robots."""
        if self.schedule.next_due is None or self.schedule.next_due > self.now:
            return 0
        plan = planned(self.schedule, self.now)
        self.fired += [(moment, self.now) for moment in plan.moments]
        self.schedule = replace(self.schedule, next_due=plan.next_due)
        return len(plan.moments)

    @property
    def moments(self) -> list[datetime]:
        return [moment for moment, _ in self.fired]


def born(catch_up: CatchUp, expression: str, timezone: str, start: datetime) -> Life:
    due = cron.next_time(expression, timezone, after=start)
    return Life(replace(schedule(catch_up, expression, timezone), next_due=due), start)


def lived(life: Life, gaps: Sequence[float]) -> Life:
    for minutes in gaps:
        life.now += timedelta(minutes=minutes)
        life.look()
    return life


def times(life: Life, start: datetime) -> list[datetime]:
    """Every due time of its life, by cron alone."""
    first = cron.next_time(life.schedule.cron, life.schedule.timezone, after=start)
    if first > life.now:
        return []
    return cron.due_times(
        life.schedule.cron, life.schedule.timezone, first=first, now=life.now, at_most=life_long(start, life.now)
    )


def life_long(start: datetime, end: datetime) -> int:
    return int((end - start) / timedelta(minutes=1)) + 1


_MINUTES = st.sampled_from(["0", "30", "*/20", "7,59"])
_HOURS = st.sampled_from(["*", "2", "*/5", "1-3", "23"])
_DAYS = st.sampled_from(["* * *", "* * 1", "1,29 * *", "* 3,10 *"])
EXPRESSIONS = st.tuples(_MINUTES, _HOURS, _DAYS).map(" ".join)
# The days around which the zones above put their clocks forward and back.
STARTS = st.sampled_from(
    [datetime(2026, month, day, 20, 13, tzinfo=UTC) for month, day in [(3, 7), (3, 28), (4, 4), (10, 24), (10, 31)]]
)
GAPS = st.lists(st.floats(0, 9 * 60), min_size=1, max_size=12)
STEPS = st.lists(st.floats(-90, 9 * 60), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(EXPRESSIONS, st.sampled_from(ZONES), STARTS, GAPS)
def test_all_fires_every_due_time_once_and_nothing_else(
    expression: str, timezone: str, start: datetime, gaps: list[float]
) -> None:
    life = lived(born(CatchUp.ALL, expression, timezone, start), gaps)
    while life.look():
        pass
    assert life.moments == times(life, start)


@settings(max_examples=60, deadline=None)
@given(EXPRESSIONS, st.sampled_from(ZONES), STARTS, GAPS)
def test_latest_fires_at_each_look_the_newest_due_time_since_the_one_before(
    expression: str, timezone: str, start: datetime, gaps: list[float]
) -> None:
    life = lived(born(CatchUp.LATEST, expression, timezone, start), gaps)
    due = times(life, start)
    for moment, looked_at in life.fired:
        assert moment == max(one for one in due if one <= looked_at)
    assert life.moments == sorted(set(life.moments))
    assert life.moments[-1:] == due[-1:]


@settings(max_examples=60, deadline=None)
@given(EXPRESSIONS, st.sampled_from(ZONES), STARTS, GAPS)
def test_none_fires_nothing_late(expression: str, timezone: str, start: datetime, gaps: list[float]) -> None:
    life = lived(born(CatchUp.NONE, expression, timezone, start), gaps)
    due = times(life, start)
    assert all(moment in due and looked_at - moment <= ON_TIME for moment, looked_at in life.fired)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(CatchUp), EXPRESSIONS, st.sampled_from(ZONES), STARTS, STEPS)
def test_no_due_time_fires_twice_or_early_though_the_clock_steps_back(
    catch_up: CatchUp, expression: str, timezone: str, start: datetime, steps: list[float]
) -> None:
    life = lived(born(catch_up, expression, timezone, start), steps)
    assert life.moments == sorted(set(life.moments))
    assert all(moment <= looked_at for moment, looked_at in life.fired)
    assert life.schedule.next_due is not None
    assert all(moment < life.schedule.next_due for moment in life.moments)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 59), st.integers(0, 23), st.sampled_from(ZONES))
def test_a_daily_time_comes_once_on_each_day_of_the_zone_all_year(minute: int, hour: int, timezone: str) -> None:
    due = cron.next_times(f"{minute} {hour} * * *", timezone, after=MIDNIGHT, number=366)
    days = [moment.astimezone(ZoneInfo(timezone)).date() for moment in due]
    assert days == [days[0] + timedelta(days=number) for number in range(366)]
