"""Releases as people command them: ship, promote, roll back, withdraw. The pipelines do the work."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from aiworker.access.actors import Actor
from aiworker.core.errors import Conflict, Invalid
from aiworker.core.ids import new_id
from aiworker.core.sayings import Saying, Sentence
from aiworker.delivery.deployments import service as deployments
from aiworker.delivery.groups import problems, queries, robots
from aiworker.delivery.groups.errors import Busy, GroupNotFound, NotShippable, OutOfOrder
from aiworker.delivery.groups.records import GroupRecord
from aiworker.delivery.groups.robots import CLEANUP_RELEASE, DEPLOY_PRODUCTION, DEPLOY_ROLLBACK, MERGE_GROUP
from aiworker.delivery.ports.runtime import Runtime
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.errors import NoRepository
from aiworker.delivery.projects.records import STAGING_BRANCH, ProjectRecord
from aiworker.delivery.projects.upstream import no_repository
from aiworker.delivery.tasks import approvals, board, dependencies
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.errors import TaskNotFound
from aiworker.delivery.tasks.history import GROUPED, PUSHED_TO_RELEASE, WITHDREW
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.engine.service import Engine
from aiworker.storage.outbox.events import Event
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import RobotStatus
from aiworker.wire.groups import DeploymentEnvironment, DeploymentType, GroupStatus, NewGroup

# A merge that was called off has ended by then.
_CLEANUP_AFTER = timedelta(seconds=30)


def instance_name(project: ProjectRecord, environment: DeploymentEnvironment) -> str:
    """What the runtime calls the project's staging or production."""
    return f"{environment}-{project.key.lower()}"


def tell(tx: Tx, group: GroupRecord) -> None:
    """The page is told that a release has changed."""
    tx.emit(
        Event(
            feed=group.project_id,
            stream=f"group:{group.id}",
            kind="group:updated",
            data={"groupId": group.id, "projectId": group.project_id, "groupNumber": group.number},
        )
    )


