"""A week of load on a virtual clock, with modules that fail: scores, health, breakers, schedules and totals hold."""

import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aiworker.core.sayings import Saying
from aiworker.engine.breakers.service import breakers_of
from aiworker.engine.health.records import Check
from aiworker.engine.health.service import HealthChecks
from aiworker.engine.modules.queries import waiting
from aiworker.engine.modules.records import Module
from aiworker.engine.schedules.service import Schedules
from aiworker.engine.scores.service import count_totals, give, measure, scores_of
from aiworker.engine.trends.service import sample
from aiworker.wire.engine import BreakerState, ErrorCategory, HealthStatus, RobotStatus
from aiworker.wire.schedules import CatchUp, RunOutcome
from tests.support.clocks import NOON, ManualClock
from tests.support.databases import SERVERS, Backend, fresh_database
from tests.support.engine import TYPE, Bench, new_module, new_robot
from tests.support.inline import InlineDatabase

STEP = timedelta(minutes=5)
# Where all are well for a while, three steps are one.
QUIETLY = 3
SITES = ("steady", "flaky", "slow", "dying", "lame")
# Half past two at night there, which does not exist on the 8th of March: the clocks are put forward.
NIGHTLY, ZONE = "30 2 * * *", "America/New_York"
NIGHTS = [
    *(datetime(2026, 3, day, 7, 30, tzinfo=UTC) for day in range(3, 8)),
    datetime(2026, 3, 8, 7, 0, tzinfo=UTC),
    datetime(2026, 3, 9, 6, 30, tzinfo=UTC),
]


@pytest.fixture
async def bench(tmp_path: Path, backend: Backend) -> AsyncIterator[Bench]:
    clock = ManualClock()
    inline = backend == "sqlite"
    database = InlineDatabase(clock) if inline else fresh_database(tmp_path, backend=backend, clock=clock)
    made = Bench(database, clock)
    yield made
    await database.close()


@dataclass
class World:
    """What the modules do, drawn from one seed: what they answer, how long they take, and the ledger of effects."""

    bench: Bench
    dice: random.Random
    down: set[str] = field(default_factory=set[str])
    # It answers when it is looked at, and fails whatever it is given.
    lame: bool = False
    failed_while_lame: int = 0
    open_at_its_end: int = 0
    done: Counter[str] = field(default_factory=Counter[str])
    ended: Counter[str] = field(default_factory=Counter[str])

    async def probe(self, url: str) -> Check:
        name = url.rpartition("/")[2]
        return Check.failed(Saying("answered 503")) if name in self.down else Check(took_ms=1)

    async def work(self, name: str) -> None:
        """One claim of a module, and what comes of it."""
        if name in self.down:
            return
        for claimed in await self.bench.claim(name, limit=3, lease_seconds=600):
            self.bench.clock.pass_seconds({"slow": 8.0}.get(name, 2.0))
            if name == "lame" and self.lame:
                self.failed_while_lame += 1
                await self.bench.fail(claimed, ErrorCategory.EXTERNAL_API)
            elif self.dice.random() < {"flaky": 0.4}.get(name, 0.02):
                await self.bench.fail(claimed, ErrorCategory.EXTERNAL_API)
            else:
                await self.bench.complete(claimed)
                self.done[claimed.robot_id] += 1
                self.ended[name] += 1


async def modules(bench: Bench) -> dict[str, Module]:
    return {module.module_name: module for module in await bench.database.read(bench.engine.list_modules)}


def restless(minutes: int) -> bool:
    """Whether a module fails then, or has only just come back; every half day is alike."""
    return 120 <= minutes % 720 < 300 or 360 <= minutes % 720 < 435


