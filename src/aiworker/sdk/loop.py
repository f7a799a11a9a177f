"""The loop of a module outside the server: fetches robots, has their handlers run, and tells how it goes.

It lives in a thread of its own with an event loop of its own, so that whatever handlers do, leases are kept.
"""

import asyncio
import logging
import os
import socket
import time
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from aiworker.core.errors import AiWorkerError, Denied, Invalid, Limited, NotFound, Unauthenticated
from aiworker.core.faults import fault_point
from aiworker.core.ids import new_id
from aiworker.core.pace import Pace
from aiworker.sdk.context import Context
from aiworker.sdk.endings import Endings
from aiworker.sdk.failures import Cancelled
from aiworker.sdk.hand import Hand
from aiworker.sdk.handlers import Handler, carry_out, carry_out_async, failed
from aiworker.sdk.processes import Processes
from aiworker.sdk.reporter import Reporter, size_of
from aiworker.sdk.server import Server
from aiworker.sdk.threads import Threads
from aiworker.wire.batches import Ending
from aiworker.wire.engine import Claim, ClaimedRobot, NewModule, Report
from aiworker.wire.failures import failure_of

logger = logging.getLogger("aiworker.sdk")

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 15.0
_AHEAD_SECONDS = 0.25
# Handlers start in other threads: a new claim at once would keep the interpreter from them until it is written.
_HANDLERS_FIRST_SECONDS = 0.001
_MOST_CLAIMED = 500
_ON_THE_WAY_SECONDS = 0.25
_LAST_WORDS_SECONDS = 10.0
_AFTER_GRACE_SECONDS = 5.0
# Reports up to this size travel with the ending; more of them are sent before it.
_REPORTS_WITH_ENDING = 50
_CHARACTERS_WITH_ENDING = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How a module works. `prefetch`: at most so many robots are fetched ahead, if handlers are quick."""

    concurrency: int
    prefetch: int
    lease_seconds: int
    wait_seconds: float
    grace_seconds: float


class Loop:
    """Runs handlers by robot type. `program`: the event loop in which coroutines run."""

    def __init__(
        self,
        new: NewModule,
        handlers: Mapping[str, Handler],
        habits: Habits,
        server: Server,
        endings: Endings,
        program: asyncio.AbstractEventLoop,
    ) -> None:
        self._new = new
        self._handlers = handlers
        self._habits = habits
        self._server = server
        self._endings = endings
        self._program = program
        self._holder = f"{socket.gethostname()[:100]}:{os.getpid()}:{new_id()[-6:]}"
        self._reporter = Reporter(server, lambda: list(self._at_work), lambda: list(self._waiting))
        self._threads = Threads("handler")
        self._processes = Processes()
        self._pace = Pace()
        self._waiting: deque[Hand] = deque()
        self._at_work: set[Hand] = set()
        self._room = asyncio.Event()
        self._stopping = asyncio.Event()

    def state(self) -> dict[str, Any]:
        """For those who ask whether it is well."""
        status = "stopping" if self._stopping.is_set() else "ok"
        return {"status": status, "running": len(self._at_work), "waiting": len(self._waiting)}

    def stop(self) -> None:
        """Take no new work, finish what runs or give it back, and end."""
        self._stopping.set()
        self._room.set()

    async def run(self) -> None:
        """Until `stop`. Raises: Denied, Unauthenticated or Invalid, if the server does not take the module."""
        stopped = asyncio.create_task(self._stopping.wait())
        delivering = asyncio.create_task(self._endings.run())
        reporting = asyncio.create_task(self._reporter.run(self._habits.lease_seconds))
        try:
            if await self._register(stopped):
                await self._fetch_all(stopped)
            await self._wind_up()
        finally:
            for task in (stopped, delivering, reporting):
                task.cancel()
            await asyncio.gather(stopped, delivering, reporting, return_exceptions=True)
            self._endings.keep()
            self._threads.close()
            self._processes.close()

    async def _register(self, stopped: asyncio.Task[Any]) -> bool:
        troubles = 0
        while not self._stopping.is_set():
            try:
                await self._server.register(self._new)
            except (Denied, Unauthenticated, Invalid):
                raise
            except AiWorkerError as error:
                troubles += 1
                logger.warning("module %s cannot register: %s", self._new.module_name, error)
                await asyncio.wait({stopped}, timeout=_pause(error, troubles))
            else:
                logger.info("module %s %s takes work", self._new.module_name, self._new.module_version)
                return True
        return False

    async def _tell_what_is_done(self, stopped: asyncio.Task[Any]) -> None:
        """Before robots are fetched, among which might be the same; it may have been done by an earlier process."""
        telling = asyncio.create_task(self._endings.all_there(_LAST_WORDS_SECONDS))
        await asyncio.wait({telling, stopped}, return_when=asyncio.FIRST_COMPLETED)
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)

    async def _fetch_all(self, stopped: asyncio.Task[Any]) -> None:
        troubles = 0
        while not self._stopping.is_set():
            self._room.clear()
            if self._endings.is_behind:
                await self._tell_what_is_done(stopped)
            if (wanted := self._wanted()) == 0:
                await self._room.wait()
                continue
            asking = asyncio.create_task(self._claim(wanted))
            await asyncio.wait({asking, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                # Robots may be on their way here: they are given back, or nobody had them until their leases end.
                await asyncio.wait({asking}, timeout=_ON_THE_WAY_SECONDS)
            if not asking.done():
                # A claim that is cut off while it waits takes no robot away.
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
                return
            try:
                robots = asking.result()
            except NotFound:
                await self._register(stopped)
            except AiWorkerError as error:
                troubles += 1
                logger.warning("module %s cannot fetch work: %s", self._new.module_name, error)
                await asyncio.wait({stopped}, timeout=_pause(error, troubles))
            else:
                troubles = 0
                self._take(robots)
                if robots:
                    await asyncio.sleep(_HANDLERS_FIRST_SECONDS)

    def _wanted(self) -> int:
        """How many robots to ask for now; none while more than half of what is fetched ahead is still there."""
        concurrency = self._habits.concurrency
        ahead = min(self._habits.prefetch, self._pace.in_seconds(_AHEAD_SECONDS) * concurrency)
        here = len(self._at_work) + len(self._waiting)
        return 0 if here >= concurrency + ahead // 2 else concurrency + ahead - here

    async def _claim(self, wanted: int) -> list[ClaimedRobot]:
        claim = Claim(
            holder=self._holder,
            limit=min(wanted, _MOST_CLAIMED),
            wait_seconds=self._habits.wait_seconds,
            lease_seconds=self._habits.lease_seconds,
        )
        return await self._server.claim(self._new.module_name, claim)

    def _take(self, robots: list[ClaimedRobot]) -> None:
        if robots:
            fault_point("module.claimed")
        for robot in robots:
            handler = self._handlers.get(robot.robot_type)
            if handler is None:
                self._endings.hand_in(_unknown(robot))
            else:
                self._waiting.append(Hand(robot, handler, self._habits.lease_seconds))
        self._set_to_work()

    def _set_to_work(self) -> None:
        while self._waiting and len(self._at_work) < self._habits.concurrency and not self._stopping.is_set():
            hand = self._waiting.popleft()
            # Another may have it by now.
            if hand.standing.over is None and not hand.lease_is_over:
                self._at_work.add(hand)
                hand.task = asyncio.create_task(self._work(hand))

    async def _work(self, hand: Hand) -> None:
        began = time.monotonic()
        try:
            hand.future = self._start(hand)
            ending = await asyncio.wrap_future(hand.future)
            fault_point("module.handled")
        except (Cancelled, asyncio.CancelledError):
            ending = hand.release() if hand.standing.over in {"stop", None} else None
        except Exception as error:  # noqa: BLE001 (the pool's own trouble, or a process that died)
            ending = failed(self._context(hand), error)
        finally:
            self._pace.took(time.monotonic() - began)
        try:
            await self._bring_in(hand, ending)
        finally:
            self._at_work.discard(hand)
            self._set_to_work()
            self._room.set()

    async def _bring_in(self, hand: Hand, ending: Ending | None) -> None:
        if ending is None or hand.given_back or hand.standing.over in {"cancel", "lost"}:
            logger.info("robot %s was taken away", hand.robot.robot_id)
            return
        async with self._reporter.turn:
            reports = hand.notes.take()
        if len(reports) > _REPORTS_WITH_ENDING or sum(map(size_of, reports)) > _CHARACTERS_WITH_ENDING:
            await self._reporter.tell([hand])
            reports = []
        told = [Report(**report.model_dump(exclude={"execute_id"}, exclude_unset=True)) for report in reports]
        hand.notes.heard(len(reports))
        self._endings.hand_in(ending.model_copy(update={"reports": told}) if told else ending)

    def _start(self, hand: Hand) -> Future[Ending]:
        handler, ctx = hand.handler, self._context(hand)
        if handler.place == "loop":
            return asyncio.run_coroutine_threadsafe(carry_out_async(handler, ctx), self._program)
        if handler.place == "thread":
            return self._threads.submit(lambda: carry_out(handler, ctx))
        return self._threads.submit(
            lambda: self._processes.carry_out(
                handler.robot_type, handler.function, hand.robot, hand.notes.add, hand.standing
            )
        )

    def _context(self, hand: Hand) -> Context:
        return Context(hand.robot, hand.notes.add, hand.standing, blocks=hand.handler.place != "loop")

    async def _wind_up(self) -> None:
        """Give back what has not begun, let the rest finish for a while, then give that back, too."""
        for hand in self._waiting:
            self._endings.hand_in(hand.release())
        self._waiting.clear()
        await self._finish(self._habits.grace_seconds)
        for hand in list(self._at_work):
            hand.end("stop")
        await self._finish(_AFTER_GRACE_SECONDS)
        for hand in list(self._at_work):
            # This thread ignores its cancellation; it ends with the process.
            hand.given_back = True
            self._endings.hand_in(hand.release())
        if not await self._endings.all_there(_LAST_WORDS_SECONDS):
            logger.warning("the server is away: endings stay on disk, and are sent by the next start of this module")

    async def _finish(self, seconds: float) -> None:
        running = [hand.task for hand in self._at_work if hand.task is not None]
        if running:
            await asyncio.wait(running, timeout=seconds)


def _unknown(robot: ClaimedRobot) -> Ending:
    error = Invalid(f"This module has no handler for robots of type {robot.robot_type!r}.", code="no_handler")
    return Ending(execute_id=robot.execute_id, fail=failure_of(error, robot.lease_token))


def _pause(error: AiWorkerError, troubles: int) -> float:
    asked = error.retry_after if isinstance(error, Limited) else 0.0
    return min(_LONGEST_PAUSE_SECONDS, max(asked, _FIRST_PAUSE_SECONDS * 2 ** min(troubles - 1, 8)))
