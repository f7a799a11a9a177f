from datetime import timedelta

import pytest

from aiworker.engine.executions.errors import ExecutionNotFound, LeaseLost
from aiworker.wire.engine import ErrorCategory, ExecutionState, Report, RobotStatus, StepCategory, StepReport
from tests.support.engine import Bench


async def test_a_silent_holder_loses_the_robot_and_no_try_is_counted(bench: Bench) -> None:
    robot = await bench.submit()
    claimed = await bench.claim_one(lease_seconds=60)
    await bench.tick_after(61)
    stored = await bench.robot(robot.robot_id)
    assert (stored.status, stored.retry_count, stored.uncounted) == (RobotStatus.PENDING, 0, 1)
    execution = await bench.execution(claimed)
    assert (execution.execution_state, execution.outcome) == (ExecutionState.FAILED, "lost")
    assert execution.error_message == "worker-1 did not answer for 60 s"


async def test_a_stale_worker_that_comes_back_late_changes_nothing(bench: Bench) -> None:
    robot = await bench.submit()
    stale = await bench.claim_one(holder="worker-1")
    await bench.tick_after(61)
    fresh = await bench.claim_one(holder="worker-2")
    assert (await bench.report(stale)).directive == "lost"
    with pytest.raises(LeaseLost):
        await bench.complete(stale, output_data={"from": "stale"})
    with pytest.raises(LeaseLost):
        await bench.fail(stale)
    with pytest.raises(LeaseLost):
        await bench.release(stale)
    await bench.complete(fresh, output_data={"from": "fresh"})
    assert (await bench.robot(robot.robot_id)).output_data == {"from": "fresh"}


async def test_a_worker_that_comes_back_late_but_before_anyone_noticed_goes_on(bench: Bench) -> None:
    await bench.submit()
    claimed = await bench.claim_one(lease_seconds=60)
    bench.clock.pass_seconds(300)
    assert (await bench.report(claimed)).directive == "continue"
    await bench.tick_after(30)
    await bench.complete(claimed)


async def test_reports_keep_the_lease(bench: Bench) -> None:
    await bench.submit(timeout_seconds=10_000)
    claimed = await bench.claim_one(lease_seconds=60)
    for _ in range(5):
        await bench.tick_after(50)
        answer = await bench.report(claimed)
        assert answer.directive == "continue"
        assert answer.lease_expires_at is not None
        assert answer.lease_expires_at >= bench.clock.now + timedelta(seconds=60)


async def test_one_heartbeat_keeps_every_lease_of_a_holder_and_nobody_elses(bench: Bench) -> None:
    for _ in range(3):
        await bench.submit()
    mine = await bench.claim(holder="worker-1", limit=2)
    other = await bench.claim_one(holder="worker-2")
    bench.clock.pass_seconds(50)
    assert await bench.database.write(bench.engine.renew, "worker-1") == 2
    await bench.tick_after(20)
    assert [(await bench.report(claimed)).directive for claimed in [*mine, other]] == ["continue", "continue", "lost"]


async def test_a_wrong_token_opens_nothing(bench: Bench) -> None:
    await bench.submit()
    await bench.submit()
    one, two = await bench.claim(limit=2)
    forged = one.model_copy(update={"lease_token": two.lease_token})
    assert (await bench.report(forged)).directive == "lost"
    with pytest.raises(LeaseLost):
        await bench.complete(forged)
    with pytest.raises(LeaseLost):
        await bench.fail(one.model_copy(update={"lease_token": "x"}))


async def test_an_execution_that_never_was_is_not_found_and_its_report_is_lost(bench: Bench) -> None:
    answer = await bench.database.write(bench.engine.report, "nothing", Report(lease_token="x"))
    assert answer.directive == "lost"
    with pytest.raises(ExecutionNotFound):
        await bench.database.read(bench.engine.get_execution, "nothing")


async def test_repeating_ones_own_result_is_no_error(bench: Bench) -> None:
    for _ in range(3):
        await bench.submit()
    done, failed, released = await bench.claim(limit=3)
    for _ in range(2):
        await bench.complete(done, output_data={"n": 1})
        await bench.fail(failed)
        await bench.release(released)
    assert (await bench.robot(done.robot_id)).moves == 2


async def test_a_completed_try_cannot_fail_afterwards(bench: Bench) -> None:
    await bench.submit()
    claimed = await bench.claim_one()
    await bench.complete(claimed)
    with pytest.raises(LeaseLost):
        await bench.fail(claimed)


