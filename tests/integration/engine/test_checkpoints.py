"""What a handler saved on its way is there for whoever goes on, and what it used is counted once."""

import pytest

from aiworker.core.errors import Conflict
from aiworker.engine.robots.errors import NotUnderWay
from aiworker.wire.engine import Complete, ErrorCategory, Fail, Report, RobotStatus
from tests.support.engine import Bench


async def test_the_next_try_finds_what_the_one_before_saved_last(bench: Bench) -> None:
    await bench.submit()
    claimed = await bench.claim_one()
    assert claimed.checkpoint is None
    await bench.report(claimed, checkpoint={"page": 1})
    await bench.report(claimed, checkpoint={"page": 2, "text": "¡hola!"})
    await bench.fail(claimed)
    await bench.tick_after(1_000)
    assert (await bench.claim_one()).checkpoint == {"page": 2, "text": "¡hola!"}


async def test_a_worker_that_died_leaves_its_checkpoint(bench: Bench) -> None:
    await bench.submit()
    claimed = await bench.claim_one(lease_seconds=60)
    await bench.report(claimed, checkpoint={"page": 7})
    await bench.tick_after(61)
    assert (await bench.claim_one()).checkpoint == {"page": 7}


async def test_who_has_lost_the_lease_saves_nothing(bench: Bench) -> None:
    robot = await bench.submit()
    stale = await bench.claim_one()
    await bench.report(stale, checkpoint={"page": 1})
    await bench.release(stale)
    assert (await bench.report(stale, checkpoint={"page": 9})).directive == "lost"
    assert (await bench.claim_one()).checkpoint == {"page": 1}
    saved_at = await bench.database.read(bench.engine.checkpoints_saved_at, [robot.robot_id])
    assert list(saved_at) == [stale.execute_id]


async def test_one_that_was_paused_and_lost_its_worker_waits_for_the_resume(bench: Bench) -> None:
    robot = await bench.submit()
    claimed = await bench.claim_one(lease_seconds=60)
    await bench.report(claimed, checkpoint={"page": 3})
    await bench.database.write(bench.engine.pause_robot, robot.robot_id, by="ana")
    await bench.tick_after(61)
    assert (await bench.robot(robot.robot_id)).status is RobotStatus.PENDING
    assert await bench.claim() == []
    assert await bench.waiting(robot.robot_id) == "paused; resume it to let it go on"
    await bench.database.write(bench.engine.resume_robot, robot.robot_id, by="ana")
    assert (await bench.claim_one()).checkpoint == {"page": 3}


async def test_a_worker_that_is_alive_goes_on_where_it_stands_and_is_given_nothing_anew(bench: Bench) -> None:
    robot = await bench.submit()
    claimed = await bench.claim_one(lease_seconds=60)
    await bench.report(claimed, checkpoint={"page": 3})
    await bench.database.write(bench.engine.pause_robot, robot.robot_id, by="ana")
    assert (await bench.report(claimed)).directive == "pause"
    await bench.database.write(bench.engine.resume_robot, robot.robot_id, by="ana")
    assert await bench.claim(limit=5) == []
    assert (await bench.report(claimed, progress_percentage=50)).directive == "continue"
    tries, _ = await bench.database.read(bench.engine.list_executions, robot_id=robot.robot_id)
    assert [(one.execute_id, one.lease_token) for one in tries] == [(claimed.execute_id, claimed.lease_token)]
    await bench.complete(claimed, output_data={"pages": 9})
    assert (await bench.robot(robot.robot_id)).output_data == {"pages": 9}


async def test_a_worker_that_comes_back_after_the_resume_neither_goes_on_nor_saves(bench: Bench) -> None:
    robot = await bench.submit()
    stale = await bench.claim_one(lease_seconds=60)
    await bench.report(stale, checkpoint={"page": 3})
    await bench.database.write(bench.engine.pause_robot, robot.robot_id, by="ana")
    await bench.tick_after(61)
    await bench.database.write(bench.engine.resume_robot, robot.robot_id, by="ana")
    assert (await bench.report(stale, checkpoint={"page": 9})).directive == "lost"
    again = await bench.claim_one()
    assert (again.checkpoint, again.execute_id != stale.execute_id) == ({"page": 3}, True)
    assert (await bench.report(stale)).directive == "lost"


async def test_a_robot_that_waits_can_be_paused_and_resumed(bench: Bench) -> None:
    robot = await bench.submit()
    await bench.database.write(bench.engine.pause_robot, robot.robot_id, by="ana")
    assert await bench.claim() == []
    await bench.database.write(bench.engine.resume_robot, robot.robot_id, by="ana")
    trail = (await bench.robot(robot.robot_id)).audit_trail or []
    assert [(line["did"], line["by"]) for line in trail[1:]] == [("paused", "ana"), ("resumed", "ana")]
    await bench.complete(await bench.claim_one())
    with pytest.raises(NotUnderWay):
        await bench.database.write(bench.engine.pause_robot, robot.robot_id, by="ana")


