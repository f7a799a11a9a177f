"""Pushes that git has taken and that nobody was told of, because the server was killed in between."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from aiworker.access.actors import SYSTEM
from aiworker.core.errors import AiWorkerError
from aiworker.core.logging import get_logger
from aiworker.delivery.people.review import Review
from aiworker.delivery.ports.forge import Forge
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.tasks import TaskState

# Earlier pushes are looked at when the task is handed in, later ones when it is shipped again.
_WAITING = (TaskState.READY_TO_TEST, TaskState.APPROVED)
_MOST = 500
_SOMEBODY = replace(SYSTEM, name="somebody")

_log = get_logger(__name__)


class MissedPushes:
    """Compares what the built-in forge has with what is known of it."""

    def __init__(self, database: Database, forge: Forge, review: Review) -> None:
        self._database = database
        self._forge = forge
        self._review = review

    async def take_in(self) -> None:
        """Take in what was missed, as if it had been told. Doing it again has no effect."""
        for project, tasks in await self._database.read(_waiting):
            try:
                moved = await self._moved(project, tasks)
                await self._review.pushed(_SOMEBODY, project.repository, moved)
            except AiWorkerError as error:
                _log.warning("repository_not_looked_at", project=project.key, error=error.message)

    async def _moved(self, project: ProjectRecord, tasks: Sequence[TaskRecord]) -> Mapping[str, str | None]:
        branches = {task.branch_name: task.head_commit for task in tasks if task.branch_name is not None}
        moved: dict[str, str | None] = {}
        for branch, known in {**branches, project.default_branch: None}.items():
            head = await self._forge.head(project.repository, branch)
            if head is not None and head != known:
                moved[f"refs/heads/{branch}"] = head
        return moved


def _waiting(tx: Tx) -> list[tuple[ProjectRecord, list[TaskRecord]]]:
    by_project: defaultdict[str, list[TaskRecord]] = defaultdict(list)
    for task in task_queries.list_tasks(tx, states=_WAITING, limit=_MOST):
        by_project[task.project_id].append(task)
    projects = project_queries.by_ids(tx, sorted(by_project))
    return [(project, by_project[project.id]) for project in projects if not project.in_gitea]
