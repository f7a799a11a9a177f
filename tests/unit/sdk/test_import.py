"""What a module's program has to load."""

import subprocess
import sys

_LOADED = "import sys, aiworker.sdk, aiworker.sdk.testing; print(*sorted({name.split('.')[0] for name in sys.modules}))"
_HEAVY = {
    "sqlalchemy",
    "fastapi",
    "starlette",
    "uvicorn",
    "mcp",
    "alembic",
    "cryptography",
    "structlog",
    "rich",
    "redis",
}


def test_the_sdk_loads_nothing_of_the_server() -> None:
    loaded = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, check=True, text=True).stdout.split()
    assert _HEAVY.isdisjoint(loaded)
    assert "aiworker" in loaded
