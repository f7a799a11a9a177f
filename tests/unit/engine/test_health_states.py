from datetime import datetime, timedelta

import pytest

from aiworker.engine.health.records import Check, HealthSample
from aiworker.engine.health.states import by_its_signs, strip, uptime
from aiworker.wire.engine import HealthStatus
from tests.support.clocks import NOON

DAY = timedelta(days=1)
HALF_HOUR = timedelta(minutes=30)


def before(minutes: float) -> datetime:
    return NOON - timedelta(minutes=minutes)


def sample(minutes: float, status: HealthStatus) -> HealthSample:
    well = status is HealthStatus.HEALTHY
    return HealthSample("reader", before(minutes), status, well=well, took_ms=3, error=None if well else "503")


def test_a_module_that_was_never_checked_counts_as_up() -> None:
    assert uptime([], since=NOON - DAY, now=NOON) == 1.0


def test_uptime_is_a_share_of_time_and_not_of_checks() -> None:
    # Down for ten minutes of an hour, and looked at more often while it was.
    checks = [(before(60), True), (before(50), True), (before(40), True)]
    checks += [(before(30 - step), False) for step in range(10)]
    checks += [(before(20), True), (before(10), True)]
    assert uptime(checks, since=NOON - DAY, now=NOON) == pytest.approx(5 / 6)


def test_time_in_which_nobody_looked_counts_neither_way() -> None:
    checks = [(before(600), True), (before(12), False)]
    assert uptime(checks, since=NOON - DAY, now=NOON) == pytest.approx(0.5)


def test_what_lies_before_the_window_does_not_count() -> None:
    checks = [(before(65), False), (before(60), True), (before(55), True)]
    assert uptime(checks, since=before(60), now=NOON) == 1.0


def test_each_half_hour_tells_the_worst_that_it_saw() -> None:
    samples = [
        sample(61, HealthStatus.HEALTHY),
        sample(50, HealthStatus.UNHEALTHY),
        sample(45, HealthStatus.DEGRADED),
        sample(29, HealthStatus.HEALTHY),
    ]
    told = strip(samples, now=NOON, pieces=48, each=HALF_HOUR)
    assert len(told) == 48
    assert told[:45] == [HealthStatus.UNKNOWN] * 45
    assert told[45:] == [HealthStatus.HEALTHY, HealthStatus.UNHEALTHY, HealthStatus.HEALTHY]


def test_a_module_without_an_end_point_is_judged_by_when_it_was_heard_of() -> None:
    assert by_its_signs(None, NOON, wanted=True) is None
    heard = by_its_signs(before(1), NOON, wanted=False)
    silent = by_its_signs(before(7), NOON, wanted=True)
    assert heard is not None
    assert heard.error is None
    assert silent is not None
    assert silent.error is not None
    assert silent.error.words == "it has not asked for work or reported for 7 min"
    assert silent.error.told == {"code": "health_silent", "values": {"minutes": 7}}


def test_one_that_nobody_misses_is_at_rest_and_not_ill() -> None:
    assert by_its_signs(before(7), NOON, wanted=False) == Check(at_rest=True)
