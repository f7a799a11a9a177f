"""What a push means: a new head, an approval that is gone, a release to withdraw, a preview to renew."""

from collections.abc import Mapping

from aiworker.access.actors import Actor
from aiworker.delivery.deployments.previews import Previews
from aiworker.delivery.groups.service import Groups
from aiworker.delivery.people.tasks import Tasks
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.tasks import approvals, board, holds, queries
from aiworker.delivery.tasks.history import MERGED_FROM_RELEASE, MERGED_OUTSIDE, PUSHED
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.delivery.tasks.states import Cause, allowed_causes
from aiworker.engine.service import Engine
from aiworker.storage.transaction import Tx
from aiworker.wire.tasks import TaskState

_HEADS = "refs/heads/"
_UNDER_REVIEW = {TaskState.READY_TO_TEST, TaskState.APPROVED}


class Pushes:
    """Takes pushes in."""

    def __init__(self, engine: Engine, previews: Previews, groups: Groups, tasks: Tasks) -> None:
        self._engine = engine
        self._tasks = tasks
        self._previews = previews
        self._groups = groups

    def take_in(self, tx: Tx, actor: Actor, repository: str, moved: Mapping[str, str | None]) -> None:
        """A push has moved these refs to these commits (None: removed)."""
        project = project_queries.by_repository(tx, repository)
        if project is None:
            return
        for ref, commit in moved.items():
            task = queries.by_branch(tx, project.id, ref.removeprefix(_HEADS)) if ref.startswith(_HEADS) else None
            if task is not None and commit is not None:
                self.head_moved(tx, actor, project, board.lock(tx, task.id), commit)

    def merged_outside(self, tx: Tx, actor: Actor, name: str) -> None:
        """Somebody merged a task's pull request into the default branch by hand: taken as done by that person."""
        task = self._tasks.lock(tx, name)
        if Cause.MERGED_OUTSIDE not in allowed_causes(task.state) or not self._groups.withdraw_for_push(
            tx, actor, task, did=MERGED_FROM_RELEASE
        ):
            return
        task = board.move(
            tx,
            board.lock(tx, task.id),
            Cause.MERGED_OUTSIDE,
            by=actor,
            why=MERGED_OUTSIDE(actor=actor.name),
            held=None,
            completed_at=tx.now,
            deployed_production_at=tx.now,
        )
        self._tasks.end_round(tx, actor, task, "merged outside AiWorker")
        task = self._previews.end(tx, board.lock(tx, task.id))
        holds.refresh_dependants(tx, self._engine, task)

    def head_moved(self, tx: Tx, actor: Actor, project: ProjectRecord, task: TaskRecord, commit: str) -> TaskRecord:
        """A locked task's branch stands at another commit now. Again with the same commit: nothing happens."""
        if commit == task.head_commit:
            return task
        outdated = task.state is TaskState.APPROVED and commit != task.approved_commit
        if outdated and self._groups.withdraw_for_push(tx, actor, task):
            task = approvals.take_back(tx, self._engine, board.lock(tx, task.id), commit, by=actor)
        else:
            task = board.note(
                tx,
                task,
                "pushed",
                by=actor,
                message=PUSHED(actor=actor.name, commit=commit),
                details={"commit": commit},
                head_commit=commit,
            )
        if task.state in _UNDER_REVIEW and task.preview_url is not None:
            task, _ = self._previews.request(tx, project, task, by=actor, automatic=True)
        return task
