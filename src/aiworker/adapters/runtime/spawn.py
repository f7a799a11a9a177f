"""Starting a program that runs beside the server."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from aiworker.adapters.runtime.output import open_output

Child = subprocess.Popen[bytes]

_NICENESS = 10


def spawn(argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], output: Path) -> Child:
    """Start a program in a session of its own, its output into a file, a little behind the server in line.

    Raises: OSError.
    """
    descriptor = open_output(output)
    try:
        process = subprocess.Popen(  # noqa: S603 (no shell; what people tell the project to run)
            argv,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            start_new_session=True,
        )
    finally:
        os.close(descriptor)
    with suppress(OSError):
        os.setpriority(os.PRIO_PGRP, process.pid, _NICENESS)
    # When memory runs out, the kernel takes a preview before it takes the server.
    with suppress(OSError):
        Path(f"/proc/{process.pid}/oom_score_adj").write_text("500")
    return process
