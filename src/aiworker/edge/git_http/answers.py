"""Answering a git client, as long as it listens."""

import asyncio
from collections.abc import Mapping

from starlette.types import Message, Send

from aiworker.core.errors import AiWorkerError, Unauthenticated
from aiworker.edge.answers import STATUS, headers_of

_STALLED_SECONDS = 120.0


class Outlet:
    """The way to the client. Once it is closed, or the client took nothing for two minutes, nothing more goes out."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._open = True

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Begin the answer."""
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await self._out({"type": "http.response.start", "status": status, "headers": encoded})

    async def write(self, chunk: bytes) -> bool:
        """Send a piece of the body; False if nobody takes it."""
        return await self._out({"type": "http.response.body", "body": chunk, "more_body": True})

    async def finish(self, rest: bytes = b"") -> None:
        """End the answer."""
        await self._out({"type": "http.response.body", "body": rest})

    async def refuse(self, error: AiWorkerError) -> None:
        """Answer with an error, as text that git shows to its user."""
        headers = {**headers_of(error), "content-type": "text/plain; charset=utf-8", "cache-control": "no-store"}
        if isinstance(error, Unauthenticated):
            # git answers only to Basic.
            headers["www-authenticate"] = 'Basic realm="AiWorker", charset="UTF-8"'
        await self.start(STATUS[error.kind], headers)
        await self.finish(f"{error.message}\n".encode())

    async def _out(self, message: Message) -> bool:
        if self._open:
            try:
                async with asyncio.timeout(_STALLED_SECONDS):
                    await self._send(message)
            except OSError:  # the time limit's TimeoutError is one too
                self._open = False
        return self._open
