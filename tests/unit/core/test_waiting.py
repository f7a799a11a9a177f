import asyncio

import pytest

from aiworker.core.waiting import uninterrupted


async def test_work_comes_to_its_end_although_its_caller_is_cancelled() -> None:
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        await go_on.wait()
        ended.set()

    caller = asyncio.create_task(uninterrupted(work()))
    await begun.wait()
    caller.cancel()
    asyncio.get_running_loop().call_soon(caller.cancel)
    asyncio.get_running_loop().call_later(0.01, go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert ended.is_set()


async def test_work_that_is_not_disturbed_gives_its_result_or_its_error() -> None:
    async def give() -> int:
        return 7

    async def fail() -> None:
        raise ValueError("no")

    assert await uninterrupted(give()) == 7
    with pytest.raises(ValueError, match="no"):
        await uninterrupted(fail())
