"""Work that many ask for at the same time, done once for all of them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class SharedRuns(Generic[T]):
    """One run at a time per name. Who comes while one is under way shares the next, which sees what was there before.

    A run goes on when those who wait for it leave.
    """

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Task[T]] = {}
        self._next: dict[str, asyncio.Task[T]] = {}

    def join(self, name: str, start: Callable[[], Awaitable[T]]) -> "asyncio.Task[T]":
        """A run that has not begun yet."""
        if name in self._next:
            return self._next[name]
        running = self._running.get(name)
        task = asyncio.create_task(self._run(name, running, start), name=f"shared run for {name}")
        (self._running if running is None else self._next)[name] = task
        return task

    async def close(self) -> None:
        """End what is under way."""
        tasks = [*self._running.values(), *self._next.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, name: str, before: "asyncio.Task[T] | None", start: Callable[[], Awaitable[T]]) -> T:
        if before is not None:
            await asyncio.wait({before})
            self._running[name] = self._next.pop(name)
        try:
            return await start()
        finally:
            if self._running.get(name) is asyncio.current_task():
                del self._running[name]
