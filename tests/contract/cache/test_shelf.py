"""What every shelf does."""

import uuid
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiworker.storage.cache import Shelf, Token
from tests.support.waiting import eventually

_MINUTE = 60.0


async def test_what_is_kept_is_found(shelf: Shelf) -> None:
    token = await shelf.fetch("task:1")
    assert isinstance(token, Token)
    assert await shelf.keep("task:1", token, b'{"a": 1}', _MINUTE)
    assert await shelf.fetch("task:1") == b'{"a": 1}'


async def test_what_was_dropped_is_gone(shelf: Shelf) -> None:
    await _keep(shelf, "task:1", b"1")
    await _keep(shelf, "task:2", b"2")
    await _keep(shelf, "task:3", b"3")
    await shelf.drop(["task:1", "task:2", "never kept"])
    assert isinstance(await shelf.fetch("task:1"), Token)
    assert isinstance(await shelf.fetch("task:2"), Token)
    assert await shelf.fetch("task:3") == b"3"


async def test_what_was_loaded_before_a_drop_is_not_kept(shelf: Shelf) -> None:
    token = await shelf.fetch("task:1")
    assert isinstance(token, Token)
    await shelf.drop(["task:1"])
    assert not await shelf.keep("task:1", token, b"old", _MINUTE)
    fresh = await shelf.fetch("task:1")
    assert isinstance(fresh, Token)
    assert fresh != token
    assert not await shelf.keep("task:1", token, b"old", _MINUTE)
    assert await shelf.keep("task:1", fresh, b"new", _MINUTE)
    assert await shelf.fetch("task:1") == b"new"


async def test_readers_at_the_same_time_share_a_token_and_the_first_one_keeps(shelf: Shelf) -> None:
    one, two = await shelf.fetch("task:1"), await shelf.fetch("task:1")
    assert isinstance(one, Token)
    assert one == two
    assert await shelf.keep("task:1", one, b"1", _MINUTE)
    assert not await shelf.keep("task:1", one, b"1", _MINUTE)


async def test_a_token_is_good_for_its_own_key_only(shelf: Shelf) -> None:
    token = await shelf.fetch("task:1")
    assert isinstance(token, Token)
    await shelf.fetch("task:2")
    assert not await shelf.keep("task:2", token, b"1", _MINUTE)
    assert not await shelf.keep("task:3", token, b"1", _MINUTE)


async def test_a_value_ends_with_its_time(shelf: Shelf) -> None:
    await _keep(shelf, "task:1", b"1", seconds=0.05)

    async def gone() -> bool:
        return await shelf.fetch("task:1") != b"1"

    await eventually(gone)


@pytest.mark.parametrize("value", [b"{}", b"[]", b"null", b'"?"', "ñ🦤".encode(), b"1" * 1_000_000])
async def test_a_value_comes_back_as_it_was_kept(shelf: Shelf, value: bytes) -> None:
    await _keep(shelf, "task:list:a b:\u2028ñ", value)
    assert await shelf.fetch("task:list:a b:\u2028ñ") == value


@dataclass
class _Reader:
    """Steps of one reader: look, load, keep."""

    begun_at: int
    token: Token | None = None
    loaded: int | None = None


@dataclass
class _World:
    """One row in a database, its writers (commit, drop, answer) and its readers, step by step."""

    shelf: Shelf
    key: str
    committed: int = 0
    answered: int = 0
    to_drop: list[int] = field(default_factory=list[int])
    readers: list[_Reader] = field(default_factory=list[_Reader])

    async def step(self, what: str) -> None:
        if what == "commit":
            self.committed += 1
            self.to_drop.append(self.committed)
        elif what == "drop" and self.to_drop:
            version = self.to_drop.pop(0)
            await self.shelf.drop([self.key])
            self.answered = max(self.answered, version)
        elif what == "look":
            await self._look()
        elif what.startswith("reader") and self.readers:
            await self._go_on(self.readers.pop(int(what[-1]) % len(self.readers)))

    async def finish(self) -> None:
        """Everybody comes to an end, the readers last."""
        while self.to_drop:
            await self.step("drop")
        while self.readers:
            await self.step("look")
            await self.step("reader 0")
        await self._look()

    async def _look(self) -> None:
        reader = _Reader(begun_at=self.answered)
        found = await self.shelf.fetch(self.key)
        if isinstance(found, Token):
            reader.token = found
            self.readers.append(reader)
        else:
            assert int(found) >= reader.begun_at, "a reader was told what had been changed before it asked"

    async def _go_on(self, reader: _Reader) -> None:
        if reader.loaded is None:
            reader.loaded = self.committed
            self.readers.append(reader)
        else:
            assert reader.token is not None
            await self.shelf.keep(self.key, reader.token, b"%d" % reader.loaded, _MINUTE)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(steps=st.lists(st.sampled_from(["commit", "drop", "look", "reader 0", "reader 1"]), min_size=4, max_size=25))
async def test_whatever_the_order_of_readers_and_writers_nobody_reads_what_was_there_before_an_answer(
    shelf: Shelf, steps: list[str]
) -> None:
    world = _World(shelf, uuid.uuid4().hex)
    for step in steps:
        await world.step(step)
    await world.finish()


async def _keep(shelf: Shelf, key: str, value: bytes, *, seconds: float = _MINUTE) -> None:
    token = await shelf.fetch(key)
    assert isinstance(token, Token)
    assert await shelf.keep(key, token, value, seconds)
