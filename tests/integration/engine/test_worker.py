"""The Worker protocol in this process, and the loop of a module over it."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from aiworker.core.errors import AiWorkerError, Conflict, Invalid, Limited, Unavailable
from aiworker.engine.context import Context
from aiworker.engine.modules.errors import InternalModule
from aiworker.engine.worker import EngineWorker
from aiworker.wire.engine import (
    Claim,
    ClaimedRobot,
    Complete,
    Fail,
    Release,
    Report,
    ReportAnswer,
    RobotStatus,
    Worker,
)
from tests.support.engine import new_module
from tests.support.engine_house import House

pytestmark = pytest.mark.above_queries


async def test_a_waiting_claim_gets_a_robot_as_soon_as_there_is_one(house: House) -> None:
    waiting = asyncio.create_task(house.worker.claim("reader", Claim(holder="w", wait_seconds=20)))
    await asyncio.wait_for(house.bus.listened.wait(), 60)
    robot = await house.bench.submit()
    (claimed,) = await asyncio.wait_for(waiting, 60)
    assert claimed.robot_id == robot.robot_id


async def test_a_claim_that_nobody_waits_for_any_more_gives_its_robot_back(house: House) -> None:
    robot = await house.bench.submit()
    asking = asyncio.create_task(house.worker.claim("reader", Claim(holder="w")))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert (await house.bench.robot(robot.robot_id)).status is RobotStatus.PENDING


async def test_the_edges_worker_does_not_serve_internal_modules(house: House) -> None:
    engine = house.bench.engine
    await house.bench.database.write(engine.register_module, new_module("control", ["merge.group"]), internal=True)
    with pytest.raises(InternalModule):
        await house.worker.claim("control", Claim(holder="w"))
    inside = EngineWorker(house.bench.database, engine, house.bus, internal=True)
    assert await inside.claim("control", Claim(holder="w")) == []


async def test_a_handlers_result_completes_its_robot(house: House) -> None:
    async def handle(ctx: Context) -> dict[str, Any]:
        return {"pages": ctx.input_data["page"] + 1}

    async with house.running({"ocr.read": handle}):
        robot = await house.bench.submit()
        await house.until_status(robot.robot_id, RobotStatus.COMPLETED)
    assert (await house.bench.robot(robot.robot_id)).output_data == {"pages": 2}


@pytest.mark.parametrize(
    ("error", "category", "status"),
    [
        (Invalid("bad page"), "VALIDATION", RobotStatus.FAILED),
        (Conflict("branch moved"), "BUSINESS", RobotStatus.FAILED),
        (Unavailable("forge is away"), "EXTERNAL_API", RobotStatus.RETRYING),
        (Limited("slow down", retry_after=5), "EXTERNAL_API", RobotStatus.RETRYING),
        (TimeoutError("too slow"), "TIMEOUT", RobotStatus.RETRYING),
        (ConnectionRefusedError("no"), "EXTERNAL_API", RobotStatus.RETRYING),
        (MemoryError(), "RESOURCE", RobotStatus.RETRYING),
        (ZeroDivisionError("bug\x00with a NUL"), "APPLICATION", RobotStatus.RETRYING),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
async def test_an_exception_fails_the_try_by_its_kind(
    house: House, error: Exception, category: str, status: RobotStatus
) -> None:
    async def handle(ctx: Context) -> None:
        raise error

    async with house.running({"ocr.read": handle}):
        robot = await house.bench.submit()
        await house.until_status(robot.robot_id, RobotStatus.FAILED, RobotStatus.RETRYING)
    stored = await house.bench.robot(robot.robot_id)
    assert (stored.status, stored.error_category) == (status, category)
    tries, _ = await house.bench.database.read(house.bench.engine.list_executions, robot_id=robot.robot_id)
    trace = tries[0].error_stack_trace
    assert (trace is None) == isinstance(error, AiWorkerError)


async def test_a_result_that_is_not_json_fails_the_try(house: House) -> None:
    async def handle(ctx: Context) -> dict[str, Any]:
        return {"figure": float("nan")}

    async with house.running({"ocr.read": handle}):
        robot = await house.bench.submit(retry_limit=0)
        await house.until_status(robot.robot_id, RobotStatus.FAILED)


async def test_a_type_without_a_handler_fails_with_a_clear_sentence(house: House) -> None:
    async with house.running({}):
        robot = await house.bench.submit()
        await house.until_status(robot.robot_id, RobotStatus.FAILED)
    stored = await house.bench.robot(robot.robot_id)
    assert stored.error_details is not None
    assert stored.error_details["code"] == "no_handler"


async def test_no_more_run_at_once_than_the_concurrency(house: House) -> None:
    running, most = 0, 0
    go_on = asyncio.Event()
    started = asyncio.Semaphore(0)

    async def handle(ctx: Context) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        started.release()
        await go_on.wait()
        running -= 1

    made = [await house.bench.submit() for _ in range(6)]
    async with house.running({"ocr.read": handle}, concurrency=2):
        for _ in range(2):
            await asyncio.wait_for(started.acquire(), 60)
        go_on.set()
        for robot in made:
            await house.until_status(robot.robot_id, RobotStatus.COMPLETED)
    assert most == 2


async def test_stopping_gives_back_what_is_not_finished_at_once(house: House) -> None:
    started = asyncio.Event()

    async def handle(ctx: Context) -> None:
        started.set()
        await asyncio.Event().wait()

    async with house.running({"ocr.read": handle}) as loop:
        robot = await house.bench.submit()
        await asyncio.wait_for(started.wait(), 60)
        await loop.stop(grace_seconds=0)
    stored = await house.bench.robot(robot.robot_id)
    assert (stored.status, stored.retry_count) == (RobotStatus.PENDING, 0)


async def test_stopping_lets_finish_what_finishes_in_time(house: House) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    async def handle(ctx: Context) -> None:
        started.set()
        await go_on.wait()

    async with house.running({"ocr.read": handle}) as loop:
        robot = await house.bench.submit()
        await asyncio.wait_for(started.wait(), 60)
        stopping = asyncio.create_task(loop.stop(grace_seconds=30))
        await asyncio.sleep(0)
        go_on.set()
        await stopping
    assert (await house.bench.robot(robot.robot_id)).status is RobotStatus.COMPLETED


async def test_a_cancelled_robot_stops_its_handler_at_the_next_report(house: House) -> None:
    started, cancelled, stopped = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def handle(ctx: Context) -> None:
        started.set()
        await cancelled.wait()
        try:
            await ctx.progress(50)
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async with house.running({"ocr.read": handle}):
        robot = await house.bench.submit()
        await asyncio.wait_for(started.wait(), 60)
        await house.bench.database.write(house.bench.engine.cancel, robot.robot_id, by="ana")
        cancelled.set()
        await asyncio.wait_for(stopped.wait(), 60)
    assert (await house.bench.robot(robot.robot_id)).status is RobotStatus.CANCELLED


async def test_heartbeats_alone_tell_a_silent_handler_to_stop(house: House) -> None:
    started, stopped = asyncio.Event(), asyncio.Event()

    async def handle(ctx: Context) -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async with house.running({"ocr.read": handle}, lease_seconds=5):
        robot = await house.bench.submit()
        await asyncio.wait_for(started.wait(), 60)
        await house.bench.database.write(house.bench.engine.cancel, robot.robot_id, by="ana")
        await asyncio.wait_for(stopped.wait(), 60)


class Blocked:
    """A module with one place, in which a robot stays until `go_on`, while others were fetched ahead of their turn."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._blocking = asyncio.Event()
        self.go_on = asyncio.Event()
        self.handled: list[str] = []

    async def handle(self, ctx: Context) -> None:
        self.handled.append(ctx.robot_id)
        if ctx.input_data["text"] == "long":
            self._blocking.set()
            await self.go_on.wait()

    async def with_two_behind(self) -> tuple[str, str]:
        """After a quick one, by which the loop knows its pace, the long one runs; the two behind it are ours."""
        for text in ("quick", "long"):
            await self._house.bench.submit(input_data={"text": text})
        behind = [(await self._house.bench.submit(input_data={"text": "behind"})).robot_id for _ in range(2)]
        await asyncio.wait_for(self._blocking.wait(), 60)
        for robot_id in behind:
            await self._house.until_status(robot_id, RobotStatus.PROCESSING)
        return behind[0], behind[1]


