"""Robots with a due date: a forecast, and a warning before it is missed."""

from datetime import timedelta
from typing import Any

import pytest

from aiworker.engine.deadlines.records import Deadline
from aiworker.engine.deadlines.service import deadlines_of, expected, look
from aiworker.engine.modules.queries import set_typical
from aiworker.engine.robots.records import Robot
from aiworker.engine.scores.service import typical_times
from aiworker.engine.trends.service import sample
from aiworker.wire.engine import ErrorCategory, ProcessingTier, RobotStatus
from tests.support.engine import MODULE, TYPE, Bench

MINUTE = 60_000


async def deadline(bench: Bench, robot: Robot) -> Deadline | None:
    stored = await bench.robot(robot.robot_id)
    return (await bench.database.read(deadlines_of, [stored])).get(robot.robot_id)


async def submit(bench: Bench, *, due_in_minutes: float, **fields: Any) -> Robot:
    return await bench.submit(due_date=bench.clock.now + timedelta(minutes=due_in_minutes), **fields)


async def at_risk(bench: Bench) -> list[str]:
    found, _ = await bench.database.read(bench.engine.list_robots, at_risk=True)
    return sorted(robot.robot_id for robot in found)


async def warnings(bench: Bench, robot: Robot) -> list[str]:
    return [event["why"] for event in await bench.events(f"robot:{robot.robot_id}")]


async def takes(bench: Bench, milliseconds: int) -> None:
    await bench.database.write(set_typical, {(MODULE, TYPE): milliseconds})


async def test_who_would_be_late_is_told_once_and_listed_until_it_is_over(bench: Bench) -> None:
    await takes(bench, 10 * MINUTE)
    late, fine, none = (
        await submit(bench, due_in_minutes=5),
        await submit(bench, due_in_minutes=60),
        await bench.submit(),
    )
    for _ in range(2):
        assert await bench.database.write(look) is False
    assert await at_risk(bench) == [late.robot_id]
    assert await warnings(bench, late) == ["0 are before it; its type takes 10 min"]
    assert await warnings(bench, fine) == []
    assert await deadline(bench, none) is None
    seen = await deadline(bench, fine)
    assert seen is not None
    assert seen.forecast_at is not None
    assert timedelta(minutes=19) < seen.forecast_at - bench.clock.now < timedelta(minutes=21)
    await bench.complete(await bench.claim_one())
    assert await at_risk(bench) == []
    bench.clock.pass_seconds(3_600)
    await bench.database.write(look)
    assert await deadline(bench, late) is None


async def test_those_before_it_and_the_pace_of_its_module_count(bench: Bench) -> None:
    await takes(bench, 1_000)
    for _ in range(3):
        for claimed in await bench.claim(limit=len(await bench.submit_many(2))):
            await bench.complete(claimed)
        bench.clock.pass_seconds(60)
        await bench.database.write(sample)
    await bench.submit_many(20)
    robot = await submit(bench, due_in_minutes=5)
    urgent = await submit(bench, due_in_minutes=5, priority="CRITICAL")
    await bench.database.write(look)
    assert await at_risk(bench) == [robot.robot_id]
    seen = await deadline(bench, robot)
    assert seen is not None
    assert seen.why == "21 are before it; its type takes 1 s"
    assert await warnings(bench, urgent) == []


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_one_that_is_held_or_whose_type_nobody_knows_has_no_forecast_and_is_warned_of_when_it_is_due(
    bench: Bench,
) -> None:
    held = await submit(bench, due_in_minutes=30, held="waits for the scanner")
    unknown = await submit(bench, due_in_minutes=30)
    await bench.database.write(look)
    for robot, why in ((held, "it is held: waits for the scanner"), (unknown, "nobody knows how long its type takes")):
        seen = await deadline(bench, robot)
        assert seen is not None
        assert (seen.forecast_at, seen.at_risk, seen.why) == (None, False, why)
    bench.clock.pass_seconds(31 * 60)
    await bench.database.write(look)
    assert await at_risk(bench) == sorted([held.robot_id, unknown.robot_id])
    assert await warnings(bench, held) == ["it is overdue"]


async def test_one_that_is_under_way_is_judged_by_its_progress(bench: Bench) -> None:
    await takes(bench, MINUTE)
    robot = await submit(bench, due_in_minutes=20)
    claimed = await bench.claim_one(lease_seconds=3_600)
    await bench.database.write(look)
    assert await at_risk(bench) == []
    execution = await bench.execution(claimed)
    at = (await bench.database.read(expected, [execution]))[claimed.execute_id]
    assert abs(at - execution.started_at - timedelta(minutes=1)) < timedelta(seconds=1)
    bench.clock.pass_seconds(600)
    await bench.report(claimed, progress_percentage=10)
    assert await bench.database.read(expected, [await bench.execution(claimed)]) == {}
    await bench.database.write(look)
    assert await at_risk(bench) == [robot.robot_id]
    assert await warnings(bench, robot) == ["by its own progress"]


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_one_that_failed_and_is_tried_again_is_watched_again(bench: Bench) -> None:
    robot = await submit(bench, due_in_minutes=30)
    for looked_between in (False, True):
        await bench.fail(await bench.claim_one(), ErrorCategory.BUSINESS)
        if looked_between:
            bench.clock.pass_seconds(3_600)
            await bench.database.write(look)
        await bench.database.write(bench.engine.retry, robot.robot_id, by="ana")
        assert await deadline(bench, robot) is not None
    assert (await bench.robot(robot.robot_id)).status is RobotStatus.PENDING


async def test_what_a_type_typically_takes_is_counted_from_the_last_day_and_gives_new_robots_their_tier(
    bench: Bench,
) -> None:
    assert (await bench.submit()).processing_tier is ProcessingTier.STANDARD
    claimed = await bench.claim_one(lease_seconds=3_600)
    bench.clock.pass_seconds(30)
    await bench.complete(claimed)
    typical = await bench.database.read(typical_times)
    assert list(typical) == [(MODULE, TYPE)]
    assert 29_000 < typical[MODULE, TYPE] < 31_000
    await bench.database.write(set_typical, typical)
    assert (await bench.submit()).processing_tier is ProcessingTier.FAST
    assert (await bench.submit(estimated_duration_minutes=20)).processing_tier is ProcessingTier.COMPLEX
    bench.clock.pass_seconds(2 * 86_400)
    assert await bench.database.read(typical_times) == {}
