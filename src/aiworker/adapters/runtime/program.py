"""Keeps the program of one release up: start, wait until it answers, watch, start again, end."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from aiworker.adapters.runtime.commands import parse_command, parse_memory
from aiworker.adapters.runtime.folders import InstanceFolder
from aiworker.adapters.runtime.output import keep_bounded, last_line, note, tail
from aiworker.adapters.runtime.ports import is_free
from aiworker.adapters.runtime.probe import answers
from aiworker.adapters.runtime.processes import TOKEN_VARIABLE, Child, Processes, Run, born, spawn
from aiworker.adapters.runtime.state import Release
from aiworker.adapters.runtime.waiting import uninterrupted
from aiworker.core.errors import AiWorkerError
from aiworker.core.logging import get_logger
from aiworker.delivery.ports.runtime import Health, Listening, Progress, RolloutFailed, Target, Waiting

HOST = "127.0.0.1"

_PORT_TRIES = 3
_PROBE_SECONDS = 5.0

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what, in seconds, and how often to start again."""

    # Between two looks at whether a program lives and answers.
    look: float = 0.1
    # Between two looks at its memory and its output.
    watch: float = 2.0
    # Between being asked to end and being ended.
    grace: float = 5.0
    setup: float = 1_800.0
    # Before it is started again: doubled each time, up to the ceiling; after so many restarts it stays down.
    backoff: float = 0.5
    backoff_ceiling: float = 30.0
    restarts: int = 8
    # Up for so long, its earlier failures are forgotten.
    steady: float = 60.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all programs of a runtime share."""

    processes: Processes
    patience: Patience
    pick_port: Callable[[], int]


class Program:
    """The program of one release. `changed` is awaited whenever `release` has got another run or port."""

    def __init__(
        self,
        release: Release,
        folder: InstanceFolder,
        surroundings: Surroundings,
        *,
        host: str,
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        self.release = release
        self.health: Health = "starting"
        self.error: str | None = None
        self._folder = folder
        self._files = folder.release(release.id)
        self._processes = surroundings.processes
        self._patience = surroundings.patience
        self._pick_port = surroundings.pick_port
        self._host = host
        self._changed = changed
        self._process: Child | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._memory_limit = parse_memory(release.rollout.memory_limit)
        self._watched_at = time.monotonic()

    # What others see of it.

    def target(self) -> Target:
        """Where it answers now."""
        if self.health == "healthy" and self.release.port is not None:
            return Listening(self.release.port)
        if self.health == "stopped":
            return Waiting("stopped", self.error or "It does not run.")
        return Waiting("starting", self.error or "It has not answered yet.")

    async def check(self) -> tuple[Health, str | None]:
        """Ask it now whether it is well."""
        if self.health != "healthy" or self.release.port is None:
            return self.health, self.error
        reason = await answers(self.release.port, self.release.rollout.health_path, self._host)
        return ("healthy", None) if reason is None else ("unhealthy", _sentence(reason))

    # What its owner does with it.

    async def set_up(self, command: str) -> None:
        """Run the setup command to its end. Raises: RolloutFailed, Invalid."""
        await self._spawn("setup", command, {})
        deadline = time.monotonic() + self._patience.setup
        while (trouble := await self._trouble()) is None:
            if time.monotonic() > deadline:
                raise self._failed(f"The setup command did not end within {self._patience.setup:g} s")
            await asyncio.sleep(self._patience.look)
        if self._process is None or self._process.returncode != 0:
            raise self._failed(f"The setup command {trouble}")
        await self._end_tree()

    async def bring_up(self, progress: Progress) -> None:
        """Start it on a free port and wait until it answers. Raises: RolloutFailed, Invalid, Unavailable."""
        command, health_path = self.release.rollout.start_command or "", self.release.rollout.health_path
        for left in reversed(range(_PORT_TRIES)):
            await progress("start", f"Starting `{command}`.")
            await self._launch(command)
            await progress("health", f"Waiting until {health_path} answers.")
            try:
                await self._wait_until_healthy()
            except _PortTaken:
                await self._end_tree()
                if left == 0:
                    raise
            else:
                return

    async def adopt(self) -> bool:
        """Take over a program that an earlier server started; False if it is not there or not well."""
        run, port = self.release.run, self.release.port
        if run is None or port is None or await asyncio.to_thread(self._processes.root, run) is None:
            return False
        if await answers(port, self.release.rollout.health_path, self._host, timeout=1.0) is not None:
            return False
        self.health = "healthy"
        return True

    def watch(self) -> None:
        """From now on, start it (again) whenever it does not run."""
        self._watcher = asyncio.create_task(self._keep_up(), name=f"watch {self._folder.path.name}")

    async def end(self) -> None:
        """End it and everything that it started."""
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.wait({self._watcher})
            self._watcher = None
        self.health = "stopped"
        await self._end_tree()

    def log(self, lines: int = 100) -> str:
        """The last lines of its output."""
        return tail(self._files.output, lines)

    # How it is done.

    async def _keep_up(self) -> None:
        failures = 0
        trouble = None if self.health == "healthy" else "is not running"
        while True:
            since = time.monotonic()
            while trouble is None:
                await asyncio.sleep(self._patience.look)
                trouble = await self._trouble()
            if time.monotonic() - since > self._patience.steady:
                failures = 0
            failures += 1
            self.health = "starting"
            self.error = f"The program {trouble} and is started again."
            name = self._folder.path.name
            await asyncio.to_thread(note, self._files.output, self.error)
            _log.warning("program_down", instance=name, trouble=trouble, failures=failures)
            await self._end_tree()
            if failures > self._patience.restarts:
                self.health = "stopped"
                self.error = f"The program {trouble} {failures} times in a row; deploy it again."
                await asyncio.to_thread(note, self._files.output, self.error)
                return
            if failures > 1 or trouble != "is not running":
                pause = min(self._patience.backoff_ceiling, self._patience.backoff * 2 ** (failures - 1))
                await asyncio.sleep(pause)
            try:
                await self.bring_up(_unheard)
                trouble = None
                _log.info("program_up", instance=name)
            except (AiWorkerError, OSError) as error:
                trouble = f"did not come up ({error})"

    async def _launch(self, command: str) -> None:
        port = self.release.port
        if port is None or not await asyncio.to_thread(is_free, port):
            port = await asyncio.to_thread(self._pick_port)
        self.release = replace(self.release, port=port)
        self.health = "starting"
        await self._spawn("start", command, {"PORT": str(port), "HOST": HOST})

    async def _wait_until_healthy(self) -> None:
        rollout, port = self.release.rollout, self.release.port or 0
        deadline = time.monotonic() + rollout.health_timeout_seconds
        while True:
            if (trouble := await self._trouble()) is not None:
                if not await asyncio.to_thread(is_free, port):
                    raise _PortTaken(f"The program {trouble}: its port {port} was taken.", log=self.log())
                raise self._failed(f"The program {trouble} before it answered")
            left = max(0.1, deadline - time.monotonic())
            reason = await answers(port, rollout.health_path, self._host, timeout=min(_PROBE_SECONDS, left))
            if reason is None and self._ended() is None:
                self.health, self.error = "healthy", None
                return
            if reason is not None and time.monotonic() > deadline:
                hint = await self._hint(port)
                raise self._failed(
                    f"The program was not healthy within {rollout.health_timeout_seconds:g} s: {reason}{hint}",
                    with_last_line=False,
                )
            await asyncio.sleep(self._patience.look)

    async def _spawn(self, what: Literal["setup", "start"], command: str, given: Mapping[str, str]) -> None:
        env = self._environment(given)
        argv = parse_command(command, **given)

        async def start() -> None:
            process = await asyncio.to_thread(spawn, argv, cwd=self._files.files, env=env, output=self._files.output)
            self._process = process
            token = self.release.run.token if self.release.run else ""
            self.release = replace(self.release, run=Run(token, process.pid, born(process.pid)))
            await self._changed()

        try:
            await uninterrupted(start())
        except FileNotFoundError as error:
            raise self._failed(f"The {what} command's program `{argv[0]}` was not found") from error
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise self._failed(f"The {what} command's program `{argv[0]}` cannot be started: {reason}") from error

    def _environment(self, given: Mapping[str, str]) -> dict[str, str]:
        # Only what a program needs: nothing of the server's own environment but the way to the machine's programs.
        return {
            "PATH": _path(),
            "LANG": "C.UTF-8",
            "HOME": str(self._folder.home),
            "TMPDIR": str(self._folder.temporary),
            **self.release.rollout.env,
            **given,
            TOKEN_VARIABLE: self.release.run.token if self.release.run else "",
        }

    def _ended(self) -> str | None:
        """How it ended; None while it runs."""
        if self._process is None:
            run = self.release.run
            return None if run is not None and self._processes.root(run) is not None else "is gone"
        status = self._process.poll()
        if status is None:
            return None
        if status >= 0:
            return f"ended with exit status {status}"
        with suppress(ValueError):
            return f"was ended by {signal.Signals(-status).name}"
        return f"was ended by signal {-status}"

    async def _trouble(self) -> str | None:
        """Why it does not run as it should; None if it does."""
        if (ended := self._ended()) is not None:
            return ended
        now = time.monotonic()
        if now - self._watched_at < self._patience.watch or self.release.run is None:
            return None
        self._watched_at = now
        await asyncio.to_thread(keep_bounded, self._files.output)
        resident = await asyncio.to_thread(self._processes.resident, self.release.run, max_age=self._patience.watch / 2)
        if resident <= self._memory_limit:
            return None
        await self._end_tree()
        used = round(resident / 2**20)
        return f"used {used} MiB of memory, over its limit of {self.release.rollout.memory_limit}, and was ended"

    async def _hint(self, port: int) -> str:
        run = self.release.run
        ports = await asyncio.to_thread(self._processes.listening_ports, run) if run else []
        if not ports or port in ports:
            return ""
        listed = ", ".join(str(each) for each in ports[:3])
        return f" (it listens on {listed}; it should listen on the port in the variable PORT)"

    async def _end_tree(self) -> None:
        if self.release.run is not None:
            await self._processes.end(self.release.run, grace_seconds=self._patience.grace)
        if self._process is not None:
            self._process.poll()

    def _failed(self, message: str, *, with_last_line: bool = True) -> RolloutFailed:
        log = self.log()
        said = last_line(log) if with_last_line else ""
        return RolloutFailed(f"{message}: {said}" if said else f"{message}.", log=log)


class _PortTaken(RolloutFailed):
    """Another program was faster."""


async def _unheard(_step: str, _sentence: str) -> None:
    """Nobody listens to a restart."""


def _sentence(reason: str) -> str:
    return f"{reason[0].upper()}{reason[1:]}."


def _path() -> str:
    """The server's own PATH, without the virtual environment that the server itself runs in."""
    own = Path(sys.prefix) / "bin" if sys.prefix != sys.base_prefix else None
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if folder and Path(folder) != own)
