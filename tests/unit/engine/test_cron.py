from datetime import UTC, datetime, timedelta

import pytest

from aiworker.core.errors import Invalid
from aiworker.engine.schedules import cron
from aiworker.engine.schedules.records import Schedule
from aiworker.engine.schedules.service import missed_and_due
from aiworker.wire.schedules import CatchUp, Overlap

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)


def schedule(catch_up: CatchUp, expression: str = "0 * * * *") -> Schedule:
    return Schedule(
        name="hourly",
        cron=expression,
        timezone="UTC",
        catch_up=catch_up,
        overlap=Overlap.QUEUE,
        template={},
        is_active=True,
        system=False,
        created_by=None,
        next_due=MIDNIGHT,
        last_due=None,
        last_error=None,
        created_at=MIDNIGHT,
        updated_at=MIDNIGHT,
    )


def test_times_are_told_in_utc_by_the_clock_of_the_zone() -> None:
    assert cron.next_times("0 2 * * *", "Europe/Madrid", after=MIDNIGHT, number=2) == [
        datetime(2026, 3, 2, 1, tzinfo=UTC),
        datetime(2026, 3, 3, 1, tzinfo=UTC),
    ]


def test_a_time_that_comes_twice_when_the_clock_goes_back_fires_once() -> None:
    before = datetime(2026, 10, 24, 12, tzinfo=UTC)
    times = cron.next_times("30 2 * * *", "Europe/Madrid", after=before, number=2)
    assert times[1] - times[0] > timedelta(hours=23)


def test_a_time_that_is_skipped_when_the_clock_goes_forward_fires_once_that_day() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    times = cron.next_times("30 2 * * *", "Europe/Madrid", after=before, number=2)
    assert [moment.day for moment in times] == [29, 30]


@pytest.mark.parametrize("expression", ["", "* * *", "61 * * * *", "a b c d e", "0 0 30 2 *", "* * * * *\0"])
def test_an_expression_that_means_nothing_is_refused(expression: str) -> None:
    with pytest.raises(Invalid) as refusal:
        cron.check(expression, "UTC")
    assert refusal.value.code == "bad_cron"


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "Europe/Madrid\0"])
def test_a_zone_that_nobody_knows_is_refused(zone: str) -> None:
    with pytest.raises(Invalid) as refusal:
        cron.check("0 * * * *", zone)
    assert refusal.value.code == "bad_timezone"


def test_after_an_absence_the_latest_rule_fires_the_latest_time_only() -> None:
    due = missed_and_due(schedule(CatchUp.LATEST), first=MIDNIGHT, now=MIDNIGHT + timedelta(hours=5, minutes=20))
    assert due == [MIDNIGHT + timedelta(hours=5)]


def test_after_an_absence_the_rule_all_fires_every_time() -> None:
    due = missed_and_due(schedule(CatchUp.ALL), first=MIDNIGHT, now=MIDNIGHT + timedelta(hours=3))
    assert due == [MIDNIGHT + timedelta(hours=hour) for hour in range(4)]


def test_a_year_of_missed_minutes_is_made_up_for_in_portions() -> None:
    due = missed_and_due(schedule(CatchUp.ALL, "* * * * *"), first=MIDNIGHT, now=MIDNIGHT + timedelta(days=365))
    assert len(due) == 100


def test_the_rule_none_leaves_out_what_was_missed_and_fires_what_is_on_time() -> None:
    rule = schedule(CatchUp.NONE)
    assert missed_and_due(rule, first=MIDNIGHT, now=MIDNIGHT + timedelta(minutes=20)) == []
    assert missed_and_due(rule, first=MIDNIGHT, now=MIDNIGHT + timedelta(seconds=2)) == [MIDNIGHT]
