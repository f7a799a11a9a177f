"""One process tree while it runs: whether it has ended, whether it has grown too large, its end."""

import asyncio
import signal
import time
from pathlib import Path

from aiworker.adapters.runtime.cgroups import Cgroup
from aiworker.adapters.runtime.output import keep_bounded
from aiworker.adapters.runtime.patience import Patience
from aiworker.adapters.runtime.spawn import Child
from aiworker.core.processes import Processes, Run
from aiworker.core.sayings import Saying
from aiworker.delivery.ports import rollout_troubles as troubles


class Tree:
    """The processes of one run. `child` is its first process, if this very server started it."""

    def __init__(
        self,
        run: Run,
        child: Child | None,
        processes: Processes,
        patience: Patience,
        *,
        output: Path,
        memory: int,
        group: Cgroup | None = None,
    ) -> None:
        self.run = run
        self._child = child
        self._processes = processes
        self._patience = patience
        self._output = output
        self._memory = memory
        self._group = group
        self._watched_at = time.monotonic()

    @property
    def exit_status(self) -> int | None:
        """Of its first process: negative if a signal ended it, None while it runs or if nobody knows."""
        return self._child.poll() if self._child is not None else None

    def ended(self) -> Saying | None:
        """How its first process ended (`ended with exit status 1`); None while it runs."""
        if self._child is None:
            return troubles.NOT_RUNNING() if self._processes.root(self.run) is None else None
        status = self._child.poll()
        if status is None:
            return None
        return troubles.ENDED(status=status) if status >= 0 else troubles.KILLED(signal=_signal_name(-status))

    async def trouble(self) -> Saying | None:
        """Why it does not run as it should; None if it does. One that uses too much memory has been ended."""
        if (ended := self.ended()) is not None:
            killed = self._group is not None and self._group.ran_out_of_memory()
            return troubles.OUT_OF_MEMORY(limit=_mebibytes(self._memory)) if killed else ended
        if time.monotonic() - self._watched_at < self._patience.watch:
            return None
        self._watched_at = time.monotonic()
        await asyncio.to_thread(keep_bounded, self._output)
        if self._group is not None:
            # The kernel holds the limit; what was started before the first process was in the group comes in now.
            members = await asyncio.to_thread(self._processes.members, self.run, max_age=self._patience.watch / 2)
            await asyncio.to_thread(self._group.hold, *(process.pid for process in members))
            return None
        resident = await asyncio.to_thread(self._processes.resident, self.run, max_age=self._patience.watch / 2)
        if resident <= self._memory:
            return None
        await self.end()
        return troubles.OVER_LIMIT(used=_mebibytes(resident), limit=_mebibytes(self._memory))

    async def misplaced(self, host: str, port: int) -> str | None:
        """Where it listens instead of on this address; None if it listens there, or nowhere."""
        places = await asyncio.to_thread(self._processes.listening, self.run)
        if not places or any(each == port and ip in {host, "0.0.0.0", "::"} for ip, each in places):  # noqa: S104
            return None
        ip, other = places[0]
        return f"{ip} port {other}"

    async def end(self) -> None:
        """End every process of it."""
        also = self._group.members if self._group is not None else None
        await self._processes.end(self.run, grace_seconds=self._patience.grace, also=also)
        if self._child is not None:
            self._child.poll()
        if self._group is not None:
            self._group.remove()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _mebibytes(count: int) -> str:
    return f"{round(count / 2**20)} MiB"
