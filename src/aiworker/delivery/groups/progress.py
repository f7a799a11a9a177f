"""What the pipelines write down about a release, each in one unit of work, each harmless when done again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiworker.access.actors import SYSTEM, Actor
from aiworker.core.errors import Conflict, Unavailable
from aiworker.delivery.deployments import service as book
from aiworker.delivery.deployments.previews import Previews
from aiworker.delivery.groups import queries
from aiworker.delivery.groups.errors import GroupNotFound
from aiworker.delivery.groups.records import GroupRecord, GroupTaskRecord
from aiworker.delivery.groups.service import DEPLOY_STAGING, MERGE_GROUP, STAGING_BRANCH, Groups, instance_name, tell
from aiworker.delivery.ports import Integration, PullRequest, Runtime
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.errors import ProjectNotFound
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.projects.service import shipping_queue
from aiworker.delivery.seen import queries as seen_queries
from aiworker.delivery.tasks import approvals, board, holds
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.delivery.tasks.states import Cause
from aiworker.engine.service import Engine
from aiworker.storage.transaction import Tx
from aiworker.wire.access import Scope
from aiworker.wire.engine import NewRobot, RobotPriority
from aiworker.wire.groups import DeploymentEnvironment, DeploymentStatus, DeploymentType, GroupStatus
from aiworker.wire.tasks import TaskState

Plan = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Release:
    """A release with everything a pipeline needs. `stale`: this robot has nothing left to do for it."""

    group: GroupRecord
    project: ProjectRecord
    members: tuple[GroupTaskRecord, ...]
    tasks: tuple[TaskRecord, ...]
    # By task: commits that it was built on, and whose changes the target holds under other names.
    carried: Mapping[str, tuple[str, ...]]
    stale: bool

    @property
    def actor(self) -> Actor:
        """Who is behind it, for the timeline."""
        group = self.group
        return Actor(kind="person", id=group.created_by or "system", name=group.creator, scope=Scope.MAINTAINER)


class Progress:
    """The pipelines' pen."""

    def __init__(self, engine: Engine, runtime: Runtime, groups: Groups, previews: Previews) -> None:
        self._engine = engine
        self._runtime = runtime
        self._groups = groups
        self._previews = previews

    def load(self, tx: Tx, group_id: str, robot_id: str) -> Release:
        """The release as it stands."""
        group = queries.find(tx, group_id)
        if group is None:
            raise GroupNotFound(group_id)
        project = project_queries.find(tx, group.project_id)
        if project is None:
            raise ProjectNotFound(group.project_id)
        found = {task.id: task for task in task_queries.by_ids(tx, group.task_ids)}
        needed = task_queries.dependencies(tx, list(found))
        return Release(
            group=group,
            project=project,
            members=tuple(queries.members(tx, [group.id])[group.id]),
            tasks=tuple(found[task_id] for task_id in group.task_ids if task_id in found),
            carried={task.id: _carried(task, needed[task.id]) for task in found.values()},
            stale=group.robot_id != robot_id or group.under_way is None,
        )

    def begin_merge(self, tx: Tx, group_id: str, robot_id: str) -> None:
        """From here on the release cannot be withdrawn by hand.

        Raises: Conflict if it has been; Unavailable while another one of the project is under way.
        """
        group = self._lock(tx, group_id)
        if group.robot_id != robot_id:
            return
        if group.status is not GroupStatus.PENDING:
            raise Conflict(f"{group.name.capitalize()} is {group.status}.", code="release_over")
        if group.under_way is None:
            other = queries.under_way(tx, group.project_id)
            if other is not None:
                raise Unavailable(f"{other.name.capitalize()} is under way; trying again.", code="release_under_way")
            queries.change(tx, group, {"under_way": MERGE_GROUP})
            tell(tx, group)

    def integrated(self, tx: Tx, group_id: str, *, base: str, result: Integration) -> None:
        """Where staging stood and where it will go, before it moves."""
        group = self._lock(tx, group_id)
        queries.change(tx, group, {"staging_base": base, "staging_commit": result.head})
        for member, commit in zip(queries.members(tx, [group_id])[group_id], result.commits, strict=True):
            queries.set_member(tx, group_id, member.task_id, {"staging_commit": commit})

    def pull_request_opened(self, tx: Tx, group_id: str, branch: str, pull_request: PullRequest) -> None:
        """From here on a push does not withdraw the release any more. Raises: Conflict if one just has."""
        group = self._lock(tx, group_id)
        if group.status is not GroupStatus.PENDING:
            raise Conflict(f"{group.name.capitalize()} is {group.status}.", code="release_over")
        values = {
            "staging_branch": branch,
            "staging_pr_number": pull_request.number,
            "staging_pr_url": pull_request.url,
        }
        queries.change(tx, group, values)
        tell(tx, group)

    def forget_integration(self, tx: Tx, group_id: str) -> None:
        """Somebody else moved staging in between: integrate anew."""
        queries.change(tx, self._lock(tx, group_id), {"staging_base": None, "staging_commit": None})

    def closing(self, tx: Tx, release: Release) -> None:
        """The pull requests of a release's tasks are about to be closed by us: so nobody takes it for a person's."""
        numbers = [task.pr_number for task in release.tasks if task.pr_number is not None]
        seen_queries.set_known_state(tx, release.project.id, numbers, "closed")

    def merged(self, tx: Tx, group_id: str, robot_id: str) -> None:
        """Staging has moved: the roll-out begins, as the next robot."""
        group = self._lock(tx, group_id)
        if group.robot_id != robot_id:
            return
        project = project_queries.find(tx, group.project_id)
        if project is None:
            raise ProjectNotFound(group.project_id)
        robot = self._engine.submit(
            tx,
            NewRobot(
                robot_type=DEPLOY_STAGING,
                input_data={"groupId": group.id},
                # Before the next merge, which would stand on a release that may yet go back.
                priority=RobotPriority.CRITICAL,
                queue=shipping_queue(project.id),
                correlation_id=group.id,
                source_reference=f"{project.key} {group.tag}",
                retry_limit=3,
            ),
        )
        book.open_page(
            tx,
            robot_id=robot.robot_id,
            project=project,
            environment=DeploymentEnvironment.STAGING,
            kind=DeploymentType.AUTOMATIC,
            by=SYSTEM,
            task_ids=group.task_ids,
            group_id=group.id,
            branch=STAGING_BRANCH,
            url=self._runtime.url(instance_name(project, DeploymentEnvironment.STAGING)),
        )
        queries.change(tx, group, {"robot_id": robot.robot_id, "under_way": DEPLOY_STAGING})
        tell(tx, group)

    def staged(self, tx: Tx, group_id: str, robot_id: str, *, url: str, log: str) -> None:
        """It answers in staging: the tasks are there now."""
        group = self._lock(tx, group_id)
        if group.robot_id != robot_id or group.status is not GroupStatus.PENDING:
            return
        book.succeed(tx, robot_id, DeploymentEnvironment.STAGING, url=url, log=log)
        values = {
            "status": GroupStatus.STAGING,
            "staging_deployed_at": tx.now,
            "under_way": None,
            "error": None,
        }
        queries.change(tx, group, values)
        self._move(
            tx,
            group,
            TaskState.APPROVED,
            Cause.STAGE,
            f"{group.name.capitalize()} is in staging.",
            deployed_staging_at=tx.now,
        )
        tell(tx, group)

    def production_planned(self, tx: Tx, group_id: str, *, base: str, head: str, commits: Sequence[str]) -> None:
        """Where the default branch stood and where it will go, before it moves."""
        group = self._lock(tx, group_id)
        queries.change(tx, group, {"production_base": base, "production_commit": head})
        for member, commit in zip(queries.members(tx, [group_id])[group_id], commits, strict=True):
            queries.set_member(tx, group_id, member.task_id, {"production_commit": commit})

    def forget_production(self, tx: Tx, group_id: str) -> None:
        """Somebody else moved the default branch in between: plan anew."""
        queries.change(tx, self._lock(tx, group_id), {"production_base": None, "production_commit": None})

    def promoted(self, tx: Tx, group_id: str, robot_id: str, *, url: str, log: str) -> None:
        """It answers in production."""
        group = self._lock(tx, group_id)
        if group.robot_id != robot_id or group.status is not GroupStatus.STAGING:
            return
        book.succeed(tx, robot_id, DeploymentEnvironment.PRODUCTION, url=url, log=log)
        if older := queries.newest(tx, group.project_id, GroupStatus.PRODUCTION):
            queries.change(tx, older, {"production_rollback_available": False})
        values = {
            "status": GroupStatus.PRODUCTION,
            "production_deployed_at": tx.now,
            "production_rollback_available": True,
            "under_way": None,
            "error": None,
        }
        queries.change(tx, group, values)
        why = f"{group.name.capitalize()} is in production."
        self._move(tx, group, TaskState.STAGING, Cause.PROMOTE, why, deployed_production_at=tx.now)
        for task in task_queries.by_ids(tx, group.task_ids):
            self._previews.end(tx, board.lock(tx, task.id))
        tell(tx, group)

    def rollback_planned(self, tx: Tx, group_id: str, plan: Plan | None) -> None:
        """Which branch will go from where to where, before any of them moves. None: plan anew."""
        queries.change(tx, self._lock(tx, group_id), {"plan": plan})

    def rolled_back(
        self, tx: Tx, group_id: str, robot_id: str, environment: DeploymentEnvironment, *, url: str, log: str
    ) -> None:
        """The environment runs what it ran before; the tasks are approved again and may be shipped anew."""
        group = self._lock(tx, group_id)
        if group.robot_id != robot_id or group.status is GroupStatus.ROLLED_BACK:
            return
        book.succeed(tx, robot_id, environment, url=url, log=log)
        origin = TaskState(environment.value)
        values = {
            "status": GroupStatus.ROLLED_BACK,
            "production_rollback_available": False,
            "under_way": None,
            "plan": None,
            "error": None,
        }
        queries.change(tx, group, values)
        why = f"{group.name.capitalize()} was rolled back from {environment}."
        for task in self._move(tx, group, origin, Cause.ROLL_BACK, why, group_id=None):
            approvals.check(tx, self._engine, task)
        before = queries.newest(tx, group.project_id, GroupStatus.PRODUCTION)
        if environment is DeploymentEnvironment.PRODUCTION and before is not None:
            queries.change(tx, before, {"production_rollback_available": True})
        tell(tx, group)

    def undoing(self, tx: Tx, group_id: str, error: str) -> None:
        """A roll-out has failed, and what it moved goes back: a re-run goes on with the undoing."""
        queries.change(tx, self._lock(tx, group_id), {"error": error})

    def failed(
        self,
        tx: Tx,
        group_id: str,
        robot_id: str,
        error: str,
        *,
        environment: DeploymentEnvironment | None = None,
        log: str = "",
        conflict_task_id: str | None = None,
        conflict_files: Sequence[str] = (),
    ) -> None:
        """The pipeline ends without success: the release is where it was before, and says why."""
        group = self._lock(tx, group_id)
        if group.robot_id != robot_id or group.under_way is None:
            return
        if environment is not None:
            book.give_up(tx, robot_id, environment, error=error, log=log, status=DeploymentStatus.FAILED)
        values: dict[str, object] = {"under_way": None, "error": error, "plan": None}
        if group.status is GroupStatus.PENDING:
            values |= {
                "status": GroupStatus.FAILED,
                "conflict_task_id": conflict_task_id,
                "conflict_files": list(conflict_files),
            }
        queries.change(tx, group, values)
        if group.status is GroupStatus.PENDING:
            self._groups.free_tasks(tx, SYSTEM, group, f"{group.name.capitalize()} failed: {error}")
        tell(tx, group)

    def _move(
        self, tx: Tx, group: GroupRecord, origin: TaskState, cause: Cause, why: str, **values: object
    ) -> list[TaskRecord]:
        found = [board.lock(tx, task.id) for task in task_queries.by_ids(tx, group.task_ids)]
        details = {"groupId": group.id}
        moved = [
            board.move(tx, task, cause, by=SYSTEM, why=why, details=details, **values)
            for task in found
            if task.state is origin
        ]
        for task in moved:
            holds.refresh_dependants(tx, self._engine, task)
        return moved

    def _lock(self, tx: Tx, group_id: str) -> GroupRecord:
        group = queries.lock(tx, group_id)
        if group is None:
            raise GroupNotFound(group_id)
        return group


def _carried(task: TaskRecord, needed: Sequence[TaskRecord]) -> tuple[str, ...]:
    shipped = (other.approved_commit for other in needed if other.state in {TaskState.STAGING, TaskState.PRODUCTION})
    return tuple(commit for commit in (task.base_commit, *shipped) if commit is not None)
