"""A pipeline: named steps, each of which looks at the world first and does only what is still missing."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from aiworker.core.errors import AiWorkerError
from aiworker.core.faults import fault_point
from aiworker.core.sayings import Saying
from aiworker.engine.context import Context, RunningStep
from aiworker.wire.engine import StepCategory

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Skip:
    """What a step returns that had nothing to do, with the reason if that is of interest."""

    why: str | Saying | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """What a step returns that did not come off, where the next ones put that right."""

    why: Saying


# What is shown as the step's detail, or what else became of it.
Result = str | Saying | Skip | Failed | None


@dataclass(frozen=True, slots=True)
class End:
    """What a step returns after which the pipeline ends with an error; the step itself came to `result`."""

    error: AiWorkerError
    result: Result = None


Outcome = Result | End


@dataclass(frozen=True, slots=True)
class Step(Generic[T]):
    """One step. What `run` returns, if anything, is shown as the step's detail."""

    name: str
    category: StepCategory
    run: Callable[[Context, T], Awaitable[Outcome]]


async def run_steps(ctx: Context, steps: Sequence[Step[T]], subject: T) -> None:
    """Run the steps in order on `subject`; the process may be killed anywhere, and the next one begins from the first.

    Fault points: `{robot_type}:before:{step}` and `{robot_type}:after:{step}`.
    """
    await ctx.progress(0, total_steps=len(steps))
    for done, step in enumerate(steps, start=1):
        fault_point(f"{ctx.robot_type}:before:{step.name}")
        async with ctx.step(step.name, step.category) as running:
            outcome = await step.run(ctx, subject)
            _note(running, outcome.result if isinstance(outcome, End) else outcome)
        if isinstance(outcome, End):
            raise outcome.error
        fault_point(f"{ctx.robot_type}:after:{step.name}")
        await ctx.progress(done * 100 // len(steps))


def _note(running: RunningStep, result: Result) -> None:
    match result:
        case Skip(why):
            running.status, running.detail = "skipped", why
        case Failed(why):
            running.status, running.detail = "failed", why
        case _:
            running.detail = result
