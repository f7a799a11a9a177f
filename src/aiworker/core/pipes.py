"""What we write to a program's standard input."""

import asyncio


async def write(stdin: asyncio.StreamWriter, data: bytes) -> bool:
    """Write, and wait until the pipe has room again. False: the program does not listen any more."""
    # A pipe that is known to be closed takes no write: asyncio's own loop would ignore it, uvloop refuses it.
    if stdin.is_closing():
        return False
    try:
        stdin.write(data)
        await stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True
