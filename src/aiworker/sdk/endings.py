"""Endings on their way to the server: gathered for some milliseconds, on disk before they are sent, sent until they
have arrived."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from aiworker.core.errors import AiWorkerError, Invalid, Limited, NotFound, TooLarge
from aiworker.core.faults import fault_point
from aiworker.sdk.journal import Journal
from aiworker.sdk.server import Server
from aiworker.wire.batches import Ending
from aiworker.wire.engine import ErrorCategory, Fail

logger = logging.getLogger("aiworker.sdk")

_GATHERED_SECONDS = 0.01
_AT_ONCE = 200
# Half of what the server reads at once.
_BATCH_BYTES = 4 * 1024 * 1024
_FIRST_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 10.0
# Once the server has said that we ask too often.
_CALM_SECONDS = 0.25
# It would be refused again.
_REFUSALS = (Invalid, TooLarge, NotFound)


class Endings:
    """Takes endings at any rate and brings them to the server, in their order."""

    def __init__(self, server: Server, journal: Journal) -> None:
        self._server = server
        self._journal = journal
        self._waiting: deque[Ending] = deque()
        self._unwritten: list[Ending] = []
        self._news = asyncio.Event()
        self._all_there = asyncio.Event()
        self._all_there.set()
        self._gathered = _GATHERED_SECONDS
        self._behind = False

    @property
    def is_behind(self) -> bool:
        """Whether there are endings of an earlier process, or such as could not be delivered."""
        return self._behind and not self._all_there.is_set()

    def hand_in(self, ending: Ending) -> None:
        """Returns at once."""
        self._unwritten.append(ending)
        self._all_there.clear()
        self._news.set()

    async def run(self) -> None:
        """Until cancelled."""
        for ending in self._journal.left_behind():
            logger.info("execution %s: its ending was left behind, and is sent now", ending.execute_id)
            self._waiting.append(ending)
            self._all_there.clear()
            self._news.set()
            self._behind = True
        troubles = 0
        while True:
            await self._news.wait()
            await asyncio.sleep(_pause(troubles) if troubles else self._gathered)
            self._waiting += self.keep()
            self._news.clear()
            troubles = 0 if await self._send_all() else troubles + 1
            self._behind = troubles > 0
            if troubles:
                self._news.set()
            elif not self._unwritten:
                self._all_there.set()

    async def all_there(self, seconds: float) -> bool:
        """Wait until the server has everything; False if it has not by then."""
        try:
            async with asyncio.timeout(seconds):
                await self._all_there.wait()
        except TimeoutError:
            return False
        return True

    def keep(self) -> list[Ending]:
        """Write down what was handed in since; a disk that is full does not keep it from being sent."""
        new, self._unwritten = self._unwritten, []
        try:
            self._journal.add(new)
        except OSError:
            logger.exception("%d endings cannot be kept on disk", len(new))
        if new:
            fault_point("module.kept")
        return new

    async def _send_all(self) -> bool:
        while self._waiting:
            batch = self._batch()
            try:
                await self._send(batch)
            except Limited as error:
                self._gathered = _CALM_SECONDS
                await asyncio.sleep(min(error.retry_after, _LONGEST_PAUSE_SECONDS))
            except _REFUSALS as error:
                logger.warning("a batch of %d endings was refused, and is sent one by one: %s", len(batch), error)
                await self._send_singly(batch)
            except AiWorkerError as error:
                logger.warning("endings cannot be delivered now: %s", error)
                return False
            else:
                self._arrived(batch)
                if self._waiting:
                    fault_point("module.half_sent")
        return True

    async def _send_singly(self, batch: Sequence[Ending]) -> None:
        for ending in batch:
            try:
                await self._send([ending])
            except _REFUSALS as error:
                logger.exception("execution %s: its ending was refused", ending.execute_id)
                with suppress(*_REFUSALS):
                    await self._send([_refused(ending, error)])
            self._arrived([ending])

    async def _send(self, batch: Sequence[Ending]) -> None:
        refusals = await self._server.end(batch)
        fault_point("module.sent")
        for refused in refusals:
            logger.warning("execution %s: %s", refused.execute_id, refused.message)

    def _arrived(self, batch: Sequence[Ending]) -> None:
        for _ in batch:
            self._waiting.popleft()
        self._journal.arrived([ending.execute_id for ending in batch])

    def _batch(self) -> list[Ending]:
        batch: list[Ending] = []
        size = 0
        for ending in self._waiting:
            size += self._journal.size_of(ending)
            if batch and (len(batch) == _AT_ONCE or size > _BATCH_BYTES):
                break
            batch.append(ending)
        return batch


def _refused(ending: Ending, error: AiWorkerError) -> Ending:
    """What is told instead of an ending that the server does not take as it is."""
    way = ending.complete or ending.fail or ending.release
    fail = Fail(
        lease_token=way.lease_token if way else "?",
        error_category=ErrorCategory.VALIDATION,
        error_message=f"The server did not take the result: {error.message}",
    )
    return Ending(execute_id=ending.execute_id, fail=fail)


def _pause(troubles: int) -> float:
    return min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** (troubles - 1))
