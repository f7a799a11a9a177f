"""What a completion writes."""

from dataclasses import replace
from datetime import timedelta

from aiworker.engine.completions.records import Running
from aiworker.engine.completions.states import ending
from aiworker.wire.engine import Complete, ExecutionState
from tests.support.clocks import NOON

RUNNING = Running(
    execute_id="e-1",
    execution_state=ExecutionState.RUNNING,
    lease_token="e-1.secret",
    outcome=None,
    holder="worker-1",
    current_step=None,
    completed_steps=2,
    total_steps=3,
    started_at=NOON,
    paused_at=None,
    paused_ms=0,
    robot_id="ocr_1_000001",
    robot_type="ocr.read",
    module_name="reader",
    correlation_id=None,
    completeness_score=0.25,
    confidence_score=0.5,
    estimated_duration_minutes=None,
    required_completeness=None,
    required_confidence=None,
    running_lane=7,
    stirred=False,
    limited=False,
    moves=1,
)
DONE = Complete(lease_token="e-1.secret", output_data={"text": "hola"}, confidence_score=0.9)


def after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def test_scores_that_are_not_given_stay_as_they_were() -> None:
    written = ending(RUNNING, DONE, NOON + after(1), by=None, steps=2)
    assert (written.completeness_score, written.confidence_score) == (0.25, 0.9)


def test_it_says_how_long_the_work_took_in_milliseconds_and_minutes() -> None:
    written = ending(RUNNING, DONE, NOON + after(125), by=None, steps=2)
    assert (written.processing_time_ms, written.actual_duration_minutes) == (125_000, 2)


def test_time_spent_paused_is_not_work_also_if_it_ends_paused() -> None:
    paused = replace(RUNNING, paused_at=NOON + after(100), paused_ms=20_000)
    written = ending(paused, DONE, NOON + after(500), by=None, steps=2)
    assert (written.processing_time_ms, written.paused_ms) == (80_000, 420_000)


def test_more_steps_than_were_planned_raise_the_plan() -> None:
    assert ending(RUNNING, DONE, NOON + after(1), by=None, steps=5).total_steps == 5
    assert ending(RUNNING, DONE, NOON + after(1), by=None, steps=1).total_steps == 3


def test_an_estimate_that_was_met_is_fully_efficient_and_a_missed_one_is_not() -> None:
    estimated = replace(RUNNING, estimated_duration_minutes=1)
    assert ending(estimated, DONE, NOON + after(30), by=None, steps=0).efficiency_score == 1.0
    assert ending(estimated, DONE, NOON + after(240), by=None, steps=0).efficiency_score == 0.25
