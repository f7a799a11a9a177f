"""What the figures were measured on."""

import os
import platform
import sqlite3
import statistics
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil

_BUSY = 0.5
_PAGE = b"\0" * 8192


def describe() -> list[str]:
    """The machine, its disk, its programs and the time, a line each."""
    cores = os.cpu_count() or 1
    memory = psutil.virtual_memory().total / 2**30
    load = os.getloadavg()[0]
    busy = " (other work was running: read the ratios, not the rates)" if load > _BUSY * cores else ""
    return [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {_processor()}, {cores} cores, {memory:.0f} GB, {platform.system()}",
        f"load average when it began: {load:.1f}{busy}",
        f"a write of 8 KiB with fdatasync takes {_flush_ms():.2f} ms here (median of 200)",
    ]


def servers() -> list[str]:
    """The database servers' versions."""
    postgres = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return [
        _version(str(postgres[-1]) if postgres else "postgres", "--version"),
        _version("mariadbd", "--version"),
        _version("redis-server", "--version"),
        f"SQLite {sqlite3.sqlite_version}",
    ]


def _version(*command: str) -> str:
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        return said.removeprefix(f"{Path(command[0]).parent}/").splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return f"{command[0]}: not found"


def _processor() -> str:
    names = [line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _lines(file: str) -> list[str]:
    try:
        return Path(file).read_text().splitlines()
    except OSError:
        return []


def _flush_ms() -> float:
    took: list[float] = []
    with tempfile.TemporaryFile() as file:
        for _ in range(200):
            began = time.perf_counter()
            file.write(_PAGE)
            file.flush()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000
