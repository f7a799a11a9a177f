import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest

from aiworker.adapters.bus.memory import MemoryBus
from aiworker.core.errors import Unavailable
from aiworker.storage.bus import Bus
from aiworker.storage.database import Database
from aiworker.storage.outbox.events import Event, PublishedEvent
from aiworker.storage.outbox.follow import follow
from aiworker.storage.outbox.relay import Relay
from aiworker.storage.transaction import Tx
from tests.support.waiting import eventually


def emit(tx: Tx, *kinds: str) -> None:
    for kind in kinds:
        tx.emit(Event("shop", "SHOP-1", kind, {}))


@asynccontextmanager
async def following(database: Database, bus: Bus, *, poll_seconds: float = 60.0) -> AsyncGenerator[list[str]]:
    told: list[str] = []

    async def tell(events: Sequence[PublishedEvent]) -> None:
        told.extend(event.kind for event in events)

    begun = asyncio.Event()
    task = asyncio.create_task(follow(database, bus, tell, begun=begun, poll_seconds=poll_seconds))
    try:
        await asyncio.wait_for(begun.wait(), 60)
        yield told
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def relay(database: Database, bus: Bus) -> Relay:
    return Relay(database, bus, holder="one", readers={})


async def test_every_process_is_told_of_each_event_once_and_in_order(database: Database) -> None:
    bus = MemoryBus()
    async with following(database, bus) as one, following(database, bus) as other:
        for kinds in (("a", "b"), ("c",)):
            await database.write(emit, *kinds)
            await relay(database, bus).number_once()
        await eventually(lambda: len(one) == len(other) == 3)
    assert one == other == ["a", "b", "c"]


async def test_where_no_bus_leads_here_the_next_look_finds_it(database: Database) -> None:
    async with following(database, MemoryBus(), poll_seconds=0.01) as told:
        await database.write(emit, "a")
        await relay(database, MemoryBus()).number_once()
        await eventually(lambda: told == ["a"])


async def test_what_was_before_is_not_told(database: Database) -> None:
    bus = MemoryBus()
    await database.write(emit, "before")
    await relay(database, bus).number_once()
    async with following(database, bus) as told:
        await database.write(emit, "after")
        await relay(database, bus).number_once()
        await eventually(lambda: told)
    assert told == ["after"]


async def test_a_database_that_was_away_loses_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    bus = MemoryBus()
    async with following(database, bus, poll_seconds=0.01) as told:
        read, away = database.read, [True] * 5

        async def unsteady(body: Callable[..., object], *args: object) -> object:
            if away:
                away.pop()
                raise Unavailable("The database does not answer; try again.", code="database_unavailable")
            return await read(body, *args)

        monkeypatch.setattr(database, "read", unsteady)
        await database.write(emit, "a")
        await eventually(lambda: not away)
        await relay(database, bus).number_once()
        await eventually(lambda: told == ["a"])


async def test_numbered_events_are_pruned_where_nobody_keeps_a_place(database: Database) -> None:
    one = relay(database, MemoryBus())
    await database.write(emit, "a", "b")
    assert await one.prune_once(timedelta(0)) == 0
    await one.number_once()
    assert await one.prune_once(timedelta(seconds=-1)) == 1
