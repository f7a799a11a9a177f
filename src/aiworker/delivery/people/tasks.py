"""The people's side of the board, as units of work: write, change, judge, cancel, work by hand."""

from collections.abc import Sequence
from typing import Any

from aiworker.access.actors import SYSTEM, Actor
from aiworker.core.errors import Conflict
from aiworker.core.ids import new_id
from aiworker.core.sayings import Saying, Sentence
from aiworker.delivery.agents import queries as agent_queries
from aiworker.delivery.attempts.owner import CODING_AGENTS, TASK_WORK, person_holder
from aiworker.delivery.deployments.previews import Previews
from aiworker.delivery.groups import queries as group_queries
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.questions import queries as question_queries
from aiworker.delivery.tasks import board, dependencies, holds, queries
from aiworker.delivery.tasks.history import (
    APPROVED,
    CANCELLED,
    CANCELLED_BECAUSE,
    CHANGED,
    REOPENED,
    REQUESTED_CHANGES,
    SENT_BACK,
)
from aiworker.delivery.tasks.reasons import ends_by_itself
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.delivery.tasks.states import Cause, allowed_causes
from aiworker.engine.executions.records import Execution
from aiworker.engine.service import Engine
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import NewModule, NewRobot, RobotPriority, RobotStatus
from aiworker.wire.projects import ProjectStatus
from aiworker.wire.tasks import NewTask, QuestionStatus, RequestChanges, TaskChanges, TaskPriority, TaskState

COST_STOPS = Sentence("cost_stops", "{task} cannot go on: {reason}; raise that limit first.")
WORK_RETRIES = 2

_PRIORITIES = {
    TaskPriority.LOW: RobotPriority.LOW,
    TaskPriority.MEDIUM: RobotPriority.NORMAL,
    TaskPriority.HIGH: RobotPriority.HIGH,
    TaskPriority.URGENT: RobotPriority.CRITICAL,
}
_FINISHED = {RobotStatus.COMPLETED, RobotStatus.FAILED, RobotStatus.CANCELLED}