@pytest.fixture
def blocked(house: House, monkeypatch: pytest.MonkeyPatch) -> Blocked:
    # On a busy machine even the quick one takes its time.
    monkeypatch.setattr("aiworker.engine.module_loop._AHEAD_SECONDS", 60.0)
    return Blocked(house)


async def test_a_robot_that_was_fetched_ahead_and_then_cancelled_is_not_begun(house: House, blocked: Blocked) -> None:
    told = Told(house.worker)
    house.worker = told
    async with house.running({"ocr.read": blocked.handle}, concurrency=1, lease_seconds=5):
        first, second = await blocked.with_two_behind()
        await house.bench.database.write(house.bench.engine.cancel, first, by="ana")
        await asyncio.wait_for(told.cancelled.wait(), 60)
        blocked.go_on.set()
        await house.until_status(second, RobotStatus.COMPLETED)
    assert second in blocked.handled
    assert first not in blocked.handled


async def test_stopping_gives_back_what_was_fetched_ahead(house: House, blocked: Blocked) -> None:
    async with house.running({"ocr.read": blocked.handle}, concurrency=1) as loop:
        behind = await blocked.with_two_behind()
        stopping = asyncio.create_task(loop.stop(grace_seconds=30))
        for robot_id in behind:
            await house.until_status(robot_id, RobotStatus.PENDING)
        blocked.go_on.set()
        await stopping
    assert not {*behind} & {*blocked.handled}


