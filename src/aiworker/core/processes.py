"""Processes of the operating system: find all that came of a program, and end them all.

A program may leave its process group, fork away from its parent, and outlive whoever started it. So everything
that a run starts carries a token in its environment; with the pid and the time of birth, the children and the sessions
that is enough to find the whole tree again, also from another process.
"""

import asyncio
import os
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

import psutil

from aiworker.core.logging import get_logger

TOKEN_VARIABLE = "AIWORKER_RUN"  # noqa: S105 (a name)

# A clock that is set back or forth moves the times of birth; a pid does not come back within this time.
_SAME_BIRTH_SECONDS = 2.0
_LOOK_SECONDS = 0.05
_INSIST_SECONDS = 10.0

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Run:
    """One start of a program. Before it has started, only the token is known."""

    token: str
    pid: int | None = None
    born: float | None = None


def born(pid: int) -> float | None:
    """When the process was born, in seconds since the epoch; None if there is none."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return None


def lives(process: psutil.Process) -> bool:
    """Whether it is still there and not merely waiting to be buried."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


class Processes:
    """The machine's processes and which run each belongs to. Its methods block: call them in a thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens: dict[psutil.Process, str | None] = {}
        self._taken_at = float("-inf")
        self._children: dict[int, list[psutil.Process]] = {}
        self._sessions: dict[int, list[psutil.Process]] = {}

    def root(self, run: Run) -> psutil.Process | None:
        """The first process of the run, if it lives."""
        if run.pid is None:
            return None
        try:
            process = psutil.Process(run.pid)
            same = run.born is not None and abs(process.create_time() - run.born) < _SAME_BIRTH_SECONDS
        except psutil.Error:
            return None
        return process if same and lives(process) else None

    def members(self, run: Run, *, max_age: float = 0.0) -> set[psutil.Process]:
        """Every living process of the run. `max_age`: how old, in seconds, the list of all processes may be."""
        root = self.root(run)
        with self._lock:
            if time.monotonic() - self._taken_at >= max_age:
                self._look()
            found: set[psutil.Process] = set()
            waiting = [process for process, token in self._tokens.items() if token == run.token]
            if root is not None:
                waiting.append(root)
            sessions: set[int] = set()
            ourselves = os.getpid()
            while waiting:
                process = waiting.pop()
                if process in found or process.pid == ourselves:
                    continue
                found.add(process)
                waiting.extend(self._children.get(process.pid, ()))
                with suppress(OSError):
                    session = os.getsid(process.pid)
                    if session not in sessions and session != os.getsid(0):
                        sessions.add(session)
                        waiting.extend(self._sessions.get(session, ()))
        return {process for process in found if lives(process)}

    def resident(self, run: Run, *, max_age: float = 0.0) -> int:
        """The resident memory of all its processes, in bytes."""
        total = 0
        for process in self.members(run, max_age=max_age):
            with suppress(psutil.Error):
                total += process.memory_info().rss
        return total

    def _left(self, run: Run, also: Callable[[], set[psutil.Process]] | None) -> set[psutil.Process]:
        found = self.members(run)
        return found if also is None else found | {process for process in also() if lives(process)}

    def _look(self) -> None:
        children: defaultdict[int, list[psutil.Process]] = defaultdict(list)
        sessions: defaultdict[int, list[psutil.Process]] = defaultdict(list)
        tokens: dict[psutil.Process, str | None] = {}
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                children[process.ppid()].append(process)
                sessions[os.getsid(process.pid)].append(process)
                # Fixed once a program runs, so asked once; while it starts, the kernel shows an empty one.
                if process in self._tokens:
                    tokens[process] = self._tokens[process]
                elif environment := process.environ():
                    tokens[process] = environment.get(TOKEN_VARIABLE)
        self._children, self._sessions, self._tokens = children, sessions, tokens
        self._taken_at = time.monotonic()

    def listening(self, run: Run) -> list[tuple[str, int]]:
        """The addresses and TCP ports on which its processes listen."""
        places: set[tuple[str, int]] = set()
        for process in self.members(run):
            with suppress(psutil.Error):
                connections = process.net_connections(kind="tcp")
                places |= {
                    (each.laddr.ip, each.laddr.port) for each in connections if each.status == psutil.CONN_LISTEN
                }
        return sorted(places)

    async def end(
        self, run: Run, *, grace_seconds: float, also: Callable[[], set[psutil.Process]] | None = None
    ) -> None:
        """Ask every process of the run (and of what `also` finds) to end, insist after the grace, and return when none
        is left.

        One that cannot be ended (it hangs in the kernel, or runs as another user) is left behind with a warning.
        """
        patience = time.monotonic() + grace_seconds
        asked: set[psutil.Process] = set()
        nobody = False
        # One look misses what is forked while it lasts, and what shows no environment because it is just starting.
        while (left := await asyncio.to_thread(self._left, run, also)) or not nobody:
            nobody = not left
            if nobody:
                await asyncio.sleep(_LOOK_SECONDS)
                continue
            now = time.monotonic()
            if now >= patience + _INSIST_SECONDS:
                _log.warning("processes_cannot_be_ended", pids=sorted(process.pid for process in left))
                return
            insist = now >= patience
            _signal(left if insist else left - asked, signal.SIGKILL if insist else signal.SIGTERM)
            asked |= left
            await _gone(left, until=now + 1 if insist else patience)


def _signal(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.Error):
            process.send_signal(number)


async def _gone(processes: Iterable[psutil.Process], *, until: float) -> None:
    left = set(processes)
    while left and time.monotonic() < until:
        await asyncio.sleep(_LOOK_SECONDS)
        left = {process for process in left if lives(process)}
