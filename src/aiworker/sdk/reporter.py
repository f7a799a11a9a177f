"""Tells the server what handlers have told, and that they live: all robots of this process in one request."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from aiworker.core.errors import AiWorkerError, Limited
from aiworker.core.faults import fault_point
from aiworker.sdk.hand import Hand
from aiworker.sdk.server import Server
from aiworker.sdk.usage import Usage
from aiworker.wire.batches import ReportOf

logger = logging.getLogger("aiworker.sdk")

_TICK_SECONDS = 0.2
# A running handler reports at least this often, so it learns as soon that it was paused or cancelled.
_BEAT_SECONDS = 3.0
_LONGEST_PAUSE_SECONDS = 10.0
_AT_ONCE = 400
_BATCH_CHARACTERS = 300_000


class Reporter:
    """Runs in the event loop of the module's own thread, so that no handler can keep it from its beat."""

    def __init__(
        self, server: Server, at_work: Callable[[], Iterable[Hand]], waiting: Callable[[], Iterable[Hand]]
    ) -> None:
        self._server = server
        self._at_work = at_work
        self._waiting = waiting
        self._usage = Usage()
        # Held while reports are on their way.
        self.turn = asyncio.Lock()

    async def run(self, lease_seconds: float) -> None:
        """Until cancelled."""
        quiet = lease_seconds / 3
        troubles = 0
        while True:
            await asyncio.sleep(min(_LONGEST_PAUSE_SECONDS, _TICK_SECONDS * 2**troubles))
            beat = min(_BEAT_SECONDS, quiet)
            due = [hand for hand in self._at_work() if hand.notes.waiting or hand.silent_for(beat)]
            due += [hand for hand in self._waiting() if hand.silent_for(quiet)]
            try:
                well = await self.tell(due)
            except Exception:
                # Whatever it is: without heartbeats everything here would be lost.
                logger.exception("a report could not be made")
                well = False
            troubles = 0 if well else min(troubles + 1, 8)

    async def tell(self, hands: Sequence[Hand]) -> bool:
        """Bring what they have to tell to the server now; False if that did not work."""
        async with self.turn:
            sample = self._usage.sample() if hands else {}
            by_id = {hand.robot.execute_id: hand for hand in hands}
            reports = [report for hand in hands for report in _reports(hand, sample)]
            try:
                for batch in _batches(reports):
                    await self._send(batch, by_id)
            except Limited as error:
                await asyncio.sleep(min(error.retry_after, _LONGEST_PAUSE_SECONDS))
                return False
            except AiWorkerError as error:
                logger.warning("progress cannot be reported now: %s", error)
                if error.kind in {"invalid", "too_large"}:
                    # It would be refused again.
                    for hand in hands:
                        hand.notes.heard(len(hand.notes.take()))
                return False
            return True

    async def _send(self, batch: Sequence[ReportOf], by_id: dict[str, Hand]) -> None:
        asked_at = time.monotonic()
        answers = await self._server.report(batch)
        fault_point("module.reported")
        for answer in answers:
            if (hand := by_id.get(answer.execute_id)) is not None:
                hand.obey(answer.directive, asked_at)
        told: dict[str, int] = {}
        for report in batch:
            told[report.execute_id] = told.get(report.execute_id, 0) + 1
        for execute_id, number in told.items():
            by_id[execute_id].notes.heard(number)


def _reports(hand: Hand, sample: dict[str, float]) -> list[ReportOf]:
    reports = hand.notes.take() or [ReportOf(execute_id=hand.robot.execute_id, lease_token=hand.robot.lease_token)]
    if hand.future is not None:
        reports[-1] = reports[-1].model_copy(update=sample)
    return reports


def _batches(reports: Sequence[ReportOf]) -> Iterator[list[ReportOf]]:
    batch: list[ReportOf] = []
    size = 0
    for report in reports:
        size += size_of(report)
        if batch and (len(batch) == _AT_ONCE or size > _BATCH_CHARACTERS):
            yield batch
            batch, size = [], size_of(report)
        batch.append(report)
    if batch:
        yield batch


def size_of(report: ReportOf) -> int:
    """About how many characters a report has."""
    lines = sum(len(line.message) + 30 for line in report.log)
    return 300 + lines + (0 if report.checkpoint is None else len(str(report.checkpoint)))
