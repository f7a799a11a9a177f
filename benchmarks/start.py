"""How long `aiworker up` takes until it answers, and how much memory it holds when it has nothing to do."""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

MOST_SECONDS = 3.0
MOST_MEGABYTES = 250.0
_PATIENCE_SECONDS = 60.0
_SETTLE_SECONDS = 15.0
_STARTS = 5
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Memory:
    """Of the whole process tree, in MB: resident (shared pages counted in each process), and its fair share (PSS)."""

    resident: float
    share: float


def main() -> int:
    """Print the figures; 1 if a promise is not kept."""
    with tempfile.TemporaryDirectory(prefix="aiworker-bench-") as folder:
        home = Path(folder) / "home"
        with running(home) as (_, first):
            pass
        again: list[float] = []
        for _ in range(_STARTS):
            with running(home) as (_, seconds):
                again.append(seconds)
        with running(home) as (process, _):
            time.sleep(_SETTLE_SECONDS)
            memory = memory_of(process)
    kept = max(first, *again) < MOST_SECONDS and memory.resident < MOST_MEGABYTES
    print(f"first start, database made   {first:6.2f} s   (promised: under {MOST_SECONDS:.0f} s)")
    print(f"later starts, median of {_STARTS}    {statistics.median(again):6.2f} s   (slowest {max(again):.2f} s)")
    print(f"idle memory, resident        {memory.resident:6.0f} MB  (promised: under {MOST_MEGABYTES:.0f} MB)")
    print(f"idle memory, fair share      {memory.share:6.0f} MB")
    return 0 if kept else 1


@contextmanager
def running(home: Path) -> Generator[tuple[psutil.Process, float]]:
    """`aiworker up` on a free port: its process, and the seconds from its start until health answered."""
    environment = {**os.environ, "AIWORKER_HOME": str(home), "LOG_LEVEL": "error"}
    began = time.monotonic()
    command = [sys.executable, "-m", "aiworker", "up", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for_health(home, process, began + _PATIENCE_SECONDS)
            yield psutil.Process(process.pid), time.monotonic() - began
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(_PATIENCE_SECONDS)


def memory_of(process: psutil.Process) -> Memory:
    """What a process and everything below it hold now."""
    tree = [process, *process.children(recursive=True)]
    shown = [each.memory_full_info() for each in tree]
    return Memory(sum(each.rss for each in shown) / _MEGABYTE, sum(each.pss for each in shown) / _MEGABYTE)


def _wait_for_health(home: Path, process: subprocess.Popen[bytes], deadline: float) -> None:
    while time.monotonic() < deadline and process.poll() is None:
        try:
            url = json.loads((home / "server.json").read_text())["url"]
            with urllib.request.urlopen(f"{url}/api/health", timeout=1):
                return
        except (OSError, ValueError):
            time.sleep(0.005)
    raise SystemExit(f"aiworker up did not answer (exit status {process.returncode})")
