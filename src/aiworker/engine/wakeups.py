"""Waiting for something to appear, without a crowd.

One wake-up is for one waiter: those who wait on a topic are tried one after the other, until the first who finds
nothing (of its kind) shows that there is no more. Polling is the safety net for wake-ups that were lost.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from aiworker.storage.bus import Bus

T = TypeVar("T")

POLL_SECONDS = 1.0
_JITTER = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter(Generic[T]):
    kind: object
    turn: tuple[float, int]
    attempt: Callable[[], Awaitable[T | None]]
    give_back: Callable[[T], Awaitable[None]]
    result: "asyncio.Future[T | None]"


class Wakeups:
    """Lets many wait for what few topics announce."""

    def __init__(self, bus: Bus, *, poll_seconds: float = POLL_SECONDS) -> None:
        self._bus = bus
        self._poll_seconds = poll_seconds
        self._counters: dict[str, _Counter] = {}
        self._leaving = False

    def let_go(self) -> None:
        """The process stops: whoever waits gets nothing, at once, and from now on nobody waits."""
        self._leaving = True
        for counter in self._counters.values():
            counter.let_go()

    async def wait(
        self,
        topic: str,
        attempt: Callable[[], Awaitable[T | None]],
        give_back: Callable[[T], Awaitable[None]],
        *,
        seconds: float,
        kind: object = None,
        rank: float = 0,
    ) -> T | None:
        """The first result of `attempt` that is not None, within `seconds`.

        `kind`: those of the same kind can take the same things, so one that finds nothing speaks for all of them.
        `rank`: who is tried first, lowest first. A result that nobody waits for any more goes to `give_back`.
        """
        if seconds <= 0 or self._leaving:
            return await _kept(attempt, give_back)
        counter = self._counters.get(topic)
        if counter is None:
            counter = self._counters[topic] = _Counter(self._bus, topic, self._poll_seconds)
        counter.guests += 1
        found: T | None = None
        try:
            found = await counter.wait(attempt, give_back, seconds=seconds, kind=kind, rank=rank)
        finally:
            counter.guests -= 1
            if counter.guests == 0:
                del self._counters[topic]
                try:
                    await counter.close()
                except asyncio.CancelledError:
                    if found is not None:
                        await give_back(found)
                    raise
        return found


class _Counter:
    """Where those stand who wait on one topic."""

    def __init__(self, bus: Bus, topic: str, poll_seconds: float) -> None:
        self.guests = 0
        self._bus = bus
        self._topic = topic
        self._poll_seconds = poll_seconds
        self._waiters: list[_Waiter[Any]] = []
        self._arrivals = 0
        self._wakes = 0
        self._trying = False
        self._leaving = False
        self._closed = False
        self._listening = asyncio.Event()
        self._task = asyncio.create_task(self._serve(), name=f"wakeups {topic}")

    async def wait(
        self,
        attempt: Callable[[], Awaitable[T | None]],
        give_back: Callable[[T], Awaitable[None]],
        *,
        seconds: float,
        kind: object,
        rank: float,
    ) -> T | None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        await self._listening.wait()
        # A wake-up after the attempt, but before we stand in line, would be missed: so attempt once more.
        seen = -1
        while seen != self._wakes:
            seen = self._wakes
            if (found := await _kept(attempt, give_back)) is not None or loop.time() >= deadline or self._leaving:
                return found
        self._arrivals += 1
        future: asyncio.Future[T | None] = loop.create_future()
        waiter = _Waiter(kind, (rank, self._arrivals), attempt, give_back, future)
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout_at(deadline):
                return await future
        except TimeoutError:
            return future.result() if _came(future) else None
        except asyncio.CancelledError:
            if _came(future) and future.exception() is None and (found := future.result()) is not None:
                await give_back(found)
            raise
        finally:
            self._waiters.remove(waiter)

    def let_go(self) -> None:
        """Nobody waits any longer."""
        self._leaving = True
        for waiter in self._waiters:
            if not waiter.result.done():
                waiter.result.set_result(None)

    async def close(self) -> None:
        """An attempt under way is let finish, so that what it got is given back and not forgotten."""
        self._closed = True
        if not self._trying:
            self._task.cancel()
        # Whoever is cancelled while they wait for that does not cut it off.
        await asyncio.shield(asyncio.gather(self._task, return_exceptions=True))

    async def _serve(self) -> None:
        async with self._bus.listen(self._topic) as listener:
            self._listening.set()
            while not self._closed:
                await listener.next(self._poll_seconds * random.uniform(1 - _JITTER, 1))  # noqa: S311 (jitter)
                while await listener.next(0) is not None:
                    pass
                self._wakes += 1
                self._trying = True
                await self._try_each()
                self._trying = False

    async def _try_each(self) -> None:
        nothing_for: set[object] = set()
        for waiter in sorted(self._waiters, key=lambda waiter: waiter.turn):
            if waiter.kind in nothing_for or waiter.result.done():
                continue
            try:
                found = await waiter.attempt()
            except Exception as error:  # noqa: BLE001 (it belongs to who waits)
                if not waiter.result.done():
                    waiter.result.set_exception(error)
                continue
            if found is None:
                nothing_for.add(waiter.kind)
            elif waiter.result.done():
                await waiter.give_back(found)
            else:
                waiter.result.set_result(found)


def _came(future: "asyncio.Future[Any]") -> bool:
    """Whether a result came at the very moment when the wait ended."""
    return future.done() and not future.cancelled()


async def _kept(attempt: Callable[[], Awaitable[T | None]], give_back: Callable[[T], Awaitable[None]]) -> T | None:
    """An attempt whose result is given back if the one who asked is gone before it comes."""
    task = asyncio.ensure_future(attempt())
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        found = await task
        if found is not None:
            await give_back(found)
        raise