async def test_a_token_is_found_by_itself_and_a_new_one_replaces_it(bench: Bench) -> None:
    await bench.submit()
    claimed = await bench.claim_one()
    await bench.report(claimed)
    found = await bench.database.read(bench.engine.find_by_lease_token, claimed.lease_token)
    assert found is not None
    assert (found.execute_id, found.reported_at is None) == (claimed.execute_id, False)
    token = await bench.database.write(bench.engine.rotate_token, claimed.execute_id)
    assert await bench.database.read(bench.engine.find_by_lease_token, claimed.lease_token) is None
    renewed = await bench.database.read(bench.engine.find_by_lease_token, token)
    assert renewed is not None
    assert renewed.reported_at is None
    with pytest.raises(LeaseLost):
        await bench.complete(claimed)
    await bench.complete(claimed.model_copy(update={"lease_token": token}))
    with pytest.raises(LeaseLost):
        await bench.database.write(bench.engine.rotate_token, claimed.execute_id)


@pytest.mark.parametrize("token", ["", ".", "x.y", "\N{SNOWMAN}", "a" * 500])
async def test_a_token_that_is_none_is_not_found(bench: Bench, token: str) -> None:
    assert await bench.database.read(bench.engine.find_by_lease_token, token) is None


async def test_an_execution_that_takes_too_long_fails_as_a_timeout_in_spite_of_its_heartbeats(bench: Bench) -> None:
    robot = await bench.submit(timeout_seconds=100)
    claimed = await bench.claim_one(lease_seconds=60)
    await bench.tick_after(50)
    await bench.report(claimed)
    await bench.tick_after(51)
    stored = await bench.robot(robot.robot_id)
    assert (stored.status, stored.error_category, stored.retry_count) == (RobotStatus.RETRYING, "TIMEOUT", 1)
    assert (await bench.execution(claimed)).outcome == "timeout"
    assert (await bench.report(claimed)).directive == "lost"


async def test_ten_losses_in_a_row_hold_the_robot(bench: Bench) -> None:
    robot = await bench.submit()
    for _ in range(10):
        await bench.claim_one()
        await bench.tick_after(61)
    assert await bench.claim() == []
    assert await bench.waiting(robot.robot_id) == "lost or given back 10 times in a row"
    await bench.database.write(bench.engine.retry, robot.robot_id, by="ana")
    assert len(await bench.claim()) == 1


async def test_steps_are_kept_in_order_with_their_times_and_repeating_them_changes_nothing(bench: Bench) -> None:
    await bench.submit()
    claimed = await bench.claim_one()
    read = StepReport(name="READ", category=StepCategory.EXTERNAL_API)
    for _ in range(2):
        await bench.report(claimed, step=read)
    bench.clock.pass_seconds(2.5)
    for _ in range(2):
        await bench.report(claimed, step=read.model_copy(update={"status": "completed", "detail": "3 pages"}))
    await bench.report(claimed, step=StepReport(name="CHECK", category=StepCategory.VALIDATION))
    bench.clock.pass_seconds(1.5)
    await bench.fail(claimed, ErrorCategory.EXTERNAL_API)
    steps = await bench.database.read(bench.engine.steps_of, [claimed.execute_id])
    told = [(step.position, step.name, step.status, step.detail) for step in steps]
    assert told == [(0, "READ", "completed", "3 pages"), (1, "CHECK", "failed", None)]
    assert [(step.duration_ms or 0) // 1_000 for step in steps] == [2, 1]
    execution = await bench.execution(claimed)
    assert (execution.current_step, execution.completed_steps) == ("CHECK", 1)
    robot = await bench.robot(claimed.robot_id)
    assert robot.error_details is not None
    assert robot.error_details["step"] == "CHECK"


async def test_a_step_can_be_run_again(bench: Bench) -> None:
    await bench.submit()
    claimed = await bench.claim_one()
    for _ in range(2):
        for status in ("running", "completed"):
            await bench.report(claimed, step=StepReport(name="READ", status=status))
    steps = await bench.database.read(bench.engine.steps_of, [claimed.execute_id])
    assert [(step.position, step.status) for step in steps] == [(0, "completed"), (1, "completed")]


async def test_executions_are_listed_newest_first_by_robot_state_and_batch(bench: Bench) -> None:
    robot = await bench.submit(correlation_id="batch", backoff_seconds=0)
    await bench.submit()
    first = await bench.claim_one()
    await bench.fail(first)
    await bench.tick_after(1)
    second = await bench.claim_one()
    assert second.robot_id == robot.robot_id
    engine = bench.engine
    of_robot, _ = await bench.database.read(engine.list_executions, robot_id=robot.robot_id)
    assert [execution.execute_id for execution in of_robot] == [second.execute_id, first.execute_id]
    running, _ = await bench.database.read(engine.list_executions, correlation_id="batch", state=ExecutionState.RUNNING)
    assert [execution.execute_id for execution in running] == [second.execute_id]
    page, cursor = await bench.database.read(engine.list_executions, limit=1)
    rest, end = await bench.database.read(engine.list_executions, limit=1, cursor=cursor)
    assert ([*page, *rest], end) == (of_robot, None)
