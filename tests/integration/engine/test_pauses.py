import pytest

from aiworker.core.errors import Conflict
from aiworker.engine.executions.errors import LeaseLost
from aiworker.wire.engine import ClaimedRobot, ExecutionState, RobotStatus
from tests.support.engine import Bench


async def pause(bench: Bench, claimed: ClaimedRobot) -> None:
    await bench.database.write(bench.engine.pause, claimed.execute_id, by="ana")


async def park(bench: Bench, claimed: ClaimedRobot) -> None:
    await bench.database.write(bench.engine.park, claimed.execute_id, by="ana")


async def resume(bench: Bench, claimed: ClaimedRobot, lease_seconds: int | None = None) -> None:
    await bench.database.write(bench.engine.resume, claimed.execute_id, by="ana", lease_seconds=lease_seconds)


async def test_a_pause_reaches_the_worker_with_its_next_report_and_so_does_the_resume(bench: Bench) -> None:
    await bench.submit()
    claimed = await bench.claim_one()
    await pause(bench, claimed)
    assert (await bench.report(claimed)).directive == "pause"
    assert (await bench.robot(claimed.robot_id)).status is RobotStatus.PROCESSING
    await resume(bench, claimed)
    assert (await bench.report(claimed)).directive == "continue"


async def test_time_spent_paused_does_not_count_towards_the_timeout(bench: Bench) -> None:
    await bench.submit(timeout_seconds=100)
    claimed = await bench.claim_one(lease_seconds=3600)
    await bench.tick_after(60)
    await pause(bench, claimed)
    await bench.tick_after(3_000)
    await resume(bench, claimed)
    await bench.tick_after(39)
    assert (await bench.report(claimed)).directive == "continue"
    await bench.tick_after(2)
    assert (await bench.execution(claimed)).outcome == "timeout"


async def test_a_paused_worker_that_goes_silent_loses_its_robot(bench: Bench) -> None:
    await bench.submit()
    claimed = await bench.claim_one(lease_seconds=60)
    await pause(bench, claimed)
    await bench.tick_after(61)
    assert (await bench.robot(claimed.robot_id)).status is RobotStatus.PENDING


async def test_a_paused_worker_may_still_deliver(bench: Bench) -> None:
    await bench.submit()
    claimed = await bench.claim_one()
    await pause(bench, claimed)
    await bench.complete(claimed, output_data={"n": 1})
    assert (await bench.robot(claimed.robot_id)).output_data == {"n": 1}


async def test_a_parked_attempt_waits_for_ever_and_takes_no_slot(bench: Bench) -> None:
    await bench.database.write(bench.engine.set_queue, "shop", max_running=1)
    parked_robot, other = [await bench.submit(queue="shop") for _ in range(2)]
    claimed = await bench.claim_one()
    assert await bench.claim() == []
    await park(bench, claimed)
    await bench.tick_after(1_000_000)
    assert (await bench.robot(parked_robot.robot_id)).status is RobotStatus.PROCESSING
    assert (await bench.claim_one()).robot_id == other.robot_id


async def test_a_parked_attempt_comes_back_with_a_new_lease_even_where_the_queue_is_full(bench: Bench) -> None:
    await bench.database.write(bench.engine.set_queue, "shop", max_running=1)
    for _ in range(3):
        await bench.submit(queue="shop")
    claimed = await bench.claim_one()
    await park(bench, claimed)
    await bench.claim_one(lease_seconds=3_600)
    await resume(bench, claimed, lease_seconds=600)
    assert await bench.claim() == []
    await bench.tick_after(599)
    assert (await bench.report(claimed)).directive == "continue"
    await bench.tick_after(601)
    assert (await bench.execution(claimed)).outcome == "lost"


async def test_a_parked_attempt_can_be_given_back_and_cancelled(bench: Bench) -> None:
    for _ in range(2):
        await bench.submit()
    released, cancelled = await bench.claim(limit=2)
    await park(bench, released)
    await park(bench, cancelled)
    await bench.release(released)
    await bench.database.write(bench.engine.cancel, cancelled.robot_id, by="ana")
    assert (await bench.robot(released.robot_id)).status is RobotStatus.PENDING
    assert (await bench.execution(cancelled)).execution_state is ExecutionState.CANCELLED


async def test_pausing_what_is_over_is_refused(bench: Bench) -> None:
    await bench.submit()
    claimed = await bench.claim_one()
    await bench.complete(claimed)
    for move in (pause, park, resume):
        with pytest.raises(Conflict) as refusal:
            await move(bench, claimed)
        assert refusal.value.code == "illegal_move"
    with pytest.raises(LeaseLost):
        await bench.release(claimed)


async def test_a_heartbeat_of_the_holder_does_not_bring_a_parked_attempt_back(bench: Bench) -> None:
    await bench.submit()
    claimed = await bench.claim_one()
    await park(bench, claimed)
    assert await bench.database.write(bench.engine.renew, "worker-1") == 0
    assert (await bench.report(claimed)).lease_expires_at is None


async def test_each_change_is_told_once(bench: Bench) -> None:
    await bench.submit()
    claimed = await bench.claim_one()
    for move in (pause, pause, park, park, resume, resume):
        await move(bench, claimed)
    told = [event["executionState"] for event in await bench.events(claimed.robot_id)]
    assert told == [None, "RUNNING", "PAUSED", "PAUSED", "RUNNING"]
