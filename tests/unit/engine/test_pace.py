"""A module's limit per minute: never more within any 60 seconds, and never less than that for long."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aiworker.engine.modules.pace import noted, room

BEGIN = datetime(2026, 11, 21, 12, tzinfo=UTC)
_LIMIT = st.integers(1, 20)
# Seconds until the next claim (a little less than none: it waited for the module's row), and how many it wants.
_CLAIMS = st.lists(st.tuples(st.floats(-3, 90), st.integers(0, 30)), max_size=60)
# Seconds by which somebody sets the database's clock back: mostly not at all.
_SET_BACK = st.sampled_from([0, 0, 0, 1, 59, 61, 600])


@given(_LIMIT, _CLAIMS)
def test_within_any_minute_no_more_are_started_than_the_limit_says(limit: int, claims: list[tuple[float, int]]) -> None:
    now, starts = BEGIN, {}
    started: list[datetime] = []
    for seconds, wanted in claims:
        now += timedelta(seconds=seconds)
        number = min(wanted, room(starts, now, limit))
        starts = noted(starts, now, number)
        started += [now] * number
    for first in started:
        assert sum(first <= one < first + timedelta(seconds=60) for one in started) <= limit


@given(_LIMIT, st.lists(st.tuples(st.floats(0, 90), _SET_BACK, st.integers(0, 30)), max_size=60))
def test_also_a_clock_that_is_set_back_gives_no_more_within_any_minute_that_passes(
    limit: int, claims: list[tuple[float, int, int]]
) -> None:
    passed = told = BEGIN
    starts: dict[str, int] = {}
    started: list[datetime] = []
    for seconds, set_back, wanted in claims:
        passed += timedelta(seconds=seconds)
        told += timedelta(seconds=seconds) - timedelta(seconds=set_back)
        number = min(wanted, room(starts, told, limit))
        starts = noted(starts, told, number)
        started += [passed] * number
    for first in started:
        assert sum(first <= one < first + timedelta(seconds=60) for one in started) <= limit


@given(_LIMIT, _CLAIMS)
def test_after_a_minute_and_a_second_there_is_room_again(limit: int, claims: list[tuple[float, int]]) -> None:
    now = latest = BEGIN
    starts: dict[str, int] = {}
    for seconds, wanted in claims:
        now += timedelta(seconds=seconds)
        latest = max(latest, now)
        starts = noted(starts, now, min(wanted, room(starts, now, limit)))
    assert room(starts, latest + timedelta(seconds=61), limit) == limit
    assert len(starts) <= 125


def test_a_module_that_never_started_any_has_all_its_room() -> None:
    assert room(None, BEGIN, 7) == 7
    assert noted(None, BEGIN, 3) == {str(int(BEGIN.timestamp())): 3}


def test_a_limit_that_was_lowered_leaves_no_room_below_none() -> None:
    assert room(noted(None, BEGIN, 9), BEGIN, 4) == 0
