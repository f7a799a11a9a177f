"""Real servers for tests: those that the environment names, else private ones that live as long as the test run."""

import fcntl
import os
import secrets
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import pytest

GIVEN = {"postgresql": "TEST_POSTGRES_URL", "mariadb": "TEST_MARIADB_URL", "redis": "TEST_REDIS_URL"}
PACKAGES = {"postgresql": "postgresql", "mariadb": "mariadb-server", "redis": "redis-server"}
_ROOT = Path(__file__).parents[2]
# A run in one process.
_ALONE = secrets.token_hex(16)
_PATIENCE_SECONDS = 120


@cache
def server_url(kind: str) -> str:
    """The URL of a running `postgresql`, `mariadb` or `redis`. Where there is none and none can be had, the test is
    skipped, and says how to get it."""
    if given := os.environ.get(GIVEN[kind]):
        return given
    folder = _ask_for(kind)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if (folder / "url").exists():
            return (folder / "url").read_text()
        if (folder / "failed").exists():
            reason = (folder / "failed").read_text()
            pytest.skip(
                f"NOT TESTED on {kind}: {reason}; run `apt-get install --no-install-recommends {PACKAGES[kind]}`"
                f" as root, or set {GIVEN[kind]}"
            )
        time.sleep(0.05)
    raise AssertionError(f"{kind} did not come up in {_PATIENCE_SECONDS} s")


def _ask_for(kind: str) -> Path:
    """The folder of this test run's own server; whoever of its processes comes first starts it."""
    run, holder = _ALONE, os.getpid()
    if (shared := os.environ.get("PYTEST_XDIST_TESTRUNUID")) is not None:
        run, holder = shared, os.getppid()
    # Not by the holder's pid: those come again, and a run whose machine was stopped leaves its folder behind.
    place = Path(tempfile.gettempdir()) / f"aiworker-tests-{run}"
    place.mkdir(mode=0o755, exist_ok=True)
    folder = place / kind
    with (place / f"{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            folder.mkdir(mode=0o700)
            # It ends at once, and leaves a child that is not ours: tests look at what this process has left behind.
            subprocess.run(
                [sys.executable, "-m", "tests.support.keeper", kind, str(folder), str(holder)],
                cwd=_ROOT,
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=True,
            )
    return folder
