"""Many robots completed at once: each by its own right, and at the cost of one."""

from aiworker.engine.executions.errors import ExecutionNotFound, LeaseLost
from aiworker.wire.engine import ClaimedRobot, Complete, Report, RobotStatus, StepReport
from tests.support.engine import Bench


def done(claimed: ClaimedRobot, **result: object) -> Complete:
    return Complete.model_validate({"leaseToken": claimed.lease_token, **result})


async def complete(bench: Bench, *claimed: ClaimedRobot, **results: Complete) -> dict[str, type]:
    """Complete all in one unit of work; of what was refused, the kind."""
    wanted = {one.execute_id: done(one, outputData={"of": one.robot_id}) for one in claimed} | results
    refused = await bench.database.write(bench.engine.complete_many, wanted)
    return {execute_id: type(error) for execute_id, error in refused.items()}


async def test_each_gets_its_own_result(bench: Bench) -> None:
    for _ in range(5):
        await bench.submit()
    claimed = await bench.claim(limit=5)
    assert await complete(bench, *claimed) == {}
    for one in claimed:
        robot = await bench.robot(one.robot_id)
        assert (robot.status, robot.output_data) == (RobotStatus.COMPLETED, {"of": one.robot_id})
        assert (await bench.execution(one)).outcome == "completed"


async def test_one_that_is_refused_does_not_keep_the_others(bench: Bench) -> None:
    for _ in range(3):
        await bench.submit()
    good, stolen, given_back = await bench.claim(limit=3)
    await bench.release(given_back)
    forged = Complete(lease_token=good.lease_token)
    refused = await complete(bench, good, given_back, **{stolen.execute_id: forged, "nobody": forged})
    assert refused == {stolen.execute_id: LeaseLost, given_back.execute_id: LeaseLost, "nobody": ExecutionNotFound}
    assert (await bench.robot(good.robot_id)).status is RobotStatus.COMPLETED
    assert (await bench.robot(stolen.robot_id)).status is RobotStatus.PROCESSING


async def test_completing_again_is_no_error_and_changes_nothing(bench: Bench) -> None:
    await bench.submit()
    claimed = await bench.claim_one()
    await complete(bench, claimed)
    before = await bench.robot(claimed.robot_id)
    assert await complete(bench, claimed) == {}
    assert await bench.robot(claimed.robot_id) == before


async def test_steps_that_are_still_open_end_with_their_execution(bench: Bench) -> None:
    for _ in range(2):
        await bench.submit()
    first, second = await bench.claim(limit=2)
    for one, names in ((first, ["read", "write"]), (second, ["read"])):
        for name in names:
            step = StepReport(name=name)
            report = Report(lease_token=one.lease_token, step=step)
            await bench.database.write(bench.engine.report, one.execute_id, report)
    await complete(bench, first, second)
    assert [(await bench.execution(one)).completed_steps for one in (first, second)] == [2, 1]


async def test_texts_of_every_kind_survive_the_batch(bench: Bench) -> None:
    await bench.submit()
    claimed = await bench.claim_one()
    output = {"text": '¡hola! "quoted" \\ % :name $1 \u2028 😀', "deep": [{"a": [1, 2.5, None, True]}], "empty": {}}
    await complete(bench, **{claimed.execute_id: done(claimed, outputData=output)})
    assert (await bench.robot(claimed.robot_id)).output_data == output


async def test_nothing_is_asked_of_the_database_for_nothing(bench: Bench) -> None:
    assert await complete(bench) == {}
