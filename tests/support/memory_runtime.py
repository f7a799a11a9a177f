"""A runtime that runs nothing: what was rolled out last is what runs."""

from collections.abc import Sequence
from datetime import UTC, datetime

from aiworker.core.errors import Unavailable
from aiworker.delivery.ports import rollout_troubles as troubles
from aiworker.delivery.ports.runtime import Instance, Progress, Rollout, RolloutFailed


class MemoryRuntime:
    """Fills the port Runtime. `refuses`: the next roll-out fails. `stuck`: so many removals do."""

    kind = "memory"

    def __init__(self) -> None:
        self.running: dict[str, str] = {}
        self.refuses = False
        self.stuck = 0

    def url(self, name: str) -> str:
        return f"http://{name}.test"

    async def deploy(self, rollout: Rollout, progress: Progress) -> Instance:
        await progress("start", f"Starting {rollout.commit[:7]}.")
        if self.refuses:
            self.refuses = False
            raise RolloutFailed(troubles.FELL(fate=troubles.ENDED(status=1)))
        self.running[rollout.name] = rollout.commit
        return self._look(rollout.name)

    async def get(self, name: str) -> Instance | None:
        return self._look(name) if name in self.running else None

    async def list(self) -> list[Instance]:
        return [self._look(name) for name in self.running]

    async def names(self) -> Sequence[str]:
        return sorted(self.running)

    async def remove(self, name: str) -> None:
        if self.stuck:
            self.stuck -= 1
            raise Unavailable("The cluster is away.")
        self.running.pop(name, None)

    async def logs(self, name: str, *, lines: int = 200) -> str:
        return ""

    def _look(self, name: str) -> Instance:
        return Instance(name, self.running[name], "healthy", self.url(name), datetime(2026, 1, 1, tzinfo=UTC))
