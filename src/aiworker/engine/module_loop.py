"""The loop of a module: fetches robots, runs their handlers, keeps their leases, and gives back what it cannot finish.

It knows only the Worker protocol, so it serves a module in this process as well as one outside.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiworker.core.errors import AiWorkerError, Conflict, Invalid, NotFound
from aiworker.core.pace import Pace
from aiworker.core.sayings import Sentence
from aiworker.engine.context import Context
from aiworker.engine.gatherer import Gatherer
from aiworker.wire.engine import Claim, ClaimedRobot, Complete, Release, Report, ReportAnswer, Worker
from aiworker.wire.failures import failure_of
from aiworker.wire.telling import telling

logger = logging.getLogger(__name__)

Handler = Callable[[Context], Awaitable[Mapping[str, Any] | None]]

WORKER_STOPS = Sentence("worker_stops", "the worker stops")

_WAIT_SECONDS = 20.0
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 15.0
_DELIVERIES = 8
# How many seconds' work is fetched ahead, as the handlers' pace so far tells, and at most how many robots.
_AHEAD_SECONDS = 0.25
_PREFETCH = 400
_GATHERED_SECONDS = 0.005
_GATHERED_AT_ONCE = 500
_MOST_CLAIMED = 500


class ModuleLoop:
    """Runs the handlers of one module, by robot type, up to `concurrency` robots at a time.

    It fetches up to `prefetch` robots ahead, if its handlers are quick, and hands in their results gathered. A place is
    free as soon as its handler returns; a robot counts as done when its result is on disk, not before.
    """

    def __init__(
        self,
        worker: Worker,
        module_name: str,
        handlers: Mapping[str, Handler],
        *,
        holder: str,
        concurrency: int = 4,
        prefetch: int = _PREFETCH,
        lease_seconds: int = 60,
        wait_seconds: float = _WAIT_SECONDS,
    ) -> None:
        self._worker = worker
        self._module_name = module_name
        self._handlers = dict(handlers)
        self._holder = holder
        self._concurrency = concurrency
        self._prefetch = prefetch
        self._lease_seconds = lease_seconds
        self._wait_seconds = wait_seconds
        self._pace = Pace()
        self._results = Gatherer(worker.complete_many, seconds=_GATHERED_SECONDS, at_most=_GATHERED_AT_ONCE)
        self._waiting: deque[_Hand] = deque()
        self._handling = 0
        self._at_work: dict[asyncio.Task[None], _Hand] = {}
        self._room = asyncio.Event()
        self._stopping = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()

    async def run(self) -> None:
        """Fetch and run until `stop`."""
        self._ended.clear()
        stopped = asyncio.create_task(self._stopping.wait())
        beating = asyncio.create_task(self._beat())
        try:
            troubles = 0
            while not self._stopping.is_set():
                self._room.clear()
                if (wanted := self._wanted()) == 0:
                    await self._room.wait()
                    continue
                troubles = 0 if await self._fetch(wanted, stopped) else troubles + 1
                if troubles:
                    await asyncio.wait({stopped}, timeout=_pause(troubles))
        finally:
            stopped.cancel()
            beating.cancel()
            self._ended.set()

    async def stop(self, grace_seconds: float = 10.0) -> None:
        """Take no new work, give what runs `grace_seconds` to finish, and release the rest."""
        self._stopping.set()
        self._room.set()
        await self._ended.wait()
        unstarted = list(self._waiting)
        self._waiting.clear()
        await asyncio.gather(*(hand.give_back() for hand in unstarted))
        if self._at_work:
            await asyncio.wait(self._at_work, timeout=grace_seconds)
        left = list(self._at_work)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _wanted(self) -> int:
        """How many robots to ask for now; none while more than half of what is fetched ahead is still there."""
        ahead = min(self._prefetch, self._pace.in_seconds(_AHEAD_SECONDS) * self._concurrency)
        if self._handling + len(self._waiting) >= self._concurrency + ahead // 2:
            return 0
        return self._concurrency + ahead - self._handling - len(self._waiting)

    async def _fetch(self, wanted: int, stopped: asyncio.Task[Any]) -> bool:
        """Claim robots and set them to work; False if nothing could be asked for."""
        claim = Claim(
            holder=self._holder,
            limit=min(wanted, _MOST_CLAIMED),
            wait_seconds=self._wait_seconds,
            lease_seconds=self._lease_seconds,
        )
        asking = asyncio.create_task(self._worker.claim(self._module_name, claim))
        try:
            await asyncio.wait({asking, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                asking.cancel()
            for robot in await asking:
                handler = self._handlers.get(robot.robot_type, _unknown)
                self._waiting.append(_Hand(self._worker, self._results, robot, handler, handled=self._on_handled))
            self._set_to_work()
        except asyncio.CancelledError:
            asking.cancel()
            if not self._stopping.is_set():
                raise
        except Exception as error:  # noqa: BLE001 (whatever it is, the loop goes on)
            logger.warning("module %s cannot fetch work: %s", self._module_name, error)
            return False
        return True

    def _set_to_work(self) -> None:
        while self._waiting and self._handling < self._concurrency and not self._stopping.is_set():
            hand = self._waiting.popleft()
            if hand.told_to_stop:
                continue
            self._handling += 1
            task = hand.start()
            self._at_work[task] = hand
            task.add_done_callback(self._at_work.__delitem__)

    def _on_handled(self, seconds: float) -> None:
        """A handler has returned: its place is free, while its result is still on its way."""
        self._pace.took(seconds)
        self._handling -= 1
        self._set_to_work()
        if not self._waiting or self._wanted():
            self._room.set()

    async def _beat(self) -> None:
        """A sign of life for each robot that has given none for a third of its lease, if it has started or not."""
        quiet = self._lease_seconds / 3
        while True:
            await asyncio.sleep(quiet / 4)
            late = asyncio.get_running_loop().time() - quiet
            silent = [hand for hand in (*self._at_work.values(), *self._waiting) if hand.last_sign < late]
            await asyncio.gather(*(hand.beat() for hand in silent))


class _Hand:
    """One robot: its handler, its signs of life, and the delivery of what comes out."""

    def __init__(
        self,
        worker: Worker,
        results: Gatherer[Complete],
        robot: ClaimedRobot,
        handler: Handler,
        *,
        handled: Callable[[float], None],
    ) -> None:
        self._worker = worker
        self._results = results
        self._robot = robot
        self._handler = handler
        self._tell_handled = handled
        self._ctx = Context(robot, self._send)
        self._began = 0.0
        self._over = False
        self._task: asyncio.Task[None] | None = None
        self.told_to_stop = False
        self.last_sign = asyncio.get_running_loop().time()

    def start(self) -> asyncio.Task[None]:
        """Set it to work."""
        self._began = asyncio.get_running_loop().time()
        self._task = asyncio.create_task(self._work(), name=f"robot {self._robot.robot_id}")
        # This runs even if the task is cancelled before its first step.
        self._task.add_done_callback(lambda _: self._handled())
        return self._task

    async def give_back(self) -> None:
        """It has not been started, and will not be."""
        release = Release(
            lease_token=self._robot.lease_token, reason=WORKER_STOPS.english, told=telling(WORKER_STOPS().told)
        )
        await self._deliver(lambda: self._worker.release(self._robot.execute_id, release))

    async def beat(self) -> None:
        """A sign of life."""
        if not self._over:
            await self._ctx.report()

    async def _work(self) -> None:
        """Until it is completed, failed, released, or no longer ours."""
        token, execute_id = self._robot.lease_token, self._robot.execute_id
        try:
            output = await self._handler(self._ctx)
            await self._ctx.flush()
            complete = Complete(lease_token=token, output_data=dict(output or {}))
        except asyncio.CancelledError:
            self._handled()
            if self.told_to_stop:
                logger.info("robot %s was taken away", self._robot.robot_id)
                return
            await self.give_back()
        except Exception as error:
            self._handled()
            expected = isinstance(error, AiWorkerError)
            logger.warning("robot %s failed: %s", self._robot.robot_id, error, exc_info=not expected)
            await self._ctx.flush()
            fail = failure_of(error, token)
            await self._deliver(lambda: self._worker.fail(execute_id, fail))
        else:
            self._handled()
            await self._deliver(lambda: self._results.add(execute_id, complete))

    def _handled(self) -> None:
        if not self._over:
            self._over = True
            self._tell_handled(asyncio.get_running_loop().time() - self._began)

    async def _send(self, report: Report) -> ReportAnswer:
        """A report that does not come through must not end the work: the lease lasts longer than one of them."""
        self.last_sign = asyncio.get_running_loop().time()
        try:
            answer = await self._worker.report(self._robot.execute_id, report)
        except Exception as error:  # noqa: BLE001 (a neighbour's trouble is not the handler's)
            logger.warning("robot %s cannot report: %s", self._robot.robot_id, error)
            return ReportAnswer(directive="continue")
        if answer.directive in {"cancel", "lost"} and not self._over:
            self.told_to_stop = True
            if self._task is not None:
                self._task.cancel()
        self._ctx.obey(answer.directive)
        return answer

    async def _deliver(self, deliver: Callable[[], Awaitable[None]]) -> None:
        for attempt in range(1, _DELIVERIES + 1):
            try:
                return await deliver()
            except (Conflict, NotFound) as error:
                logger.warning("robot %s: %s", self._robot.robot_id, error)
                return None
            except Exception as error:  # noqa: BLE001 (tried again while the lease may last)
                logger.warning("robot %s cannot deliver: %s", self._robot.robot_id, error)
                await asyncio.sleep(_pause(attempt))
        logger.error("robot %s: its result could not be delivered and is lost", self._robot.robot_id)
        return None


async def _unknown(ctx: Context) -> None:
    raise Invalid(f"This worker has no handler for robots of type {ctx.robot_type!r}.", code="no_handler")


def _pause(troubles: int) -> float:
    return min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** (troubles - 1))