class Groups:
    """Use cases around releases."""

    def __init__(self, engine: Engine, runtime: Runtime) -> None:
        self._engine = engine
        self._runtime = runtime

    def get(self, tx: Tx, name: str, project_id: str | None = None) -> GroupRecord:
        """By id, or by number (`7`, `release-7`) if it is one project's only. Raises: GroupNotFound, Invalid."""
        group = queries.find(tx, name)
        number = name.lower().removeprefix("release").strip(" -")
        if group is None and number.isascii() and number.isdigit() and len(number) < 10:  # noqa: PLR2004 (an integer)
            if project_id is not None:
                group = queries.by_number(tx, project_id, int(number))
            else:
                found = queries.numbered(tx, int(number))
                if len(found) > 1:
                    raise Invalid(f"Several projects have a release {number}; name the project.", code="ambiguous")
                group = found[0] if found else None
        if group is None:
            raise GroupNotFound(name)
        return group

    def create(self, tx: Tx, actor: Actor, new: NewGroup) -> GroupRecord:
        """Freeze approved tasks as a release, and have it merged to staging, at once or later. Raises: NotShippable."""
        tasks = self._shippable(tx, new.task_ids)
        project = project_queries.lock(tx, tasks[0].project_id)
        if project is None:
            raise TaskNotFound(new.task_ids[0])
        _refuse_without_repository(project)
        group_id = new_id()
        number = project_queries.next_group_number(tx, project.id)
        robot = robots.submit(
            tx,
            self._engine,
            MERGE_GROUP,
            project,
            group_id,
            f"release-{number}",
            by=actor.name,
            defer_until=new.defer_until,
        )
        queries.add(
            tx,
            {
                "id": group_id,
                "number": number,
                "project_id": project.id,
                "task_ids": [task.id for task in tasks],
                "status": GroupStatus.PENDING,
                "production_rollback_available": False,
                "created_by": actor.id[:36],
                "creator": actor.name,
                "notes": new.notes,
                "defer_until": new.defer_until,
                "robot_id": robot,
                "conflict_files": [],
                "created_at": tx.now,
                "updated_at": tx.now,
            },
            [
                {"group_id": group_id, "task_id": task.id, "place": place, "approved_commit": task.approved_commit}
                for place, task in enumerate(tasks)
            ],
        )
        for task in tasks:
            board.note(
                tx,
                task,
                "grouped",
                by=actor,
                message=GROUPED(actor=actor.name, number=number),
                details={"groupId": group_id, "number": number},
                group_id=group_id,
            )
        return self._told(tx, group_id)

    def promote(self, tx: Tx, actor: Actor, group: GroupRecord) -> GroupRecord:
        """Take a release from staging to production. Raises: Conflict, OutOfOrder, Busy, NotShippable."""
        group, project = self._locked(tx, group)
        if group.status is not GroupStatus.STAGING:
            raise Conflict(f"{group.name.capitalize()} is {group.status}, not in staging.", code="not_in_staging")
        _refuse_without_repository(project)
        self._refuse_busy(tx, project)
        standing = queries.in_staging(tx, project.id)
        earlier = [other.name for other in takewhile(lambda other: other.id != group.id, standing)]
        if earlier:
            raise OutOfOrder(
                f"{group.name.capitalize()} comes after {', '.join(earlier)}; promote or roll back those first.",
                details={"earlier": earlier},
            )
        if missing := problems.of_promotion(tx, group):
            raise NotShippable(missing)
        robot = robots.submit(tx, self._engine, DEPLOY_PRODUCTION, project, group.id, group.tag, by=actor.name)
        self.create_deployment(tx, project, group, robot, DeploymentEnvironment.PRODUCTION, actor)
        queries.change(tx, group, {"robot_id": robot, "under_way": DEPLOY_PRODUCTION, "error": None, "plan": None})
        return self._told(tx, group.id)

    def rollback(self, tx: Tx, actor: Actor, group: GroupRecord) -> GroupRecord:
        """Take the newest release of an environment back out. Raises: Conflict, OutOfOrder, Busy."""
        group, project = self._locked(tx, group)
        if group.status not in {GroupStatus.STAGING, GroupStatus.PRODUCTION}:
            raise Conflict(
                f"{group.name.capitalize()} is {group.status}; only what is in staging or production goes back.",
                code="nothing_to_roll_back",
            )
        self._refuse_busy(tx, project)
        newest = queries.newest(tx, project.id, group.status) or group
        if newest.id != group.id:
            raise OutOfOrder(
                f"{newest.name.capitalize()} came to {group.status} after {group.name}; roll it back first.",
                details={"newest": newest.name},
            )
        environment = DeploymentEnvironment(group.status.value)
        robot = robots.submit(
            tx,
            self._engine,
            DEPLOY_ROLLBACK,
            project,
            group.id,
            group.tag,
            by=actor.name,
            environment=environment,
        )
        self.create_deployment(tx, project, group, robot, environment, actor, kind=DeploymentType.ROLLBACK)
        queries.change(tx, group, {"robot_id": robot, "under_way": DEPLOY_ROLLBACK, "error": None, "plan": None})
        return self._told(tx, group.id)

    def withdraw(self, tx: Tx, actor: Actor, group: GroupRecord) -> GroupRecord:
        """Take a release back before staging moves. Raises: Conflict, Busy."""
        group, project = self._locked(tx, group)
        if group.status is not GroupStatus.PENDING:
            raise Conflict(
                f"{group.name.capitalize()} is {group.status}; only a waiting release can be withdrawn.",
                code="not_withdrawable",
            )
        if group.on_the_move:
            raise Busy(group.name, group.under_way or "")
        return self._withdraw(tx, actor, group, project, WITHDREW(actor=actor.name, number=group.number))

    def withdraw_for_push(self, tx: Tx, actor: Actor, task: TaskRecord, *, did: Sentence = PUSHED_TO_RELEASE) -> bool:
        """A push to a task's branch takes its release back; False if the release is on the move, and keeps its commit.

        `did`: what else happened to the task, outside AiWorker.
        """
        found = queries.find(tx, task.group_id) if task.group_id else None
        if found is None:
            return True
        group, project = self._locked(tx, found)
        if group.status is not GroupStatus.PENDING or group.on_the_move:
            return False
        why = did(actor=actor.name, task=task.task_key, number=group.number)
        self._withdraw(tx, actor, group, project, why)
        return True

    def _withdraw(self, tx: Tx, actor: Actor, group: GroupRecord, project: ProjectRecord, why: Saying) -> GroupRecord:
        if group.robot_id is not None:
            robot = self._engine.get_robot(tx, group.robot_id)
            if robot.status in {RobotStatus.PENDING, RobotStatus.RETRYING, RobotStatus.PROCESSING}:
                self._engine.cancel(tx, robot.robot_id, by=actor.name, reason=why.words, as_owner=True)
        current = queries.lock(tx, group.id) or group
        queries.change(tx, current, {"status": GroupStatus.WITHDRAWN, "under_way": None, "error": None})
        self.free_tasks(tx, actor, current, why)
        if group.under_way is not None:
            self.clean_up(tx, project, group, defer_until=tx.now + _CLEANUP_AFTER)
        return self._told(tx, group.id)

    def clean_up(
        self, tx: Tx, project: ProjectRecord, group: GroupRecord, *, defer_until: datetime | None = None
    ) -> None:
        """Have the branches removed that a release made to try things on, and its open pull request closed."""
        reference = f"{group.tag} leftovers"
        robots.submit(tx, self._engine, CLEANUP_RELEASE, project, group.id, reference, defer_until=defer_until)

    def free_tasks(self, tx: Tx, actor: Actor, group: GroupRecord, why: Saying) -> None:
        """The tasks of a release that goes nowhere may be shipped again."""
        for found in task_queries.by_ids(tx, group.task_ids):
            if found.group_id == group.id:
                task = board.note(tx, board.lock(tx, found.id), "ungrouped", by=actor, message=why, group_id=None)
                approvals.check(tx, self._engine, task)

    def _shippable(self, tx: Tx, names: Sequence[str]) -> list[TaskRecord]:
        """The tasks, locked, each once, after what they depend on. Raises: TaskNotFound, NotShippable."""
        found = list({task.id: task for task in (board.lock(tx, name) for name in names)}.values())
        if missing := problems.of_tasks(tx, found):
            raise NotShippable(missing)
        return dependencies.sorted_by_need(tx, found)

    def _locked(self, tx: Tx, group: GroupRecord) -> tuple[GroupRecord, ProjectRecord]:
        project = project_queries.lock(tx, group.project_id)
        locked = queries.lock(tx, group.id)
        if project is None or locked is None:
            raise GroupNotFound(group.id)
        return locked, project

    def _refuse_busy(self, tx: Tx, project: ProjectRecord) -> None:
        other = queries.under_way(tx, project.id)
        if other is not None:
            raise Busy(other.name, other.under_way or "")

    def create_deployment(
        self,
        tx: Tx,
        project: ProjectRecord,
        group: GroupRecord,
        robot_id: str,
        environment: DeploymentEnvironment,
        actor: Actor,
        kind: DeploymentType = DeploymentType.MANUAL,
    ) -> None:
        """A pending deployment of a release, which this robot will roll out."""
        deployments.create(
            tx,
            robot_id=robot_id,
            project=project,
            environment=environment,
            kind=kind,
            by=actor,
            task_ids=group.task_ids,
            group_id=group.id,
            branch=project.default_branch if environment is DeploymentEnvironment.PRODUCTION else STAGING_BRANCH,
            url=self._runtime.url(instance_name(project, environment)),
        )

    def _told(self, tx: Tx, group_id: str) -> GroupRecord:
        group = self.get(tx, group_id)
        tell(tx, group)
        return group


def _refuse_without_repository(project: ProjectRecord) -> None:
    if project.lacks_repository:
        raise NoRepository(f"{no_repository(project.key)}.")
