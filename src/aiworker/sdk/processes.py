"""Processes for handlers that compute: each takes one robot at a time, and is ended if its robot is taken away.

A thread of the parent speaks for each of them: what the handler tells comes up the pipe, what people want goes down.
"""

import multiprocessing
import os
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from aiworker.sdk.context import Context, Tell
from aiworker.sdk.failures import Cancelled, Failure, ResourceFailure
from aiworker.sdk.handlers import Function, carry_out, handler_of
from aiworker.sdk.standing import Standing
from aiworker.wire.batches import Ending
from aiworker.wire.engine import ClaimedRobot

_LOOK_SECONDS = 0.1
_GRACE_SECONDS = 3.0
_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class _Job:
    robot_type: str
    function: Function
    robot: ClaimedRobot


class Processes:
    """Starts processes as they are needed and keeps those that are well."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._closed = False

    def carry_out(
        self, robot_type: str, function: Function, robot: ClaimedRobot, tell: Tell, standing: Standing
    ) -> Ending:
        """Run a handler in a process, from a thread that waits for it. Raises: Cancelled, Failure if it died."""
        with self._lock:
            child = self._idle.pop() if self._idle else None
        child = child or _Child()
        well = False
        try:
            ending = child.carry_out(_Job(robot_type, function, robot), tell, standing)
            well = True
            return ending
        finally:
            with self._lock:
                keep = well and not self._closed
                if keep:
                    self._idle.append(child)
            if not keep:
                child.end()

    def close(self) -> None:
        """End those that are idle; the others end with their robots."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for child in idle:
            child.end()


class _Child:
    """One process, and our end of the pipe."""

    def __init__(self) -> None:
        ours, theirs = _SPAWN.Pipe()
        self._pipe: Connection[Any, Any] = ours
        self._process: SpawnProcess = _SPAWN.Process(target=_live, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def carry_out(self, job: _Job, tell: Tell, standing: Standing) -> Ending:
        try:
            self._pipe.send(("do", job))
            return self._follow(tell, standing)
        except (EOFError, OSError) as error:
            self._process.join(_GRACE_SECONDS)
            raise _died(self._process.exitcode) from error

    def end(self) -> None:
        self._pipe.close()
        self._process.join(_LOOK_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(_GRACE_SECONDS)

    def _follow(self, tell: Tell, standing: Standing) -> Ending:
        paused, told_to_end = False, None
        while True:
            if self._pipe.poll(_LOOK_SECONDS):
                kind, value = self._pipe.recv()
                if kind == "tell":
                    # What is told after the end is for nobody.
                    if standing.over is None:
                        tell(value)
                    continue
                if kind == "ended":
                    return value
                raise Cancelled(standing.over or "cancel")
            if standing.over is not None:
                if told_to_end is None:
                    told_to_end = time.monotonic()
                    self._pipe.send(("end", standing.over))
                elif time.monotonic() - told_to_end > _GRACE_SECONDS:
                    raise Cancelled(standing.over)
            elif standing.paused != paused:
                paused = standing.paused
                self._pipe.send(("obey", "pause" if paused else "continue"))


def _died(exit_code: int | None) -> Failure:
    if exit_code == -signal.SIGKILL:
        return ResourceFailure("The handler's process was killed, as happens when memory runs out.")
    how = f"by signal {-exit_code}" if exit_code is not None and exit_code < 0 else f"with exit code {exit_code}"
    return Failure(f"The handler's process ended {how}.")


def _live(pipe: "Connection[Any, Any]") -> None:
    """In the child: one job after the other, until the parent is gone."""
    # The terminal's Ctrl-C is for the parent, which tells us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    child = _InChild(pipe)
    threading.Thread(target=child.listen, daemon=True).start()
    child.work()


class _InChild:
    def __init__(self, pipe: "Connection[Any, Any]") -> None:
        self._pipe = pipe
        self._sending = threading.Lock()
        self._jobs: list[_Job] = []
        self._news = threading.Condition()
        self._standing = Standing()

    def listen(self) -> None:
        with suppress(EOFError, OSError):
            while True:
                kind, value = self._pipe.recv()
                with self._news:
                    if kind == "do":
                        self._standing = Standing()
                        self._jobs.append(value)
                        self._news.notify()
                    elif kind == "end":
                        self._standing.end(value)
                    else:
                        self._standing.obey(value)
        # The parent is gone, so nobody would get the result.
        os._exit(0)

    def work(self) -> None:
        while True:
            with self._news:
                while not self._jobs:
                    self._news.wait()
                job, standing = self._jobs.pop(), self._standing
            self._send(*self._outcome(job, standing))

    def _outcome(self, job: _Job, standing: Standing) -> tuple[str, Any]:
        handler = handler_of(job.robot_type, job.function, process=True)
        ctx = Context(job.robot, lambda told: self._send("tell", told), standing)
        try:
            return "ended", carry_out(handler, ctx)
        except Cancelled:
            return "cancelled", None

    def _send(self, kind: str, value: Any) -> None:
        with self._sending, suppress(OSError):
            self._pipe.send((kind, value))
