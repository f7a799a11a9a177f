"""A client that reads too slowly is let go, so that what waits for it does not fill the memory; it resyncs later."""

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_WAITING = 5_000
_LAST_WORDS_SECONDS = 2.0


class SlowClients:
    """Puts a bounded queue between a websocket application and each of its clients."""

    def __init__(self, app: ASGIApp, most: int = MOST_WAITING) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        line = _Line(receive, send, self._most)
        pump = asyncio.create_task(line.pump())
        try:
            await self._app(scope, line.receive, line.send)
            if not line.ended.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(line.sent_all(), _LAST_WORDS_SECONDS)
        finally:
            line.ended.set()
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)


class _Line:
    def __init__(self, receive: Receive, send: Send, most: int) -> None:
        self.ended = asyncio.Event()
        self._receive = receive
        self._send = send
        self._waiting: asyncio.Queue[Message] = asyncio.Queue(most)

    async def send(self, message: Message) -> None:
        """Never waits for the client."""
        if self.ended.is_set():
            raise OSError("the client is gone")
        try:
            self._waiting.put_nowait(message)
        except asyncio.QueueFull:
            self.ended.set()
            raise OSError("the client reads too slowly") from None

    async def receive(self) -> Message:
        """The client's next message; a disconnect once it was let go."""
        ended = asyncio.create_task(self.ended.wait())
        message = asyncio.ensure_future(self._receive())
        try:
            await asyncio.wait({ended, message}, return_when=asyncio.FIRST_COMPLETED)
            if message.done():
                return message.result()
            return {"type": "websocket.disconnect", "code": 1013}
        finally:
            ended.cancel()
            message.cancel()

    async def pump(self) -> None:
        """Send in order, as fast as the client reads."""
        try:
            while True:
                message = await self._waiting.get()
                await self._send(message)
                self._waiting.task_done()
        except (OSError, RuntimeError):
            self.ended.set()

    async def sent_all(self) -> None:
        """Wait until the client has everything."""
        joined, ended = asyncio.create_task(self._waiting.join()), asyncio.create_task(self.ended.wait())
        try:
            await asyncio.wait({joined, ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            joined.cancel()
            ended.cancel()
