"""What a command loads, and how it ends."""

import signal
import subprocess
import sys

import pytest

WAITS = """
import asyncio, sys
from aiworker.cli.main import run

class Waiting:
    async def demo(self, options):
        try:
            print("started", flush=True)
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            print("tidied up", flush=True)

sys.exit(run(Waiting(), ["demo"]))
"""


def test_a_command_that_only_talks_to_a_server_loads_no_server() -> None:
    program = "import aiworker.app, sys; print({'sqlalchemy', 'fastapi', 'mcp', 'uvicorn'} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout == "set()\n"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_command_that_is_stopped_tidies_up(number: signal.Signals, status: int) -> None:
    with subprocess.Popen([sys.executable, "-c", WAITS], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"started\n"
        process.send_signal(number)
        assert process.stdout.read() == b"tidied up\n"
        assert process.stderr.read() == b""
    assert process.returncode == status