class Impatient:
    """A worker whose completions break some times before they go through."""

    def __init__(self, inner: Worker, failures: int = 0) -> None:
        self.inner = inner
        self.failures = failures

    async def claim(self, module_name: str, claim: Claim) -> list[ClaimedRobot]:
        return await self.inner.claim(module_name, claim)

    async def report(self, execute_id: str, report: Report) -> ReportAnswer:
        return await self.inner.report(execute_id, report)

    async def complete(self, execute_id: str, result: Complete) -> None:
        await self.inner.complete(execute_id, result)

    async def complete_many(self, results: Mapping[str, Complete]) -> Mapping[str, AiWorkerError]:
        if self.failures:
            self.failures -= 1
            raise Unavailable("the database is away")
        return await self.inner.complete_many(results)

    async def fail(self, execute_id: str, failure: Fail) -> None:
        await self.inner.fail(execute_id, failure)

    async def release(self, execute_id: str, release: Release) -> None:
        await self.inner.release(execute_id, release)


class Told(Impatient):
    """A worker that says when a heartbeat was answered with "cancel"."""

    def __init__(self, inner: Worker) -> None:
        super().__init__(inner)
        self.cancelled = asyncio.Event()

    async def report(self, execute_id: str, report: Report) -> ReportAnswer:
        answer = await super().report(execute_id, report)
        if answer.directive == "cancel":
            self.cancelled.set()
        return answer


async def test_a_result_that_cannot_be_delivered_is_delivered_again(house: House) -> None:
    async def handle(ctx: Context) -> dict[str, Any]:
        return {"n": 1}

    house.worker = Impatient(house.worker, failures=1)
    async with house.running({"ocr.read": handle}):
        robot = await house.bench.submit()
        await house.until_status(robot.robot_id, RobotStatus.COMPLETED)


async def test_a_paused_robot_waits_before_its_next_step(house: House) -> None:
    first_done, may_go = asyncio.Event(), asyncio.Event()
    steps: list[str] = []

    async def handle(ctx: Context) -> None:
        async with ctx.step("one"):
            steps.append("one")
        first_done.set()
        await may_go.wait()
        await ctx.progress(50)
        async with ctx.step("two"):
            steps.append("two")

    async with house.running({"ocr.read": handle}, lease_seconds=5):
        robot = await house.bench.submit()
        await asyncio.wait_for(first_done.wait(), 60)
        execution = await house.bench.database.read(house.bench.engine.active_execution, robot.robot_id)
        assert execution is not None
        await house.bench.database.write(house.bench.engine.pause, execution.execute_id, by="ana")
        may_go.set()

        async def heard() -> bool:
            return (await house.bench.execution_of(execution.execute_id)).progress_percentage == 50

        await house.until(heard)
        assert steps == ["one"]
        await house.bench.database.write(house.bench.engine.resume, execution.execute_id, by="ana")
        await house.until_status(robot.robot_id, RobotStatus.COMPLETED)
    assert steps == ["one", "two"]


@pytest.mark.parametrize("fails", [False, True])
async def test_every_line_of_the_log_is_told_also_the_last(house: House, fails: bool) -> None:
    async def handle(ctx: Context) -> None:
        for n in range(450):
            await ctx.log(f"line {n}", "warn")
        if fails:
            raise Invalid("no")

    async with house.running({"ocr.read": handle}):
        robot = await house.bench.submit()
        await house.until_status(robot.robot_id, RobotStatus.COMPLETED, RobotStatus.FAILED)
    lines = [told["message"] for told in house.announced if "message" in told]
    assert lines == [f"line {n}" for n in range(450)]
