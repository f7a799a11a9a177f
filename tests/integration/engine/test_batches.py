"""Many robots that belong together: made in few statements, counted from themselves, ended together."""

import pytest

from aiworker.core.errors import Invalid
from aiworker.engine.batches.errors import BatchNotFound
from aiworker.engine.batches.records import Progress, Submitted
from aiworker.wire.engine import ErrorCategory, NewRobot, RobotStatus
from tests.support.engine import Bench, new_robot


async def submit(bench: Bench, *news: NewRobot, name: str = "scan-7", partial: bool = False) -> Submitted:
    wanted = dict(enumerate(news))
    return await bench.database.write(bench.engine.batches.submit, name, wanted, by="ana", partial=partial)


async def progress(bench: Bench, name: str = "scan-7") -> Progress:
    return (await bench.database.read(bench.engine.batches.get, name))[1]


async def cancel(bench: Bench, name: str = "scan-7") -> int:
    moved = 0
    while more := await bench.database.write(bench.engine.batches.cancel, name, by="ana", reason="wrong folder"):
        moved += more
    return moved


async def test_many_are_made_as_one_by_one_and_keep_their_own_values(bench: Bench) -> None:
    news = [
        new_robot(input_data={"page": n, "text": '¡"quoted" \\ 😀'}, priority="HIGH" if n % 2 else "LOW", needs=["gpu"])
        for n in range(620)
    ]
    done = await submit(bench, *news)
    assert len(done.robots) == 620
    for place in (0, 1, 499, 500, 619):
        robot = await bench.robot(done.robots[place].robot_id)
        assert robot == done.robots[place]
        assert (robot.input_data["page"], robot.needs, robot.correlation_id) == (place, ["gpu"], "scan-7")
    claimed = await bench.claim(limit=400, capabilities=["gpu"])
    assert [one.input_data["page"] % 2 for one in claimed] == [1] * 310 + [0] * 90


async def test_one_that_is_wrong_keeps_all_of_them_out(bench: Bench) -> None:
    with pytest.raises(Invalid, match="Robot 2: No registered module does robots") as refused:
        await submit(bench, new_robot(), new_robot("fax.send"))
    assert refused.value.code == "unknown_robot_type"
    with pytest.raises(BatchNotFound):
        await progress(bench)
    assert await bench.claim(limit=10) == []


async def test_or_each_is_answered_by_itself(bench: Bench) -> None:
    done = await submit(bench, new_robot("fax.send"), new_robot(), new_robot(module_name="other"), partial=True)
    assert list(done.robots) == [1]
    assert {place: error.code for place, error in done.refused.items()} == {
        0: "unknown_robot_type",
        2: "module_lacks_type",
    }
    assert (await progress(bench)).total == 1


async def test_equal_keys_in_one_batch_are_one_robot_and_known_results_are_used(bench: Bench) -> None:
    await bench.submit(cache_key="old")
    await bench.complete(await bench.claim_one(), output_data={"n": 1})
    under_way = await bench.submit(cache_key="busy")
    news = [new_robot(cache_key=key) for key in ("new", "old", "new", "busy", "old")]
    done = await submit(bench, *news)
    first, hit, again, shared, second_hit = (done.robots[place] for place in range(5))
    assert first.robot_id == again.robot_id
    assert (hit.cache_hit, hit.output_data, hit.cache_key) == (True, {"n": 1}, None)
    assert hit.robot_id != second_hit.robot_id
    assert shared.robot_id == under_way.robot_id
    assert done.shared == 1
    counted = await progress(bench)
    assert (counted.total, counted.done, counted.cache_hits) == (3, 2, 2)


async def test_what_was_cancelled_does_not_make_the_rest_look_quick(bench: Bench) -> None:
    robots = await submit(bench, *(new_robot() for _ in range(6)))
    claimed = await bench.claim(limit=2)
    for robot in list(robots.robots.values())[2:5]:
        await bench.database.write(bench.engine.cancel, robot.robot_id, by="ana")
    bench.clock.pass_seconds(10)
    await bench.complete(claimed[0])
    counted = await progress(bench)
    left = counted.forecast(bench.clock.now)
    assert (counted.done, counted.worked) == (4, 1)
    assert left is not None
    assert 19 < (left - bench.clock.now).total_seconds() < 21


