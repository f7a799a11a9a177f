"""The cache: what was read lately, until somebody changes it.

It is never wrong: what a writer changed is dropped before the write is answered, and what a reader loaded while it was
changed is not kept. It is never needed: while the shelf is away, everything is loaded.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from typing import Any, Protocol, TypeVar

import msgspec

from aiworker.core.errors import Unavailable
from aiworker.core.logging import get_logger
from aiworker.storage.licence import Licence

T = TypeVar("T")

_log = get_logger(__name__)

_LOOK_AGAIN_SECONDS = 5.0


class Token(str):
    """The right to keep what is loaded from now on; a drop ends it."""

    __slots__ = ()


class Shelf(Protocol):
    """The Cache port: values by key. Each method raises Unavailable if the shelf does not answer."""

    async def fetch(self, key: str) -> bytes | Token:
        """The value; where there is none, a token to keep one with."""
        ...

    async def keep(self, key: str, token: Token, value: bytes, seconds: float) -> bool:
        """Keep a value, unless the key was dropped since the token was given; whether it is kept."""
        ...

    async def drop(self, keys: Collection[str]) -> None:
        """Forget values, and end the tokens that were given for them."""
        ...

    async def check(self) -> None:
        """Ask for a sign of life."""
        ...


class Cache:
    """Reads through a shelf; without one it only loads.

    A shelf that several processes share needs a `licence`, the right to believe what lies there: a process that cannot
    drop what it changed revokes it for all.
    """

    def __init__(self, shelf: Shelf | None = None, licence: Licence | None = None) -> None:
        self._shelf = shelf
        self._licence = licence
        # How often what was asked for was there, and how often it was not, since the process began.
        self.hits = self.misses = 0
        self._watching: asyncio.Task[None] | None = None

    async def get(self, key: str, seconds: float, kind: Any, load: Callable[[], Awaitable[T]]) -> T:
        """The value, kept for `seconds` and never older than its last change; loaded if it is not here.

        `kind` is the type that its JSON is turned back into: a dataclass of plain values, or a collection of such.
        """
        looked = None if self._shelf is None else await self._look(self._shelf, key)
        if looked is None:
            self.misses += 1
            return await load()
        shelf, place, found = looked
        if isinstance(found, Token):
            self.misses += 1
            value = await load()
            with suppress(Unavailable):
                await shelf.keep(place, found, msgspec.json.encode(value), seconds)
            return value
        try:
            value = msgspec.json.decode(found, type=kind)
        except msgspec.DecodeError:
            # Another version of this program kept it.
            self.misses += 1
            return await load()
        self.hits += 1
        return value

    async def drop(self, keys: Collection[str]) -> None:
        """Forget values: when this returns, nobody is told any more what was there before.

        Raises: Unavailable, if that cannot be made sure of.
        """
        if self._shelf is None or not keys:
            return
        try:
            epoch = await self._epoch()
            if epoch is not None:
                await self._shelf.drop([epoch + key for key in keys])
        except Unavailable:
            if self._licence is None:
                raise
            await self._licence.revoke()
            self._watch(self._licence, self._shelf)
        else:
            if epoch is None and self._licence is not None:
                await self._licence.settled()

    async def close(self) -> None:
        """Stop looking whether the shelf is back."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)

    async def _look(self, shelf: Shelf, key: str) -> tuple[Shelf, str, bytes | Token] | None:
        """What lies where; None if it may not be believed."""
        try:
            epoch = await self._epoch()
            if epoch is None:
                return None
            found = await shelf.fetch(epoch + key)
        except Unavailable:
            return None
        # Who was held up on the way must not believe what was true before.
        if self._licence is not None and self._licence.known != epoch:
            return None
        return shelf, epoch + key, found

    async def _epoch(self) -> str | None:
        return "" if self._licence is None else await self._licence.epoch()

    def _watch(self, licence: Licence, shelf: Shelf) -> None:
        if self._watching is None or self._watching.done():
            _log.warning("cache_off")
            self._watching = asyncio.create_task(_keep_off(licence, shelf), name="cache is off")


async def _keep_off(licence: Licence, shelf: Shelf) -> None:
    """While the shelf is away, nobody may believe it: what is changed here cannot be dropped there."""
    while True:
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        try:
            await shelf.check()
        except Unavailable:
            with suppress(Unavailable):
                await licence.revoke()
        else:
            _log.info("cache_shelf_is_back")
            return
