"""The thread in which everything but handlers happens, and its beginning and end."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress

from aiworker.sdk.door import HealthDoor
from aiworker.sdk.endings import Endings
from aiworker.sdk.handlers import Handler
from aiworker.sdk.journal import Journal
from aiworker.sdk.loop import Habits, Loop
from aiworker.sdk.server import Find, Server
from aiworker.wire.engine import NewModule


class Runner:
    """`registration` tells what to register as, given the address of the health door. `door`: where it listens."""

    def __init__(
        self,
        registration: Callable[[str | None], NewModule],
        handlers: Mapping[str, Handler],
        habits: Habits,
        journal: Journal,
        *,
        door: tuple[str, int] | None,
    ) -> None:
        self._registration = registration
        self._handlers = handlers
        self._habits = habits
        self._journal = journal
        self._door = door
        self._loop: Loop | None = None
        self._own: asyncio.AbstractEventLoop | None = None
        self._stopped = False

    async def run(self, find: Find, stop: asyncio.Event) -> None:
        """Until `stop` is set and everything is wound up. Raises: what ended it before that."""
        program = asyncio.get_running_loop()
        done: asyncio.Future[None] = program.create_future()

        def live() -> None:
            try:
                asyncio.run(self._live(find, program))
            except BaseException as error:  # noqa: BLE001 (it belongs to whoever waits)
                program.call_soon_threadsafe(done.set_exception, error)
            else:
                program.call_soon_threadsafe(done.set_result, None)

        threading.Thread(target=live, name="aiworker", daemon=True).start()
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({done, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            self._stop()
            await asyncio.shield(done)

    async def _live(self, find: Find, program: asyncio.AbstractEventLoop) -> None:
        self._own = asyncio.get_running_loop()
        async with Server(find) as server, self._opened_door() as endpoint:
            new = self._registration(endpoint)
            loop = Loop(new, self._handlers, self._habits, server, Endings(server, self._journal), program)
            self._loop = loop
            if self._stopped:
                loop.stop()
            await loop.run()

    @asynccontextmanager
    async def _opened_door(self) -> AsyncGenerator[str | None]:
        if self._door is None:
            yield None
            return
        host, port = self._door
        door = HealthDoor(host, port, lambda: self._loop.state() if self._loop else {"status": "starting"})
        port = await door.open()
        try:
            yield f"http://{host}:{port}/health"
        finally:
            await door.close()

    def _stop(self) -> None:
        self._stopped = True
        if self._loop is not None and self._own is not None:
            # It may just have ended by itself, and its loop with it.
            with suppress(RuntimeError):
                self._own.call_soon_threadsafe(self._loop.stop)
