"""What people did in the forge, as units of work: taken as done by them, and each once however often it is told.

What AiWorker did itself stands in the database before it happens there, so it is recognised by how things stand, not
by who is named as its author.
"""

from aiworker.access.actors import Actor
from aiworker.delivery.groups import queries as group_queries
from aiworker.delivery.groups.service import Groups
from aiworker.delivery.people.pushes import Pushes
from aiworker.delivery.people.tasks import Tasks
from aiworker.delivery.ports.forge import PullRequest
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.seen import queries
from aiworker.delivery.tasks import board, holds
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.history import (
    BRANCH_DELETED,
    CLOSED_FROM_RELEASE,
    CLOSED_PULL_REQUEST,
    OPENED_PULL_REQUEST,
    REOPENED_PULL_REQUEST,
)
from aiworker.delivery.tasks.reasons import PULL_REQUEST_CLOSED, pull_request_closed
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.delivery.tasks.states import Cause, allowed_causes
from aiworker.engine.service import Engine
from aiworker.storage.outbox.events import Event
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import RobotStatus
from aiworker.wire.projects import ProjectStatus
from aiworker.wire.tasks import TaskState

_OVER = {TaskState.STAGING, TaskState.PRODUCTION, TaskState.CANCELLED}


class Facts:
    """Takes in how branches, pull requests and the repository stand."""

    def __init__(self, engine: Engine, tasks: Tasks, pushes: Pushes, groups: Groups) -> None:
        self._engine = engine
        self._tasks = tasks
        self._pushes = pushes
        self._groups = groups

    def task_of(self, tx: Tx, project: ProjectRecord, found: PullRequest) -> TaskRecord | None:
        """The task whose pull request it is, or may become."""
        if found.base != project.default_branch:
            return None
        task = task_queries.by_pull_request(tx, project.id, found.number)
        return task or task_queries.by_branch(tx, project.id, found.head)

    def pull_request(self, tx: Tx, by: Actor, project: ProjectRecord, found: PullRequest) -> TaskRecord | None:
        """A pull request stands like this. The task that it is about, if any goes on."""
        task = self.task_of(tx, project, found)
        if task is None:
            self._release(tx, by, project, found.number)
            return None
        task = self._tasks.lock(tx, task.id)
        if task.pr_number != found.number:
            if found.state != "open" or task.state in _OVER or (task.pr_number or 0) > found.number:
                return None
            task = self._opened(tx, by, task, found)
        before = queries.known_state(tx, project.id, found.number)
        if before != found.state:
            queries.set_known_state(tx, project.id, [found.number], found.state)
        match found.state:
            case "merged" if before != "merged":
                self._pushes.merged_outside(tx, by, task.id)
            case "closed" if before == "open":
                self._closed(tx, by, task)
            case "open" if before == "closed":
                self._reopened(tx, by, task)
            case _:
                pass
        return None if task.state in _OVER else board.get(tx, task.id)

    def branch(
        self, tx: Tx, by: Actor, project: ProjectRecord, branch: str, head: str | None, *, head_before: str | None
    ) -> None:
        """A task's branch stands at a commit, or is gone. `head_before`: the head that was known when it was looked at;
        if we know another by now, what was seen is old."""
        task = task_queries.by_branch(tx, project.id, branch)
        if task is None:
            return
        task = self._tasks.lock(tx, task.id)
        if task.head_commit != head_before or task.state in _OVER:
            return
        if head is not None:
            self._pushes.head_moved(tx, by, project, task, head)
        elif head_before is not None:
            said = BRANCH_DELETED(actor=by.name, branch=branch)
            board.note(tx, task, "branch_deleted", by=by, message=said, head_commit=None)

    def renamed(self, tx: Tx, project: ProjectRecord, owner: str, name: str, url: str | None) -> None:
        """The repository has another name or owner now."""
        values = {"gitea_owner": owner, "gitea_repo_name": name, "gitea_repo_url": url or project.gitea_repo_url}
        project_queries.change(tx, project, values)
        _tell(tx, project)

    def gone(self, tx: Tx, project: ProjectRecord, reason: str) -> None:
        """The repository is not there any more: nothing is handed out until a person has looked."""
        if project.status is not ProjectStatus.ACTIVE:
            return
        project_queries.change(tx, project, {"status": ProjectStatus.PAUSED, "status_reason": reason[:500]})
        self._engine.set_queue(tx, project.id, paused=True)
        _tell(tx, project)

    def _opened(self, tx: Tx, by: Actor, task: TaskRecord, found: PullRequest) -> TaskRecord:
        return board.note(
            tx,
            task,
            "pull_request_opened",
            by=by,
            message=OPENED_PULL_REQUEST(actor=by.name, number=found.number),
            details={"pullRequest": found.number},
            pr_number=found.number,
            pr_url=found.url,
        )

    def _closed(self, tx: Tx, by: Actor, task: TaskRecord) -> None:
        """Closed by hand: back to the backlog, held. In a release that is on the move, or shipped, we closed it."""
        if task.state in _OVER or not self._groups.withdraw_for_push(tx, by, task, did=CLOSED_FROM_RELEASE):
            return
        task = self._tasks.lock(tx, task.id)
        held = pull_request_closed(task.pr_number or 0, by.name)
        why = CLOSED_PULL_REQUEST(actor=by.name, number=task.pr_number)
        execution = self._tasks.active_execution(tx, task)
        if execution is not None:
            self._engine.release(tx, execution.execute_id, by=by.name, reason=held.words, as_owner=True)
            task = board.lock(tx, task.id)
        elif Cause.CLOSED_OUTSIDE in allowed_causes(task.state):
            task = board.move(
                tx,
                task,
                Cause.CLOSED_OUTSIDE,
                by=by,
                why=why,
                round=task.round + 1,
                approved_commit=None,
                approved_by=None,
                approved_at=None,
                assigned_agent_id=None,
            )
            task = self._tasks.open_round(tx, task, by=by)
        if task.robot_id is not None:
            self._engine.hold(tx, task.robot_id, held.words)
        task = holds.note_held(tx, task, held, by=by)
        holds.refresh_dependants(tx, self._engine, task)

    def _reopened(self, tx: Tx, by: Actor, task: TaskRecord) -> None:
        """What the closing held may go on."""
        if task.held_code != PULL_REQUEST_CLOSED.code:
            return
        if task.robot_id is not None:
            self._engine.unhold(tx, task.robot_id)
        said = REOPENED_PULL_REQUEST(actor=by.name, number=task.pr_number)
        task = board.note(tx, task, "freed", by=by, message=said, held=None)
        holds.refresh(tx, self._engine, task)

    def _release(self, tx: Tx, by: Actor, project: ProjectRecord, number: int) -> None:
        """A release's pull request was merged or closed: a merge that waits for its next try looks at it now."""
        group = group_queries.by_pull_request(tx, project.id, number)
        if group is None or group.under_way is None or group.robot_id is None:
            return
        if self._engine.lock_robot(tx, group.robot_id).status is RobotStatus.RETRYING:
            self._engine.retry(tx, group.robot_id, by=by.name, as_owner=True)


def _tell(tx: Tx, project: ProjectRecord) -> None:
    stream = f"project:{project.id}"
    tx.emit(Event(feed=project.id, stream=stream, kind="project:updated", data={"projectId": project.id}))
