"""Try a module's handlers without a server.

    from aiworker.sdk.testing import run_robot

    def test_a_page_is_read():
        tried = run_robot(module, "ocr.page", {"number": 1})
        assert tried.output == {"page": 2}

Input, output, failures and what a handler tells are read and checked exactly as they are at work.
"""

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiworker.sdk.context import Context
from aiworker.sdk.failures import Cancelled
from aiworker.sdk.handlers import Handler, carry_out, carry_out_async
from aiworker.sdk.module import Module
from aiworker.sdk.standing import Standing
from aiworker.wire.batches import Ending, ReportOf
from aiworker.wire.engine import ClaimedRobot, ErrorCategory, StepCategory, StepReport

_TOKEN = "a lease for tests"  # noqa: S105 (nothing is opened by it)


@dataclass(slots=True)
class TriedStep:
    """A step that a handler took. `status`: completed, failed or skipped; running if it never ended."""

    name: str
    category: StepCategory
    status: str = "running"
    detail: str | None = None


@dataclass(slots=True)
class Tried:
    """What came of a try. `output` is None if it failed or was cancelled; `failure` if it did not fail."""

    output: dict[str, Any] | None = None
    completeness: float | None = None
    confidence: float | None = None
    failure: str | None = None
    category: ErrorCategory | None = None
    details: dict[str, Any] = field(default_factory=dict[str, Any])
    cancelled: bool = False
    steps: list[TriedStep] = field(default_factory=list[TriedStep])
    progress: list[int] = field(default_factory=list[int])
    log: list[str] = field(default_factory=list[str])
    checkpoints: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    calls: int = 0
    failed_calls: int = 0

    @property
    def would_be_retried(self) -> bool:
        """Whether it failed in a way that the server tries again, as long as there are tries left."""
        return self.category is not None and self.category.retried


def run_robot(
    module: Module,
    robot_type: str,
    input_data: Mapping[str, Any] | None = None,
    *,
    saved: Mapping[str, Any] | None = None,
    retry_count: int = 0,
    correlation_id: str | None = None,
    cancel_at: str | None = None,
) -> Tried:
    """Have the module's handler do one robot, here and now; a coroutine gets an event loop of its own.

    `saved`: what an earlier try left as its checkpoint. `cancel_at`: the robot is cancelled when that step begins.

    Raises: KeyError, if the module has no handler for the type.
    """
    handler = module.handlers[robot_type]
    robot = ClaimedRobot(
        robot_id="robot-1",
        robot_type=robot_type,
        execute_id="execution-1",
        lease_token=_TOKEN,
        lease_expires_at=None,
        input_data=dict(input_data or {}),
        correlation_id=correlation_id,
        retry_count=retry_count,
        retry_limit=3,
        timeout_seconds=None,
        checkpoint=None if saved is None else dict(saved),
    )
    tried = Tried()
    standing = Standing()

    def tell(told: Mapping[str, Any]) -> None:
        _note(tried, ReportOf(execute_id=robot.execute_id, lease_token=_TOKEN, **told))
        step: StepReport | None = told.get("step")
        if step is not None and step.name == cancel_at and step.status == "running":
            standing.end("cancel")
            standing.check()

    _end(tried, _run(handler, Context(robot, tell, standing, blocks=handler.place != "loop")))
    return tried


def _run(handler: Handler, ctx: Context) -> Ending | None:
    try:
        return _in_a_loop(handler, ctx) if handler.place == "loop" else carry_out(handler, ctx)
    except Cancelled:
        return None


def _in_a_loop(handler: Handler, ctx: Context) -> Ending:
    """In a thread of its own, for the test may run in an event loop already."""
    endings: list[Ending] = []
    errors: list[BaseException] = []

    def live() -> None:
        try:
            endings.append(asyncio.run(carry_out_async(handler, ctx)))
        except BaseException as error:  # noqa: BLE001 (it belongs to the test)
            errors.append(error)

    thread = threading.Thread(target=live)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return endings[0]


def _note(tried: Tried, report: ReportOf) -> None:
    if report.progress_percentage is not None:
        tried.progress.append(report.progress_percentage)
    if report.checkpoint is not None:
        tried.checkpoints.append(report.checkpoint)
    tried.log += [line.message for line in report.log]
    tried.calls = report.external_api_calls or tried.calls
    tried.failed_calls = report.external_api_failures or tried.failed_calls
    if report.step is not None:
        _note_step(tried.steps, report.step)


def _note_step(steps: list[TriedStep], told: StepReport) -> None:
    if told.status == "running":
        steps.append(TriedStep(told.name, told.category))
        return
    step = next(step for step in reversed(steps) if step.name == told.name)
    step.status, step.detail = told.status, told.detail


def _end(tried: Tried, ending: Ending | None) -> None:
    if ending is None:
        tried.cancelled = True
    elif ending.complete is not None:
        tried.output = ending.complete.output_data
        tried.completeness = ending.complete.completeness_score
        tried.confidence = ending.complete.confidence_score
    elif ending.fail is not None:
        tried.failure = ending.fail.error_message
        tried.category = ending.fail.error_category
        tried.details = ending.fail.error_details
