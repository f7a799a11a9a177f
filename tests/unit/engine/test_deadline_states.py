"""Forecasts of robots with a due date."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiworker.engine.deadlines.records import Line, Pending
from aiworker.engine.deadlines.states import forecast, looked_at
from aiworker.engine.robots.states import tier
from aiworker.wire.engine import ProcessingTier, RobotStatus
from tests.support.clocks import NOON

WAITING = Pending(
    robot_id="ocr_2",
    robot_type="ocr.read",
    module_name="reader",
    correlation_id=None,
    status=RobotStatus.PENDING,
    held=None,
    due_at=None,
    rank=2,
    age=NOON,
    due_date=NOON + timedelta(hours=1),
    estimated_duration_minutes=None,
    typical_ms=60_000,
    at_risk=False,
    started_at=None,
    estimated_completion_at=None,
    paused_at=None,
)
RUNNING = replace(WAITING, status=RobotStatus.PROCESSING, started_at=NOON)


def minutes(number: float) -> datetime:
    return NOON + timedelta(minutes=number)


def line(ahead: int, per_minute: float = 2) -> Line:
    return Line([(2, NOON - timedelta(seconds=n), "ocr_1") for n in range(ahead, 0, -1)], per_minute)


@pytest.mark.parametrize(
    ("robot", "queue", "expected"),
    [
        (WAITING, None, minutes(1)),
        (WAITING, line(20), minutes(11)),
        (replace(WAITING, rank=1), line(20), minutes(1)),
        (replace(WAITING, due_at=minutes(30)), line(20), minutes(31)),
        (replace(WAITING, typical_ms=None, estimated_duration_minutes=5), None, minutes(5)),
        (replace(WAITING, typical_ms=None), None, None),
        (replace(WAITING, held="after SHOP-9"), None, None),
        (WAITING, line(3, per_minute=0), minutes(4)),
        (RUNNING, None, minutes(1)),
        (replace(RUNNING, estimated_completion_at=minutes(7)), None, minutes(7)),
        (replace(RUNNING, paused_at=NOON), None, None),
        (replace(RUNNING, typical_ms=None), None, None),
    ],
)
def test_a_forecast_comes_from_progress_or_history_and_from_those_before_it(
    robot: Pending, queue: Line | None, expected: datetime | None
) -> None:
    at, why = forecast(robot, queue, NOON)
    assert at == expected
    assert why


def test_one_that_runs_longer_than_usual_is_expected_now_and_not_in_the_past() -> None:
    assert forecast(RUNNING, None, minutes(50))[0] == minutes(50)


def test_it_is_at_risk_once_the_forecast_lies_behind_the_due_date() -> None:
    assert not looked_at(WAITING, line(100), NOON).at_risk
    assert looked_at(WAITING, line(200), NOON).at_risk


def test_without_a_forecast_it_is_at_risk_once_its_own_time_is_too_long() -> None:
    held = replace(WAITING, held="after SHOP-9")
    assert not looked_at(held, None, minutes(58)).at_risk
    assert looked_at(held, None, minutes(59.5)).at_risk


def test_one_that_is_overdue_says_so() -> None:
    late = looked_at(RUNNING, None, minutes(61))
    assert (late.at_risk, late.why) == (True, "it is overdue")


@given(st.integers(0, 100_000), st.floats(0, 1_000), st.integers(-100, 10_000), st.integers(0, 10**9))
def test_the_next_look_is_never_more_than_an_hour_away_and_never_at_once(
    ahead: int, per_minute: float, due_in: int, takes: int
) -> None:
    robot = replace(WAITING, due_date=minutes(due_in), typical_ms=takes)
    seen = looked_at(robot, Line([(0, NOON, "a")] * min(ahead, 50), per_minute), NOON)
    assert timedelta(minutes=1) <= seen.look_at - NOON <= timedelta(hours=1)
    assert seen.forecast_at is None or seen.forecast_at >= NOON


@pytest.mark.parametrize(
    ("estimated", "typical_ms", "expected"),
    [
        (None, None, ProcessingTier.STANDARD),
        (None, 59_999, ProcessingTier.FAST),
        (None, 60_000, ProcessingTier.STANDARD),
        (None, 600_000, ProcessingTier.COMPLEX),
        (90, 10, ProcessingTier.BULK),
    ],
)
def test_the_tier_comes_from_the_estimate_or_else_from_history(
    estimated: int | None, typical_ms: int | None, expected: ProcessingTier
) -> None:
    assert tier(estimated, typical_ms) is expected
