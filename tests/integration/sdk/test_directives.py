"""What people want of a robot reaches its handler, and what a module does when it stops."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from aiworker.sdk import Cancelled, Context, Module
from aiworker.sdk.loop import Loop
from aiworker.sdk.server import Server
from aiworker.wire.engine import Claim, ClaimedRobot
from tests.integration.sdk.conftest import Shop, idle
from tests.support.waiting import eventually

Make = Callable[..., Module]


async def test_a_cancelled_robot_ends_a_coroutine_where_it_waits(shop: Shop, module: Make) -> None:
    reader = module()
    begun, ended = asyncio.Event(), asyncio.Event()

    @reader.handler("ocr.long")
    async def read(_: Context) -> None:
        begun.set()
        try:
            await asyncio.sleep(600)
        finally:
            ended.set()

    async with shop.at_work(reader):
        (robot_id,) = await shop.submit("ocr.long", {})
        async with asyncio.timeout(60):
            await begun.wait()
            await shop.post(f"robots/{robot_id}/cancel")
            await ended.wait()
    assert (await shop.robot(robot_id))["status"] == "CANCELLED"


async def test_a_cancelled_robot_ends_a_function_at_its_next_call(shop: Shop, module: Make) -> None:
    reader = module()
    seen: list[BaseException] = []

    @reader.handler("ocr.long")
    def read(ctx: Context) -> None:
        try:
            while True:
                ctx.progress(10)
                threading.Event().wait(0.02)
        except Cancelled as error:
            seen.append(error)
            raise

    async with shop.at_work(reader):
        (robot_id,) = await shop.submit("ocr.long", {})
        await shop.running(robot_id)
        await shop.post(f"robots/{robot_id}/cancel")
        await eventually(lambda: bool(seen))
        # Its place is free for the next.
        (following,) = await shop.submit("ocr.long", {})
        await shop.running(following)
        await shop.post(f"robots/{following}/cancel")
        await eventually(lambda: len(seen) == 2)


async def test_a_paused_robot_waits_at_its_next_step_until_it_is_resumed(shop: Shop, module: Make) -> None:
    reader = module()
    begun, go_on = threading.Event(), threading.Event()
    passed: list[str] = []

    @reader.handler("ocr.long")
    def read(ctx: Context) -> None:
        with ctx.step("first"):
            begun.set()
            go_on.wait(60)
        while not ctx.paused:
            threading.Event().wait(0.01)
        with ctx.step("second"):
            passed.append("second")

    async with shop.at_work(reader):
        (robot_id,) = await shop.submit("ocr.long", {})
        await asyncio.to_thread(begun.wait, 60)
        await shop.post(f"robots/{robot_id}/pause")
        go_on.set()

        async def first_is_over() -> bool:
            steps = (await shop.execution(robot_id))["steps"]
            return bool(steps) and steps[0]["status"] == "completed"

        await eventually(first_is_over)
        assert passed == []
        await shop.post(f"robots/{robot_id}/resume")
        assert (await shop.ended(robot_id))["status"] == "COMPLETED"
    assert passed == ["second"]


async def test_a_module_that_stops_finishes_what_runs_and_gives_back_what_waits(shop: Shop, module: Make) -> None:
    reader = module(concurrency=1, prefetch=0)
    begun, go_on = threading.Event(), threading.Event()

    @reader.handler("ocr.long")
    def read(_: Context) -> None:
        begun.set()
        go_on.wait(60)

    async with shop.at_work(reader) as stop:
        first, second = await shop.submit("ocr.long", {}, {})
        await asyncio.to_thread(begun.wait, 60)
        stop.set()
        go_on.set()
    assert (await shop.robot(first))["status"] == "COMPLETED"

    async def given_back() -> bool:
        return (await shop.robot(second))["status"] == "PENDING"

    # It may just have been asking for it; whoever hangs up takes nothing away.
    await eventually(given_back)


async def test_a_robot_that_is_on_its_way_when_the_module_stops_is_given_back(
    shop: Shop, module: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = module()
    reader.handler("ocr.page")(idle)
    answered, stopping = asyncio.Event(), threading.Event()
    there = asyncio.get_running_loop()
    claim, stop_loop = Server.claim, Loop.stop

    async def a_long_way(self: Server, module_name: str, asked: Claim) -> list[ClaimedRobot]:
        robots = await claim(self, module_name, asked)
        if robots:
            there.call_soon_threadsafe(answered.set)
            await asyncio.to_thread(stopping.wait, 60)
        return robots

    def stop_now(self: Loop) -> None:
        stop_loop(self)
        stopping.set()

    monkeypatch.setattr("aiworker.sdk.loop._ON_THE_WAY_SECONDS", 60.0)
    monkeypatch.setattr(Server, "claim", a_long_way)
    monkeypatch.setattr(Loop, "stop", stop_now)
    async with shop.at_work(reader):
        (robot_id,) = await shop.submit("ocr.page", {})
        async with asyncio.timeout(60):
            await answered.wait()
    robot = await shop.robot(robot_id)
    assert (robot["status"], robot["retryCount"]) == ("PENDING", 0)


async def test_what_does_not_finish_in_time_is_given_back_without_counting_as_a_try(shop: Shop, module: Make) -> None:
    reader = module(grace_seconds=0.1)
    begun, hangs, hung = asyncio.Event(), threading.Event(), threading.Event()

    @reader.handler("ocr.polite")
    async def wait(_: Context) -> None:
        begun.set()
        await asyncio.sleep(600)

    @reader.handler("ocr.deaf")
    def hang(_: Context) -> None:
        hangs.set()
        hung.wait(60)

    async with shop.at_work(reader):
        (polite,) = await shop.submit("ocr.polite", {})
        (deaf,) = await shop.submit("ocr.deaf", {})
        async with asyncio.timeout(60):
            await begun.wait()
        await asyncio.to_thread(hangs.wait, 60)
    hung.set()
    for robot_id in (polite, deaf):
        robot = await shop.robot(robot_id)
        assert (robot["status"], robot["retryCount"]) == ("PENDING", 0)
        assert (await shop.execution(robot_id))["outcome"] == "released"


async def test_a_robot_of_a_type_that_has_no_handler_here_fails_and_says_so(shop: Shop, module: Make) -> None:
    reader = module()
    reader.handler("ocr.page")(idle)
    async with shop.at_work(reader):
        more: dict[str, Any] = {"moduleName": "reader", "moduleVersion": "1"}
        await shop.post("modules", {**more, "supportedRobotTypes": ["ocr.page", "ocr.other"]})
        (robot_id,) = await shop.submit("ocr.other", {})
        robot = await shop.ended(robot_id)
    assert (robot["status"], robot["errorCategory"]) == ("FAILED", "VALIDATION")


async def test_the_health_door_tells_how_the_module_is(shop: Shop, module: Make) -> None:
    reader = module(health_port=0)
    reader.handler("ocr.page")(idle)
    async with shop.at_work(reader), httpx2.AsyncClient(trust_env=False, timeout=60) as client:
        (known,) = await shop.get("modules")
        answer = await client.get(known["healthEndpoint"])
        assert (answer.status_code, answer.json()) == (200, {"status": "ok", "running": 0, "waiting": 0})
        assert (await client.post(known["healthEndpoint"])).status_code == 405
