"""The room `/mcp`, opened behind a server that already answers: to load its library takes a quarter of the start."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.types import ASGIApp, Receive, Scope, Send

from aiworker.app.house import House
from aiworker.app.loading import load
from aiworker.app.loops import beside


class McpDoor:
    """Lets MCP clients in as soon as the room behind it is open; those who come earlier wait."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._room: asyncio.Future[ASGIApp] = asyncio.get_running_loop().create_future()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Once in a lifetime. At its end, whoever still waits is cut off."""
        async with beside(self._open()):
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        room = await asyncio.shield(self._room)
        await room(scope, receive, send)

    async def _open(self) -> None:
        house = self._house
        try:
            library = await asyncio.to_thread(load, "aiworker.edge.mcp")
            server = library.McpServer(
                database=house.database,
                access=house.access,
                delivery=house.delivery,
                engine=house.engine,
                worker=house.worker,
            )
        except Exception as error:
            self._room.set_exception(error)
            raise
        except asyncio.CancelledError:
            self._room.cancel()
            raise
        async with server.running():
            self._room.set_result(server.asgi)
            await asyncio.Event().wait()
