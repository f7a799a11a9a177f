"""News of the forge: taken down when they come, worked off by robots, which look at how things stand by then.

A project's news are worked off one at a time. The same looks are made by `reconcile.py`, for what webhooks lost.
"""

from collections.abc import Sequence
from datetime import timedelta

from aiworker.access.forge_people.service import actor_of_login
from aiworker.core.errors import AiWorkerError, NotFound
from aiworker.core.sayings import Saying
from aiworker.delivery.evidence.service import Evidence
from aiworker.delivery.forge_news.facts import Facts
from aiworker.delivery.forge_news.news import News, NewsKind, Repository
from aiworker.delivery.forge_news.remarks import Remarks
from aiworker.delivery.imports.issues import LinkedIssues
from aiworker.delivery.people.review import Review
from aiworker.delivery.ports.forge import Forge, PullRequest, ReviewComment
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.records import REPOSITORY_GONE, ProjectRecord
from aiworker.delivery.seen import queries
from aiworker.delivery.seen.queue import one_by_one
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.history import BRANCH_GONE
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.engine.context import Context
from aiworker.engine.service import Engine
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import NewRobot

FORGE_NEWS = "forge.news"
# What we do there ourselves is written down here a moment later than a webhook may tell of it.
_SETTLES = timedelta(seconds=1)
_RETRIES = 6


