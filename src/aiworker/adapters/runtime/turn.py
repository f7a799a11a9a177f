"""Whose turn it is to keep the programs: one process at a time, of all that share the folder.

The locks are the kernel's: they end with their process, however it ends. (A program that we start inherits none.)
"""

import fcntl
import json
import os
import socket
from contextlib import suppress
from pathlib import Path

from aiworker.core.errors import Conflict


class Turn:
    """The turn in the folder `root`. `wait_in_line` lets whoever has it know that somebody comes after."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._held = -1
        self._line = -1

    def take(self) -> None:
        """Have it from now on. Raises: Conflict while another process has it."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = _locked(self._root / ".turn", fcntl.LOCK_EX)
        if held is None:
            raise Conflict("Another process keeps the programs of this home folder.", code="programs_kept_elsewhere")
        self._held = held
        _keeper_file(self._root).write_text(json.dumps({"machine": machine()}) + "\n")
        self.leave_line()

    def give_up(self) -> None:
        """Let the next one have it."""
        if self._held >= 0:
            os.close(self._held)
            self._held = -1

    def wait_in_line(self) -> None:
        """Be one of those who would have it next."""
        if self._line < 0:
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._line = _locked(self._root / ".line", fcntl.LOCK_SH) or -1

    def leave_line(self) -> None:
        """Be so no more."""
        if self._line >= 0:
            os.close(self._line)
            self._line = -1

    def somebody_waits(self) -> bool:
        """Whether another process is in line."""
        alone = _locked(self._root / ".line", fcntl.LOCK_EX)
        if alone is None:
            return True
        os.close(alone)
        return False


def kept_on(root: Path) -> str | None:
    """On which machine the programs run, or ran last; None before the first time."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads(_keeper_file(root).read_text())["machine"])
    return None


def machine() -> str:
    """This machine, as far as a program's port can be reached within it: containers have loopbacks of their own.

    Where there are none, on macOS, it has no name: a laptop's changes with the network that it is in.
    """
    try:
        return f"{socket.gethostname()}/{Path('/proc/self/ns/net').stat().st_ino}"
    except OSError:
        return ""


def _keeper_file(root: Path) -> Path:
    return root / ".keeper.json"


def _locked(file: Path, how: int) -> int | None:
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
