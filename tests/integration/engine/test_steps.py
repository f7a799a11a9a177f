"""The steps of a pipeline: their order, what is shown of them, and their fault points."""

from pathlib import Path
from typing import Any

import pytest

from aiworker.core.errors import Invalid
from aiworker.engine.context import Context
from aiworker.engine.steps import Step, run_steps
from aiworker.wire.engine import RobotStatus, StepCategory
from tests.support.engine_house import House

pytestmark = pytest.mark.above_queries


async def test_a_pipeline_runs_its_steps_in_order_and_shows_them(house: House) -> None:
    done: list[str] = []

    def step(name: str, category: StepCategory) -> Step[list[str]]:
        async def run(ctx: Context, subject: list[str]) -> str:
            subject.append(name)
            return f"{name} is done"

        return Step(name, category, run)

    async def handle(ctx: Context) -> dict[str, Any]:
        await ctx.log("off we go")
        await run_steps(ctx, [step("CHECK", StepCategory.VALIDATION), step("MERGE", StepCategory.PROCESSING)], done)
        return {}

    async with house.running({"ocr.read": handle}):
        robot = await house.bench.submit()
        await house.until_status(robot.robot_id, RobotStatus.COMPLETED)
    tries, _ = await house.bench.database.read(house.bench.engine.list_executions, robot_id=robot.robot_id)
    steps = await house.bench.database.read(house.bench.engine.steps_of, [tries[0].execute_id])
    assert done == ["CHECK", "MERGE"]
    assert [(step.name, step.status, step.detail) for step in steps] == [
        ("CHECK", "completed", "CHECK is done"),
        ("MERGE", "completed", "MERGE is done"),
    ]
    assert (tries[0].total_steps, tries[0].completed_steps, tries[0].progress_percentage) == (2, 2, 100)


async def test_a_step_that_raises_is_shown_as_failed_with_the_reason(house: House) -> None:
    async def break_it(ctx: Context, subject: None) -> None:
        raise Invalid("no commit")

    async def handle(ctx: Context) -> None:
        await run_steps(ctx, [Step("MERGE", StepCategory.PROCESSING, break_it)], None)

    async with house.running({"ocr.read": handle}):
        robot = await house.bench.submit()
        await house.until_status(robot.robot_id, RobotStatus.FAILED)
    tries, _ = await house.bench.database.read(house.bench.engine.list_executions, robot_id=robot.robot_id)
    steps = await house.bench.database.read(house.bench.engine.steps_of, [tries[0].execute_id])
    assert [(step.name, step.status, step.detail) for step in steps] == [("MERGE", "failed", "no commit")]


async def test_every_step_has_a_fault_point_before_and_after_it(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    passed: list[str] = []
    monkeypatch.setattr("aiworker.engine.steps.fault_point", passed.append)

    async def nothing(ctx: Context, subject: None) -> None:
        return None

    async def handle(ctx: Context) -> None:
        steps = [Step(name, StepCategory.PROCESSING, nothing) for name in ("merge", "deploy")]
        await run_steps(ctx, steps, None)

    async with house.running({"ocr.read": handle}):
        robot = await house.bench.submit()
        await house.until_status(robot.robot_id, RobotStatus.COMPLETED)
    assert passed == [
        "ocr.read:before:merge",
        "ocr.read:after:merge",
        "ocr.read:before:deploy",
        "ocr.read:after:deploy",
    ]
