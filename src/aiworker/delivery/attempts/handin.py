"""From a branch to a review: the branch, the pull request, the preview. For agents, and people who work by hand."""

import asyncio
from dataclasses import dataclass
from typing import Literal

from aiworker.access.actors import Actor
from aiworker.core.errors import Conflict
from aiworker.delivery.attempts.service import Work, branch_for, require_commits
from aiworker.delivery.deployments.previews import Previews
from aiworker.delivery.evidence.service import Evidence
from aiworker.delivery.ports.forge import Commit, Forge, Pick, PullRequest
from aiworker.delivery.ports.runtime import Runtime
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.tasks import board, dependencies
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.engine.service import Engine
from aiworker.storage.bus import Bus
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.tasks import TaskState
from aiworker.wire.work import OpenedPullRequest, PreviewAnswer

_POLL_SECONDS = 1.0
# How long a call waits for checks that are under way; longer than clients wait for an answer is no use.
_STATUS_SECONDS = 20.0
_LISTED_COMMITS = 50
_TITLE_LENGTH = 255
_LOG_LINES = 40


def preview_topic(task_id: str) -> str:
    """What those who wait for a preview listen to."""
    return f"preview:{task_id}"


@dataclass(frozen=True, slots=True)
class Branch:
    """A task's branch and where it stands. `base`: its start, if that holds the work of dependencies."""

    name: str
    head: str
    base: str | None


@dataclass(frozen=True, slots=True)
class InHand:
    """A task in somebody's hands: the execution, and the token that proves it. `active`: not handed in yet."""

    project: ProjectRecord
    task: TaskRecord
    execute_id: str
    lease_token: str
    active: bool


