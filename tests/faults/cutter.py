"""A way to a database server that is cut at a commit: before the server hears of it, or before its answer comes."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Literal

from sqlalchemy import URL

Cut = Literal["before the commit", "after the commit"]
CUTS: tuple[Cut, ...] = ("before the commit", "after the commit")
_COMMIT = b"COMMIT"


class Cutter:
    """Passes bytes on. Once armed it cuts the next connection that commits what `about` was said in."""

    def __init__(self, server: URL, about: bytes) -> None:
        self._server = server
        self._about = about
        self._next: Cut | None = None
        self._to_pass = 0
        self.cuts = 0

    def arm(self, cut: Cut, *, passing: int = 0) -> None:
        """`passing`: so many commits get through before."""
        self._next, self._to_pass = cut, passing

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        there, back = await asyncio.open_connection(self._server.host, self._server.port)
        mute = asyncio.Event()
        there_and_back = (self._ask(reader, back, mute), self._answer(there, writer, mute))
        tasks = [asyncio.create_task(one) for one in there_and_back]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for end in (writer, back):
            end.transport.abort()

    async def _ask(self, reader: asyncio.StreamReader, back: asyncio.StreamWriter, mute: asyncio.Event) -> None:
        concerned = False
        while data := await reader.read(65_536):
            concerned = concerned or self._about in data
            commits = _COMMIT in data
            cut = self._due() if commits and concerned else None
            if cut == "before the commit":
                return
            if cut is not None:
                mute.set()
            back.write(data)
            with suppress(OSError):
                await back.drain()
            concerned = concerned and not commits

    async def _answer(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter, mute: asyncio.Event) -> None:
        while data := await there.read(65_536):
            if mute.is_set():
                return
            writer.write(data)
            with suppress(OSError):
                await writer.drain()

    def _due(self) -> Cut | None:
        if self._next is None:
            return None
        if self._to_pass:
            self._to_pass -= 1
            return None
        cut, self._next = self._next, None
        self.cuts += 1
        return cut


@asynccontextmanager
async def cutter(server: URL, about: str) -> AsyncGenerator[tuple[Cutter, URL]]:
    """A cutter before a database, and the database's address by way of it."""
    made = Cutter(server, about.encode())
    way = await asyncio.start_server(made.pass_on, "127.0.0.1", 0)
    try:
        yield made, server.set(host="127.0.0.1", port=way.sockets[0].getsockname()[1])
    finally:
        way.close()
