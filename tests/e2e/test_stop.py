"""The server is told to stop."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from tests.support.waiting import eventually


async def test_who_asks_again_and_again_does_not_cut_off_the_tidying_up(tmp_path: Path) -> None:
    home, words = tmp_path / "home", ("-m", "aiworker", "up", "--port", "0")
    with (tmp_path / "log").open("wb") as log:
        up = await asyncio.create_subprocess_exec(
            sys.executable, *words, env={**os.environ, "AIWORKER_HOME": str(home)}, stdout=log, stderr=log
        )
    await eventually((home / "server.json").exists, within=120)

    def ended() -> bool:
        # Not by the process's own method, which would reap it before its watcher does.
        with suppress(ProcessLookupError):
            os.kill(up.pid, signal.SIGTERM)
        return up.returncode is not None

    await eventually(ended, within=60, every=0.002)
    assert up.returncode == 0, (tmp_path / "log").read_text()
