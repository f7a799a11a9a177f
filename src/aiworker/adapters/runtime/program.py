"""The program of one release: set up, start, wait until it answers, keep up, end."""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from aiworker.adapters.runtime.cgroups import Cgroups
from aiworker.adapters.runtime.environment import environment
from aiworker.adapters.runtime.folders import InstanceFolder
from aiworker.adapters.runtime.output import note, tail
from aiworker.adapters.runtime.patience import Patience
from aiworker.adapters.runtime.ports import is_free
from aiworker.adapters.runtime.probe import HOST, answers, as_sentence
from aiworker.adapters.runtime.spawn import Child, spawn
from aiworker.adapters.runtime.state import Release
from aiworker.adapters.runtime.tree import Tree
from aiworker.core.errors import AiWorkerError
from aiworker.core.faults import fault_point
from aiworker.core.logging import get_logger
from aiworker.core.processes import TOKEN_VARIABLE, Processes, Run, born
from aiworker.core.sayings import Saying
from aiworker.core.waiting import uninterrupted
from aiworker.delivery.ports import rollout_troubles as troubles
from aiworker.delivery.ports.runtime import Health, Listening, Progress, RolloutFailed, Target, Waiting
from aiworker.wire import running

_PORT_TRIES = 3
# How a program is held within its limits, for people to know.
_BY_KERNEL = "control groups (cgroup v2)"
_BY_WATCHDOG = "a watchdog on memory, and nice"
_PROBE_SECONDS = 5.0
_COMMANDS = {"setup": troubles.SETUP_COMMAND, "start": troubles.START_COMMAND}

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all programs of a runtime share."""

    processes: Processes
    patience: Patience
    pick_port: Callable[[], int]
    groups: Cgroups | None = None


class Program:
    """The program of one release. `changed` is awaited whenever `release` has got another run or port."""

    def __init__(
        self,
        release: Release,
        run: Run,
        folder: InstanceFolder,
        surroundings: Surroundings,
        *,
        host: str,
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        self.release = replace(release, run=run)
        self.health: Health = "starting"
        self.error: str | None = None
        self._instance = folder.path.name
        self._folder = folder
        self._files = folder.release(release.id)
        self._shared = surroundings
        self._patience = surroundings.patience
        self._host = host
        self._changed = changed
        self._memory = running.memory(release.rollout.memory_limit)
        self._cpu = running.cpu(release.rollout.cpu_limit)
        self._group_name = f"{self._instance}-{release.id}"
        self._group = surroundings.groups.known(self._group_name) if surroundings.groups is not None else None
        self._tree = self._grown(run, None)
        self._watcher: asyncio.Task[None] | None = None
        self._closed = False

    def target(self) -> Target:
        """Where it answers now."""
        if self.health == "healthy" and self.release.port is not None:
            return Listening(self.release.port)
        if self.health == "stopped":
            return Waiting("stopped", self.error or "It does not run.")
        return Waiting("starting", self.error or "It has not answered yet.")

    async def check(self) -> tuple[Health, str | None]:
        """Ask it now whether it is well."""
        if self.health != "healthy":
            return self.health, self.error
        reason = await self._answers(_PROBE_SECONDS)
        return ("healthy", None) if reason is None else ("unhealthy", as_sentence(reason))

    async def set_up(self, command: str) -> None:
        """Run the setup command to its end. Raises: RolloutFailed, Invalid."""
        await self._start("setup", command, {})
        deadline = time.monotonic() + self._patience.setup
        while (trouble := await self._tree.trouble()) is None:
            if time.monotonic() > deadline:
                raise await self._failed(troubles.SETUP_LATE(seconds=self._patience.setup))
            await asyncio.sleep(self._patience.look)
        if self._tree.exit_status != 0:
            raise await self._failed(troubles.SETUP_FAILED(fate=trouble))
        await self._tree.end()

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
                if left == 0:
                    raise
            else:
                return

    async def adopt(self) -> bool:
        """Take over a program that an earlier server started; False if it is not there or not well."""
        if await asyncio.to_thread(self._tree.ended) is not None or await self._answers(_PROBE_SECONDS) is not None:
            return False
        self.health = "healthy"
        return True

    def watch(self) -> None:
        """From now on, start it (again) whenever it does not run."""
        if self._closed:
            return
        self._watcher = asyncio.create_task(self._keep_up(), name=f"watch {self._instance}")

    async def end(self) -> None:
        """End it and everything that it started, for good."""
        await self.leave()
        self.health = "stopped"
        await self._tree.end()

    async def leave(self) -> None:
        """Look after it no more, and let it run: the next server adopts it."""
        self._closed = True
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.wait({self._watcher})

    async def _keep_up(self) -> None:
        failures = 0
        trouble: Saying | str | None = None if self.health == "healthy" else troubles.NOT_RUNNING()
        while True:
            try:
                if trouble is None:
                    up_since = time.monotonic()
                    trouble = await self._wait_for_trouble()
                    failures = 0 if time.monotonic() - up_since > self._patience.steady else failures
                failures += 1
                if failures > self._patience.restarts:
                    return await self._give_up(f"The program {trouble} ({failures} times in a row); deploy it again.")
                await self._pause(f"The program {trouble}, and is started again.", failures)
                await self.bring_up(_unheard)
                trouble = None
            except AiWorkerError as error:
                trouble = f"did not come up again ({error.message.removesuffix('.')})"
            except Exception:  # noqa: BLE001 (whatever it was, the program is to come back)
                _log.exception("program_not_restarted", instance=self._instance)
                trouble = "could not be started again"

    async def _wait_for_trouble(self) -> Saying:
        while True:
            if (trouble := await self._tree.trouble()) is not None:
                return trouble
            await asyncio.sleep(self._patience.pulse)

    async def _pause(self, sentence: str, failures: int) -> None:
        self.health, self.error = "starting", sentence
        _log.warning("program_restarting", instance=self._instance, reason=sentence, failures=failures)
        await asyncio.to_thread(note, self._files.output, sentence)
        await self._tree.end()
        await asyncio.sleep(min(self._patience.backoff_ceiling, self._patience.backoff * 2 ** (failures - 1)))

    async def _give_up(self, sentence: str) -> None:
        self.health, self.error = "stopped", sentence
        _log.error("program_given_up", instance=self._instance, reason=sentence)
        await asyncio.to_thread(note, self._files.output, sentence)
        await self._tree.end()

    async def _launch(self, command: str) -> None:
        port = self.release.port
        if port is None or not await asyncio.to_thread(is_free, port):
            port = await asyncio.to_thread(self._shared.pick_port)
        self.release = replace(self.release, port=port)
        await self._start("start", command, {"PORT": str(port), "HOST": HOST})

    async def _wait_until_healthy(self) -> None:
        seconds = self.release.rollout.health_timeout_seconds
        deadline = time.monotonic() + seconds
        while True:
            if (trouble := await self._tree.trouble()) is not None:
                raise await self._fallen(trouble)
            left = max(0.1, deadline - time.monotonic())
            reason = await self._answers_or_ends(min(_PROBE_SECONDS, left))
            if reason is None and self._tree.ended() is None:
                self.health, self.error = "healthy", None
                return
            if reason is not None and time.monotonic() > deadline:
                misplaced = await self._tree.misplaced(HOST, self.release.port or 0)
                known = {"seconds": seconds, "reason": reason}
                why = troubles.MISPLACED(**known, place=misplaced) if misplaced else troubles.SILENT(**known)
                raise await self._failed(why, said=False)
            await asyncio.sleep(self._patience.look)

    async def _fallen(self, trouble: Saying) -> RolloutFailed:
        status, port = self._tree.exit_status, self.release.port or 0
        await self._tree.end()
        if not self._closed and not await asyncio.to_thread(is_free, port):
            return _PortTaken(troubles.PORT_TAKEN(fate=trouble, port=port))
        return await self._failed((troubles.LEFT if status == 0 else troubles.FELL)(fate=trouble))

    async def _start(self, what: Literal["setup", "start"], command: str, given: Mapping[str, str]) -> None:
        argv = running.command(command, **given)
        run = Run(self._tree.run.token)
        env = environment(
            self.release.rollout.env,
            {**given, TOKEN_VARIABLE: run.token},
            home=self._folder.home,
            temporary=self._files.temporary,
        )

        async def start() -> None:
            if self._closed:
                raise RolloutFailed(troubles.STOPPED())
            groups = self._shared.groups
            if groups is not None:
                self._group = await asyncio.to_thread(groups.make, self._group_name, memory=self._memory, cpu=self._cpu)
            child = await asyncio.to_thread(spawn, argv, cwd=self._files.files, env=env, output=self._files.output)
            if self._group is not None:
                self._group.hold(child.pid)
            self._tree = self._grown(replace(run, pid=child.pid, born=born(child.pid)), child)
            fault_point("runtime.started")
            limits = _BY_WATCHDOG if self._group is None else _BY_KERNEL
            self.release = replace(self.release, run=self._tree.run, limits=limits)
            await self._changed()

        try:
            await uninterrupted(start())
        except (FileNotFoundError, PermissionError) as error:
            # A folder of PATH that may not be read makes a missing program look forbidden.
            missing = isinstance(error, FileNotFoundError) or (
                "/" not in argv[0] and shutil.which(argv[0], path=env["PATH"]) is None
            )
            why = troubles.NOT_FOUND if missing else troubles.NOT_EXECUTABLE
            raise await self._failed(why(command=_COMMANDS[what](), program=argv[0])) from error
        except OSError as error:
            raise await self._failed(troubles.NOT_STARTED(command=_COMMANDS[what](), error=error.strerror)) from error

    def _grown(self, run: Run, child: Child | None) -> Tree:
        return Tree(
            run,
            child,
            self._shared.processes,
            self._patience,
            output=self._files.output,
            memory=self._memory,
            group=self._group,
        )

    async def _answers(self, seconds: float) -> Saying | None:
        return await answers(self.release.port or 0, self.release.rollout.health_path, self._host, timeout=seconds)

    async def _answers_or_ends(self, seconds: float) -> Saying | None:
        """As `_answers`, but not waiting for one that has ended: who answers its port then is somebody else."""
        answering = asyncio.ensure_future(self._answers(seconds))
        try:
            while not answering.done() and self._tree.ended() is None:
                await asyncio.wait({answering}, timeout=self._patience.pulse)
            return answering.result() if answering.done() else troubles.HAS_ENDED()
        finally:
            answering.cancel()
            await asyncio.wait({answering})

    async def _failed(self, why: Saying, *, said: bool = True) -> RolloutFailed:
        log = await asyncio.to_thread(tail, self._files.output, 100)
        if self._closed:
            return RolloutFailed(troubles.STOPPED(), log=log)
        return RolloutFailed(troubles.with_last_words(why, log) if said else why, log=log)


class _PortTaken(RolloutFailed):
    """Another program was faster."""


async def _unheard(_step: str, _sentence: str) -> None:
    """Nobody listens to a restart."""
