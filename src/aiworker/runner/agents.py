"""`aiworker agent`: several agents in one process, each of which takes one task after the other."""

import asyncio
import signal
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from aiworker.core.errors import AiWorkerError, Unavailable
from aiworker.core.ids import new_token
from aiworker.core.logging import get_logger
from aiworker.runner.attempt import Attempt, Place
from aiworker.runner.desk import Desk, opened_desk
from aiworker.runner.drivers.driver import Driver
from aiworker.runner.folders import Kept, SlotFolder, claimed_slot, server_folder
from aiworker.runner.presence import Presence
from aiworker.runner.program import end_left_behind
from aiworker.wire.tasks import TaskState
from aiworker.wire.work import NextTask

T = TypeVar("T")

_WAIT_SECONDS = 50.0
_PAUSE_SECONDS = 2.0
_FAREWELL_SECONDS = 15.0
_GATHER_SECONDS, _GATHER_SECONDS_EACH = 0.5, 0.1
_HELD = "task_held"

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Orders:
    """What agents are told to do: how many there are, which tasks they take, and where they keep what they do.

    `name`: what the one agent is called; without it the server finds names. `once`: each ends after one task. `grace`:
    seconds that SIGTERM leaves to a task in hand. `watch`: seconds between two looks at whether a task is still wanted.
    """

    url: str
    key: str
    home: Path
    driver: Driver
    count: int = 1
    name: str | None = None
    once: bool = False
    project: str | None = None
    capabilities: Sequence[str] = ()
    grace: float = 20.0
    watch: float = 5.0


class Bell:
    """When to stop: `soon` takes no more work, `now` gives back what is in hand."""

    def __init__(self) -> None:
        self.soon = asyncio.Event()
        self.now = asyncio.Event()

    def interrupt(self) -> None:
        """Ctrl-C: the first one lets tasks be finished, the second does not."""
        (self.now if self.soon.is_set() else self.soon).set()

    def terminate(self, grace: float) -> None:
        """SIGTERM: whoever sends it waits only so long."""
        if self.soon.is_set():
            self.now.set()
        self.soon.set()
        asyncio.get_running_loop().call_later(grace, self.now.set)


async def work(orders: Orders) -> None:
    """Work until told to stop (SIGINT, SIGTERM), or, if `once`, until every agent has had its task.

    Raises: Unavailable before anything is claimed, if the driver cannot work here.
    """
    bell = Bell()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, bell.interrupt)
    loop.add_signal_handler(signal.SIGTERM, bell.terminate, orders.grace)
    try:
        await attend(orders, bell)
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        loop.remove_signal_handler(signal.SIGTERM)


async def attend(orders: Orders, bell: Bell) -> None:
    """Work until the bell rings. Raises: as `work`."""
    _log.info("driver_checked", driver=await orders.driver.check())
    async with asyncio.TaskGroup() as agents:
        for _ in range(orders.count):
            agents.create_task(_agent(orders, bell))


async def _agent(orders: Orders, bell: Bell) -> None:
    with claimed_slot(server_folder(orders.home, orders.url)) as folder:
        presence = Presence(orders.url, orders.key, orders.capabilities, name=orders.name or folder.name())
        presence.start()
        try:
            async with opened_desk(orders.url, orders.key, presence) as desk:
                await _Agent(orders, bell, folder, presence, desk).run()
        finally:
            presence.stop()