async def test_a_batch_knows_how_far_it_is_and_what_went_wrong(bench: Bench) -> None:
    await submit(bench, *(new_robot(retry_limit=0) for _ in range(4)))
    assert (await progress(bench)).percentage == 0
    one, two, three = await bench.claim(limit=3)
    bench.clock.pass_seconds(10)
    await bench.complete(one)
    await bench.fail(two, ErrorCategory.EXTERNAL_API)
    await bench.fail(three, ErrorCategory.VALIDATION)
    counted = await progress(bench)
    assert (counted.done, counted.percentage, counted.completed_at) == (3, 75, None)
    assert counted.failures == {"EXTERNAL_API": 1, "VALIDATION": 1}
    assert 9_990 <= (counted.average_ms or 0) <= 10_010
    now = bench.clock.now
    left = counted.forecast(now)
    assert left is not None
    assert 3 < (left - now).total_seconds() < 4
    await bench.complete(await bench.claim_one())
    counted = await progress(bench)
    assert (counted.percentage, counted.completed_at is not None, counted.forecast(now)) == (100, True, None)


async def test_a_whole_batch_is_cancelled_what_runs_is_told_and_others_are_left_alone(bench: Bench) -> None:
    await submit(bench, *(new_robot(cache_key=f"page-{n}") for n in range(520)))
    other = await bench.submit()
    done, running = await bench.claim(limit=2)
    await bench.complete(done)
    assert await cancel(bench) == 519
    assert (await bench.report(running)).directive == "cancel"
    counted = await progress(bench)
    assert {status: part.number for status, part in counted.parts.items()} == {
        RobotStatus.COMPLETED: 1,
        RobotStatus.CANCELLED: 519,
    }
    assert [robot.robot_id for robot in await bench.claim(limit=10)] == [other.robot_id]
    found, _ = await bench.database.read(bench.engine.list_robots, correlation_id="scan-7", limit=2)
    assert all(robot.cache_key is None and robot.completed_at is not None for robot in found)
    assert [line["why"] for line in found[0].audit_trail or []] == [None, "wrong folder"]
    (batch, _), *_ = (await bench.database.read(bench.engine.batches.listed, limit=10, cursor=None))[0]
    assert batch.cancelled_at is not None
    assert await cancel(bench) == 0


async def test_what_failed_in_a_batch_is_sent_to_wait_again(bench: Bench) -> None:
    await submit(bench, *(new_robot(retry_limit=0) for _ in range(3)))
    for claimed in await bench.claim(limit=2):
        await bench.fail(claimed)
    assert await bench.database.write(bench.engine.batches.retry, "scan-7", by="ana") == 2
    assert await bench.database.write(bench.engine.batches.retry, "scan-7", by="ana") == 0
    assert len(await bench.claim(limit=10)) == 3


async def test_robots_that_were_only_given_the_same_correlation_id_are_a_batch_too(bench: Bench) -> None:
    await bench.submit(correlation_id="order-9")
    await bench.submit(correlation_id="order-9")
    assert (await progress(bench, "order-9")).total == 2
    with pytest.raises(BatchNotFound):
        await cancel(bench, "nobody")
    with pytest.raises(BatchNotFound):
        await bench.database.write(bench.engine.batches.retry, "nobody", by="ana")


async def test_batches_are_listed_newest_first_in_pages(bench: Bench) -> None:
    for name in ("one", "two", "three"):
        bench.clock.pass_seconds(1)
        await submit(bench, new_robot(), name=name)
    await submit(bench, new_robot(), name="one")
    first, cursor = await bench.database.read(bench.engine.batches.listed, limit=2, cursor=None)
    rest, end = await bench.database.read(bench.engine.batches.listed, limit=2, cursor=cursor)
    assert [batch.correlation_id for batch, _ in [*first, *rest]] == ["three", "two", "one"]
    assert (rest[0][0].asked, rest[0][1].total, end) == (2, 2, None)
