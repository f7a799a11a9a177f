"""Holders of this machine: how they are named, and how those that died are noticed at once instead of by lease."""

import hashlib
import os
import socket
from functools import cache
from pathlib import Path

import psutil

from aiworker.core.sayings import Sentence
from aiworker.engine.executions import queries
from aiworker.engine.service import Engine
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx

_HOLDERS_LIMIT = 1_000
_GONE = "gone"
PROCESS_GONE = Sentence("process_gone", "the process that had it is gone")


def holder_here(name: str = "control") -> str:
    """How this very process is named as a holder: `control@{host}/{machine}:{pid}:{when it was born}`."""
    return f"{_prefix(name)}{os.getpid()}:{_born(os.getpid())}"


def is_gone(holder: str, name: str = "control") -> bool:
    """Whether it is certain that a holder of this machine has ended; False for holders elsewhere."""
    prefix = _prefix(name)
    if not holder.startswith(prefix):
        return False
    pid, _, born = holder.removeprefix(prefix).partition(":")
    return not pid.isdigit() or _born(int(pid)) != born


async def rescue_dead(database: Database, engine: Engine, name: str = "control") -> int:
    """Take back at once what dead processes of this machine held; how many executions those were.

    After `kill -9` the next start goes on without waiting for the leases.
    """
    holders = await database.read(queries.holders, _prefix(name), _HOLDERS_LIMIT)
    gone = [holder for holder in holders if is_gone(holder, name)]

    def lose(tx: Tx) -> int:
        lost = [lease.execute_id for holder in gone for lease in queries.leases_of(tx, holder, _HOLDERS_LIMIT)]
        for execute_id in lost:
            engine.lose(tx, execute_id, why=PROCESS_GONE())
        return len(lost)

    return await database.write(lose) if gone else 0


def _prefix(name: str) -> str:
    return f"{name}@{_machine()}:"


@cache
def _machine() -> str:
    """This machine, and the process namespace within it: names of hosts repeat, and in containers pids do."""
    parts = [_read("/etc/machine-id")]
    try:
        parts.append(str(Path("/proc/self/ns/pid").stat().st_ino))
    except OSError:
        parts.append("")
    return f"{socket.gethostname()}/{hashlib.sha256(':'.join(parts).encode()).hexdigest()[:8]}"


def _born(pid: int) -> str:
    """What tells a process from all others that had or will have its pid; `gone` if there is none.

    On Linux the boot and the ticks since: the time of day that psutil tells moves when the clock is set.
    """
    if (boot := _read("/proc/sys/kernel/random/boot_id")) and Path("/proc/self/stat").exists():
        state, *fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split() or [""]
        return _GONE if state in {"", "Z", "X"} else f"{boot[:8]}-{fields[18]}"
    try:
        return str(round(psutil.Process(pid).create_time()))
    except psutil.Error:
        return _GONE


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
