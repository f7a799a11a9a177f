"""Processes that share a cache, and some of which cannot reach it: nobody is told what was there before an answer."""

from collections.abc import AsyncGenerator, AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiworker.adapters.cache.memory import MemoryShelf
from aiworker.core.errors import Unavailable
from aiworker.storage.cache import Cache, Token
from aiworker.storage.database import Database
from aiworker.storage.licence import LICENCE_SECONDS, REVOKED_SECONDS, Licence
from tests.support.clocks import ManualClock
from tests.support.databases import fresh_database

KEY = "task:1"
_MINUTE = 60.0


@dataclass
class Shop:
    """The row that everybody reads and writes, the clock of all, and the shelf that they share."""

    database: Database
    clock: ManualClock
    shelf: MemoryShelf
    row: int = 0

    def now(self) -> float:
        """Seconds on everybody's own clock."""
        return self.clock().timestamp()


class Wire:
    """One process's way to the shelf, which may be cut."""

    def __init__(self, shelf: MemoryShelf) -> None:
        self.cut = False
        self._shelf = shelf

    async def fetch(self, key: str) -> bytes | Token:
        await self.check()
        return await self._shelf.fetch(key)

    async def keep(self, key: str, token: Token, value: bytes, seconds: float) -> bool:
        await self.check()
        return await self._shelf.keep(key, token, value, seconds)

    async def drop(self, keys: Collection[str]) -> None:
        await self.check()
        await self._shelf.drop(keys)

    async def check(self) -> None:
        if self.cut:
            raise Unavailable("cut", code="cut")


class Process:
    """Reads and writes the row through its own cache. `waited`: how long its writes waited, in seconds."""

    def __init__(self, shop: Shop) -> None:
        self.wire = Wire(shop.shelf)
        self.waited = 0.0
        self._shop = shop
        self.cache = Cache(self.wire, Licence(shop.database, monotonic=shop.now, sleep=self._sleep))

    async def read(self) -> int:
        async def load() -> int:
            return self._shop.row

        return await self.cache.get(KEY, _MINUTE, int, load)

    async def write(self) -> None:
        """When it returns, it is answered."""
        self._shop.row += 1
        await self.cache.drop([KEY])

    async def _sleep(self, seconds: float) -> None:
        self.waited += seconds
        self._shop.clock.pass_seconds(seconds)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    clock = ManualClock()
    database = fresh_database(tmp_path, clock=clock)
    yield Shop(database, clock, MemoryShelf(monotonic=lambda: clock().timestamp()))
    await database.close()


@asynccontextmanager
async def processes(shop: Shop, number: int) -> AsyncGenerator[list[Process]]:
    made = [Process(shop) for _ in range(number)]
    yield made
    for process in made:
        await process.cache.close()


async def test_while_all_reach_the_shelf_a_change_is_seen_at_once_and_costs_no_wait(shop: Shop) -> None:
    async with processes(shop, 2) as (here, there):
        assert await there.read() == 0
        await here.write()
        assert await there.read() == 1
        assert here.waited == 0


async def test_what_is_kept_is_read_without_loading_it(shop: Shop) -> None:
    async with processes(shop, 2) as (here, there):
        assert await here.read() == 0
        shop.row = 7
        assert (await here.read(), await there.read()) == (0, 0)


async def test_a_process_that_cannot_drop_takes_the_licence_from_all_before_it_answers(shop: Shop) -> None:
    async with processes(shop, 2) as (cut, other):
        assert await other.read() == 0
        cut.wire.cut = True
        await cut.write()
        assert await other.read() == 1
        assert LICENCE_SECONDS < cut.waited < LICENCE_SECONDS * 1.5


async def test_as_long_as_the_licence_is_revoked_its_writes_do_not_wait_again(shop: Shop) -> None:
    async with processes(shop, 2) as (cut, other):
        cut.wire.cut = True
        await cut.write()
        waited = cut.waited
        for _ in range(8):
            shop.clock.pass_seconds(REVOKED_SECONDS / 10)
            await cut.write()
            assert await other.read() == shop.row
        assert cut.waited == waited


async def test_another_process_that_finds_it_revoked_waits_until_nobody_has_it_any_more(shop: Shop) -> None:
    async with processes(shop, 3) as (cut, other, reader):
        assert await reader.read() == 0
        cut.wire.cut = True
        await cut.write()
        assert await other.read() == 1
        await other.write()
        assert await reader.read() == 2


async def test_what_lay_on_the_shelf_before_is_not_believed_when_the_licence_is_given_again(shop: Shop) -> None:
    async with processes(shop, 2) as (here, there):
        assert await there.read() == 0
        here.wire.cut = there.wire.cut = True
        await here.write()
        here.wire.cut = there.wire.cut = False
        shop.clock.pass_seconds(REVOKED_SECONDS + LICENCE_SECONDS + 1)
        assert await there.read() == 1
        shop.row = 7
        assert await there.read() == 1, "it is cached again"


async def test_without_its_database_nothing_is_believed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise Unavailable("away", code="database_unavailable")

    async with processes(shop, 1) as (here,):
        assert await here.read() == 0
        monkeypatch.setattr(shop.database, "read", away)
        shop.clock.pass_seconds(LICENCE_SECONDS)
        shop.row = 1
        assert await here.read() == 1


async def test_a_change_that_nobody_can_be_told_of_is_not_answered(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise Unavailable("away", code="database_unavailable")

    async with processes(shop, 1) as (here,):
        here.wire.cut = True
        monkeypatch.setattr(shop.database, "write", away)
        with pytest.raises(Unavailable):
            await here.write()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["read", "read", "write", "cut", "join", "pass", "long"]), st.integers(0, 2)),
        min_size=5,
        max_size=40,
    )
)
async def test_whoever_is_cut_off_and_whenever_nobody_reads_what_was_there_before_an_answer(
    shop: Shop, steps: list[tuple[str, int]]
) -> None:
    shop.clock.pass_seconds(100)
    async with processes(shop, 3) as made:
        for what, who in steps:
            if what == "read":
                assert await made[who].read() == shop.row
            elif what == "write":
                await made[who].write()
            elif what in {"cut", "join"}:
                made[who].wire.cut = what == "cut"
            else:
                shop.clock.pass_seconds(0.4 if what == "pass" else REVOKED_SECONDS * 0.6)
