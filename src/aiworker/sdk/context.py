"""What a handler gets: its robot, and the means to tell how far it is."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, Literal, Self, TypeVar

import typing_extensions
from pydantic import TypeAdapter, ValidationError

from aiworker.core.errors import AiWorkerError
from aiworker.sdk.failures import ExternalFailure, Failure
from aiworker.sdk.standing import Standing
from aiworker.wire.base import JsonObject, wire_text
from aiworker.wire.engine import ClaimedRobot, ReportedLine, StepCategory, StepReport
from aiworker.wire.in_hand import LOG_LEVELS, LONGEST_LINE, InHand, Level
from aiworker.wire.problems import first_problem

logger = logging.getLogger("aiworker.sdk.robot")

Category = StepCategory | Literal["INIT", "VALIDATION", "PROCESSING", "EXTERNAL_API", "FINALIZATION"]
StepEnd = Literal["completed", "failed", "skipped"]
# The fields of a report (`wire.engine.Report`), as far as there is something to tell.
Tell = Callable[[Mapping[str, Any]], None]

T = TypeVar("T")
# A handler may say `-> Result` and leave open of what.
Output = typing_extensions.TypeVar("Output", default=Any)

_LONGEST_NAME = 100
_MOST_STEPS = 10_000
_JSON_OBJECT: TypeAdapter[dict[str, Any]] = TypeAdapter(JsonObject)


@dataclass(frozen=True, slots=True)
class Result(Generic[Output]):
    """What comes out, and how good it is. Scores are between 0 and 1; None: nothing is said about it."""

    output: Output
    completeness: float | None = None
    confidence: float | None = None


class Context(InHand):
    """A robot in the hands of a handler.

    Calls return at once: what they tell goes to the server gathered. A handler that is no coroutine waits in `step`,
    `progress` and `checkpoint` while the robot is paused; a coroutine waits in `async with ctx.step(…)`. Once the robot
    is not yours any more, they raise `Cancelled`.
    """

    def __init__(self, robot: ClaimedRobot, tell: Tell, standing: Standing, *, blocks: bool = True) -> None:
        super().__init__(robot)
        self._tell = tell
        self._standing = standing
        self._blocks = blocks
        self._calls = 0
        self._failed_calls = 0
        self._call_seconds = 0.0

    @property
    def saved(self) -> dict[str, Any] | None:
        """What an earlier try saved last with `checkpoint`."""
        return self.robot.checkpoint

    @property
    def taken_away(self) -> bool:
        """Whether the work is for nothing by now; for loops that call nothing else."""
        return self._standing.over is not None

    @property
    def paused(self) -> bool:
        """Whether people have paused the robot; the next `step` waits until they let it go on."""
        return self._standing.paused

    def step(self, name: str, category: Category = StepCategory.PROCESSING) -> "Step":
        """A named step, for `with` or `async with`: completed when the block ends, failed when it raises."""
        return Step(_line(name), StepCategory(category), self._say, self._standing)

    def progress(self, percentage: float, *, total_steps: int | None = None) -> None:
        """How far it is, 0 to 100."""
        told: dict[str, Any] = {"progress_percentage": max(0, min(100, int(percentage)))}
        if total_steps is not None:
            told["total_steps"] = max(1, min(_MOST_STEPS, total_steps))
        self._say(told)
        self._pause_here()

    def log(self, message: str, level: Level = "info") -> None:
        """A line for those who watch the robot; this process logs it as well."""
        logger.log(LOG_LEVELS[level], "%s: %s", self.robot_id, message)
        self._say({"log": [ReportedLine(level=level, message=wire_text(message, LONGEST_LINE) or " ")]})

    def checkpoint(self, data: Mapping[str, Any]) -> None:
        """Save how far the work is: the next try of this robot finds it in `saved`.

        Raises: ValueError, if it is no JSON object of at most 1 MiB.
        """
        try:
            kept = _JSON_OBJECT.validate_python(dict(data))
        except ValidationError as error:
            raise ValueError(f"The checkpoint cannot be kept: {first_problem(error)}") from None
        self._say({"checkpoint": kept})
        self._pause_here()

    def call(self, name: str) -> "Call":
        """A call of another system, for `with` or `async with`: counted and timed; what it raises is its failure."""
        return Call(_line(name), self._on_call)

    def result(self, output: T, *, completeness: float | None = None, confidence: float | None = None) -> Result[T]:
        """What a handler returns if it can tell how good its output is."""
        return Result(output, completeness, confidence)

    def _on_call(self, seconds: float, failed: bool) -> None:
        self._calls += 1
        self._failed_calls += failed
        self._call_seconds += seconds
        self._say(
            {
                "external_api_calls": self._calls,
                "external_api_failures": self._failed_calls,
                "external_api_duration_ms": int(self._call_seconds * 1000),
            }
        )

    def _say(self, told: Mapping[str, Any]) -> None:
        self._standing.check()
        self._tell(told)

    def _pause_here(self) -> None:
        if self._blocks:
            self._standing.wait()


class Step:
    """A step under way. `detail` is shown with it; `skipped` says that there was nothing to do."""

    def __init__(self, name: str, category: StepCategory, say: Tell, standing: Standing) -> None:
        self.name = name
        self.detail: str | None = None
        self.skipped = False
        self._category = category
        self._say = say
        self._standing = standing
        self._began = 0.0

    def __enter__(self) -> Self:
        self._standing.wait()
        return self._begin()

    async def __aenter__(self) -> Self:
        await self._standing.wait_async()
        return self._begin()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is None:
            self._end("skipped" if self.skipped else "completed", self.detail)
        elif isinstance(error, Exception):
            self._end("failed", str(error))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, at)

    def _begin(self) -> Self:
        self._began = time.monotonic()
        self._say({"step": StepReport(name=self.name, category=self._category)})
        return self

    def _end(self, status: StepEnd, detail: str | None) -> None:
        milliseconds = int((time.monotonic() - self._began) * 1000)
        text = wire_text(detail, LONGEST_LINE) if detail else None
        self._say(
            {
                "step": StepReport(
                    name=self.name, category=self._category, status=status, detail=text, duration_ms=milliseconds
                )
            }
        )


class Call:
    """A call of another system: an exception inside becomes an `ExternalFailure` that names the system."""

    def __init__(self, name: str, done: Callable[[float, bool], None]) -> None:
        self.name = name
        self._done = done
        self._began = 0.0

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        return self

    async def __aenter__(self) -> Self:
        return self.__enter__()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._done(time.monotonic() - self._began, error is not None)
        if isinstance(error, Exception) and not isinstance(error, Failure | AiWorkerError | TimeoutError):
            raise ExternalFailure(f"{self.name}: {error}" if str(error) else f"{self.name} failed") from error

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, at)


def _line(text: str) -> str:
    return " ".join(wire_text(text, _LONGEST_NAME).split()) or "?"