class _Agent:
    def __init__(self, orders: Orders, bell: Bell, folder: SlotFolder, presence: Presence, desk: Desk) -> None:
        self._orders = orders
        self._bell = bell
        self._folder = folder
        self._presence = presence
        self._desk = desk

    async def run(self) -> None:
        """One task after the other."""
        done = await self._go_on()
        while not self._bell.soon.is_set() and not (done and self._orders.once):
            await self._tidy()
            try:
                work = await self._before_the_bell(self._next())
            except AiWorkerError as error:
                _log.warning("no_task_to_be_had", code=error.code, reason=error.message)
                await self._before_the_bell(asyncio.sleep(_PAUSE_SECONDS))
                continue
            if work is not None and work.task is not None:
                await self._attend(work)
                done = True

    async def _next(self, *, resume: bool = False) -> NextTask:
        if self._presence.name is None:
            await self._presence.agent_id()
        self._folder.remember(self._presence.name or "")
        try:
            return await self._desk.next_task(
                project=self._orders.project,
                capabilities=self._orders.capabilities,
                wait_seconds=0 if resume else _WAIT_SECONDS,
                resume=resume,
            )
        except AiWorkerError as error:
            if error.code != _HELD:
                raise
        # An earlier process of this agent had it, and left no trace.
        return await self._next(resume=True)

    async def _go_on(self) -> bool:
        """Take up what an earlier process has left; whether there was anything."""
        found = False
        for folder, kept in self._folder.unfinished():
            await end_left_behind(kept.token)
            if kept.parked:
                continue
            found = True
            if kept.verdict is not None:
                await self._run(Attempt(self._desk, self._orders.driver, self._place(), folder, kept))
                continue
            work = await self._resumed()
            if work is None or not kept.is_at(work):
                folder.remove()
            if work is not None and work.task is not None:
                await self._attend(work)
        return found

    async def _tidy(self) -> None:
        """Forget what was parked and is not this agent's any more."""
        for folder, kept in self._folder.unfinished():
            with suppress(AiWorkerError):
                if (await self._desk.standing(kept.attempt)).standing == "over":
                    folder.remove()

    async def _resumed(self) -> NextTask | None:
        while not self._bell.soon.is_set():
            try:
                return await self._next(resume=True)
            except Unavailable as error:
                _log.warning("server_awaited", reason=error.message)
                await self._before_the_bell(asyncio.sleep(_PAUSE_SECONDS))
        return None

    async def _attend(self, work: NextTask) -> None:
        folder = self._folder.attempt(work)
        kept = folder.load() or Kept(work=work, token=new_token())
        if kept.parked and work.task is not None and work.task.state is TaskState.NEEDS_INPUT:
            # Taken up again too early: people still owe an answer.
            await self._before_the_bell(asyncio.sleep(_PAUSE_SECONDS))
            return
        kept = kept.model_copy(update={"work": work, "budget": work.limits.cost_usd if work.limits else None})
        folder.save(kept)
        await self._run(Attempt(self._desk, self._orders.driver, self._place(), folder, kept))

    async def _run(self, attempt: Attempt) -> None:
        running = asyncio.create_task(attempt.run())
        stopping = asyncio.create_task(self._bell.now.wait())
        try:
            await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            if not running.done():
                running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        if running.cancelled():
            with suppress(TimeoutError, AiWorkerError):
                async with asyncio.timeout(_FAREWELL_SECONDS):
                    await attempt.give_back("The runner was stopped.")
        elif (error := running.exception()) is not None:
            _log.error("attempt_crashed", exc_info=error)
            with suppress(AiWorkerError):
                await attempt.give_back(f"The runner failed: {error}")
        if attempt.rest:
            await self._before_the_bell(asyncio.sleep(attempt.rest))

    def _place(self) -> Place:
        mirrors = server_folder(self._orders.home, self._orders.url) / "mirrors"
        orders = self._orders
        # However many work with one key, together they ask no more often than a key may.
        gather = max(_GATHER_SECONDS, _GATHER_SECONDS_EACH * orders.count)
        return Place(orders.url, self._presence.name or "agent", mirrors, orders.watch, gather)

    async def _before_the_bell(self, what: Awaitable[T]) -> T | None:
        """What comes of it, if it comes before the agent is told to stop."""
        waiting = asyncio.ensure_future(what)
        stopping = asyncio.create_task(self._bell.soon.wait())
        try:
            await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return waiting.result() if waiting.done() else None
        finally:
            for task in (waiting, stopping):
                task.cancel()
            await asyncio.gather(waiting, stopping, return_exceptions=True)
