"""Evidence: a green commit status at exactly the commit that is handed in or approved, where a project asks for it."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, replace

from aiworker.delivery.evidence import queries
from aiworker.delivery.evidence.states import StatusPending, judged, require_green
from aiworker.delivery.ports.forge import Check, Forge
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.tasks import board
from aiworker.delivery.tasks import queries as task_queries
from aiworker.storage.bus import Bus
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.tasks import CommitChecks

_POLL_SECONDS = 10.0
_MOST_CHECKS = 100
_LONGEST = 300


def status_topic(project_id: str) -> str:
    """What those who wait for a project's checks listen to."""
    return f"status:{project_id}"


class Evidence:
    """Asks the forge, and remembers what it said for who only looks."""

    def __init__(self, database: Database, bus: Bus, forge: Forge) -> None:
        self._database = database
        self._bus = bus
        self._forge = forge
        self._leaving = False

    async def look(self, project: ProjectRecord, commit: str) -> None:
        """See what checks say of a commit now, if the project asks for any. Raises: whatever the forge answers."""
        if project.wants_green:
            await self._ask(project, commit)

    async def require(self, project: ProjectRecord, task_key: str, commit: str, *, wait_seconds: float = 0.0) -> None:
        """Nothing, if the commit is green or nobody asks; waits so long for checks that are under way.

        Raises: StatusFailed, StatusPending.
        """
        if not project.wants_green:
            return
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_seconds
        async with self._bus.listen(status_topic(project.id)) as news:
            while True:
                found = await self._ask(project, commit)
                left = deadline - loop.time()
                try:
                    require_green(task_key, judged(project, commit, found))
                except StatusPending:
                    if left <= 0 or self._leaving:
                        raise
                else:
                    return
                await news.next(min(left, _POLL_SECONDS))

    async def _ask(self, project: ProjectRecord, commit: str) -> Sequence[Check]:
        found = await self._forge.commit_status(project.repository, commit)
        await self._database.write(_remember, project.id, commit, found.checks)
        return found.checks

    def let_go(self) -> None:
        """The process stops: whoever waits is answered."""
        self._leaving = True


def known(
    tx: Tx, projects: Sequence[ProjectRecord], commits: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], CommitChecks]:
    """What is remembered of commits, each named with its project's id, where that project asks for it."""
    asking = {project.id: project for project in projects if project.wants_green}
    wanted = [commit for commit in commits if commit[0] in asking]
    found: dict[tuple[str, str], CommitChecks] = {}
    for record in queries.of_commits(tx, wanted):
        checks = [Check(**check) for check in record.checks]
        found[record.project_id, record.commit] = judged(asking[record.project_id], record.commit, checks)
    return found


def _remember(tx: Tx, project_id: str, commit: str, checks: Sequence[Check]) -> None:
    """Written when it is new; then the page is told, and who waits."""
    kept = [asdict(replace(check, description=check.description[:_LONGEST])) for check in checks[:_MOST_CHECKS]]
    before = queries.of_commits(tx, [(project_id, commit)])
    if before and before[0].checks == kept:
        return
    queries.put(tx, project_id, commit, kept)
    tx.wake(status_topic(project_id))
    for task in task_queries.at_head(tx, project_id, commit):
        board.change(tx, board.lock(tx, task.id))
