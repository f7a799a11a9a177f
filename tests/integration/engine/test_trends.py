import asyncio

import pytest

from aiworker.core.errors import Invalid
from aiworker.engine.trends import queries
from aiworker.engine.trends.records import TrendPoint
from aiworker.engine.trends.service import minute_of, moment_of, sample, trends
from aiworker.wire.engine import ErrorCategory, ModuleChanges
from tests.support.engine import Bench


async def points(bench: Bench, *, hours: int = 1) -> list[TrendPoint]:
    _, found = await bench.database.read(trends, "reader", hours=hours)
    return found


async def test_a_minute_tells_what_waits_what_runs_and_what_failed_in_it(bench: Bench) -> None:
    await bench.database.write(bench.engine.change_module, "reader", ModuleChanges(max_concurrent=4))
    await bench.submit_many(5, retry_limit=0)
    good, bad, running = await bench.claim(limit=3)
    await bench.complete(good)
    await bench.fail(bad, ErrorCategory.BUSINESS)
    await bench.report(running, cpu_usage_percent=80.5, memory_usage_mb=300)
    bench.clock.pass_seconds(61)
    assert await bench.database.write(sample) == 1
    (point,) = await points(bench)
    assert (point.queued, point.running, point.utilisation) == (2, 1, 0.25)
    assert (point.ended, point.failed) == (2, 1)
    assert (point.cpu_percent, point.memory_mb, point.disk_io_mb) == (80.5, 300.0, None)
    assert moment_of(point.minute + 1) <= bench.clock.now


async def test_a_minute_is_sampled_once_by_however_many(bench: Bench) -> None:
    bench.clock.pass_seconds(61)
    sampled = await asyncio.gather(*(bench.database.write(sample) for _ in range(5)))
    assert sorted(sampled) == [0, 0, 0, 0, 1]


async def test_a_minute_is_not_sampled_again_when_the_clock_steps_back(bench: Bench) -> None:
    bench.clock.pass_seconds(61)
    await bench.database.write(sample)
    bench.clock.pass_seconds(-60)
    assert await bench.database.write(sample) == 0
    bench.clock.pass_seconds(60)
    assert await bench.database.write(sample) == 0


async def test_utilisation_is_measured_and_routing_sees_it(bench: Bench) -> None:
    await bench.module("spare", max_concurrent=2)
    await bench.database.write(bench.engine.change_module, "reader", ModuleChanges(max_concurrent=2))
    await bench.submit(module_name="reader")
    await bench.claim_one()
    await bench.claim("spare")
    bench.clock.pass_seconds(61)
    await bench.database.write(sample)
    robot = await bench.submit()
    assert robot.module_name == "spare"
    assert robot.routing_decision is not None
    considered = {one["module"]: one["capacity"] for one in robot.routing_decision["considered"]}
    assert considered == {"reader": 0.5, "spare": 0.0}


async def test_without_a_limit_what_waits_shows_that_a_module_is_full(bench: Bench) -> None:
    async def used() -> float:
        bench.clock.pass_seconds(61)
        await bench.database.write(sample)
        return (await points(bench))[-1].utilisation

    assert await used() == 0
    await bench.submit_many(3)
    assert await used() == 0
    first, _ = await bench.claim(limit=2, lease_seconds=3_600)
    assert await used() == 1
    (last,) = await bench.claim(lease_seconds=3_600)
    assert await used() == 0.75
    await bench.complete(last)
    await bench.complete(first)
    assert await used() == 0.33


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_one_whose_breaker_is_open_counts_as_full_and_others_get_what_is_new(bench: Bench) -> None:
    await bench.module("spare")
    await bench.submit_many(10, retry_limit=0, module_name="reader")
    for claimed in await bench.claim(limit=10):
        await bench.fail(claimed)
    await bench.claim("spare")
    bench.clock.pass_seconds(61)
    await bench.database.write(sample)
    assert [point.utilisation for point in await points(bench)] == [1.0]
    assert {robot.module_name for robot in await bench.submit_many(3)} == {"spare"}


async def test_long_times_are_told_in_pieces(bench: Bench) -> None:
    for _ in range(12):
        bench.clock.pass_seconds(60)
        await bench.database.write(sample)
    step, found = await bench.database.read(trends, None, hours=24)
    assert step == 6
    assert [point.minute % 6 for point in found] == [0] * len(found)
    assert 2 <= len(found) <= 3


@pytest.mark.parametrize("hours", [0, -1, 721])
async def test_nobody_asks_for_more_than_is_kept(bench: Bench, hours: int) -> None:
    with pytest.raises(Invalid):
        await bench.database.read(trends, None, hours=hours)


async def test_old_samples_go_in_small_portions(bench: Bench) -> None:
    for _ in range(5):
        bench.clock.pass_seconds(60)
        await bench.database.write(sample)
    until = minute_of(bench.clock.now)
    removed = [await bench.database.write(queries.delete_before, until - 1, 2) for _ in range(4)]
    assert removed == [2, 2, 0, 0]
    assert len(await points(bench)) == 1
