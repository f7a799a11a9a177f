from datetime import timedelta

import pytest

from aiworker.engine.robots.errors import IllegalMove, RobotNotFound
from aiworker.wire.engine import ErrorCategory, ExecutionState, RobotStatus
from tests.support.engine import Bench


async def test_a_failed_try_is_due_again_after_its_wait_and_not_before(bench: Bench) -> None:
    robot = await bench.submit(backoff_seconds=100)
    await bench.fail(await bench.claim_one())
    waiting = await bench.robot(robot.robot_id)
    assert waiting.status is RobotStatus.RETRYING
    assert waiting.retry_at is not None
    assert timedelta() <= waiting.retry_at - bench.clock.now <= timedelta(seconds=100)
    await bench.tick_after((waiting.retry_at - bench.clock.now).total_seconds() - 0.001)
    assert await bench.claim() == []
    assert str(await bench.waiting(robot.robot_id)).startswith("next try 2026-03-02T12:0")
    await bench.tick_after(0.002)
    again = await bench.claim_one()
    assert (again.robot_id, again.retry_count) == (robot.robot_id, 1)


async def test_after_the_limit_of_retries_it_is_failed_and_kept(bench: Bench) -> None:
    robot = await bench.submit(retry_limit=2, backoff_seconds=0)
    for _ in range(3):
        await bench.tick_after(1)
        await bench.fail(await bench.claim_one())
    stored = await bench.robot(robot.robot_id)
    assert (stored.status, stored.retry_count) == (RobotStatus.FAILED, 2)
    assert stored.error_details == {"type": "APPLICATION", "step": None, "message": "broken"}
    tries, _ = await bench.database.read(bench.engine.list_executions, robot_id=robot.robot_id)
    states = [execution.execution_state for execution in tries]
    assert states == [ExecutionState.FAILED, ExecutionState.RETRYING, ExecutionState.RETRYING]
    assert [execution.retry_count for execution in tries] == [2, 1, 0]


@pytest.mark.parametrize("category", [ErrorCategory.VALIDATION, ErrorCategory.BUSINESS])
async def test_what_trying_again_cannot_help_is_failed_at_once(bench: Bench, category: ErrorCategory) -> None:
    robot = await bench.submit()
    await bench.fail(await bench.claim_one(), category)
    assert (await bench.robot(robot.robot_id)).status is RobotStatus.FAILED


async def test_a_robot_that_was_given_back_can_be_claimed_at_once_and_no_try_is_counted(bench: Bench) -> None:
    robot = await bench.submit(retry_limit=0)
    claimed = await bench.claim_one()
    await bench.release(claimed)
    assert (await bench.execution(claimed)).outcome == "released"
    again = await bench.claim_one()
    assert (again.robot_id, again.retry_count) == (robot.robot_id, 0)


async def test_a_person_sends_a_failed_robot_back_with_all_its_tries(bench: Bench) -> None:
    robot = await bench.submit(retry_limit=1, backoff_seconds=0)
    for _ in range(2):
        await bench.tick_after(1)
        await bench.fail(await bench.claim_one())
    after = await bench.database.write(bench.engine.retry, robot.robot_id, by="ana")
    assert (after.status, after.retry_count) == (RobotStatus.PENDING, 0)
    await bench.fail(await bench.claim_one())
    assert (await bench.robot(robot.robot_id)).status is RobotStatus.RETRYING


async def test_a_person_need_not_wait_for_the_next_try(bench: Bench) -> None:
    robot = await bench.submit(backoff_seconds=10_000, backoff_cap_seconds=10_000)
    await bench.fail(await bench.claim_one())
    await bench.database.write(bench.engine.retry, robot.robot_id, by="ana")
    assert (await bench.claim_one()).robot_id == robot.robot_id


async def test_a_running_robot_is_not_taken_from_its_holder_by_a_retry(bench: Bench) -> None:
    robot = await bench.submit()
    await bench.claim_one()
    with pytest.raises(IllegalMove):
        await bench.database.write(bench.engine.retry, robot.robot_id, by="ana")
    assert await bench.claim() == []


async def test_what_is_done_cannot_be_tried_again(bench: Bench) -> None:
    robot = await bench.submit()
    await bench.complete(await bench.claim_one())
    with pytest.raises(IllegalMove):
        await bench.database.write(bench.engine.retry, robot.robot_id, by="ana")
    with pytest.raises(RobotNotFound):
        await bench.database.write(bench.engine.retry, "ocr_0_000000", by="ana")


async def test_a_cancelled_robot_is_never_handed_out_and_cancelling_again_is_no_error(bench: Bench) -> None:
    robot = await bench.submit()
    for _ in range(2):
        after = await bench.database.write(bench.engine.cancel, robot.robot_id, by="ana", reason="not needed")
        assert after.status is RobotStatus.CANCELLED
    assert await bench.claim() == []
    assert (await bench.robot(robot.robot_id)).moves == 1


async def test_a_running_worker_is_told_of_the_cancellation_and_its_result_is_not_accepted(bench: Bench) -> None:
    robot = await bench.submit()
    claimed = await bench.claim_one()
    await bench.database.write(bench.engine.cancel, robot.robot_id, by="ana")
    assert (await bench.report(claimed)).directive == "cancel"
    with pytest.raises(Exception, match="no longer yours"):
        await bench.complete(claimed)
    assert (await bench.robot(robot.robot_id)).status is RobotStatus.CANCELLED
    execution = await bench.execution(claimed)
    assert (execution.execution_state, execution.ended_by) == (ExecutionState.CANCELLED, "ana")


@pytest.mark.parametrize("end", ["completed", "failed"])
async def test_what_is_over_cannot_be_cancelled(bench: Bench, end: str) -> None:
    robot = await bench.submit()
    claimed = await bench.claim_one()
    await (bench.complete(claimed) if end == "completed" else bench.fail(claimed, ErrorCategory.BUSINESS))
    with pytest.raises(IllegalMove):
        await bench.database.write(bench.engine.cancel, robot.robot_id, by="ana")


async def test_the_time_of_a_robot_that_was_tried_again_is_that_of_its_last_try(bench: Bench) -> None:
    robot = await bench.submit()
    await bench.fail(await bench.claim_one())
    await bench.tick_after(3_600)
    again = await bench.claim_one()
    bench.clock.pass_seconds(2)
    await bench.complete(again)
    assert 1_990 <= ((await bench.robot(robot.robot_id)).processing_time_ms or 0) <= 2_010
