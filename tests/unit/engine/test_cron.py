from datetime import UTC, datetime, timedelta

import pytest

from aiworker.core.errors import Invalid
from aiworker.engine.schedules import cron

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)


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
