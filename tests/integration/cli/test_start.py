"""What a command loads."""

import subprocess
import sys


def test_a_command_that_only_talks_to_a_server_loads_no_server() -> None:
    program = "import aiworker.app, sys; print({'sqlalchemy', 'fastapi', 'mcp', 'uvicorn'} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout == "set()\n"
