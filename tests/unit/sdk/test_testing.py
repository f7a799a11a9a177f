"""The kit that tries handlers without a server."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from aiworker.sdk import BusinessFailure, Context, ErrorCategory, ExternalFailure, Module, Result, StepCategory
from aiworker.sdk.testing import run_robot

module = Module("reader")


@dataclass
class Page:
    number: int


@module.handler("ocr.page")
def read(ctx: Context, page: Page) -> Result[dict[str, Any]]:
    with ctx.step("look", "INIT") as step:
        step.detail = f"page {page.number}"
    with ctx.step("read"):
        ctx.progress(40)
        ctx.log("half of it")
        ctx.checkpoint({"line": 7})
    with ctx.call("dictionary"):
        pass
    return ctx.result({"page": page.number, "from": (ctx.saved or {}).get("line")}, confidence=0.5)


@module.handler("ocr.slow")
async def read_slowly(ctx: Context) -> dict[str, Any]:
    async with ctx.step("wait"):
        await asyncio.sleep(0)
    return {"tries": ctx.retry_count}


@module.handler("ocr.refused")
def refuse(ctx: Context) -> None:
    with ctx.step("look"):
        raise BusinessFailure("no such customer", details={"customer": 7})


@module.handler("ocr.down", process=True)
def call(ctx: Context) -> None:
    with ctx.call("register"):
        raise OSError("refused")


def idle(_: Context) -> None: ...


def test_what_a_handler_tells_and_returns_is_there_to_be_looked_at() -> None:
    tried = run_robot(module, "ocr.page", {"number": 3}, saved={"line": 5})
    assert tried.output == {"page": 3, "from": 5}
    assert (tried.completeness, tried.confidence) == (None, 0.5)
    assert [(step.name, step.category, step.status, step.detail) for step in tried.steps] == [
        ("look", StepCategory.INIT, "completed", "page 3"),
        ("read", StepCategory.PROCESSING, "completed", None),
    ]
    assert (tried.progress, tried.log, tried.checkpoints) == ([40], ["half of it"], [{"line": 7}])
    assert (tried.calls, tried.failed_calls) == (1, 0)


def test_a_coroutine_is_tried_in_a_plain_test() -> None:
    assert run_robot(module, "ocr.slow", retry_count=2).output == {"tries": 2}


async def test_a_coroutine_is_tried_in_a_test_that_has_an_event_loop() -> None:
    assert run_robot(module, "ocr.slow").steps[0].status == "completed"


def test_a_failure_has_its_category_and_its_details() -> None:
    tried = run_robot(module, "ocr.refused")
    assert (tried.output, tried.failure, tried.category) == (None, "no such customer", ErrorCategory.BUSINESS)
    assert (tried.details, tried.would_be_retried) == ({"customer": 7}, False)
    assert tried.steps[0].status == "failed"


def test_a_failed_call_is_counted_and_is_that_systems_failure() -> None:
    tried = run_robot(module, "ocr.down")
    assert (tried.failure, tried.category) == ("register: refused", ErrorCategory.EXTERNAL_API)
    assert (tried.calls, tried.failed_calls, tried.would_be_retried) == (1, 1, True)


def test_input_that_does_not_fit_fails_as_it_does_at_work() -> None:
    tried = run_robot(module, "ocr.page", {"number": []})
    assert tried.category is ErrorCategory.VALIDATION
    assert tried.failure is not None
    assert "number: must be a valid integer" in tried.failure


@pytest.mark.parametrize("step", ["look", "read"])
def test_a_robot_is_cancelled_at_a_step(step: str) -> None:
    tried = run_robot(module, "ocr.page", {"number": 3}, cancel_at=step)
    assert tried.cancelled
    assert (tried.output, tried.failure) == (None, None)
    assert tried.steps[-1].name == step


def test_a_type_that_has_no_handler_is_an_error_of_the_test() -> None:
    with pytest.raises(KeyError, match=r"ocr\.none"):
        run_robot(module, "ocr.none")


@pytest.mark.parametrize("robot_type", ["", "no spaces", "1st", "x" * 60])
def test_a_robot_type_that_cannot_be_one_is_refused_where_it_is_declared(robot_type: str) -> None:
    with pytest.raises(ValueError, match="cannot be a robot type"):
        Module("reader").handler(robot_type)(idle)


def test_two_handlers_for_one_type_are_refused() -> None:
    with pytest.raises(ValueError, match="two handlers"):
        module.handler("ocr.page")(idle)


def test_a_function_that_takes_too_much_is_refused_where_it_is_declared() -> None:
    def three(ctx: Context, one: int, two: int) -> None: ...

    def none() -> None: ...

    async def coroutine(ctx: Context) -> None: ...

    for function, process in ((three, False), (none, False), (coroutine, True)):
        with pytest.raises(TypeError):
            Module("reader").handler("ocr.page", process=process)(function)


def test_an_exception_that_a_handler_swallows_is_never_its_cancellation() -> None:
    stubborn = Module("reader")

    @stubborn.handler("ocr.page")
    def read_on(ctx: Context) -> dict[str, bool]:
        try:
            with ctx.step("read"):
                raise ExternalFailure("x")  # noqa: TRY301
        except Exception:  # noqa: BLE001 (that is what is tried here)
            ctx.progress(50)
        return {"done": True}

    assert run_robot(stubborn, "ocr.page").output == {"done": True}
    assert run_robot(stubborn, "ocr.page", cancel_at="read").cancelled
