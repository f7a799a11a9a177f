"""Modules written with the SDK, against a real server: what handlers take, tell and return."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel, Field

from aiworker.core.errors import Denied
from aiworker.sdk import BusinessFailure, Context, ExternalFailure, Module, Result
from aiworker.wire.access import Scope
from tests.integration.sdk.conftest import Shop, idle
from tests.support.waiting import eventually

Make = Callable[..., Module]


class Page(BaseModel):
    number: int


@dataclass
class Size:
    width: int
    height: int


async def test_a_plain_function_does_a_robot(shop: Shop, module: Make) -> None:
    reader = module()

    @reader.handler("ocr.page")
    def read(ctx: Context, page: Page) -> dict[str, Any]:
        with ctx.step("look"):
            ctx.progress(50)
        return {"page": page.number + 1, "thread": threading.current_thread().name}

    async with shop.at_work(reader):
        (robot_id,) = await shop.submit("ocr.page", {"number": 1})
        robot = await shop.ended(robot_id)
    assert (robot["status"], robot["outputData"]["page"]) == ("COMPLETED", 2)
    assert robot["outputData"]["thread"].startswith("handler")


async def test_a_coroutine_runs_in_the_programs_own_event_loop(shop: Shop, module: Make) -> None:
    reader = module()
    loops: list[asyncio.AbstractEventLoop] = []

    @reader.handler("ocr.size")
    async def measure(ctx: Context, size: Size) -> Size:
        async with ctx.step("measure", "VALIDATION"):
            loops.append(asyncio.get_running_loop())
        return Size(size.height, size.width)

    async with shop.at_work(reader):
        (robot_id,) = await shop.submit("ocr.size", {"width": 1, "height": 2})
        robot = await shop.ended(robot_id)
    assert robot["outputData"] == {"width": 2, "height": 1}
    assert loops == [asyncio.get_running_loop()]


async def test_steps_progress_and_lines_are_told_in_order_with_how_long_they_took(shop: Shop, module: Make) -> None:
    reader = module()

    @reader.handler("ocr.page")
    def read(ctx: Context) -> Result[dict[str, Any]]:
        with ctx.step("fetch", "INIT") as step:
            step.detail = "from the scanner"
        with ctx.step("read"):
            ctx.progress(40, total_steps=3)
            ctx.log("half of it")
        with ctx.step("tidy", "FINALIZATION") as step:
            step.skipped = True
        return ctx.result({"text": "x"}, completeness=0.5, confidence=0.75)

    async with shop.at_work(reader):
        (robot_id,) = await shop.submit("ocr.page", {})
        await shop.ended(robot_id)
        execution = await shop.execution(robot_id)
    steps = [(step["name"], step["category"], step["status"], step["detail"]) for step in execution["steps"]]
    assert steps == [
        ("fetch", "INIT", "completed", "from the scanner"),
        ("read", "PROCESSING", "completed", None),
        ("tidy", "FINALIZATION", "skipped", None),
    ]
    assert all(step["durationMs"] is not None for step in execution["steps"])


async def test_input_that_does_not_fit_fails_at_once_and_names_the_field(shop: Shop, module: Make) -> None:
    reader = module()

    @reader.handler("ocr.page")
    def read(page: Page) -> None:
        raise AssertionError("never reached")

    # It was submitted before the server knew what the input should be.
    await shop.post("modules", {"moduleName": "reader", "moduleVersion": "1", "supportedRobotTypes": ["ocr.page"]})
    (robot_id,) = await shop.submit("ocr.page", {"number": "seven"}, retryLimit=3)
    async with shop.at_work(reader):
        robot = await shop.ended(robot_id)
    assert (robot["status"], robot["errorCategory"], robot["retryCount"]) == ("FAILED", "VALIDATION", 0)
    execution = await shop.execution(robot_id)
    assert "number: must be a valid integer" in execution["errorMessage"]


class Bill(BaseModel):
    iban: str = Field(json_schema_extra={"x-sensitive": True})
    size: Size


class Receipt(BaseModel):
    width: str
    account: str = Field(json_schema_extra={"x-sensitive": True})


async def test_the_server_refuses_input_that_does_not_fit_and_masks_what_is_sensitive(shop: Shop, module: Make) -> None:
    reader = module()

    @reader.handler("bill.pay", retry_limit=7, timeout_seconds=90)
    def pay(ctx: Context, bill: Bill) -> Result[Receipt]:
        return ctx.result(Receipt(width=str(bill.size.width), account="FR76"), confidence=0.9)

    async with shop.at_work(reader), shop.house.client(Scope.MEMBER) as person:
        new: dict[str, Any] = {"robotType": "bill.pay", "inputData": {"iban": "ES12", "size": {"width": "wide"}}}
        refused = await person.post("/api/robots", json=new)
        new["inputData"] = {"iban": "ES12", "size": {"width": 1, "height": 2}}
        robot = (await person.post("/api/robots", json=new)).json()["data"]
        done = await shop.ended(robot["robotId"])
        seen = (await person.get(f"/api/robots/{robot['robotId']}")).json()["data"]
    assert refused.status_code == 422
    assert "ES12" not in str(robot["inputData"])
    assert (done["outputData"], done["retryLimit"]) == ({"width": "1", "account": "FR76"}, 7)
    assert seen["outputData"] == {"width": "1", "account": "•••"}


@pytest.mark.parametrize(
    ("error", "category"),
    [
        (BusinessFailure("no such customer", details={"customer": 7}), "BUSINESS"),
        (ExternalFailure("the register is down"), "EXTERNAL_API"),
        (TimeoutError("too slow"), "TIMEOUT"),
        (MemoryError(), "RESOURCE"),
        (OSError(28, "No space left on device"), "RESOURCE"),
        (KeyError("x"), "APPLICATION"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
async def test_what_a_handler_raises_says_why_it_failed(
    shop: Shop, module: Make, error: Exception, category: str
) -> None:
    reader = module()

    @reader.handler("ocr.page")
    def read(ctx: Context) -> None:
        with ctx.step("read"):
            raise error

    async with shop.at_work(reader):
        (robot_id,) = await shop.submit("ocr.page", {}, retryLimit=0)
        robot = await shop.ended(robot_id)
    assert (robot["status"], robot["errorCategory"]) == ("FAILED", category)
    (step,) = (await shop.execution(robot_id))["steps"]
    assert step["status"] == "failed"


async def test_a_failed_call_of_another_system_is_its_failure(shop: Shop, module: Make) -> None:
    reader = module()

    @reader.handler("vat.check")
    async def check(ctx: Context) -> None:
        async with ctx.call("tax office"):
            raise ConnectionError("refused")

    async with shop.at_work(reader):
        (robot_id,) = await shop.submit("vat.check", {}, retryLimit=0)
        robot = await shop.ended(robot_id)
    assert robot["errorCategory"] == "EXTERNAL_API"
    assert (await shop.execution(robot_id))["errorMessage"] == "tax office: refused"


@pytest.mark.parametrize("output", ["text", [1], {"x": float("nan")}, {"x": "y" * 1_100_000}, {"x": object()}])
async def test_a_result_that_cannot_be_kept_fails_and_says_so(shop: Shop, module: Make, output: Any) -> None:
    reader = module()

    @reader.handler("ocr.page")
    def read(_: Context) -> Any:
        return output

    async with shop.at_work(reader):
        (robot_id,) = await shop.submit("ocr.page", {})
        robot = await shop.ended(robot_id)
    assert (robot["status"], robot["errorCategory"]) == ("FAILED", "VALIDATION")


async def test_many_quick_robots_are_all_done_once_in_few_requests(shop: Shop, module: Make) -> None:
    reader = module(concurrency=8)
    done: list[int] = []

    @reader.handler("ocr.page")
    def read(page: Page) -> None:
        done.append(page.number)

    numbers = list(range(300))
    await shop.post("modules", {"moduleName": "reader", "moduleVersion": "1", "supportedRobotTypes": ["ocr.page"]})
    await shop.submit("ocr.page", *({"number": number} for number in numbers))
    async with shop.at_work(reader):

        async def all_done() -> bool:
            left = await shop.get("robots", status="PENDING", limit=1)
            return not left and not await shop.get("robots", status="PROCESSING", limit=1)

        await eventually(all_done)
    assert sorted(done) == numbers


async def test_a_key_that_may_not_is_told_so_at_once(shop: Shop, module: Make) -> None:
    reader = module()
    reader.handler("ocr.page")(idle)
    with pytest.raises(Denied):
        await reader.serve(asyncio.Event(), url=shop.url, token=shop.house.keys[Scope.READ], folder=shop.folder)


async def test_calls_of_other_systems_are_counted_and_timed(shop: Shop, module: Make) -> None:
    reader = module()

    @reader.handler("vat.check")
    def check(ctx: Context) -> None:
        for number in range(3):
            with suppress(ExternalFailure), ctx.call("tax office"):
                if number == 1:
                    raise ConnectionError("refused")

    async with shop.at_work(reader):
        (robot_id,) = await shop.submit("vat.check", {})
        await shop.ended(robot_id)
    execution = await shop.execution(robot_id)
    assert (execution["externalApiCalls"], execution["externalApiFailures"]) == (3, 1)


async def test_a_next_try_goes_on_from_the_checkpoint_of_the_last(shop: Shop, module: Make) -> None:
    reader = module()

    @reader.handler("ocr.book")
    def read(ctx: Context) -> dict[str, Any]:
        if ctx.saved is None:
            ctx.checkpoint({"page": 7})
            raise ExternalFailure("the scanner hangs")
        return {"from": ctx.saved["page"], "tries": ctx.retry_count}

    async with shop.at_work(reader):
        (robot_id,) = await shop.submit("ocr.book", {}, retryLimit=1, backoffSeconds=0)

        async def due() -> bool:
            await shop.house.database.write(shop.house.engine.tick)
            return (await shop.robot(robot_id))["status"] == "COMPLETED"

        await eventually(due)
    assert (await shop.robot(robot_id))["outputData"] == {"from": 7, "tries": 1}


async def test_a_checkpoint_that_cannot_be_kept_is_refused_where_it_is_saved(shop: Shop, module: Make) -> None:
    reader = module()

    @reader.handler("ocr.book")
    def read(ctx: Context) -> dict[str, Any]:
        with pytest.raises(ValueError, match="cannot be kept"):
            ctx.checkpoint({"page": float("inf")})
        return {"went_on": True}

    async with shop.at_work(reader):
        (robot_id,) = await shop.submit("ocr.book", {})
        assert (await shop.ended(robot_id))["outputData"] == {"went_on": True}
