import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from typing import Any

import pytest
import socketio

from aiworker.edge.api.context import SESSION_COOKIE
from aiworker.edge.hosts import Hosts
from aiworker.edge.live.server import LiveServer
from aiworker.storage.outbox.events import Event
from aiworker.storage.outbox.relay import Relay
from aiworker.storage.transaction import Tx
from tests.support.api import House
from tests.support.http_server import free_socket, serving


class Heard:
    """A Socket.IO client that writes down what it hears."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.client = socketio.AsyncClient(reconnection=False)
        self.events: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        self.ready: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.gone = asyncio.Event()
        self.client.on("*", self._hear)
        self.client.on("ready", self._be_ready)
        self.client.on("disconnect", self._end)

    async def _hear(self, kind: str, data: Any) -> None:
        self.events.put_nowait((kind, data))

    async def _be_ready(self, data: Any) -> None:
        self.ready.set_result(data)

    async def _end(self, *_reason: Any) -> None:
        self.gone.set()

    async def connect(self, auth: dict[str, Any] | None = None, **headers: str) -> None:
        await self.client.connect(self.address, headers=headers, auth=auth, transports=["websocket"], wait_timeout=30)

    async def next(self) -> tuple[str, Any]:
        async with asyncio.timeout(60):
            return await self.events.get()

    async def ask(self, event: str, data: Any) -> Any:
        return await self.client.call(event, data, timeout=60)


class Live:
    """A house with a live server on a real port, and its relay."""

    def __init__(self, house: House, server: LiveServer, address: str, dial: Callable[[], Heard]) -> None:
        self.house = house
        self.server = server
        self.address = address
        self.dial = dial

    async def tell(self, kind: str, feed: str = "shop", **data: Any) -> None:
        def body(tx: Tx) -> None:
            tx.emit(Event(feed, "SHOP-1", kind, data))

        await self.house.database.write(body)

    async def announce(self, room: str, kind: str, **data: Any) -> None:
        def body(tx: Tx) -> None:
            tx.announce(room, kind, data)

        await self.house.database.write(body)


@pytest.fixture
async def live(house: House) -> AsyncIterator[Live]:
    server = LiveServer(
        access=house.access,
        database=house.database,
        bus=house.bus,
        hosts=Hosts(),
        session_cookie=SESSION_COOKIE,
    )
    relay = Relay(house.database, house.bus, holder="test", readers={})
    async with AsyncExitStack() as stack:
        tasks = [asyncio.create_task(work) for work in (server.run(), relay.run())]
        address = await stack.enter_async_context(serving(server, free_socket()))
        dialled: list[Heard] = []

        def dial() -> Heard:
            dialled.append(Heard(address))
            return dialled[-1]

        yield Live(house, server, address, dial)
        for heard in dialled:
            await heard.client.disconnect()
            heard.ready.cancel()
        await server.close()
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
