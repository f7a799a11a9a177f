"""Named fault points: places where a test may kill the process, to prove that the next one finishes the work."""

import os
import signal
from pathlib import Path
from typing import BinaryIO

_VARIABLE = "AIWORKER_FAULT"


def fault_point(name: str) -> None:
    """Kill this very process with SIGKILL if `AIWORKER_FAULT` is `name=FILE` for this point and FILE is not there yet.

    The file is created first, so a point fires once and the restarted process goes past it.
    """
    if _strikes(name):
        os.kill(os.getpid(), signal.SIGKILL)


def torn_write(name: str, file: BinaryIO, data: bytes) -> None:
    """Write all of `data`; at this fault point half of it, as a process leaves it that is killed meanwhile."""
    if data and _strikes(name):
        file.write(data[: len(data) // 2])
        os.kill(os.getpid(), signal.SIGKILL)
    file.write(data)


def _strikes(name: str) -> bool:
    armed = os.environ.get(_VARIABLE)
    if not armed:
        return False
    wanted, _, marker = armed.partition("=")
    if wanted != name or not marker:
        return False
    try:
        Path(marker).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
