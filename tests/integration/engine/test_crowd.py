"""Many workers at once on real connections: each robot ends exactly once, and no limit is ever passed."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aiworker.engine.executions.errors import LeaseLost
from aiworker.engine.robots.errors import IllegalMove
from aiworker.engine.robots.records import Robot
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import ClaimedRobot, RobotStatus
from tests.support.clocks import ManualClock
from tests.support.databases import Backend, fresh_database
from tests.support.engine import Bench

WORKERS = 8
ROBOTS = 72
LIMITED, ROOM = "shop", 3
MODULE_ROOM = 5
QUEUES = (LIMITED, "blog")
OVER = {RobotStatus.COMPLETED, RobotStatus.FAILED, RobotStatus.CANCELLED}


@pytest.fixture
async def bench(tmp_path: Path, backend: Backend) -> AsyncIterator[Bench]:
    """On the database's own time."""
    database = fresh_database(tmp_path, backend=backend, pool_size=WORKERS + 4)
    yield Bench(database, ManualClock())
    await database.close()


class Crowd:
    """Workers, people and the clock, all at once; what they did is written down as they did it."""

    def __init__(self, bench: Bench, dice: random.Random) -> None:
        self.bench = bench
        self.dice = dice
        self.robots: list[str] = []
        self.in_hand: dict[str, str] = {}
        self.queues: dict[str, str] = {}
        self.ended: dict[str, list[str]] = {}
        self.asked_to_cancel: set[str] = set()
        self.cancelled: set[str] = set()
        self.home_time = False

    async def everybody(self) -> None:
        async with asyncio.timeout(120), asyncio.TaskGroup() as tasks:
            for number in range(3):
                tasks.create_task(self.submitter(ROBOTS // 3, at_once=(1, 4, 12)[number]))
            for helper in (self.canceller(), self.clock(), self.witness()):
                tasks.create_task(helper)
            workers = [tasks.create_task(self.worker(f"worker-{number}")) for number in range(WORKERS)]
            await asyncio.wait(workers)
            self.home_time = True

    async def submitter(self, number: int, *, at_once: int) -> None:
        for start in range(0, number, at_once):
            made = await self.bench.submit_many(
                at_once, queue=QUEUES[start // at_once % 2], retry_limit=1, backoff_seconds=0
            )
            self.robots += [robot.robot_id for robot in made]

    async def worker(self, name: str) -> None:
        while not await self.all_is_over():
            claimed = await self.bench.claim(holder=name, limit=self.dice.choice([1, 1, 3, 8]), lease_seconds=60)
            self.queues |= {robot.robot_id: robot.queue for robot in await self.look([one.robot_id for one in claimed])}
            for one in claimed:
                assert one.robot_id not in self.in_hand, f"{name} and {self.in_hand[one.robot_id]} hold the same robot"
                self.in_hand[one.robot_id] = name
            self.nobody_passed_a_limit()
            for one in claimed:
                await self.work(one)

    async def work(self, one: ClaimedRobot) -> None:
        bench, what = self.bench, self.dice.choice(["complete", "complete", "report", "fail", "release"])
        if what == "report":
            what = "complete" if (await bench.report(one, progress_percentage=50)).directive == "continue" else "stop"
        del self.in_hand[one.robot_id]
        try:
            match what:
                case "complete":
                    await bench.complete(one)
                    self.ended.setdefault(one.robot_id, []).append(one.execute_id)
                case "fail":
                    await bench.fail(one)
                case "release":
                    await bench.release(one)
                case _:
                    pass
        except LeaseLost:
            assert one.robot_id in self.asked_to_cancel

    async def canceller(self) -> None:
        while not self.home_time:
            left = [robot_id for robot_id in self.robots if robot_id not in self.asked_to_cancel]
            if len(left) <= ROBOTS // 2:
                await asyncio.sleep(0.01)
                continue
            chosen = self.dice.choice(left)
            self.asked_to_cancel.add(chosen)
            try:
                await self.bench.database.write(self.bench.engine.cancel, chosen, by="ana")
                self.cancelled.add(chosen)
            except IllegalMove:
                pass

    async def clock(self) -> None:
        while not self.home_time:
            await self.bench.database.write(self.bench.engine.tick)
            await asyncio.sleep(0.005)

    async def witness(self) -> None:
        def look(tx: Tx) -> tuple[list[Robot], list[Robot]]:
            engine, status = self.bench.engine, RobotStatus.PROCESSING
            everywhere, _ = engine.list_robots(tx, status=status)
            return everywhere, [robot for robot in everywhere if robot.queue == LIMITED]

        while not self.home_time:
            everywhere, limited = await self.bench.database.read(look)
            assert len(everywhere) <= MODULE_ROOM
            assert len(limited) <= ROOM
            await asyncio.sleep(0.002)

    def nobody_passed_a_limit(self) -> None:
        # What is cancelled makes room at once; its worker hears of it later, and has it in hand until then.
        running = Counter(self.queues[robot_id] for robot_id in self.in_hand.keys() - self.asked_to_cancel)
        assert running.total() <= MODULE_ROOM
        assert running[LIMITED] <= ROOM

    async def all_is_over(self) -> bool:
        if len(self.robots) < ROBOTS:
            return False
        return all(robot.status in OVER for robot in await self.look(self.robots))

    async def look(self, robot_ids: list[str]) -> list[Robot]:
        return await self.bench.database.read(self.bench.engine.get_robots, robot_ids)


@pytest.mark.parametrize("seed", [1, 2])
async def test_each_robot_ends_exactly_once_whatever_a_crowd_does_with_it(bench: Bench, seed: int) -> None:
    await bench.module(max_concurrent=MODULE_ROOM)
    await bench.database.write(bench.engine.set_queue, LIMITED, max_running=ROOM)
    crowd = Crowd(bench, random.Random(seed))
    await crowd.everybody()
    found = {robot.robot_id: robot for robot in await crowd.look(crowd.robots)}
    assert len(found) == ROBOTS
    for robot_id, robot in found.items():
        assert robot.status in OVER
        assert len(crowd.ended.get(robot_id, [])) == (robot.status is RobotStatus.COMPLETED)
        assert (robot_id in crowd.cancelled) == (robot.status is RobotStatus.CANCELLED)
        told = [event["position"] for event in await bench.events(robot_id)]
        assert told == list(range(robot.moves + 1)), "its events are whole and in order"
    completed = sum(robot.status is RobotStatus.COMPLETED for robot in found.values())
    assert completed >= ROBOTS // 4
