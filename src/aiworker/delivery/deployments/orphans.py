"""What still runs though nobody owns it any more: it should have gone when the server was killed or a cluster away."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from aiworker.core.errors import AiWorkerError
from aiworker.delivery.ports.runtime import Runtime
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.tasks import board
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.delivery.tasks.states import ENDED
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx

_PREVIEW: Final = "task"
_ENVIRONMENTS: Final = frozenset({"staging", "production"})
# A robot takes a preview down within minutes, or has given it up.
_ENDING_AT_MOST: Final = timedelta(hours=1)
_NOTHING: Final[dict[str, None]] = dict.fromkeys(
    ("preview_status", "preview_url", "preview_namespace", "preview_error")
)


@dataclass(frozen=True, slots=True)
class Swept:
    """The names of the instances that were removed, and of those that could not be."""

    removed: list[str] = field(default_factory=list[str])
    left: list[str] = field(default_factory=list[str])


class Orphans:
    """Removes previews of tasks that are over, that have none any more or are gone, and on this machine staging and
    production of projects that are gone. On a cluster these two are people's to remove."""

    def __init__(self, database: Database, runtime: Runtime) -> None:
        self._database = database
        self._runtime = runtime

    async def sweep(self, told: Callable[[str], Awaitable[None]]) -> Swept:
        """One look at everything that the runtime has of this installation. `told` hears what could not be removed.

        Raises: Unavailable if the runtime does not even say what it has.
        """
        swept = Swept()
        for name in await self._runtime.names():
            # Asked for each one just before it goes: somebody may have wished for it since.
            if not await self._database.read(self._is_orphan, name):
                continue
            try:
                await self._runtime.remove(name)
            except AiWorkerError as error:
                swept.left.append(name)
                await told(f"{name}: {error.message}")
            else:
                await self._database.write(_forget, name)
                swept.removed.append(name)
        return swept

    def _is_orphan(self, tx: Tx, name: str) -> bool:
        place, _, key = name.partition("-")
        if place == _PREVIEW:
            task = task_queries.find(tx, key)
            return task is None or task.preview_url is None or _is_over(task, tx.now)
        if place in _ENVIRONMENTS and self._runtime.kind == "local":
            return project_queries.find(tx, key.upper()) is None
        return False


def _forget(tx: Tx, name: str) -> None:
    place, _, key = name.partition("-")
    task = task_queries.lock(tx, key) if place == _PREVIEW else None
    if task is not None and task.preview_url is not None and _is_over(task, tx.now):
        board.change(tx, task, **_NOTHING)


def _is_over(task: TaskRecord, now: datetime) -> bool:
    """Whether its preview should have gone: the task has ended, or somebody ended the preview some time ago."""
    return task.state in ENDED or (task.preview_status == "ending" and task.updated_at < now - _ENDING_AT_MOST)
