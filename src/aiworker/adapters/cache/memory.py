"""The cache's shelf within one process."""

import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass

from aiworker.core.ids import new_token
from aiworker.storage.cache import Token

_MOST_BYTES = 64 * 1024 * 1024
_TOKEN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class _Kept:
    value: bytes | Token
    until: float


class MemoryShelf:
    """Keeps values in this process, 64 MiB of them at most: what was not read for longest goes first."""

    def __init__(self, *, most_bytes: int = _MOST_BYTES, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._most_bytes = most_bytes
        self._monotonic = monotonic
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._bytes = 0

    async def fetch(self, key: str) -> bytes | Token:
        """The value; where there is none, a token to keep one with."""
        kept = self._kept.get(key)
        if kept is None or kept.until <= self._monotonic():
            kept = self._put(key, Token(new_token()), _TOKEN_SECONDS)
        self._kept.move_to_end(key)
        return kept.value

    async def keep(self, key: str, token: Token, value: bytes, seconds: float) -> bool:
        """Keep a value, unless the key was dropped since the token was given; whether it is kept."""
        kept = self._kept.get(key)
        if kept is None or kept.value != token or kept.until <= self._monotonic():
            return False
        self._put(key, value, seconds)
        while self._bytes > self._most_bytes:
            self._forget(next(iter(self._kept)))
        return key in self._kept

    async def drop(self, keys: Collection[str]) -> None:
        """Forget values, and end the tokens that were given for them."""
        for key in keys:
            self._forget(key)

    async def check(self) -> None:
        """It is always here."""

    def _put(self, key: str, value: bytes | Token, seconds: float) -> _Kept:
        self._forget(key)
        kept = self._kept[key] = _Kept(value, self._monotonic() + seconds)
        self._bytes += len(value) + len(key)
        return kept

    def _forget(self, key: str) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._bytes -= len(kept.value) + len(key)
