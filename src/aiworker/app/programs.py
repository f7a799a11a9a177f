"""The programs of the home folder (previews, staging, production) and the pipelines that roll them out.

Of the processes that share the folder one keeps them; the others stand in line, and the first of them takes over within
half a second when the keeper stops or dies.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from aiworker.adapters.runtime import LocalRuntime, Turn
from aiworker.app.house import CONTROL, House
from aiworker.app.loops import beside
from aiworker.core.errors import Conflict
from aiworker.core.logging import get_logger
from aiworker.engine.module_loop import Handler, ModuleLoop
from aiworker.engine.rescue import holder_here

_log = get_logger(__name__)

_CONCURRENCY = 8
_LOOK_SECONDS = 0.5


class Keeper:
    """Keeps the programs, and runs the control module's pipelines, as soon and for as long as it is its turn."""

    def __init__(self, house: House, runtime: LocalRuntime, handlers: Mapping[str, Handler]) -> None:
        self._house = house
        self._runtime = runtime
        self._handlers = handlers
        self._turn = Turn(house.settings.home / "runtime")
        self._open = AsyncExitStack()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """At its end: no new pipelines, those under way are finished or given back, and the programs are left to the
        next in line; if there is none they are ended, too."""
        async with self._open:
            self._open.callback(self._turn.leave_line)
            try:
                await self._take()
            except Conflict:
                _log.info("programs_kept_by_another_process")
                self._turn.wait_in_line()
                async with beside(self._take_when_free()):
                    yield
            else:
                yield

    async def _take_when_free(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                await self._take()
            except Conflict:
                continue
            except Exception:  # noqa: BLE001 (whatever it was, the next look may do)
                _log.exception("programs_not_taken_over")
                continue
            _log.info("programs_taken_over")
            return

    async def _take(self) -> None:
        self._turn.take()
        try:
            await self._runtime.start()
        except BaseException:
            self._turn.give_up()
            raise
        self._open.callback(self._turn.give_up)
        self._open.push_async_callback(self._leave)
        # Nothing ahead: a roll-out that waits here could run in another process.
        loop = ModuleLoop(
            self._house.control_worker,
            CONTROL,
            self._handlers,
            holder=holder_here(),
            concurrency=_CONCURRENCY,
            prefetch=0,
        )
        await self._open.enter_async_context(beside(loop.run()))
        self._open.push_async_callback(loop.stop)

    async def _leave(self) -> None:
        await self._runtime.stop(hand_over=self._turn.somebody_waits())
