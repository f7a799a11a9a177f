"""A small HTTP door that says how the module is: for the server's health checks and for a cluster's probes."""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from aiworker.core.errors import Invalid

_PATIENCE_SECONDS = 5.0
_LONGEST_REQUEST = 16_384


class HealthDoor:
    """Answers any GET with the module's state: 200 as long as it takes work, 503 when it does not."""

    def __init__(self, host: str, port: int, state: Callable[[], Mapping[str, Any]]) -> None:
        self._host = host
        self._port = port
        self._state = state
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        """Listen; the port, which the system chooses for 0. Raises: Invalid."""
        try:
            self._server = await asyncio.start_server(self._answer, self._host, self._port, limit=_LONGEST_REQUEST)
        except OSError as error:
            raise Invalid(
                f"The health door cannot listen on {self._host}:{self._port} ({error.strerror}).", code="port_unusable"
            ) from error
        return self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                state = self._state()
                well = state.get("status") == "ok"
                status = "405 Method Not Allowed" if not head.startswith((b"GET ", b"HEAD ")) else "200 OK"
                status = status if well or not status.startswith("200") else "503 Service Unavailable"
                body = json.dumps(state).encode()
                writer.write(
                    f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
                    f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
                )
                writer.write(b"" if head.startswith(b"HEAD ") else body)
                await writer.drain()
        writer.close()
