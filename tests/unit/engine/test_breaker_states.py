"""Breakers and budgets, whatever happens in whatever order."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiworker.engine.breakers import states
from aiworker.engine.breakers.records import Breaker
from aiworker.wire.engine import BreakerState
from tests.support.clocks import NOON

CAP = timedelta(minutes=15)


def after(outcomes: str, breaker: Breaker | None = None) -> Breaker:
    """`F`: one failed, `S`: one was done well, `T`: one is tried after the pause and fails."""
    breaker = breaker or states.closed("reader", NOON)
    for outcome in outcomes:
        match outcome:
            case "F":
                breaker = states.failed(breaker, "some", NOON)
            case "S":
                breaker = states.succeeded(breaker, 1, NOON)
            case _ if breaker.state is BreakerState.OPEN:
                breaker = states.failed(states.tried(breaker, "trial", NOON), "trial", NOON)
            case _:
                pass
    return breaker


@pytest.mark.parametrize(
    ("outcomes", "state", "allowed"),
    [
        ("FFFF", BreakerState.CLOSED, None),
        ("FFFFSFFFF", BreakerState.CLOSED, None),
        ("FFFFF", BreakerState.FEWER, 16),
        ("FFFFFFF", BreakerState.FEWER, 4),
        ("FFFFFFFFF", BreakerState.FEWER, 1),
        ("FFFFFFFFFF", BreakerState.OPEN, None),
        ("FFFFFFFFFFS", BreakerState.FEWER, 1),
        ("FFFFFFFFFFSSS", BreakerState.FEWER, 2),
        ("FFFFFFFFFFS" + "SS" * 4, BreakerState.FEWER, 16),
        ("FFFFFFFFFFS" + "SS" * 5, BreakerState.CLOSED, None),
    ],
)
def test_failures_in_a_row_make_it_fewer_and_then_open_and_successes_bring_it_back_step_by_step(
    outcomes: str, state: BreakerState, allowed: int | None
) -> None:
    breaker = after(outcomes)
    assert (breaker.state, breaker.allowed) == (state, allowed)


def test_one_failure_among_successes_takes_no_step_back() -> None:
    assert after("FFFFFFFFFF" + "SSS" + "F").allowed == after("FFFFFFFFFF" + "SSS").allowed == 2


def test_each_trial_that_fails_doubles_the_pause_up_to_a_quarter_of_an_hour() -> None:
    breaker = after("F" * 10)
    pauses: list[int] = []
    for _ in range(8):
        assert breaker.again_at is not None
        pauses.append(round((breaker.again_at - NOON).total_seconds()))
        breaker = after("T", breaker)
    assert pauses == [30, 60, 120, 240, 480, 900, 900, 900]


def test_what_was_under_way_before_it_opened_says_nothing_new() -> None:
    opened = after("F" * 10)
    assert after("F" * 100, opened) == opened


def test_a_trial_of_which_nothing_is_heard_is_followed_by_another() -> None:
    tried = states.tried(after("F" * 10), "trial", NOON)
    assert states.open_now(tried, NOON + timedelta(seconds=59))
    assert not states.open_now(tried, NOON + timedelta(seconds=60))


@given(st.text("FST", max_size=60))
def test_it_always_says_how_many_may_be_under_way_or_when_the_next_is_tried(outcomes: str) -> None:
    breaker = after(outcomes)
    assert (breaker.allowed is not None) == (breaker.state is BreakerState.FEWER)
    assert breaker.allowed in {None, 1, 2, 4, 8, 16}
    assert (breaker.again_at is not None) == (breaker.state is BreakerState.OPEN)
    assert states.FIRST_PAUSE_SECONDS <= breaker.pause_seconds <= states.LONGEST_PAUSE_SECONDS
    # Whatever happened: a module that is well again gets everything after eleven robots.
    assert after("S" * 11, breaker).state is BreakerState.CLOSED


@given(st.text("FS", max_size=60), st.integers(1, 40))
def test_many_at_once_count_as_much_as_one_after_the_other(outcomes: str, number: int) -> None:
    before = after(outcomes)
    if before.state is not BreakerState.OPEN:
        together, singly = states.succeeded(before, number, NOON), after("S" * number, before)
        assert (together.state, together.allowed) == (singly.state, singly.allowed)


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 60)), max_size=400), st.integers(0, 2_000))
def test_in_no_minute_more_retries_start_than_a_budget_and_those_that_stood_in_line(
    retries: list[tuple[float, float]], ended: int
) -> None:
    """Each: so many seconds after the one before, and the wait that its robot asks for."""
    breaker, now, starts = states.closed("reader", NOON), NOON, list[float]()
    no_cap = timedelta(days=1)
    for seconds, _ in retries:
        now += timedelta(seconds=seconds)
        at = states.planned(breaker, now, now, ended=ended, cap=no_cap)
        breaker = states.spent(breaker, now, ended=ended, cap=no_cap)
        assert at >= now
        starts.append((at - NOON).total_seconds())
    most = 2 * states.per_minute(ended) + 1
    assert all(sum(start <= other < start + 60 for other in starts) <= most for start in starts)
    assert all(earlier <= later for earlier, later in pairwise(starts))


def test_a_retry_waits_for_the_budget_but_no_longer_than_its_robot_says() -> None:
    breaker = states.closed("reader", NOON)
    waits: list[float] = []
    for _ in range(2_000):
        at = states.planned(breaker, NOON + timedelta(seconds=5), NOON, ended=0, cap=CAP)
        breaker = states.spent(breaker, NOON, ended=0, cap=CAP)
        waits.append((at - NOON).total_seconds())
    # A minute's budget goes at once; then one a second; the last wait for as long as a robot may be kept waiting.
    assert waits[:65] == [5] * 65
    assert waits[120] == 61
    assert max(waits) == CAP.total_seconds()
    assert states.planned(breaker, NOON, NOON + timedelta(hours=1), ended=0, cap=CAP) <= NOON + timedelta(hours=1)


def test_a_busy_module_may_retry_a_fifth_of_what_it_does() -> None:
    assert states.per_minute(0) == 60
    assert states.per_minute(10_000) == 2_000
