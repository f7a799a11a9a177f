"""The known traps of job engines on databases, each with its way out.

Elsewhere: what a claim reads and locks (`tests/integration/test_plans.py`); limits and exactly-once under a crowd
(`test_crowd.py`); stale tokens (`test_leases.py`); wake-ups for one, not for all (`test_wakeups.py`); the schedule that
fires once though the clock steps back (`test_schedules.py`).
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.util import await_

from aiworker.adapters.bus.memory import MemoryBus
from aiworker.core import clock
from aiworker.engine.schedules.service import Schedules
from aiworker.storage import database as databases
from aiworker.storage.database import Database
from aiworker.storage.outbox.events import Event, PublishedEvent
from aiworker.storage.outbox.relay import Relay
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import RobotPriority
from tests.support.databases import SERVERS, Backend, beside, fresh_database
from tests.support.engine import MODULE, Bench, new_robot

on_the_servers = pytest.mark.parametrize("backend", SERVERS)
# Longer than anything takes that does not wait for a lock. Who waits for one gets none before the test is over.
AT_ONCE = 30.0
YEARS_AGO = datetime(2001, 1, 1, tzinfo=UTC)


@asynccontextmanager
async def half_done(database: Database, body: Callable[[Tx], object]) -> AsyncGenerator[None]:
    """A unit of work that has run its body, and is not committed before the context ends."""
    ran, may_commit = asyncio.Event(), asyncio.Event()

    def wait(tx: Tx) -> None:
        body(tx)
        ran.set()
        await_(may_commit.wait())

    working = asyncio.create_task(database.write(wait))
    try:
        await asyncio.wait_for(ran.wait(), AT_ONCE)
        yield
    finally:
        may_commit.set()
        await working


@pytest.fixture
async def other(bench: Bench) -> AsyncIterator[Database]:
    """The same database, as a second process has it. The module has asked for work before: it is known to be well."""
    await bench.claim()
    opened = beside(bench.database, clock=bench.clock)
    yield opened
    await opened.close()


# --- claims beside each other ---


@on_the_servers
async def test_a_second_worker_gets_the_next_robots_while_the_first_ones_claim_is_not_committed(
    bench: Bench, other: Database
) -> None:
    made = [robot.robot_id for robot in await bench.submit_many(6)]
    async with half_done(bench.database, lambda tx: bench.engine.claim(tx, MODULE, holder="first", limit=2)):
        claim = other.write(bench.engine.claim, MODULE, holder="second", limit=2)
        second = await asyncio.wait_for(claim, AT_ONCE)
    assert [robot.robot_id for robot in second] == made[2:4]


@on_the_servers
async def test_robots_are_made_while_a_claim_is_not_committed(bench: Bench, other: Database) -> None:
    await bench.submit_many(3)
    async with half_done(bench.database, lambda tx: bench.engine.claim(tx, MODULE, holder="first")):
        urgent = new_robot(priority=RobotPriority.CRITICAL)
        await asyncio.wait_for(other.write(bench.engine.submit_many, [urgent] * 5), AT_ONCE)


@on_the_servers
async def test_a_claim_does_not_wait_for_robots_that_are_being_made(bench: Bench, other: Database) -> None:
    ready = await bench.submit()
    async with half_done(bench.database, lambda tx: bench.engine.submit_many(tx, [new_robot()] * 5)):
        claim = other.write(bench.engine.claim, MODULE, holder="w", limit=5)
        claimed = await asyncio.wait_for(claim, AT_ONCE)
    assert [robot.robot_id for robot in claimed] == [ready.robot_id]


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_robots_of_a_module_with_a_limit_are_made_while_its_claim_is_not_committed(
    bench: Bench, other: Database
) -> None:
    """MariaDB/MySQL has no lock that leaves the key free, and lets them wait for the claim's commit."""
    await bench.module(max_concurrent=2)
    await bench.submit()
    async with half_done(bench.database, lambda tx: bench.engine.claim(tx, MODULE, holder="first")):
        await asyncio.wait_for(other.write(bench.engine.submit, new_robot()), AT_ONCE)


# --- limits ---


