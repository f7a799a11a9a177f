"""A way to a server that a test can shut and open again: while it is shut, everybody is cut off."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class FlakyDoor:
    """Passes bytes on from `url` to a server. May be shut and opened from any thread."""

    def __init__(self, port: int) -> None:
        self.url = ""
        self._port = port
        self._is_open = True
        self._inside: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.get_running_loop()

    def shut(self) -> bool:
        """Cut everybody off. True, so that it serves as a condition."""
        self._is_open = False
        self._loop.call_soon_threadsafe(lambda: [writer.transport.abort() for writer in self._inside])
        return True

    def open(self) -> bool:
        """Let them in again. True, as above."""
        self._is_open = True
        return True

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        if not self._is_open:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        self._inside |= {writer, back}
        if not self._is_open:  # shut while this one was on its way in
            writer.transport.abort()
            back.transport.abort()
        try:
            await asyncio.gather(_pipe(reader, back), _pipe(there, writer))
        finally:
            self._inside -= {writer, back}


@asynccontextmanager
async def flaky_door(url: str) -> AsyncGenerator[FlakyDoor]:
    """An open door to the server at `url`."""
    door = FlakyDoor(urlsplit(url).port or 80)
    server = await asyncio.start_server(door.pass_on, "127.0.0.1", 0)
    door.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield door
    finally:
        server.close()
        door.shut()
        await asyncio.sleep(0)


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
