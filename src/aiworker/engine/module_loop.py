"""The loop of a module: fetches robots, runs their handlers, keeps their leases, and gives back what it cannot finish.

It knows only the Worker protocol, so it serves a module in this process as well as one outside.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiworker.core.errors import AiWorkerError, Conflict, Invalid, NotFound
from aiworker.engine.context import Context
from aiworker.engine.failures import failure_of
from aiworker.wire.engine import Claim, ClaimedRobot, Complete, Release, Report, ReportAnswer, Worker

logger = logging.getLogger(__name__)

Handler = Callable[[Context], Awaitable[Mapping[str, Any] | None]]

_WAIT_SECONDS = 20.0
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 15.0
_DELIVERIES = 8


class ModuleLoop:
    """Runs the handlers of one module, by robot type, up to `concurrency` robots at a time."""

    def __init__(
        self,
        worker: Worker,
        module_name: str,
        handlers: Mapping[str, Handler],
        *,
        holder: str,
        concurrency: int = 4,
        lease_seconds: int = 60,
        wait_seconds: float = _WAIT_SECONDS,
    ) -> None:
        self._worker = worker
        self._module_name = module_name
        self._handlers = dict(handlers)
        self._holder = holder
        self._concurrency = concurrency
        self._lease_seconds = lease_seconds
        self._wait_seconds = wait_seconds
        self._at_work: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()

    async def run(self) -> None:
        """Fetch and run until `stop`."""
        self._ended.clear()
        stopped = asyncio.create_task(self._stopping.wait())
        try:
            troubles = 0
            while not self._stopping.is_set():
                if len(self._at_work) >= self._concurrency:
                    await asyncio.wait({*self._at_work, stopped}, return_when=asyncio.FIRST_COMPLETED)
                    continue
                troubles = 0 if await self._fetch(stopped) else troubles + 1
                if troubles:
                    await asyncio.wait({stopped}, timeout=_pause(troubles))
        finally:
            stopped.cancel()
            self._ended.set()

    async def stop(self, grace_seconds: float = 10.0) -> None:
        """Take no new work, give what runs `grace_seconds` to finish, and release the rest."""
        self._stopping.set()
        await self._ended.wait()
        if self._at_work:
            await asyncio.wait(self._at_work, timeout=grace_seconds)
        left = list(self._at_work)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _fetch(self, stopped: asyncio.Task[Any]) -> bool:
        """Claim what there is room for and set it to work; False if nothing could be asked for."""
        claim = Claim(
            holder=self._holder,
            limit=self._concurrency - len(self._at_work),
            wait_seconds=self._wait_seconds,
            lease_seconds=self._lease_seconds,
        )
        asking = asyncio.create_task(self._worker.claim(self._module_name, claim))
        try:
            await asyncio.wait({asking, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                asking.cancel()
            for robot in await asking:
                self._set_to_work(robot)
        except asyncio.CancelledError:
            asking.cancel()
            if not self._stopping.is_set():
                raise
        except Exception as error:  # noqa: BLE001 (whatever it is, the loop goes on)
            logger.warning("module %s cannot fetch work: %s", self._module_name, error)
            return False
        return True

    def _set_to_work(self, robot: ClaimedRobot) -> None:
        handler = self._handlers.get(robot.robot_type, _unknown)
        hand = _Hand(self._worker, robot, handler, beat_seconds=self._lease_seconds / 3)
        task = asyncio.create_task(hand.work(), name=f"robot {robot.robot_id}")
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)


class _Hand:
    """One robot at work: its handler, its heartbeat, and the delivery of what comes out."""

    def __init__(self, worker: Worker, robot: ClaimedRobot, handler: Handler, *, beat_seconds: float) -> None:
        self._worker = worker
        self._robot = robot
        self._beat_seconds = beat_seconds
        self._ctx = Context(robot, self._send)
        self._told_to_stop = False
        self._handler = handler
        self._handling: asyncio.Future[Mapping[str, Any] | None] | None = None

    async def work(self) -> None:
        """Until it is completed, failed, released, or no longer ours."""
        self._handling = asyncio.ensure_future(self._handler(self._ctx))
        beating = asyncio.create_task(self._beat())
        token = self._robot.lease_token
        execute_id = self._robot.execute_id
        try:
            output = await self._handling
            await self._ctx.flush()
            complete = Complete(lease_token=token, output_data=dict(output or {}))
            await self._deliver(lambda: self._worker.complete(execute_id, complete))
        except asyncio.CancelledError:
            if self._told_to_stop:
                logger.info("robot %s was taken away", self._robot.robot_id)
                return
            release = Release(lease_token=token, reason="the worker stops")
            await self._deliver(lambda: self._worker.release(execute_id, release))
        except Exception as error:
            expected = isinstance(error, AiWorkerError)
            logger.warning("robot %s failed: %s", self._robot.robot_id, error, exc_info=not expected)
            await self._ctx.flush()
            fail = failure_of(error, token)
            await self._deliver(lambda: self._worker.fail(execute_id, fail))
        finally:
            beating.cancel()

    async def _send(self, report: Report) -> ReportAnswer:
        """A report that does not come through must not end the work: the lease lasts longer than one of them."""
        try:
            answer = await self._worker.report(self._robot.execute_id, report)
        except Exception as error:  # noqa: BLE001 (a neighbour's trouble is not the handler's)
            logger.warning("robot %s cannot report: %s", self._robot.robot_id, error)
            return ReportAnswer(directive="continue")
        if answer.directive in {"cancel", "lost"} and self._handling is not None and not self._handling.done():
            self._told_to_stop = True
            self._handling.cancel()
        self._ctx.obey(answer.directive)
        return answer

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._beat_seconds)
            await self._ctx.report()

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
