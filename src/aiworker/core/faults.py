"""Named fault points: places where a test may kill the process, to prove that the next one finishes the work."""

import os
import signal
from pathlib import Path

_VARIABLE = "AIWORKER_FAULT"


def fault_point(name: str) -> None:
    """Kill this very process with SIGKILL if `AIWORKER_FAULT` is `name=FILE` for this point and FILE is not there yet.

    The file is created first, so a point fires once and the restarted process goes past it.
    """
    armed = os.environ.get(_VARIABLE)
    if not armed:
        return
    wanted, _, marker = armed.partition("=")
    if wanted != name or not marker:
        return
    try:
        Path(marker).touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
