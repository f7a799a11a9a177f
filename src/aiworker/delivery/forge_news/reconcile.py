"""Looking without having been told: finds what webhooks lost, by the same looks that news lead to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiworker.core.errors import AiWorkerError, NotFound
from aiworker.core.logging import get_logger
from aiworker.delivery.doors import Doors
from aiworker.delivery.evidence.service import Evidence
from aiworker.delivery.forge_news.service import ForgeNews
from aiworker.delivery.imports.issues import LinkedIssues
from aiworker.delivery.ports.forge import Forge
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.seen import queries
from aiworker.delivery.seen.queue import news_queue, one_by_one
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.engine.context import Context
from aiworker.engine.service import Engine
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import NewRobot, RobotPriority, RobotStatus
from aiworker.wire.tasks import TaskState

FORGE_RECONCILE = "forge.reconcile"
FORGE_LOOK = "forge.look"
CRON = "*/5 * * * *"

_MOST = 500
_LOOKED_AT = (TaskState.READY_TO_TEST, TaskState.APPROVED)

_log = get_logger(__name__)


class Reconciliation:
    """Looks through repositories, each project's in its turn among its news."""

    def __init__(
        self,
        *,
        database: Database,
        engine: Engine,
        forge: Forge,
        news: ForgeNews,
        evidence: Evidence,
        issues: LinkedIssues,
        doors: Doors,
    ) -> None:
        self._database = database
        self._engine = engine
        self._forge = forge
        self._news = news
        self._evidence = evidence
        self._issues = issues
        self._doors = doors

    async def begin(self, context: Context) -> Mapping[str, Any]:  # noqa: ARG002 (as handlers are called)
        """`forge.reconcile`: have each project in Gitea looked through that does not wait for it already."""
        return {"projects": await self._database.write(self._submit)}

    def look_soon(self, tx: Tx, project: ProjectRecord) -> None:
        """Have a project in Gitea looked through now: what a new one has there already, and its webhook."""
        if project.in_gitea:
            one_by_one(tx, self._engine, project.id)
            self._engine.submit(tx, _look(project))

    async def work_off(self, context: Context) -> None:
        """`forge.look`: look through one project's repository."""
        project = await self._database.read(project_queries.find, str(context.input_data["projectId"]))
        if project is not None and project.in_gitea and await self._news.look_at_repository(project):
            await self.look(project)

    async def look(self, project: ProjectRecord) -> None:
        """Everything that webhooks would have told since the last look. Raises: whatever the forge answers."""
        await self._watch(project)
        await self._pull_requests(project)
        tasks = await self._database.read(
            task_queries.list_tasks, project_id=project.id, states=_LOOKED_AT, limit=_MOST
        )
        for task in tasks:
            await self._task(project, task)
        await self._default_branch(project)
        await self._issues.look(project, None, None)
        await self._issues.tell(project)

    async def _watch(self, project: ProjectRecord) -> None:
        """Without a webhook it is slower, but nothing is missed."""
        try:
            await self._forge.watch(project.repository, url=self._doors.webhook, secret=self._doors.webhook_secret)
        except AiWorkerError as error:
            _log.warning("webhook_not_kept", project=project.key, error=error.message)

    async def _pull_requests(self, project: ProjectRecord) -> None:
        since = (await self._database.read(queries.marks, project.id)).pull_requests_at
        newest: datetime | None = since
        for found in await self._forge.list_pull_requests(project.repository, since=since):
            await self._news.pull_request_stands(project, found, None)
            await self._news.look_at_remarks(project, found.number)
            newest = max(found.updated_at, newest or found.updated_at)
        if newest != since:
            await self._database.write(_mark, project.id, pull_requests_at=newest)

    async def _task(self, project: ProjectRecord, task: TaskRecord) -> None:
        """A push does not always show on the pull request at once."""
        if task.branch_name is not None:
            await self._news.look_at_branch(project, task.branch_name, None)
        if task.head_commit is not None:
            try:
                await self._evidence.look(project, task.head_commit)
            except NotFound:
                _log.info("commit_gone", project=project.key, task=task.task_key)

    async def _default_branch(self, project: ProjectRecord) -> None:
        head = await self._forge.head(project.repository, project.default_branch)
        before = (await self._database.read(queries.marks, project.id)).default_head
        if head is not None and head != before:
            await self._news.look_at_branch(project, project.default_branch, None)
            await self._database.write(_mark, project.id, default_head=head)

    def _submit(self, tx: Tx) -> int:
        waiting, _ = self._engine.list_robots(tx, robot_type=FORGE_LOOK, status=RobotStatus.PENDING, limit=_MOST)
        busy = {robot.queue for robot in waiting}
        wanted = [p for p in project_queries.in_gitea(tx) if news_queue(p.id) not in busy]
        known = self._engine.queues(tx, [news_queue(project.id) for project in wanted])
        for project in wanted:
            if news_queue(project.id) not in known:
                self._engine.set_queue(tx, news_queue(project.id), paused=False, max_running=1)
        if wanted:
            self._engine.submit_many(tx, [_look(project) for project in wanted])
        return len(wanted)


def _look(project: ProjectRecord) -> NewRobot:
    return NewRobot(
        robot_type=FORGE_LOOK,
        input_data={"projectId": project.id},
        # News that were told come first.
        priority=RobotPriority.LOW,
        queue=news_queue(project.id),
        correlation_id=project.id,
        source_reference=f"{project.key} look",
        # The next one comes by itself.
        retry_limit=0,
    )


def _mark(tx: Tx, project_id: str, **seen: datetime | str | None) -> None:
    queries.set_mark(tx, project_id, **seen)