class HandIn:
    """Use cases between the work and its review."""

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        engine: Engine,
        forge: Forge,
        runtime: Runtime,
        work: Work,
        previews: Previews,
        evidence: Evidence,
    ) -> None:
        self._evidence = evidence
        self._database = database
        self._bus = bus
        self._engine = engine
        self._forge = forge
        self._runtime = runtime
        self._work = work
        self._previews = previews
        self._leaving = False

    async def make_branch(self, project: ProjectRecord, task: TaskRecord) -> Branch:
        """The task's branch; made if missing, from the default branch and the task's dependencies.

        Raises: Conflict if the repository has no commit, or the dependencies do not fit together.
        """
        branch = branch_for(task)
        repository = project.repository
        head = await self._forge.head(repository, branch)
        scratch = f"base/{task.short_id}"
        if head is not None:
            return Branch(branch, head, await self._forge.head(repository, scratch))
        base = await self._forge.head(repository, project.default_branch)
        if base is None:
            raise Conflict(
                f"The repository of {project.key} has no commit on {project.default_branch} yet; push one first.",
                code="empty_repository",
            )
        needed = await self._database.read(dependencies.in_order, task)
        unshipped = [other for other in needed if other.approved_commit and other.state is not TaskState.PRODUCTION]
        if unshipped:
            picks = [
                Pick(
                    commit=str(other.approved_commit),
                    message=f"{other.task_key}: {other.title}\n\nTask: {other.task_key}",
                    label=other.task_key,
                    carried=(other.base_commit,) if other.base_commit else (),
                )
                for other in unshipped
            ]
            base = (await self._forge.integrate(repository, branch=scratch, onto=base, picks=picks)).head
        head = await self._forge.create_branch(repository, branch, at=base)
        return Branch(branch, head, base if unshipped else None)

    async def hand_in(self, by: Actor, work: InHand, *, summary: str | None, preview: bool | None) -> OpenedPullRequest:
        """Open or update the pull request, move the task to ready_to_test (once), put up the preview.

        `preview`: None means as the project is set. The pull request is opened before checks are asked for, because
        some checks run only for pull requests.

        Raises: Conflict (no branch, no commits, a question pending, a commit that is not green).
        """
        project, task = work.project, work.task
        branch = branch_for(task)
        head = await self._forge.head(project.repository, branch)
        if head is None:
            raise Conflict(
                f"There is no branch {branch} yet; call create_branch, commit, and push to it first.", code="no_branch"
            )
        compared = await self._forge.compare(
            project.repository, base=task.base_commit or project.default_branch, head=branch
        )
        require_commits(task.task_key, branch, compared.ahead)
        opened = await self._forge.open_pull_request(
            project.repository,
            head=branch,
            base=project.default_branch,
            title=_title(task),
            body=_body(task, summary, compared.commits),
        )
        if project.wants_green:
            await self._database.write(self._opened, task, branch, head, opened)
            await self._evidence.require(project, task.task_key, head, wait_seconds=_STATUS_SECONDS)
        wanted = project.preview_enabled if preview is None else preview
        handed = await self._database.write(self._note, by, work, branch, head, opened, summary, wanted)
        return OpenedPullRequest(
            task_id=handed.id,
            state=handed.state,
            pr_number=opened.number,
            pr_url=opened.url,
            commit=head,
            preview_url=handed.preview_url,
        )

    async def put_up(self, by: Actor, project: ProjectRecord, task: TaskRecord) -> None:
        """Deploy the branch as it stands; what is on its way already is not begun anew. Raises: Conflict if none."""
        branch = branch_for(task)
        head = await self._forge.head(project.repository, branch)
        if head is None:
            raise Conflict(f"There is no branch {branch} to put up yet.", code="no_branch")

        def body(tx: Tx) -> None:
            current = board.lock(tx, task.id)
            if current.branch_name is None:
                current = board.change(tx, current, branch_name=branch, head_commit=head)
            if not self._previews.under_way(tx, current, head):
                self._previews.request(tx, project, current, by=by, automatic=False)

        await self._database.write(body)

    def let_go(self) -> None:
        """The process stops: whoever awaits a preview is answered within a second."""
        self._leaving = True
        self._evidence.let_go()

    async def await_preview(self, task_id: str, wait_seconds: float) -> PreviewAnswer:
        """What has become of the preview; waits up to `wait_seconds` while it starts."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_seconds
        async with self._bus.listen(preview_topic(task_id)) as news:
            while True:
                task = await self._database.read(board.get, task_id)
                left = deadline - loop.time()
                if task.preview_status in {"running", "failed"} or left <= 0 or self._leaving:
                    break
                await news.next(min(left, _POLL_SECONDS))
        status: Literal["running", "starting", "failed"] = "starting"
        log = None
        if task.preview_status == "running":
            status = "running"
        elif task.preview_status == "failed":
            status = "failed"
            log = await self._runtime.logs(task.instance, lines=_LOG_LINES)
        return PreviewAnswer(
            task_id=task.id,
            state=task.state,
            status=status,
            preview_url=task.preview_url or self._runtime.url(task.instance),
            error=task.preview_error,
            log=log,
        )

    def _opened(self, tx: Tx, task: TaskRecord, branch: str, head: str, opened: PullRequest) -> TaskRecord:
        """Which branch and which pull request the task has."""
        if task.robot_id is not None:
            self._engine.lock_robot(tx, task.robot_id)
        return board.change(
            tx,
            board.lock(tx, task.id),
            branch_name=branch,
            head_commit=head,
            pr_number=opened.number,
            pr_url=opened.url,
        )

    def _note(
        self,
        tx: Tx,
        by: Actor,
        work: InHand,
        branch: str,
        head: str,
        opened: PullRequest,
        summary: str | None,
        wanted: bool,
    ) -> TaskRecord:
        task = self._opened(tx, work.task, branch, head, opened)
        if not work.active:
            return task
        task = self._work.hand_in(tx, task, work.execute_id, work.lease_token, summary=summary)
        reserved = None
        if wanted:
            task, _ = self._previews.request(tx, work.project, task, by=by, automatic=True)
            reserved = task.preview_url
        return board.emit(tx, task, "task:ready_to_test", {"previewUrl": reserved, "prUrl": opened.url})


def _title(task: TaskRecord) -> str:
    """As long as forges take it: the task's own title may fill it alone."""
    title = f"{task.task_key}: {task.title}"
    return title if len(title) <= _TITLE_LENGTH else f"{title[: _TITLE_LENGTH - 1]}…"


def _body(task: TaskRecord, summary: str | None, commits: tuple[Commit, ...]) -> str:
    parts = [task.description or "", summary or ""]
    listed = "\n".join(f"- {commit.subject}" for commit in reversed(commits[:_LISTED_COMMITS]))
    parts.append(f"Commits:\n\n{listed}")
    parts.append(f"Task: {task.task_key}")
    return "\n\n".join(part.strip() for part in parts if part.strip())