@on_the_servers
@pytest.mark.parametrize("limited", ["queue", "module", "minute"])
async def test_a_claim_counts_what_another_one_has_taken_and_not_committed_yet(
    bench: Bench, other: Database, limited: str
) -> None:
    await bench.module(
        max_concurrent=1 if limited == "module" else None, max_per_minute=1 if limited == "minute" else None
    )
    await bench.database.write(bench.engine.set_queue, "shop", max_running=1 if limited == "queue" else None)
    await bench.submit_many(2, queue="shop")
    async with half_done(bench.database, lambda tx: bench.engine.claim(tx, MODULE, holder="first")):
        second = asyncio.create_task(other.write(bench.engine.claim, MODULE, holder="second"))
        await asyncio.wait({second}, timeout=0.2)
    assert await second == []


# --- SQLite ---


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_two_processes_on_one_file_never_hear_that_it_is_locked(bench: Bench, other: Database) -> None:
    """A transaction that reads first and writes later fails in SQLite, whatever the patience, if another one wrote."""
    await bench.submit_many(60)

    async def work(database: Database, holder: str) -> list[str]:
        got: list[str] = []
        while claimed := await database.write(bench.engine.claim, MODULE, holder=holder):
            got.append(claimed[0].robot_id)
        return got

    first, second = await asyncio.gather(work(bench.database, "first"), work(other, "second"))
    assert len({*first, *second}) == len(first) + len(second) == 60


# --- time ---


@on_the_servers
async def test_time_is_the_databases_and_not_the_workers(
    tmp_path: Path, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (clock, databases):
        monkeypatch.setattr(module, "utc_now", lambda: YEARS_AGO)
    here = fresh_database(tmp_path, backend=backend)
    there = beside(here)

    def now(tx: Tx) -> datetime:
        return tx.now

    moments = [await database.write(now) for database in (here, there, here, there)]
    await there.close()
    await here.close()
    assert moments == sorted(moments)
    assert min(moments) > YEARS_AGO + timedelta(days=365)


# --- schedules ---


async def test_a_due_time_becomes_one_robot_though_two_processes_see_it(bench: Bench, other: Database) -> None:
    schedules = Schedules(bench.engine)
    for name in ("one", "two", "three"):
        await bench.database.write(schedules.put, name, expression="0 * * * *", template=new_robot())
    bench.clock.pass_seconds(3_601)
    fired = await asyncio.gather(*(database.write(schedules.fire) for database in (bench.database, other) * 3))
    assert sum(fired) == 3
    robots, _ = await bench.database.read(bench.engine.list_robots)
    assert len(robots) == 3


@on_the_servers
async def test_a_due_time_that_another_process_is_firing_is_left_to_it(bench: Bench, other: Database) -> None:
    schedules = Schedules(bench.engine)
    await bench.database.write(schedules.put, "hourly", expression="0 * * * *", template=new_robot())
    bench.clock.pass_seconds(3_601)
    async with half_done(bench.database, schedules.fire):
        assert await asyncio.wait_for(other.write(schedules.fire), AT_ONCE) == 0
    assert await other.write(schedules.fire) == 0


# --- the outbox ---


@on_the_servers
async def test_an_event_that_commits_late_is_handed_on_after_those_that_overtook_it(
    bench: Bench, other: Database
) -> None:
    told: list[str] = []

    async def read(events: Sequence[PublishedEvent]) -> None:
        told.extend(event.kind for event in events if event.feed == "shop")

    relay = Relay(other, MemoryBus(), holder="relay", readers={"live": read})

    def emit(tx: Tx, kind: str) -> None:
        with tx.savepoint():
            tx.emit(Event("shop", "SHOP-1", kind, {}))
        tx.flush()

    async with half_done(bench.database, lambda tx: emit(tx, "early")):
        for kind in ("second", "third"):
            await other.write(emit, kind)
        await relay.number_once()
        await relay.hand_on_once()
        assert told == ["second", "third"]
    await relay.number_once()
    await relay.hand_on_once()
    assert told == ["second", "third", "early"]


# --- upkeep ---


@on_the_servers
async def test_upkeep_passes_over_what_another_process_is_at(bench: Bench, other: Database) -> None:
    await bench.submit()
    claimed = await bench.claim_one(lease_seconds=10)
    bench.clock.pass_seconds(60)

    def at_it(tx: Tx) -> Any:
        return bench.engine.lock_robot(tx, claimed.robot_id)

    async with half_done(bench.database, at_it):
        assert (await asyncio.wait_for(other.write(bench.engine.tick), AT_ONCE)).lost == 0
    assert (await other.write(bench.engine.tick)).lost == 1