class Tasks:
    """Use cases of people on the board."""

    def __init__(self, engine: Engine, previews: Previews) -> None:
        self._engine = engine
        self._previews = previews

    def register(self, tx: Tx) -> None:
        """Make the engine know who works on tasks."""
        self._engine.register_module(
            tx,
            NewModule(module_name=CODING_AGENTS, module_version="1", supported_robot_types=[TASK_WORK]),
            internal=True,
        )

    def create(self, tx: Tx, actor: Actor, project: ProjectRecord, new: NewTask) -> TaskRecord:
        """Write a task on the board, and its first round of work into the engine. Raises: Conflict, TaskNotFound."""
        if project.status is ProjectStatus.ARCHIVED:
            raise Conflict(f"{project.key} is archived; it takes no new tasks.", code="project_archived")
        task_id = new_id()
        others = dependencies.resolve(tx, project.id, new.depends_on)
        # Before the project's row, which their moves lock after them (MariaDB: the foreign key).
        queries.lock_many(tx, [other.id for other in others])
        queries.add(
            tx,
            {
                "id": task_id,
                "task_key": f"{project.key}-{queries.next_number(tx, project.id)}",
                "project_id": project.id,
                "title": new.title,
                "description": new.description,
                "priority": new.priority,
                "state": TaskState.BACKLOG,
                "estimated_complexity": new.estimated_complexity,
                "capabilities": new.capabilities,
                "depends_until": new.depends_until.value,
                "created_at": tx.now,
                "updated_at": tx.now,
            },
        )
        task = board.created(tx, board.get(tx, task_id), by=actor)
        dependencies.replace(tx, task, others)
        return self.open_round(tx, task, by=actor)

    def change(self, tx: Tx, actor: Actor, name: str, changes: TaskChanges) -> TaskRecord:
        """Change what a task says. Raises: Conflict if somebody else changed it since `version`."""
        task = self.lock(tx, name)
        if changes.version is not None and changes.version != task.version:
            raise Conflict(
                f"{task.task_key} was changed by somebody else (version {task.version}); look again.",
                code="version_conflict",
                details={"version": task.version},
            )
        given = changes.model_dump(exclude_unset=True, exclude={"version", "depends_on"})
        values: dict[str, Any] = {
            field: value
            for field, value in given.items()
            if (value is not None or field == "description") and value != getattr(task, field)
        }
        if task.robot_id is not None and "priority" in values:
            self._engine.reprioritise(tx, task.robot_id, _PRIORITIES[values["priority"]])
        if task.robot_id is not None and "capabilities" in values:
            self._engine.set_needs(tx, task.robot_id, values["capabilities"])
        if changes.depends_on is not None:
            dependencies.replace(tx, task, dependencies.resolve(tx, task.project_id, changes.depends_on))
        if values or changes.depends_on is not None:
            fields = sorted(changes.model_fields_set - {"version"})
            said = CHANGED(actor=actor.name, fields=", ".join(field.replace("_", " ") for field in fields))
            task = board.note(
                tx,
                task,
                "edited",
                by=actor,
                message=said,
                details={"fields": fields},
                version=task.version + 1,
                **values,
            )
        return holds.refresh(tx, self._engine, task, by=actor)

    def approve(self, tx: Tx, actor: Actor, name: str, commit: str) -> TaskRecord:
        """Approve a commit that has been seen to be the branch's head. Raises: IllegalMove."""
        task = board.move(
            tx,
            board.lock(tx, name),
            Cause.APPROVE,
            by=actor,
            why=APPROVED(actor=actor.name, commit=commit),
            details={"commit": commit},
            head_commit=commit,
            approved_commit=commit,
            approved_by=actor.name,
            approved_at=tx.now,
        )
        holds.refresh_dependants(tx, self._engine, task)
        return task

    def request_changes(self, tx: Tx, actor: Actor, name: str, request: RequestChanges) -> TaskRecord:
        """Send a task back with comments; the next round reads them. Raises: IllegalMove, Conflict (in a release)."""
        task = self.lock(tx, name)
        said = [{"path": None, "line": None, "body": request.body}] if request.body.strip() else []
        said += [comment.model_dump() for comment in request.comments]
        if not said:
            raise Conflict("Say what should be different: a comment or a text.", code="comment_missing")
        return self.send_back(tx, actor, task, said, why=REQUESTED_CHANGES(actor=actor.name))

    def send_back(
        self, tx: Tx, actor: Actor, task: TaskRecord, comments: Sequence[dict[str, Any]], *, why: Saying
    ) -> TaskRecord:
        """Open the next round of a locked task with these comments. Raises: IllegalMove, Conflict (in a release)."""
        self._refuse_in_release(tx, task)
        queries.add_comments(
            tx,
            [
                {
                    **comment,
                    "id": new_id(),
                    "task_id": task.id,
                    "round": task.round,
                    "commit": task.head_commit,
                    "author": actor.name,
                    "created_at": tx.now,
                }
                for comment in comments
            ],
        )
        task = board.move(
            tx,
            task,
            Cause.REQUEST_CHANGES,
            by=actor,
            why=why,
            details={"comments": len(comments)},
            round=task.round + 1,
            approved_commit=None,
            approved_by=None,
            approved_at=None,
            assigned_agent_id=None,
        )
        task = self.open_round(tx, task, by=actor)
        holds.refresh_dependants(tx, self._engine, task)
        return task

    def cancel(self, tx: Tx, actor: Actor, name: str, reason: str | None) -> TaskRecord:
        """Give a task up: a running attempt is told to stop, the preview ends. Raises: IllegalMove, Conflict."""
        task = self.lock(tx, name)
        self._refuse_in_release(tx, task)
        why = CANCELLED_BECAUSE(actor=actor.name, why=reason) if reason else CANCELLED(actor=actor.name)
        task = board.move(
            tx,
            task,
            Cause.CANCEL,
            by=actor,
            why=why,
            held=None,
            approved_commit=None,
            approved_by=None,
            approved_at=None,
        )
        self.end_round(tx, actor, task, why.words)
        task = self._previews.end(tx, board.get(tx, task.id), by=actor)
        holds.refresh_dependants(tx, self._engine, task)
        return task

    def reopen(self, tx: Tx, actor: Actor, name: str) -> TaskRecord:
        """Put a cancelled task back on the board, as a new round. Raises: IllegalMove."""
        task = board.lock(tx, name)
        task = board.move(
            tx,
            task,
            Cause.REOPEN,
            by=actor,
            why=REOPENED(actor=actor.name),
            round=task.round + 1,
            completed_at=None,
        )
        task = self.open_round(tx, task, by=actor)
        holds.refresh_dependants(tx, self._engine, task)
        return task

    def retry(self, tx: Tx, actor: Actor, name: str) -> TaskRecord:
        """Try a task again that is held because its attempts failed or got lost. Raises: Conflict."""
        task = self.lock(tx, name)
        robot = self._engine.get_robot(tx, task.robot_id) if task.robot_id else None
        if robot is None or task.state is not TaskState.BACKLOG:
            raise Conflict(f"{task.task_key} has nothing to retry.", code="nothing_to_retry")
        if (spent := holds.cost_hold(self.project_of(tx, task), task.cost_microdollars)) is not None:
            raise Conflict(COST_STOPS(task=task.task_key, reason=spent), code="cost_limit_reached")
        if robot.status is RobotStatus.FAILED:
            self._engine.retry(tx, robot.robot_id, by=actor.name, as_owner=True)
        elif task.held is None:
            raise Conflict(f"{task.task_key} is not held; it is waiting for an agent.", code="nothing_to_retry")
        elif ends_by_itself(task.held_code):
            raise Conflict(f"{task.task_key} waits for something else: {task.held}.", code="nothing_to_retry")
        else:
            self._engine.unhold(tx, robot.robot_id)
            board.note(tx, task, "retried", by=actor, message=SENT_BACK(actor=actor.name), held=None)
        return holds.refresh(tx, self._engine, board.lock(tx, task.id))

    def stop(self, tx: Tx, actor: Actor, name: str, reason: str | None) -> TaskRecord:
        """Take a task from whoever works on it; the branch is kept. Raises: Conflict if nobody does."""
        task = self.lock(tx, name)
        execution = self.active_execution(tx, task)
        if execution is None:
            raise Conflict(f"Nobody works on {task.task_key}.", code="nobody_works")
        self._engine.release(tx, execution.execute_id, by=actor.name, reason=reason, as_owner=True)
        return board.get(tx, task.id)

    def start_by_hand(self, tx: Tx, actor: Actor, name: str) -> TaskRecord:
        """Take a task oneself: no lease, no time-out. Raises: IllegalMove, Conflict."""
        task = self.lock(tx, name)
        if Cause.CLAIM not in allowed_causes(task.state) or task.robot_id is None:
            # The error of the move itself names what is allowed.
            board.move(tx, task, Cause.CLAIM, by=actor, why=Saying(""))
        self._refuse_closed(tx, task)
        robot = self._engine.get_robot(tx, str(task.robot_id))
        if robot.status is RobotStatus.FAILED:
            self._engine.retry(tx, robot.robot_id, by=actor.name, as_owner=True)
        self._engine.claim_robot(
            tx,
            robot.robot_id,
            holder=person_holder(actor),
            lease_seconds=None,
            even_if_held=True,
            as_owner=True,
        )
        return board.get(tx, task.id)

    def release_by_hand(self, tx: Tx, actor: Actor, name: str, reason: str | None) -> TaskRecord:
        """Give back what one took oneself. Raises: Conflict if it is not in one's hands."""
        task = self.lock(tx, name)
        execution = self.active_execution(tx, task)
        if execution is None or execution.holder != person_holder(actor):
            raise Conflict(f"{task.task_key} is not in your hands.", code="not_in_your_hands")
        self._engine.release(tx, execution.execute_id, by=actor.name, reason=reason, as_owner=True)
        return board.get(tx, task.id)

    def delete(self, tx: Tx, name: str) -> TaskRecord:
        """Remove a task for good. Raises: Conflict unless it is cancelled or was never started."""
        task = self.lock(tx, name)
        self._refuse_in_release(tx, task)
        untouched = task.state is TaskState.BACKLOG and task.attempts == 0
        if not (untouched or task.state is TaskState.CANCELLED):
            raise Conflict(f"Cancel {task.task_key} before you delete it.", code="task_not_cancelled")
        self.end_round(tx, SYSTEM, task, "the task was deleted")
        task = board.emit(tx, board.get(tx, task.id), "task:deleted", {"projectId": task.project_id})
        dependants = queries.dependants(tx, task.id)
        agent_queries.detach_logs(tx, task.id)
        queries.delete_task(tx, task.id)
        holds.refresh_each(tx, self._engine, dependants)
        return task

    def end_round(self, tx: Tx, actor: Actor, task: TaskRecord, why: str) -> None:
        """Nobody works on it any more: open questions are skipped, a running attempt is told to stop."""
        for question in question_queries.of_tasks(tx, [task.id], status=QuestionStatus.PENDING):
            question_queries.settle(
                tx,
                question.id,
                status=QuestionStatus.SKIPPED,
                response=None,
                responder_id=actor.id,
                responder=actor.name,
            )
        robot = self._engine.get_robot(tx, task.robot_id) if task.robot_id else None
        if robot is not None and robot.status not in _FINISHED:
            self._engine.cancel(tx, robot.robot_id, by=actor.name, reason=why, as_owner=True)

    def active_execution(self, tx: Tx, task: TaskRecord) -> Execution | None:
        """The attempt that is under way."""
        return self._engine.active_execution(tx, task.robot_id) if task.robot_id else None

    def project_of(self, tx: Tx, task: TaskRecord) -> ProjectRecord:
        """The project of a task."""
        project = project_queries.find(tx, task.project_id)
        if project is None:
            raise AssertionError("a task has a project")
        return project

    def open_round(self, tx: Tx, task: TaskRecord, *, by: Actor) -> TaskRecord:
        """Give a locked task the robot of its round; held if it waits for something."""
        held = holds.reason(tx, task)
        robot = self._engine.submit(
            tx,
            NewRobot(
                robot_type=TASK_WORK,
                input_data={"taskId": task.id, "round": task.round},
                priority=_PRIORITIES[task.priority],
                queue=task.project_id,
                needs=task.capabilities,
                held=None if held is None else held.words,
                correlation_id=task.id,
                source_reference=task.task_key,
                retry_limit=WORK_RETRIES,
                timeout_seconds=self.project_of(tx, task).attempt_minutes * 60,
            ),
            age=task.created_at,
            by=by.name,
        )
        return board.change(tx, task, robot_id=robot.robot_id, held=held)

    def lock(self, tx: Tx, name: str) -> TaskRecord:
        """Lock a task as the engine does: its robot first."""
        found = board.get(tx, name)
        if found.robot_id is not None:
            self._engine.lock_robot(tx, found.robot_id)
        return board.lock(tx, found.id)

    def _refuse_closed(self, tx: Tx, task: TaskRecord) -> None:
        project = self.project_of(tx, task)
        if project.status is not ProjectStatus.ACTIVE:
            raise Conflict(f"{project.key} is {project.status}; nothing is taken there.", code="project_not_active")
        if project.id in self._engine.full_queues(tx, [project.id]):
            raise Conflict(
                f"{project.key} has reached its limit of {project.wip_limit} at a time.", code="limit_reached"
            )

    def _refuse_in_release(self, tx: Tx, task: TaskRecord) -> None:
        group = group_queries.find(tx, task.group_id) if task.group_id else None
        if group is not None and task.state is TaskState.APPROVED:
            raise Conflict(
                f"{task.task_key} is in {group.name}; withdraw {group.name} first.",
                code="in_release",
                details={"group": group.number, "groupId": group.id},
            )