async def test_who_paused_and_resumed_one_that_runs_stands_in_its_trail(bench: Bench) -> None:
    robot = await bench.submit()
    await bench.claim_one()
    await bench.database.write(bench.engine.pause_robot, robot.robot_id, by="ana", reason="lunch")
    await bench.database.write(bench.engine.resume_robot, robot.robot_id, by="ben")
    trail = (await bench.robot(robot.robot_id)).audit_trail or []
    told = [(line["did"], line["by"], line["why"]) for line in trail[1:]]
    assert told == [("paused", "ana", "lunch"), ("resumed", "ben", None)]


async def test_one_that_was_paused_while_it_ran_says_so(bench: Bench) -> None:
    robot = await bench.submit()
    claimed = await bench.claim_one()

    async def why() -> str | None:
        reasons = await bench.database.read(bench.engine.waiting_reasons, [await bench.robot(robot.robot_id)])
        said = reasons[robot.robot_id]
        return said.code if said is not None else None

    assert await why() is None
    await bench.database.write(bench.engine.pause_robot, robot.robot_id, by="ana")
    assert await why() == "robot_paused"
    await bench.database.write(bench.engine.resume_robot, robot.robot_id, by="ana")
    assert await why() is None
    await bench.complete(claimed)


async def test_resuming_does_not_take_away_another_hold(bench: Bench) -> None:
    robot = await bench.submit(held="waits for the scanner")
    await bench.database.write(bench.engine.pause_robot, robot.robot_id, by="ana")
    await bench.database.write(bench.engine.resume_robot, robot.robot_id, by="ana")
    assert (await bench.robot(robot.robot_id)).held == "waits for the scanner"


async def test_what_a_try_used_is_kept_with_its_peaks_and_counters_never_go_back(bench: Bench) -> None:
    await bench.submit()
    claimed = await bench.claim_one()
    await bench.report(claimed, cpu_usage_percent=80, memory_usage_mb=300, external_api_calls=4)
    await bench.report(claimed, cpu_usage_percent=20, external_api_calls=4, disk_io_mb=12)
    used = {"external_api_calls": 3, "external_api_failures": 1, "throughput_items_per_sec": 2.5}
    await bench.complete(claimed, memory_usage_mb=120, **used)
    execution = await bench.execution(claimed)
    assert (execution.cpu_usage_percent, execution.memory_usage_mb, execution.disk_io_mb) == (20, 120, 12)
    assert execution.resource_peak_usage == {"max_cpu": 80, "max_memory": 300}
    assert (execution.external_api_calls, execution.external_api_failures) == (4, 1)
    assert execution.throughput_items_per_sec == 2.5


async def test_a_try_that_failed_keeps_what_it_used_too(bench: Bench) -> None:
    await bench.submit()
    claimed = await bench.claim_one()
    failure = Fail(
        lease_token=claimed.lease_token,
        error_category=ErrorCategory.EXTERNAL_API,
        error_message="no answer",
        external_api_failures=2,
    )
    await bench.database.write(bench.engine.fail, claimed.execute_id, failure)
    assert (await bench.execution(claimed)).external_api_failures == 2


async def test_of_many_that_end_together_only_those_that_tell_are_measured(bench: Bench) -> None:
    await bench.submit_many(2)
    first, second = await bench.claim(limit=2)
    results = {
        first.execute_id: Complete(lease_token=first.lease_token, memory_usage_mb=64),
        second.execute_id: Complete(lease_token=second.lease_token),
    }
    assert await bench.database.write(bench.engine.complete_many, results) == {}
    assert [(await bench.execution(one)).memory_usage_mb for one in (first, second)] == [64, None]


async def test_one_sign_of_life_serves_many_leases_and_each_hears_what_to_do(bench: Bench) -> None:
    await bench.submit_many(4)
    going, paused, cancelled, stolen = await bench.claim(limit=4, lease_seconds=60)
    await bench.database.write(bench.engine.pause_robot, paused.robot_id, by="ana")
    await bench.database.write(bench.engine.cancel, cancelled.robot_id, by="ana")
    bench.clock.pass_seconds(50)
    tokens = {one.execute_id: one.lease_token for one in (going, paused, cancelled)}
    signs = {
        key: [Report(lease_token=token)]
        for key, token in (tokens | {stolen.execute_id: "forged", "nobody": "x"}).items()
    }
    told = await bench.database.write(bench.engine.report_many, signs)
    directives = {execute_id: answer.directive for execute_id, answer in told.items()}
    assert directives == {
        going.execute_id: "continue",
        paused.execute_id: "pause",
        cancelled.execute_id: "cancel",
        stolen.execute_id: "lost",
        "nobody": "lost",
    }
    await bench.tick_after(20)
    assert (await bench.robot(going.robot_id)).status is RobotStatus.PROCESSING
    assert (await bench.robot(stolen.robot_id)).status is RobotStatus.PENDING


async def test_the_worker_of_a_paused_robot_may_give_it_back_and_it_stays_paused(bench: Bench) -> None:
    robot = await bench.submit()
    claimed = await bench.claim_one()
    await bench.database.write(bench.engine.pause_robot, robot.robot_id, by="ana")
    await bench.release(claimed)
    assert await bench.claim() == []
    with pytest.raises(Conflict):
        await bench.complete(claimed)
