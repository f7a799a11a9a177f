import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

from aiworker.core.clock import utc_now
from aiworker.core.errors import Unavailable
from aiworker.engine.rescue import holder_here, is_gone, rescue_dead
from aiworker.engine.schedules.service import Schedules
from aiworker.engine.ticker import Ticker
from aiworker.wire.engine import RobotStatus
from tests.support.engine import Bench, new_robot


@asynccontextmanager
async def ticking(bench: Bench) -> AsyncGenerator[Ticker]:
    ticker = Ticker(bench.database, bench.engine, Schedules(bench.engine))
    task = asyncio.create_task(ticker.run())
    try:
        yield ticker
    finally:
        ticker.stop()
        await task


async def test_the_ticker_makes_due_robots_claimable_when_they_are_due(bench: Bench) -> None:
    bench.clock.now = utc_now()
    made = asyncio.Event()
    bench.database.on_commit = lambda committed: made.set() if "claim:reader" in committed.topics else None
    robot = await bench.submit(defer_until=bench.clock.now + timedelta(seconds=30))
    made.clear()
    async with ticking(bench):
        bench.clock.pass_seconds(31)
        await asyncio.wait_for(made.wait(), 60)
        assert (await bench.claim_one()).robot_id == robot.robot_id


async def test_the_ticker_fires_schedules(bench: Bench) -> None:
    schedules = Schedules(bench.engine)
    await bench.database.write(schedules.put, "hourly", expression="0 * * * *", template=new_robot())
    bench.clock.pass_seconds(3_601)
    ticker = Ticker(bench.database, bench.engine, schedules)
    assert await ticker.tick() <= 1.0
    assert len(await bench.claim(limit=10)) == 1


async def test_nothing_is_written_when_nothing_is_due(bench: Bench) -> None:
    written = 0

    def count(_committed: object) -> None:
        nonlocal written
        written += 1

    bench.database.on_commit = count
    ticker = Ticker(bench.database, bench.engine, Schedules(bench.engine))
    assert await ticker.tick() == 1.0
    assert written == 0


async def test_it_sleeps_just_until_the_next_is_due(bench: Bench) -> None:
    await bench.submit(defer_until=bench.clock.now + timedelta(seconds=0.25))
    ticker = Ticker(bench.database, bench.engine, Schedules(bench.engine))
    assert 0.2 < await ticker.tick() <= 0.25


async def test_a_database_that_is_away_for_a_while_does_not_end_the_ticker(bench: Bench) -> None:
    await bench.submit(defer_until=bench.clock.now + timedelta(seconds=1))
    bench.clock.pass_seconds(2)
    ready = asyncio.Event()
    bench.database.on_commit = lambda committed: ready.set() if "claim:reader" in committed.topics else None
    ticker = Ticker(bench.database, bench.engine, Schedules(bench.engine))
    once = iter([Unavailable("away")])
    tick = ticker.tick

    async def sometimes() -> float:
        for error in once:
            raise error
        return await tick()

    ticker.tick = sometimes
    task = asyncio.create_task(ticker.run())
    await asyncio.wait_for(ready.wait(), 60)
    ticker.stop()
    await task


def test_this_process_is_alive_and_one_that_ended_is_gone() -> None:
    assert not is_gone(holder_here())
    program = "from aiworker.engine.rescue import holder_here; print(holder_here())"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert is_gone(ended.stdout.strip())


def test_a_pid_that_was_given_to_another_process_does_not_deceive() -> None:
    holder = holder_here()
    assert is_gone(holder.rpartition(":")[0] + ":another-birth")


def test_nobody_can_say_of_other_machines_processes_that_they_are_gone() -> None:
    assert not is_gone(f"control@elsewhere/12345678:{os.getpid()}:1")
    assert not is_gone("agent-7")
    assert not is_gone("")


async def test_after_a_kill_the_next_start_goes_on_at_once(bench: Bench) -> None:
    for _ in range(3):
        await bench.submit()
    dead = holder_here().rpartition(":")[0] + ":another-birth"
    lost = await bench.claim_one(holder=dead, lease_seconds=3_600)
    alive = await bench.claim_one(holder=holder_here())
    elsewhere = await bench.claim_one(holder="control@elsewhere/12345678:1:1")
    assert await rescue_dead(bench.database, bench.engine) == 1
    assert (await bench.robot(lost.robot_id)).status is RobotStatus.PENDING
    for claimed in (alive, elsewhere):
        assert (await bench.report(claimed)).directive == "continue"
    assert await rescue_dead(bench.database, bench.engine) == 0
