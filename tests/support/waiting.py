"""Waiting for what happens in its own time, without sleeping longer than needed."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

T = TypeVar("T")


async def eventually(look: Callable[[], Awaitable[T] | T], *, within: float = 60.0, every: float = 0.02) -> T:
    """The first truthy thing that `look` gives, looked for every few milliseconds; fails after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        found = look()
        result = cast("T", await found if inspect.isawaitable(found) else found)
        if result:
            return result
        assert time.monotonic() < deadline, f"did not happen within {within:g} s (last seen: {result!r})"
        await asyncio.sleep(every)
