"""A way to a database server that is cut at a commit: before the server hears of it, or before its answer comes.

A commit is what says so; on PostgreSQL also a statement that writes outside a transaction, because it commits itself.
"""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Literal

from sqlalchemy import URL

Cut = Literal["before the commit", "after the commit"]
CUTS: tuple[Cut, ...] = ("before the commit", "after the commit")
_COMMIT, _ROLLBACK = b"COMMIT", b"ROLLBACK"
# PostgreSQL is told a statement's name and text once, and then only the name; it says when it is in no transaction.
_TOLD = re.compile(rb"P.{4}(__asyncpg_\w+)\0([^\0]*)\0", re.DOTALL)
_RUN = re.compile(rb"B.{4}\0(__asyncpg_\w+)\0", re.DOTALL)
_WRITES = re.compile(rb"INSERT INTO|UPDATE \w+ SET|DELETE FROM")
_IN_NO_TRANSACTION = b"Z\0\0\0\5I"


class _Talk:
    """What has been said on one connection since its last commit."""

    def __init__(self) -> None:
        self._said = b""
        self._writes: set[bytes] = set()
        self._alone = False

    def commits(self, asked: bytes) -> bytes | None:
        """What the server commits when it hears this; None: it does not commit."""
        self._said = asked if self._alone else self._said + asked
        self._writes.update(told[1] for told in _TOLD.finditer(asked) if _WRITES.search(told[2]))
        alone = self._alone and any(run[1] in self._writes for run in _RUN.finditer(asked))
        if not (alone or _COMMIT in asked or _ROLLBACK in asked):
            return None
        said, self._said = self._said, b""
        return None if _ROLLBACK in asked else said

    def hears(self, answered: bytes) -> None:
        """What the server answered."""
        self._alone = answered.endswith(_IN_NO_TRANSACTION)


class Cutter:
    """Passes bytes on. Once armed it cuts the next connection that commits what `about` was said in."""

    def __init__(self, server: URL, about: bytes) -> None:
        self._server = server
        self._about = about
        self._next: Cut | None = None
        self._too = b""
        self.cuts = 0

    def arm(self, cut: Cut, *, too: str = "") -> None:
        """`too`: what was said besides."""
        self._next, self._too = cut, too.encode()

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        there, back = await asyncio.open_connection(self._server.host, self._server.port)
        mute, talk = asyncio.Event(), _Talk()
        there_and_back = (self._ask(reader, back, mute, talk), self._answer(there, writer, mute, talk))
        tasks = [asyncio.create_task(one) for one in there_and_back]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for end in (writer, back):
            end.transport.abort()

    async def _ask(
        self, reader: asyncio.StreamReader, back: asyncio.StreamWriter, mute: asyncio.Event, talk: _Talk
    ) -> None:
        while data := await reader.read(65_536):
            said = talk.commits(data)
            cut = None if said is None else self._due(said)
            if cut == "before the commit":
                return
            if cut is not None:
                mute.set()
            back.write(data)
            with suppress(OSError):
                await back.drain()

    async def _answer(
        self, there: asyncio.StreamReader, writer: asyncio.StreamWriter, mute: asyncio.Event, talk: _Talk
    ) -> None:
        while data := await there.read(65_536):
            if mute.is_set():
                return
            talk.hears(data)
            writer.write(data)
            with suppress(OSError):
                await writer.drain()

    def _due(self, said: bytes) -> Cut | None:
        if self._next is None or self._about not in said or self._too not in said:
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
