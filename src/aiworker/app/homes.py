"""The home folder, and the processes that share it.

`up` has it for itself. `serve` and `worker` share it: whatever each of them makes at its start is made under a lock.
The locks are the kernel's and end with their process, however it ends.
"""

import fcntl
import os
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from aiworker.core.errors import Conflict, Unavailable
from aiworker.core.files import read_private, write_private
from aiworker.core.ids import new_id
from aiworker.core.locks import lock
from aiworker.core.secrets import SecretBox
from aiworker.core.settings import Settings

_ID_LENGTH = 36


def prepare_home(home: Path) -> None:
    """Make the home folder, for its owner only. Raises: Unavailable."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(
            f"The home folder {home} cannot be made: {error.strerror}. Choose another one in AIWORKER_HOME.",
            code="home_unusable",
        ) from error


@contextmanager
def at_home(home: Path, *, alone: bool) -> Generator[None]:
    """Use the home folder: `alone`, or beside others who share it. Raises: Conflict."""
    handle = _open(home / "up.lock")
    try:
        try:
            fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except OSError as error:
            raise Conflict(
                "Another AiWorker server uses this home folder (AIWORKER_HOME); stop it, or choose another folder.",
                code="home_in_use",
            ) from error
        yield
    finally:
        os.close(handle)


@asynccontextmanager
async def starting(home: Path) -> AsyncGenerator[None]:
    """One process at a time makes what the first start makes: keys, the folder's id."""
    handle = _open(home / "start.lock")
    try:
        await lock(handle)
        yield
    finally:
        os.close(handle)


def home_id(home: Path) -> str:
    """What the home folder is called by those who share it, wherever they have it mounted. Call it while `starting`."""
    file = home / "home.id"
    known = read_private(file)
    if not known:
        known = new_id()
        write_private(file, known)
    return known


def installation_id(settings: Settings, secrets: SecretBox) -> str:
    """What the installation is called, by all of its processes: as its home folder, or, where each has its own, what
    they derive from the secret key. Call it while `starting`."""
    return home_id(settings.home) if settings.home_shared else secrets.derive("installation")[:_ID_LENGTH]


def _open(file: Path) -> int:
    return os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
