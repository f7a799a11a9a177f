"""A program that we start, and what we write to its standard input."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any


async def begun(starting: Coroutine[Any, Any, Process], end: Callable[[Process], Awaitable[object]]) -> Process:
    """The program that `create_subprocess_exec` starts; given up meanwhile, it is ended with `end`.

    asyncio itself would kill it without its children, and then wait for the pipes that these hold.
    """
    start = asyncio.create_task(starting)
    try:
        return await asyncio.shield(start)
    except asyncio.CancelledError:
        with suppress(OSError):
            await end(await start)
        raise


async def write(stdin: asyncio.StreamWriter, data: bytes) -> bool:
    """Write, and wait until the pipe has room again. False: the program does not listen any more."""
    # asyncio takes a write into a closed pipe without a word, and in the end warns of it; uvloop raises RuntimeError.
    if stdin.is_closing():
        return False
    try:
        stdin.write(data)
        await stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


async def feed(process: Process, data: bytes) -> None:
    """All that a program gets, as far as it listens. It was started with a pipe."""
    assert process.stdin is not None  # noqa: S101 (made with a pipe)
    await write(process.stdin, data)
    process.stdin.close()
