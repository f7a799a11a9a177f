"""Locks on files: the kernel's, which end with their holder, however it ends."""

import asyncio
import fcntl

_LOOK_AGAIN_SECONDS = 0.02


async def lock(handle: int) -> None:
    """Have an open file for oneself, once nobody else does."""
    # Not in a thread: one that waits cannot be given up, and would keep the program from ending.
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