async def live_through(bench: Bench, *, days: float, seed: int) -> World:
    """Every five minutes (every fifteen, where all are well): some work comes, modules do some; checks, scores, samples
    and schedules run when due."""
    world = World(bench, random.Random(seed))
    health = HealthChecks(bench.database, bench.engine, world.probe)
    schedules = Schedules(bench.engine)
    for name in SITES:
        await bench.database.write(
            bench.engine.register_module, new_module(name, health_endpoint=f"http://sites.invalid/{name}")
        )
    await bench.database.write(
        schedules.put, "hourly", expression="0 * * * *", template=new_robot(retry_limit=20), catch_up=CatchUp.ALL
    )
    nightly = new_robot(retry_limit=20)
    await bench.database.write(
        schedules.put, "nightly", expression=NIGHTLY, timezone=ZONE, template=nightly, catch_up=CatchUp.ALL
    )
    start = bench.clock.now
    end = start + timedelta(days=days)
    due = start + STEP
    while bench.clock.now < end:
        bench.clock.now = max(bench.clock.now, due)
        if due < end - timedelta(hours=2) and world.dice.random() < 0.02:
            # Somebody sets the clock back.
            bench.clock.pass_seconds(-world.dice.randint(1, 1_200))
        steps = 1 if restless((due - start) // timedelta(minutes=1)) else QUIETLY
        due += steps * STEP
        minutes = (due - start) // timedelta(minutes=1)
        # It is away for an hour in the middle of each half day.
        world.down = {"dying"} if 360 <= minutes % 720 < 420 else set()
        was_lame, world.lame = world.lame, 120 <= minutes % 720 < 300
        if world.lame and not was_lame:
            await bench.submit_many(12, module_name="lame", retry_limit=60, backoff_seconds=60)
        for _ in range(sum(world.dice.random() < 0.8 for _ in range(steps))):
            await bench.submit_many(world.dice.randint(1, 2), retry_limit=20, backoff_seconds=60)
        await health.check_all()
        if minutes % 15 < 5:
            await bench.database.write(give, await bench.database.read(measure))
        await bench.database.write(sample)
        await bench.database.write(schedules.fire)
        await bench.database.write(bench.engine.tick)
        # Whoever waits for work is woken when there is some.
        queued = {name for name, _, _ in await bench.database.read(waiting)}
        for name in world.dice.sample(SITES, len(SITES)):
            if name in queued:
                await world.work(name)
        if minutes % 720 == 295:
            breakers = await bench.database.read(breakers_of, SITES)
            world.open_at_its_end += breakers["lame"].state is BreakerState.OPEN
        await check_step(world)
    await settle(world)
    return world


async def check_step(world: World) -> None:
    """What holds at every moment: nothing waits for a module that is ill while another one is well."""
    found, _ = await world.bench.database.read(world.bench.engine.list_robots, status=RobotStatus.PENDING)
    if found:
        known = await modules(world.bench)
        ill = {name for name, module in known.items() if module.health_status is HealthStatus.UNHEALTHY}
        assert [robot for robot in found if robot.module_name in ill] == []


async def settle(world: World) -> None:
    """Let everything that is left be done."""
    world.down, world.lame = set(), False
    for _ in range(300):
        world.bench.clock.pass_seconds(300)
        await world.bench.database.write(world.bench.engine.tick)
        for name in SITES:
            await world.work(name)
        found = [
            (await world.bench.database.read(world.bench.engine.list_robots, status=status, limit=1))[0]
            for status in (RobotStatus.RETRYING, RobotStatus.PENDING)
        ]
        if not any(found):
            break
    world.bench.clock.pass_seconds(300)
    while await world.bench.database.write(count_totals):
        pass


async def verify(world: World, *, days: float) -> None:
    bench = world.bench
    known = await modules(bench)
    # Nothing is lost and nothing is done twice.
    assert set(world.done.values()) == {1}
    unfinished, _ = await bench.database.read(bench.engine.list_robots, robot_type=TYPE, status=RobotStatus.PENDING)
    assert unfinished == []
    # Totals are exactly what was done.
    assert {name: known[name].total_robots_processed for name in SITES} == {name: world.ended[name] for name in SITES}
    # The steady one ends up with more than the flaky one and the slow one: routing follows the score.
    assert world.ended["steady"] > world.ended["flaky"]
    # Whoever fails more, is slower or is away has the lower score.
    scores = {name: await bench.database.read(scores_of, name, hours=24) for name in SITES}
    assert all(scores.values())
    mean = {name: sum(score.score for score in told) / len(told) for name, told in scores.items()}
    assert mean["steady"] > max(mean["flaky"], mean["slow"])
    assert all(score.uptime < 1 for score in scores["dying"][-4:])
    assert all(score.uptime == 1 for score in scores["steady"])
    # Three hours of failures, and it was asked for few of them: at most ten and those under way, then one a pause.
    outages = round(days * 2)
    assert 10 * outages <= world.failed_while_lame <= 32 * outages
    assert world.open_at_its_end == outages
    careful = await bench.database.read(breakers_of, SITES)
    assert {name for name, breaker in careful.items() if breaker.state is BreakerState.OPEN} == set()
    # An hour away: degraded, unhealthy after the third look, healthy with the first good one.
    told = [event["newStatus"] for event in await bench.events("module:dying")]
    assert told[:4] == ["HEALTHY", "DEGRADED", "UNHEALTHY", "HEALTHY"]
    assert Counter(told)["UNHEALTHY"] == round(days * 2)
    # Every hour once, and none is left out.
    assert await fired(bench, "hourly") == [NOON + timedelta(hours=n) for n in range(1, round(days * 24) + 1)]
    # Each night once, also in the one that lacks half past two: then as soon as the clocks are put forward.
    assert await fired(bench, "nightly") == NIGHTS[: int(days)]


async def fired(bench: Bench, name: str) -> list[datetime]:
    """When the runs of a schedule were due, all of which made a robot, the first one first."""
    runs = await bench.database.read(Schedules(bench.engine).runs, name, limit=500)
    assert {run.outcome for run in runs} <= {RunOutcome.FIRED}
    return sorted(run.due_at for run in runs)


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_half_a_day_of_load_with_failing_modules_ends_as_it_should(bench: Bench) -> None:
    await verify(await live_through(bench, days=0.5, seed=7), days=0.5)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("backend", "seed"), [*(("sqlite", seed) for seed in range(3)), *((one, 3) for one in SERVERS)]
)
async def test_a_week_of_load_with_failing_modules_ends_as_it_should(bench: Bench, seed: int) -> None:
    await verify(await live_through(bench, days=7, seed=seed), days=7)