class ForgeNews:
    """Takes news down, and looks."""

    def __init__(
        self,
        *,
        database: Database,
        engine: Engine,
        forge: Forge,
        facts: Facts,
        remarks: Remarks,
        review: Review,
        evidence: Evidence,
        issues: LinkedIssues,
    ) -> None:
        self._database = database
        self._engine = engine
        self._forge = forge
        self._facts = facts
        self._remarks = remarks
        self._review = review
        self._evidence = evidence
        self._issues = issues

    def take(self, tx: Tx, delivery: str, event: str, repository: Repository, news: News) -> bool:
        """Write down what a webhook told, and have it looked at. False: it has come before, or concerns nobody here."""
        projects = project_queries.of_repository(tx, repository.id, repository.full_name)
        if not projects or not queries.note_delivery(tx, delivery, event, repository.full_name):
            return False
        for project in projects:
            if project.gitea_repo_id == repository.id and project.repository != repository.full_name:
                owner, _, name = repository.full_name.partition("/")
                self._facts.renamed(tx, project, owner, name, repository.html_url)
            self._submit(tx, project, event, news)
        return True

    async def work_off(self, context: Context) -> None:
        """`forge.news`: look at what the news is about. Again with nothing changed: no effect.

        What our own account did we have written down ourselves; to look on that occasion would give a person's deed,
        done in the meantime, our name.
        """
        project = await self._database.read(project_queries.find, str(context.input_data["projectId"]))
        if project is None:
            return
        news = News.of_input(context.input_data)
        if news.by is not None and news.by == await self._forge.account(project.repository):
            return
        match news.kind:
            case NewsKind.BRANCH:
                await self.look_at_branch(project, str(news.branch), news.by)
            case NewsKind.PULL_REQUEST:
                await self.look_at_pull_request(project, int(news.number or 0), news.by)
            case NewsKind.REVIEW:
                await self.look_at_remarks(project, int(news.number or 0))
            case NewsKind.ISSUE:
                await self._issues.look(project, news.by, news.number)
            case NewsKind.STATUS:
                await self._evidence.look(project, str(news.commit))
            case NewsKind.REPOSITORY:
                await self.look_at_repository(project)

    async def look_at_branch(self, project: ProjectRecord, branch: str, by: str | None) -> None:
        """A branch may have moved. On the default branch, pull requests may have been merged by hand."""
        if branch == project.default_branch:
            head = await self._forge.head(project.repository, branch)
            if head is not None:
                actor = await self._database.read(actor_of_login, by)
                await self._review.merged_by_push(actor, project, head)
            return
        task = await self._database.read(task_queries.by_branch, project.id, branch)
        if task is None:
            return
        head = await self._forge.head(project.repository, branch)
        await self._database.write(self._branch, project, branch, head, task.head_commit, by)

    async def look_at_pull_request(self, project: ProjectRecord, number: int, by: str | None) -> None:
        """A pull request may have been opened, merged, closed or reopened, or its branch may have moved."""
        try:
            found = await self._forge.get_pull_request(project.repository, number)
        except NotFound:
            return
        await self.pull_request_stands(project, found, by)

    async def pull_request_stands(self, project: ProjectRecord, found: PullRequest, by: str | None) -> None:
        """Take in how a pull request stands that was just read."""
        task = await self._database.write(self._pull_request, project, found, found.merged_by or by)
        if task is not None and found.state == "open" and task.head_commit != found.head_commit:
            await self.look_at_branch(project, found.head, by)

    async def look_at_remarks(self, project: ProjectRecord, number: int) -> None:
        """Something may have been said on a task's pull request. What our own account said, we know."""
        task = await self._database.read(task_queries.by_pull_request, project.id, number)
        if task is None:
            return
        said = await self._forge.list_reviews(project.repository, number)
        own = await self._forge.account(project.repository)
        new = await self._database.read(self._unheard, project.id, [remark for remark in said if remark.author != own])
        if not new:
            return
        head, refusal = None, None
        if any(remark.verdict == "approved" for remark in new) and task.branch_name is not None:
            head = await self._forge.head(project.repository, task.branch_name)
            refusal = await self._refusal(project, task, head)
        await self._database.write(self._remarks.take_in, task.id, new, head=head, refusal=refusal)

    async def look_at_repository(self, project: ProjectRecord) -> bool:
        """Whether the repository is still there; if not, the project is paused and says so."""
        try:
            found = await self._forge.get_repository(project.repository)
        except NotFound:
            reason = REPOSITORY_GONE(repository=project.repository)
            await self._database.write(self._gone, project.id, reason.words)
            return False
        if found.name != project.repository and "/" in found.name:
            await self._database.write(self._renamed, project.id, found.name, found.url)
        return True

    async def _refusal(self, project: ProjectRecord, task: TaskRecord, head: str | None) -> Saying | None:
        """Why the head cannot be approved now."""
        if head is None:
            return BRANCH_GONE()
        try:
            await self._evidence.require(project, task.task_key, head)
        except AiWorkerError as error:
            return Saying(error.message.rstrip("."), error.code)
        return None

    def _submit(self, tx: Tx, project: ProjectRecord, event: str, news: News) -> None:
        self._engine.submit(
            tx,
            NewRobot(
                robot_type=FORGE_NEWS,
                input_data={"projectId": project.id, **news.as_input()},
                queue=one_by_one(tx, self._engine, project.id),
                correlation_id=project.id,
                source_reference=f"{project.key} {event}",
                retry_limit=_RETRIES,
                defer_until=tx.now + _SETTLES,
            ),
        )

    def _branch(
        self, tx: Tx, project: ProjectRecord, branch: str, head: str | None, head_before: str | None, by: str | None
    ) -> None:
        self._facts.branch(tx, actor_of_login(tx, by), project, branch, head, head_before=head_before)

    def _pull_request(self, tx: Tx, project: ProjectRecord, found: PullRequest, by: str | None) -> TaskRecord | None:
        return self._facts.pull_request(tx, actor_of_login(tx, by), project, found)

    def _unheard(self, tx: Tx, project_id: str, said: Sequence[ReviewComment]) -> list[ReviewComment]:
        return self._remarks.unheard(tx, project_id, said)

    def _gone(self, tx: Tx, project_id: str, reason: str) -> None:
        project = project_queries.lock(tx, project_id)
        if project is not None:
            self._facts.gone(tx, project, reason)

    def _renamed(self, tx: Tx, project_id: str, full_name: str, url: str | None) -> None:
        project = project_queries.lock(tx, project_id)
        if project is not None:
            owner, _, name = full_name.partition("/")
            self._facts.renamed(tx, project, owner, name, url)
