"""Runners for tests: the real one in this process, with shell scripts as the programs that work."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiworker.runner.agents import Bell, Orders, attend
from aiworker.runner.drivers.command import Command
from aiworker.runner.drivers.driver import Driver
from tests.support.house import House

COMMIT = "echo done > done.txt && git add --all && git commit --quiet -m Done"


@dataclass
class AtWork:
    """A runner at work. `home`: where it keeps what it is at."""

    home: Path
    bell: Bell
    task: asyncio.Task[None] = field(repr=False)

    async def done(self, within: float = 30.0) -> None:
        """It has ended by itself."""
        async with asyncio.timeout(within):
            await asyncio.shield(self.task)


def script(text: str) -> Driver:
    """A driver that runs a shell script."""
    return Command(["/bin/sh", "-c", text])


@asynccontextmanager
async def at_work(house: House, key: str, driver: Driver, **orders: Any) -> AsyncGenerator[AtWork]:
    """A runner for as long as the context lasts; what it holds then is given back."""
    home = house.folder / "runner"
    bell = Bell()
    chosen: dict[str, Any] = {"url": house.url, "once": True, "watch": 0.2, **orders}
    told = Orders(key=key, home=home, driver=driver, **chosen)
    task = asyncio.create_task(attend(told, bell))
    try:
        yield AtWork(home, bell, task)
    finally:
        bell.soon.set()
        bell.now.set()
        await asyncio.gather(task, return_exceptions=True)
