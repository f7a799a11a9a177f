"""What the pipelines write down about a release, each in one unit of work, each harmless when done again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from aiworker.access.actors import SYSTEM, Actor
from aiworker.core.errors import Conflict, Unavailable
from aiworker.core.sayings import Saying, Sentence
from aiworker.delivery.deployments import service as deployments
from aiworker.delivery.deployments.previews import Previews
from aiworker.delivery.groups import by_hand, queries, robots
from aiworker.delivery.groups.errors import GroupNotFound
from aiworker.delivery.groups.picks import pick
from aiworker.delivery.groups.records import GroupRecord, GroupTaskRecord
from aiworker.delivery.groups.robots import DEPLOY_PRODUCTION, DEPLOY_STAGING, MERGE_GROUP
from aiworker.delivery.groups.service import Groups, tell
from aiworker.delivery.ports.forge import Integration, Pick, PullRequest
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.errors import ProjectNotFound
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.seen import queries as seen_queries
from aiworker.delivery.tasks import approvals, board, holds
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.history import PROMOTED, RELEASE_FAILED, ROLLED_BACK, STAGED
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.delivery.tasks.states import Cause
from aiworker.engine.service import Engine
from aiworker.storage.transaction import Tx
from aiworker.wire.access import Scope
from aiworker.wire.groups import DeploymentEnvironment, DeploymentStatus, DeploymentType, GroupStatus
from aiworker.wire.tasks import TaskState

Plan = Mapping[str, Mapping[str, str]]

_ENVIRONMENTS = {
    DEPLOY_STAGING: DeploymentEnvironment.STAGING,
    DEPLOY_PRODUCTION: DeploymentEnvironment.PRODUCTION,
}
NOT_TAKEN_BACK = Sentence("release_not_taken_back", "{failure} It could not be taken back yet: {error}")
_UNDO_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Release:
    """A release with everything a pipeline needs. `stale`: this robot has nothing left to do for it."""

    group: GroupRecord
    project: ProjectRecord
    members: tuple[GroupTaskRecord, ...]
    tasks: tuple[TaskRecord, ...]
    # Each task's frozen commit, to become one commit with one parent.
    picks: tuple[Pick, ...]
    # What ran in production before it.
    before: GroupRecord | None
    # The last one that looked at what people commit to the default branch.
    looked: GroupRecord | None
    stale: bool

    @property
    def actor(self) -> Actor:
        """Who is behind it, for the timeline."""
        group = self.group
        return Actor(kind="person", id=group.created_by or "system", name=group.creator, scope=Scope.MAINTAINER)


def what_failed(group: GroupRecord) -> Saying:
    """Why a release is taken back, without what came in the way of that."""
    trouble = group.trouble or Saying("")
    if trouble.code != NOT_TAKEN_BACK.code:
        return trouble
    failure = trouble.values["failure"]
    return Saying(failure["words"], failure.get("code"), failure.get("values", {}))


class Progress:
    """The pipelines' pen."""

    def __init__(self, engine: Engine, groups: Groups, previews: Previews) -> None:
        self._engine = engine
        self._groups = groups
        self._previews = previews

    def load(self, tx: Tx, group_id: str, robot_id: str) -> Release:
        """The release as it stands."""
        group = queries.find(tx, group_id)
        if group is None:
            raise GroupNotFound(group_id)
        project = self._project(tx, group)
        found = {task.id: task for task in task_queries.by_ids(tx, group.task_ids)}
        needed = task_queries.dependencies(tx, list(found))
        members = queries.members(tx, [group.id])[group.id]
        return Release(
            group=group,
            project=project,
            members=tuple(members),
            tasks=tuple(found[task_id] for task_id in group.task_ids if task_id in found),
            picks=tuple(pick(found[one.task_id], one.approved_commit, needed[one.task_id]) for one in members),
            before=queries.before_in_production(tx, group),
            looked=queries.last_by_hand(tx, group.project_id),
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

    def integrated(
        self, tx: Tx, group_id: str, robot_id: str, *, base: str, result: Integration, found: by_hand.Found
    ) -> None:
        """Where staging stood and where it will go, before it moves. Raises: Conflict if it was withdrawn."""
        group = self._lock(tx, group_id)
        if group.robot_id != robot_id or group.status is not GroupStatus.PENDING:
            raise Conflict(f"{group.name.capitalize()} is {group.status}.", code="release_over")
        noted = by_hand.note(found.head, found.runs, result.by_hand)
        queries.change(tx, group, {"staging_base": base, "staging_commit": result.head, "by_hand": noted})
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
        nowhere = {"staging_base": None, "staging_commit": None, "by_hand": None}
        queries.change(tx, self._lock(tx, group_id), nowhere)

    def closing(self, tx: Tx, release: Release) -> None:
        """The pull requests of a release's tasks are about to be closed by us: so nobody takes it for a person's."""
        numbers = [task.pr_number for task in release.tasks if task.pr_number is not None]
        seen_queries.set_known_state(tx, release.project.id, numbers, "closed")

    def merged(self, tx: Tx, group_id: str, robot_id: str) -> None:
        """Staging has moved: the roll-out begins, as the next robot."""
        group = self._lock(tx, group_id)
        if group.robot_id == robot_id and group.under_way == MERGE_GROUP:
            self._next(tx, group, DEPLOY_STAGING)

    def staged(self, tx: Tx, group_id: str, robot_id: str, *, url: str, log: str) -> None:
        """It answers in staging: the tasks are there now."""
        group = self._lock(tx, group_id)
        if group.robot_id != robot_id or group.status is not GroupStatus.PENDING:
            return
        deployments.succeed(tx, robot_id, DeploymentEnvironment.STAGING, url=url, log=log)
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
            STAGED(number=group.number),
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
        deployments.succeed(tx, robot_id, DeploymentEnvironment.PRODUCTION, url=url, log=log)
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
        why = PROMOTED(number=group.number)
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
        deployments.succeed(tx, robot_id, environment, url=url, log=log)
        origin = TaskState(environment.value)
        values = {
            "status": GroupStatus.ROLLED_BACK,
            "production_rollback_available": False,
            "under_way": None,
            "plan": None,
            "error": None,
        }
        queries.change(tx, group, values)
        why = ROLLED_BACK(number=group.number, environment=environment.value)
        for task in self._move(tx, group, origin, Cause.ROLL_BACK, why, group_id=None):
            approvals.check(tx, self._engine, task)
        before = queries.newest(tx, group.project_id, GroupStatus.PRODUCTION)
        if environment is DeploymentEnvironment.PRODUCTION and before is not None:
            queries.change(tx, before, {"production_rollback_available": True})
        tell(tx, group)

    def undoing(self, tx: Tx, group_id: str, error: Saying) -> None:
        """A roll-out has failed, and what it moved goes back: a re-run goes on with the undoing."""
        queries.change(tx, self._lock(tx, group_id), {"error": error})

    def undo_later(self, tx: Tx, group_id: str, robot_id: str, robot_type: str, error: Saying) -> bool:
        """A robot has given up on a release that may have moved a branch: the next one takes that back.

        False if nothing can have moved.
        """
        group = self._lock(tx, group_id)
        aimed = {
            MERGE_GROUP: group.staging_commit if group.on_the_move else None,
            DEPLOY_STAGING: group.staging_commit,
            DEPLOY_PRODUCTION: group.production_commit,
        }
        if group.robot_id != robot_id or group.under_way is None or aimed.get(robot_type) is None:
            return False
        environment = _ENVIRONMENTS.get(robot_type)
        if environment is not None:
            deployments.give_up(tx, robot_id, environment, error=error, log="")
        said = NOT_TAKEN_BACK(failure=what_failed(group), error=error) if group.error else error
        again = group.trouble is not None and group.trouble.code == NOT_TAKEN_BACK.code
        pause = _UNDO_PAUSE if again else timedelta()
        self._next(tx, group, robot_type if environment else DEPLOY_STAGING, error=said, pause=pause)
        return True

    def failed(
        self,
        tx: Tx,
        group_id: str,
        robot_id: str,
        error: Saying,
        *,
        environment: DeploymentEnvironment | None = None,
        log: str = "",
        conflict_task_id: str | None = None,
        conflict_files: Sequence[str] = (),
    ) -> None:
        """The pipeline ends without success: the release is where it was before, and says why."""
        group = self._lock(tx, group_id)
        if group.robot_id != robot_id:
            # By now another robot moves this release; what this one left behind must still be cleaned up.
            self._groups.clean_up(tx, self._project(tx, group), group)
            return
        if group.under_way is None and group.status is not GroupStatus.PENDING:
            return
        if environment is not None:
            deployments.give_up(tx, robot_id, environment, error=error, log=log, status=DeploymentStatus.FAILED)
        values: dict[str, object] = {"under_way": None, "error": error, "plan": None}
        if group.status is GroupStatus.PENDING:
            values |= {
                "status": GroupStatus.FAILED,
                "conflict_task_id": conflict_task_id,
                "conflict_files": list(conflict_files),
            }
        queries.change(tx, group, values)
        if group.status is GroupStatus.PENDING:
            self._groups.free_tasks(tx, SYSTEM, group, RELEASE_FAILED(number=group.number, error=error))
        self._groups.clean_up(tx, self._project(tx, group), group)
        tell(tx, group)

    def _next(
        self,
        tx: Tx,
        group: GroupRecord,
        robot_type: str,
        *,
        error: Saying | None = None,
        pause: timedelta = timedelta(),
    ) -> None:
        """The release goes on in the hands of another robot."""
        project = self._project(tx, group)
        due = tx.now + pause if pause else None
        robot = robots.submit(tx, self._engine, robot_type, project, group.id, group.tag, defer_until=due)
        kind = DeploymentType.AUTOMATIC
        self._groups.create_deployment(tx, project, group, robot, _ENVIRONMENTS[robot_type], SYSTEM, kind=kind)
        queries.change(tx, group, {"robot_id": robot, "under_way": robot_type, "error": error})
        tell(tx, group)

    def _project(self, tx: Tx, group: GroupRecord) -> ProjectRecord:
        project = project_queries.find(tx, group.project_id)
        if project is None:
            raise ProjectNotFound(group.project_id)
        return project

    def _move(
        self, tx: Tx, group: GroupRecord, origin: TaskState, cause: Cause, why: Saying, **values: object
    ) -> list[TaskRecord]:
        found = [board.lock(tx, task.id) for task in task_queries.by_ids(tx, group.task_ids)]
        details = {"groupId": group.id, "number": group.number}
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
