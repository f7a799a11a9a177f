"""The engine with a bus, as `app` wires them, and modules that work in this process."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiworker.adapters.bus.memory import MemoryBus
from aiworker.engine.module_loop import Handler, ModuleLoop
from aiworker.engine.worker import EngineWorker
from aiworker.storage.transaction import Committed
from aiworker.wire.engine import RobotStatus, Worker
from tests.support.engine import Bench


class ListenedBus(MemoryBus):
    """Says when somebody has begun to listen."""

    def __init__(self) -> None:
        super().__init__()
        self.listened = asyncio.Event()

    @asynccontextmanager
    async def listen(self, *topics: str) -> AsyncGenerator[Any]:
        async with super().listen(*topics) as listener:
            self.listened.set()
            yield listener


class House:
    """The engine with a bus, as `app` wires them."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.bus = ListenedBus()
        self.changed = asyncio.Event()
        self.announced: list[Mapping[str, Any]] = []
        bench.database.on_commit = self._tell
        self.worker: Worker = EngineWorker(bench.database, bench.engine, self.bus)

    def _tell(self, committed: Committed) -> None:
        for topic in committed.topics:
            self.bus.publish(topic, {})
        self.announced += [announcement.data for announcement in committed.announcements]
        self.changed.set()

    async def until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(60):
            # Cleared before the look: what changes meanwhile is not missed.
            self.changed.clear()
            while not await condition():
                await self.changed.wait()
                self.changed.clear()

    async def until_status(self, robot_id: str, *statuses: RobotStatus) -> None:
        async def reached() -> bool:
            return (await self.bench.robot(robot_id)).status in statuses

        await self.until(reached)

    @asynccontextmanager
    async def running(
        self, handlers: Mapping[str, Handler], *, concurrency: int = 4, lease_seconds: int = 60
    ) -> AsyncGenerator[ModuleLoop]:
        loop = ModuleLoop(
            self.worker,
            "reader",
            handlers,
            holder="control@here:1:1",
            concurrency=concurrency,
            lease_seconds=lease_seconds,
        )
        task = asyncio.create_task(loop.run())
        try:
            yield loop
        finally:
            await loop.stop(grace_seconds=0)
            await task
