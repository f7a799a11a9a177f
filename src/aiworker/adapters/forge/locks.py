"""Locks on files that hold against other processes, and that git inherits: they live as long as the work they guard."""

import asyncio
import fcntl
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from aiworker.core.errors import NotFound, Unavailable

_LOOK_AGAIN_SECONDS = 0.02


@asynccontextmanager
async def locked(path: Path, *, shared: bool = False, seconds: float) -> AsyncGenerator[int]:
    """Hold the lock on a file (made if missing); its descriptor, for programs that shall hold it too.

    Raises: NotFound if the folder is gone; Unavailable if another holds it for `seconds`.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    try:
        while (held := try_lock(path, shared=shared)) is None:
            if asyncio.get_running_loop().time() > deadline:
                raise Unavailable("The repository is busy; try again.", code="repository_busy")
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    except FileNotFoundError as error:
        raise NotFound("The repository is gone.", code="repository_not_found") from error
    try:
        yield held
    finally:
        # Closed, not unlocked: a git that outlives us keeps it.
        os.close(held)


def try_lock(path: Path, *, shared: bool = False) -> int | None:
    """The descriptor of the lock on a file (made if missing) or a folder; None if another holds it."""
    held = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(held), path.stat()):
            return held
    except (BlockingIOError, FileNotFoundError):
        pass
    except BaseException:
        os.close(held)
        raise
    # Another holds it, or the file that we opened has been removed since.
    os.close(held)
    return None
