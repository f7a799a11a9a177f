"""Runners for tests: the real one in this process, with shell scripts as the programs that work."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

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


class Gate:
    """A door before a server that can be shut: whoever is connected is cut off, whoever comes is turned away."""

    def __init__(self, to: str) -> None:
        parts = urlsplit(to)
        self._to = (parts.hostname or "", parts.port or 0)
        self._open = True
        self._through: set[asyncio.Task[None]] = set()
        self.url = ""

    def shut(self) -> None:
        """The server is away now."""
        self._open = False
        for task in self._through:
            task.cancel()

    def reopen(self) -> None:
        """The server is back."""
        self._open = True

    @asynccontextmanager
    async def standing(self) -> AsyncGenerator["Gate"]:
        """The gate, for as long as the context lasts."""
        server = await asyncio.start_server(self._pass, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            self.shut()
            server.close()
            await asyncio.gather(*self._through, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._through.add(task)
        try:
            if self._open:
                there, back = await asyncio.open_connection(*self._to)
                try:
                    await asyncio.gather(_carry(reader, back), _carry(there, writer))
                finally:
                    back.close()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._through.discard(task)
            writer.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(65_536):
        writer.write(piece)
        await writer.drain()
    writer.close()
