"""What a handler gets: its robot, and the means to tell how far it is."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

from aiworker.core.errors import AiWorkerError
from aiworker.core.sayings import Saying
from aiworker.wire.base import wire_text
from aiworker.wire.engine import (
    ClaimedRobot,
    Directive,
    Report,
    ReportAnswer,
    ReportedLine,
    StepCategory,
    StepReport,
)
from aiworker.wire.in_hand import LOG_LEVELS, LONGEST_LINE, InHand, Level
from aiworker.wire.telling import telling

logger = logging.getLogger(__name__)

SendReport = Callable[[Report], Awaitable[ReportAnswer]]

_LINES_AT_ONCE = 200
_LONGEST_DETAIL = 4_000


@dataclass(slots=True)
class RunningStep:
    """A step under way; `detail` is shown with it when it ends, and `status` is what became of it."""

    name: str
    detail: str | Saying | None = None
    status: Literal["completed", "failed", "skipped"] = "completed"


class Context(InHand):
    """A robot in the hands of a handler. Steps and progress wait while the robot is paused."""

    def __init__(self, robot: ClaimedRobot, send: SendReport) -> None:
        super().__init__(robot)
        self._send = send
        self._lines: list[ReportedLine] = []
        self._going = asyncio.Event()
        self._going.set()

    async def progress(self, percentage: int, *, total_steps: int | None = None) -> None:
        """How far it is, 0 to 100."""
        bounded = max(0, min(100, percentage))
        await self.report(progress_percentage=bounded, total_steps=total_steps)
        await self._going.wait()

    @asynccontextmanager
    async def step(self, name: str, category: StepCategory = StepCategory.PROCESSING) -> AsyncGenerator[RunningStep]:
        """A named step: it is completed when the block ends, failed when the block raises."""
        await self._going.wait()
        running = RunningStep(name)
        await self.report(step=StepReport(name=name, category=category))
        try:
            yield running
        except Exception as error:
            said = error.said if isinstance(error, AiWorkerError) else Saying(str(error))
            await self._end_step(running, category, "failed", said)
            raise
        await self._end_step(running, category, running.status, running.detail)

    async def log(self, message: str, level: Level = "info") -> None:
        """A line for those who watch the robot now; it goes out with the next report."""
        logger.log(LOG_LEVELS[level], "%s: %s", self.robot_id, message)
        self._lines.append(ReportedLine(level=level, message=wire_text(message, LONGEST_LINE) or " "))
        if len(self._lines) >= _LINES_AT_ONCE:
            await self.report()

    async def report(self, **fields: Any) -> ReportAnswer:
        """A report with these fields and the lines since the last; without any it is a heartbeat."""
        lines, self._lines = self._lines[:_LINES_AT_ONCE], self._lines[_LINES_AT_ONCE:]
        given = {name: value for name, value in fields.items() if value is not None}
        if lines:
            given["log"] = lines
        return await self._send(Report(lease_token=self.robot.lease_token, **given))

    async def flush(self) -> None:
        """Send the lines that no report has taken along yet."""
        while self._lines:
            await self.report()

    def obey(self, directive: Directive) -> None:
        """Stop at the next step while paused, go on when resumed."""
        if directive == "pause":
            self._going.clear()
        elif directive == "continue":
            self._going.set()

    async def _end_step(
        self,
        running: RunningStep,
        category: StepCategory,
        status: Literal["completed", "failed", "skipped"],
        detail: str | Saying | None,
    ) -> None:
        ended = StepReport(
            name=running.name,
            category=category,
            status=status,
            detail=wire_text(str(detail), _LONGEST_DETAIL) if str(detail or "") else None,
            told=telling(detail.told) if isinstance(detail, Saying) else None,
        )
        await self.report(step=ended)
