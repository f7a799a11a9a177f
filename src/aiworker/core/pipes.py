"""What we write to a program's standard input."""

import asyncio
from asyncio.subprocess import Process


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
