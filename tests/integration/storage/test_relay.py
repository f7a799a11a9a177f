import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aiworker.adapters.bus.memory import MemoryBus
from aiworker.storage.commits import CommitTeller
from aiworker.storage.database import Database, open_database
from aiworker.storage.leases import give_lease_back, take_lease
from aiworker.storage.outbox import queries
from aiworker.storage.outbox.events import Event, PublishedEvent
from aiworker.storage.outbox.relay import NUMBERED_TOPIC, Reader, Relay
from aiworker.storage.transaction import Tx
from tests.support.databases import fresh_database


def emit(tx: Tx, *kinds: str, feed: str = "shop") -> None:
    for kind in kinds:
        tx.emit(Event(feed, "SHOP-1", kind, {"kind": kind}))


class Notebook:
    """A reader that writes down what it gets, and fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.kinds: list[str] = []
        self.failures = failures
        self.written = asyncio.Event()

    async def __call__(self, events: Sequence[PublishedEvent]) -> None:
        self.kinds += [event.kind for event in events]
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the neighbour went away")
        self.written.set()


def relay(database: Database, reader: Reader, *, holder: str = "one", name: str = "live") -> Relay:
    return Relay(database, MemoryBus(), holder=holder, readers={name: reader})


async def test_events_are_handed_on_once_and_in_order(database: Database) -> None:
    book = Notebook()
    one = relay(database, book)
    await database.write(emit, "a", "b")
    await database.write(emit, "c")
    assert await one.number_once() == 3
    assert await one.hand_on_once() == 3
    assert await one.hand_on_once() == 0
    assert book.kinds == ["a", "b", "c"]


async def test_what_was_rolled_back_is_never_told(database: Database) -> None:
    def fail(tx: Tx) -> None:
        emit(tx, "never")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await database.write(fail)
    one = relay(database, Notebook())
    assert await one.number_once() == 0


async def test_a_reader_that_failed_gets_the_same_events_again(database: Database) -> None:
    book = Notebook(failures=1)
    one = relay(database, book)
    await database.write(emit, "a")
    await one.number_once()
    with pytest.raises(ConnectionError):
        await one.hand_on_once()
    assert await one.hand_on_once() == 1
    assert book.kinds == ["a", "a"]


async def test_a_relay_that_died_after_numbering_loses_nothing(tmp_path: Path) -> None:
    first = fresh_database(tmp_path)
    await first.write(emit, "a", "b")
    await relay(first, Notebook()).number_once()
    url = first.url
    await first.close()
    second = open_database(url)
    book = Notebook()
    assert await relay(second, book).hand_on_once() == 2
    assert book.kinds == ["a", "b"]
    await second.close()


async def test_only_the_holder_of_the_lease_relays(database: Database) -> None:
    one, other = relay(database, Notebook(), holder="one"), relay(database, Notebook(), holder="other")
    await database.write(emit, "a")
    assert await one.number_once() == 1
    assert await one.hand_on_once() == 1
    await database.write(emit, "b")
    assert await other.number_once() == 0
    assert await one.number_once() == 1
    assert await other.hand_on_once() == 0
    assert await one.hand_on_once() == 1


async def test_a_lease_ends_with_its_time_or_when_it_is_given_back(tmp_path: Path) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    database = fresh_database(tmp_path, clock=lambda: now[0])
    assert await database.write(take_lease, "relay", "one", 10)
    assert await database.write(take_lease, "relay", "one", 10)
    assert not await database.write(take_lease, "relay", "other", 10)
    now[0] += timedelta(seconds=11)
    assert await database.write(take_lease, "relay", "other", 10)
    await database.write(give_lease_back, "relay", "one")
    assert not await database.write(take_lease, "relay", "one", 10)
    await database.write(give_lease_back, "relay", "other")
    assert await database.write(take_lease, "relay", "one", 10)
    await database.close()


async def test_the_lease_of_a_process_that_has_ended_for_certain_is_not_waited_for(database: Database) -> None:
    dead = relay(database, Notebook(), holder="dead")
    await database.write(emit, "a")
    await dead.number_once()
    await database.write(emit, "b")
    book = Notebook()
    heir = Relay(database, MemoryBus(), holder="heir", readers={"live": book}, is_gone="dead".__eq__)
    assert await heir.number_once() == 1
    await heir.hand_on_once()
    assert book.kinds == ["a", "b"]


async def test_each_reader_keeps_its_own_place(database: Database) -> None:
    live, hooks = Notebook(), Notebook(failures=1)
    await database.write(emit, "a")
    both = Relay(database, MemoryBus(), holder="one", readers={"live": live, "webhooks": hooks})
    await both.number_once()
    with pytest.raises(ConnectionError):
        await both.hand_on_once()
    await database.write(emit, "b")
    await both.number_once()
    await both.hand_on_once()
    assert live.kinds == ["a", "b"]
    assert hooks.kinds == ["a", "a", "b"]


async def test_whoever_comes_back_gets_what_was_missed(database: Database) -> None:
    one = relay(database, Notebook())
    await database.write(emit, "a", "b", "c")
    await database.write(emit, "elsewhere", feed="blog")
    await one.number_once()
    missed = await database.read(queries.events_after, "shop", 1, 100)
    assert [(event.number, event.kind) for event in missed] == [(2, "b"), (3, "c")]
    assert await database.read(queries.bounds, "shop") == queries.Bounds(1, 3)
    assert await database.read(queries.bounds, "nowhere") == queries.Bounds(1, 0)
    assert await database.read(queries.newest_numbers) == {"shop": 3, "blog": 1}


async def test_old_events_are_removed_once_every_reader_has_had_them(tmp_path: Path) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    database = fresh_database(tmp_path, clock=lambda: now[0])
    one = relay(database, Notebook())
    await database.write(emit, "old")
    await one.number_once()
    now[0] += timedelta(days=8)
    assert await one.prune_once() == 0
    await one.hand_on_once()
    await database.write(emit, "new")
    await one.number_once()
    await one.hand_on_once()
    assert await one.prune_once() == 1
    bounds = await database.read(queries.bounds, "shop")
    assert bounds == queries.Bounds(2, 2)
    assert not bounds.reaches(0)
    await database.close()


@pytest.fixture
async def running(database: Database) -> AsyncIterator[tuple[MemoryBus, Notebook]]:
    bus, book = MemoryBus(), Notebook()
    database.on_commit = CommitTeller(bus)
    readers: dict[str, Reader] = {"book": book}
    one = Relay(database, bus, holder="one", readers=readers)
    relaying = asyncio.create_task(one.run())
    yield bus, book
    relaying.cancel()
    with suppress(asyncio.CancelledError):
        await relaying


async def test_a_commit_wakes_the_relay_and_those_who_follow(
    database: Database, running: tuple[MemoryBus, Notebook]
) -> None:
    bus, book = running
    async with bus.listen(NUMBERED_TOPIC) as numbered:
        await database.write(emit, "a")
        assert await numbered.next(60) == {}
    async with asyncio.timeout(60):
        await book.written.wait()
    assert book.kinds == ["a"]


async def test_a_running_relay_goes_on_after_a_failure(database: Database, running: tuple[MemoryBus, Notebook]) -> None:
    _, book = running
    book.failures = 1
    await database.write(emit, "a")
    async with asyncio.timeout(60):
        await book.written.wait()
    assert book.kinds == ["a", "a"]


async def test_announcements_and_topics_reach_the_bus_after_the_commit(database: Database) -> None:
    bus = MemoryBus()
    teller = CommitTeller(bus)
    heard: list[str] = []
    teller.on("access", lambda: heard.append("access"))
    database.on_commit = teller

    def change(tx: Tx) -> None:
        tx.wake("access")
        tx.announce("task:1", "agent:log", {"message": "hello"})

    messages: list[Any] = []
    async with bus.listen("access", "announcements") as listener:
        await database.write(change)
        assert heard == ["access"]
        messages = [await listener.next(60), await listener.next(60)]
    assert messages == [{}, {"room": "task:1", "kind": "agent:log", "data": {"message": "hello"}}]
