"""Loops that run beside the server until it stops."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from aiworker.core.logging import get_logger

_log = get_logger(__name__)


@asynccontextmanager
async def beside(*work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    """Run loops beside what is done within the context, and cut them off at its end. One that fails is logged."""
    tasks = [asyncio.create_task(loop) for loop in work]
    for task in tasks:
        task.add_done_callback(_tell_failure)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _tell_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("loop_ended", loop=task.get_coro().__qualname__, exc_info=error)  # pyright: ignore[reportOptionalMemberAccess, reportAttributeAccessIssue]
