"""Looking at the work and judging it, where the forge has to be asked; and handing in by hand."""

from collections.abc import Mapping

from aiworker.access.actors import Actor
from aiworker.core.errors import Conflict
from aiworker.delivery.attempts.handin import HandIn, InHand
from aiworker.delivery.attempts.owner import person_holder
from aiworker.delivery.attempts.service import branch_for
from aiworker.delivery.evidence.service import Evidence
from aiworker.delivery.people.outward import OutwardReviews
from aiworker.delivery.people.pushes import Pushes
from aiworker.delivery.people.tasks import Tasks
from aiworker.delivery.ports.forge import Diff, Forge
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.tasks import board
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.tasks import RequestChanges


class Review:
    """Use cases around the review."""

    def __init__(
        self,
        *,
        database: Database,
        forge: Forge,
        tasks: Tasks,
        pushes: Pushes,
        hand_in: HandIn,
        evidence: Evidence,
        outward: OutwardReviews,
    ) -> None:
        self._database = database
        self._forge = forge
        self._tasks = tasks
        self._pushes = pushes
        self._hand_in = hand_in
        self._evidence = evidence
        self._outward = outward

    async def approve(self, actor: Actor, name: str, commit: str) -> TaskRecord:
        """Approve the commit that was looked at.

        Raises: Conflict if the branch stands elsewhere or the commit's status is not green, IllegalMove.
        """
        task, project = await self._database.read(self._find, name)
        head = await self._forge.head(project.repository, branch_for(task)) if task.branch_name else None
        if head is not None and head != commit:
            await self._database.write(self._catch_up, actor, task, project, head)
            raise Conflict(
                f"The branch of {task.task_key} stands at {head[:7]} by now, not at {commit[:7]}; look at it again.",
                code="head_moved",
                details={"head": head},
            )
        await self._evidence.require(project, task.task_key, commit)
        return await self._database.write(self._approve, actor, name, commit)

    def request_changes(self, tx: Tx, actor: Actor, name: str, request: RequestChanges) -> TaskRecord:
        """Send a task back with comments, which its pull request shows, too. Raises: as `Tasks.request_changes`."""
        before = board.get(tx, name)
        task = self._tasks.request_changes(tx, actor, name, request)
        self._outward.changes_requested(tx, actor, self._tasks.project_of(tx, task), before, request)
        return task

    async def diff(self, name: str) -> Diff:
        """What the task's branch changes. Raises: Conflict if it has none yet."""
        task, project = await self._database.read(self._find, name)
        if task.branch_name is None:
            raise Conflict(f"{task.task_key} has no branch yet.", code="no_branch")
        head = task.head_commit if task.approved_commit else task.branch_name
        return await self._forge.diff(
            project.repository, base=task.base_commit or project.default_branch, head=head or task.branch_name
        )

    async def submit_by_hand(self, actor: Actor, name: str, summary: str | None) -> TaskRecord:
        """Hand in what one works on oneself. Raises: Conflict."""
        task, work = await self._database.write(self._in_hand, actor, name)
        await self._hand_in.hand_in(actor, work, summary=summary, preview=None)
        return await self._database.read(board.get, task.id)

    async def preview(self, actor: Actor, name: str) -> TaskRecord:
        """Put the branch up (again). Raises: Conflict."""
        task, project = await self._database.read(self._find, name)
        await self._hand_in.put_up(actor, project, task)
        return await self._database.read(board.get, task.id)

    async def pushed(self, actor: Actor, repository: str, moved: Mapping[str, str | None]) -> None:
        """Take a push in; one to the default branch may have merged pull requests by hand."""
        await self._database.write(self._pushes.take_in, actor, repository, moved)
        project = await self._database.read(project_queries.by_repository, repository)
        head = moved.get(f"refs/heads/{project.default_branch}") if project else None
        if project is not None and head is not None:
            await self.merged_by_push(actor, project, head)

    async def merged_by_push(self, actor: Actor, project: ProjectRecord, head: str) -> None:
        """The default branch stands here now: tasks whose work it holds were merged by hand."""
        for task in await self._database.read(task_queries.under_review, project.id):
            if task.head_commit and await self._forge.is_ancestor(project.repository, task.head_commit, head):
                await self._database.write(self._pushes.merged_outside, actor, task.id)

    def _approve(self, tx: Tx, actor: Actor, name: str, commit: str) -> TaskRecord:
        task = self._tasks.approve(tx, actor, name, commit)
        self._outward.approved(tx, actor, self._tasks.project_of(tx, task), task)
        return task

    def _in_hand(self, tx: Tx, actor: Actor, name: str) -> tuple[TaskRecord, InHand]:
        task = board.get(tx, name)
        execution = self._tasks.active_execution(tx, task)
        if execution is None or execution.holder != person_holder(actor):
            raise Conflict(f"{task.task_key} is not in your hands.", code="not_in_your_hands")
        project = self._tasks.project_of(tx, task)
        return task, InHand(project, task, execution.execute_id, execution.lease_token, active=True)

    def _catch_up(self, tx: Tx, actor: Actor, task: TaskRecord, project: ProjectRecord, head: str) -> None:
        self._pushes.head_moved(tx, actor, project, board.lock(tx, task.id), head)

    def _find(self, tx: Tx, name: str) -> tuple[TaskRecord, ProjectRecord]:
        task = board.get(tx, name)
        return task, self._tasks.project_of(tx, task)
