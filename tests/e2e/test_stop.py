"""The server is told to stop."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.support.waiting import eventually


async def test_who_asks_again_and_again_does_not_cut_off_the_tidying_up(tmp_path: Path) -> None:
    home = tmp_path / "home"
    environment = {**os.environ, "AIWORKER_HOME": str(home)}
    command = [sys.executable, "-m", "aiworker", "up", "--port", "0"]
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(command, env=environment, stderr=log, stdout=log) as up:
        await eventually((home / "server.json").exists, within=60)

        def ended() -> bool:
            up.send_signal(signal.SIGTERM)
            return up.poll() is not None

        await eventually(ended, within=60, every=0.002)
    assert up.returncode == 0, (tmp_path / "log").read_text()
