from datetime import datetime, timedelta

import pytest

from aiworker.engine.executions import states
from aiworker.engine.executions.errors import NotUnderWay
from aiworker.wire.engine import ExecutionState, Report
from tests.support.clocks import NOON
from tests.unit.engine.samples import execution, failure


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_a_token_names_its_execution_and_opens_no_other() -> None:
    mine, yours = execution(), execution()
    assert states.named_by(mine.lease_token) == mine.execute_id
    assert states.opens(mine, mine.lease_token)
    assert not states.opens(mine, yours.lease_token)
    assert not states.opens(mine, mine.execute_id)


def test_it_is_looked_at_when_the_first_of_lease_and_timeout_ends() -> None:
    assert execution(lease_seconds=60, timeout_seconds=1800).check_at == after(60)
    assert execution(lease_seconds=60, timeout_seconds=10).check_at == after(10)


def test_work_by_hand_is_never_looked_at() -> None:
    by_hand = execution(lease_seconds=None)
    assert (by_hand.lease_expires_at, by_hand.timeout_at, by_hand.check_at) == (None, None, None)


def test_a_report_renews_the_lease_for_its_own_length() -> None:
    reported = states.reported(execution(lease_seconds=60), Report(lease_token="t"), after(50))
    assert reported.lease_expires_at == after(110)
    assert reported.reported_at == after(50)


def test_a_pause_keeps_the_lease_and_stops_the_timeouts_clock() -> None:
    paused = states.paused(execution(lease_seconds=60, timeout_seconds=100), after(40))
    assert (paused.lease_expires_at, paused.timeout_at, paused.check_at) == (after(60), None, after(60))


def test_after_a_pause_the_timeout_goes_on_where_it_stood() -> None:
    paused = states.paused(execution(timeout_seconds=100), after(40))
    resumed = states.resumed(paused, after(1_000), lease_seconds=None)
    assert resumed.timeout_at == after(1_060)
    assert resumed.lease_expires_at == after(1_060)


def test_two_pauses_add_up() -> None:
    now = states.paused(execution(timeout_seconds=100), after(10))
    now = states.resumed(now, after(20), lease_seconds=None)
    now = states.paused(now, after(30))
    now = states.resumed(now, after(50), lease_seconds=None)
    assert now.timeout_at == after(130)
    assert states.worked_ms(now, after(60)) == 30_000


def test_time_spent_paused_is_not_worked() -> None:
    paused = states.paused(execution(), after(40))
    assert states.worked_ms(paused, after(500)) == 40_000
    done = states.ended(paused, ExecutionState.COMPLETED, after(500), outcome="completed", by=None)
    assert (done.duration_ms, done.paused_ms) == (40_000, 460_000)


def test_a_parked_attempt_waits_without_lease_and_can_come_back_with_a_new_one() -> None:
    parked = states.parked(execution(lease_seconds=60), after(30))
    assert (parked.execution_state, parked.lease_expires_at, parked.check_at) == (ExecutionState.PAUSED, None, None)
    resumed = states.resumed(parked, after(9_000), lease_seconds=600)
    assert (resumed.parked_at, resumed.lease_expires_at) == (None, after(9_600))


def test_pausing_parking_and_resuming_twice_change_nothing_the_second_time() -> None:
    running = execution()
    paused = states.paused(running, after(1))
    parked = states.parked(paused, after(2))
    assert states.resumed(running, after(1), lease_seconds=None) is running
    assert states.paused(paused, after(2)) is paused
    assert states.parked(parked, after(3)) is parked


def test_what_is_over_moves_no_more() -> None:
    over = states.ended(execution(), ExecutionState.CANCELLED, after(1), outcome="cancelled", by="ana")
    with pytest.raises(NotUnderWay):
        states.paused(over, after(2))
    with pytest.raises(NotUnderWay):
        states.resumed(over, after(2), lease_seconds=60)
    with pytest.raises(NotUnderWay):
        states.ended(over, ExecutionState.FAILED, after(2), outcome="lost", by=None)


def test_a_failed_try_says_whether_another_follows() -> None:
    last = states.failed(execution(), failure(), after(1), outcome="failed", by=None, final=True)
    not_last = states.failed(execution(), failure(), after(1), outcome="failed", by=None, final=False)
    assert (last.execution_state, not_last.execution_state) == (ExecutionState.FAILED, ExecutionState.RETRYING)


@pytest.mark.parametrize(
    ("estimate", "actual_ms", "score"),
    [(None, 5_000, 1.0), (1, 30_000, 1.0), (1, 120_000, 0.5), (0, 60_000, 0.0), (1, 0, 1.0)],
)
def test_efficiency_is_the_estimate_over_the_actual_time_at_most_one(
    estimate: int | None, actual_ms: int, score: float
) -> None:
    assert states.efficiency(estimate, actual_ms) == pytest.approx(score)


def test_peaks_are_kept_and_never_fall() -> None:
    now = states.reported(execution(), Report(lease_token="t", cpu_usage_percent=80, memory_usage_mb=300), after(1))
    now = states.reported(now, Report(lease_token="t", cpu_usage_percent=20, memory_usage_mb=500), after(2))
    assert (now.cpu_usage_percent, now.memory_usage_mb) == (20, 500)
    assert now.resource_peak_usage == {"max_cpu": 80, "max_memory": 500}


def test_progress_gives_a_forecast() -> None:
    now = states.reported(execution(), Report(lease_token="t", progress_percentage=25), after(100))
    assert now.estimated_completion_at == after(400)
