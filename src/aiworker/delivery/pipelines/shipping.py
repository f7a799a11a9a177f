"""What the shipping pipelines share: the release and its end, the branches, the roll-out."""

from collections.abc import Sequence

from aiworker.core.errors import AiWorkerError, Conflict, Limited, Unavailable
from aiworker.core.sayings import Saying
from aiworker.delivery.deployments import service as deployments
from aiworker.delivery.groups.progress import Plan, Progress, Release
from aiworker.delivery.groups.service import instance_name
from aiworker.delivery.pipelines.details import ANSWERS, APART_THERE
from aiworker.delivery.ports.forge import BranchMoved, Forge
from aiworker.delivery.ports.runtime import Instance, Place, Rollout, RolloutFailed, Runtime
from aiworker.delivery.ports.runtime import Progress as RolloutProgress
from aiworker.delivery.projects.errors import Diverged
from aiworker.delivery.projects.records import STAGING_BRANCH, ProjectRecord
from aiworker.delivery.projects.service import Projects
from aiworker.delivery.projects.upstream import Upstreams
from aiworker.engine.context import Context
from aiworker.engine.steps import Failed, Outcome, Skip
from aiworker.storage.database import Database
from aiworker.wire.groups import DeploymentEnvironment

LOG_LINES = 200


class Shipping:
    """Hands for the pipelines."""

    def __init__(
        self,
        *,
        database: Database,
        forge: Forge,
        runtime: Runtime,
        projects: Projects,
        upstreams: Upstreams,
        progress: Progress,
    ) -> None:
        self.database = database
        self.forge = forge
        self.runtime = runtime
        self.projects = projects
        self.upstreams = upstreams
        self.progress = progress

    async def release(self, context: Context) -> Release:
        """The release that a robot works for, as it stands now."""
        group_id = str(context.robot.input_data["groupId"])
        return await self.database.read(self.progress.load, group_id, context.robot.robot_id)

    async def fetched(
        self, context: Context, release: Release, environment: DeploymentEnvironment | None = None
    ) -> Outcome:
        """What came from where people cloned from; if that has gone another way, the release ends. Raises: Diverged."""
        try:
            return await self.upstreams.before_release(release.project) or Skip()
        except Diverged as diverged:
            await self.fail(context, release, APART_THERE(problem=diverged.said, command=diverged.command), environment)
            raise

    async def tried(
        self, context: Context, release: Release, environment: DeploymentEnvironment, commit: str
    ) -> Outcome:
        """Roll a release out; if it does not get healthy, that is noted, and the next step undoes it."""
        await self.database.write(deployments.start, context.robot.robot_id, environment, commit=commit)
        try:
            instance = await self.roll_out(context, release.project, environment, commit)
        except RolloutFailed as failure:
            await self.database.write(self.progress.undoing, release.group.id, failure.said)
            return Failed(failure.said)
        return answers(instance, commit)

    async def fail(
        self,
        context: Context,
        release: Release,
        error: Saying,
        environment: DeploymentEnvironment | None = None,
        *,
        conflict_task_id: str | None = None,
        conflict_files: Sequence[str] = (),
    ) -> None:
        """The release ends here without success, with what the environment said last."""
        log = "" if environment is None else await self.log_of(release.project, environment)
        await self.database.write(
            self.progress.failed,
            release.group.id,
            context.robot.robot_id,
            error,
            environment=environment,
            log=log,
            conflict_task_id=conflict_task_id,
            conflict_files=conflict_files,
        )

    def rollout(
        self, project: ProjectRecord, commit: str, *, name: str, place: Place, branch: str, namespace: str
    ) -> Rollout:
        """What should run, from the project's settings."""
        return Rollout(
            name=name,
            repository=project.repository,
            commit=commit,
            place=place,
            branch=branch,
            repository_url=project.gitea_repo_url or self.forge.clone_url(project.repository),
            setup_command=project.setup_command,
            start_command=project.start_command,
            static_root=project.static_root,
            env=self.projects.environment_variables(project),
            health_path=project.health_path,
            health_timeout_seconds=float(project.health_timeout_seconds),
            cpu_limit=project.cpu_limit,
            memory_limit=project.memory_limit,
            replicas=project.replicas,
            namespace=namespace,
            image=project.docker_image,
            egress=tuple(project.egress or ()),
            as_root=project.run_as_root,
            manifests=project.manifests_path,
            manifests_image=project.manifests_image or "",
        )

    async def roll_out(
        self, context: Context, project: ProjectRecord, environment: DeploymentEnvironment, commit: str
    ) -> Instance:
        """Bring a commit up in staging or production.

        Raises: RolloutFailed, also where another try would not help; Unavailable, Limited if it would.
        """
        staging = environment is DeploymentEnvironment.STAGING
        wanted = self.rollout(
            project,
            commit,
            name=instance_name(project, environment),
            place="staging" if staging else "production",
            branch=STAGING_BRANCH if staging else project.default_branch,
            namespace=project.staging_namespace if staging else project.k8s_namespace,
        )
        try:
            return await self.runtime.deploy(wanted, self._told(context, environment))
        except (Unavailable, Limited):
            raise
        except AiWorkerError as refused:
            raise RolloutFailed(refused.said) from refused

    def _told(self, context: Context, environment: DeploymentEnvironment) -> RolloutProgress:
        """As `told`, and kept: people open the release when something of it has been said already."""
        tell = told(context)

        async def tell_and_keep(step: str, sentence: str) -> None:
            line = f"{step}: {sentence}"
            await self.database.write(deployments.note, context.robot.robot_id, environment, line)
            await tell(step, sentence)

        return tell_and_keep

    async def url_of(self, project: ProjectRecord, environment: DeploymentEnvironment) -> str:
        """Where an environment answers: its manifests may give it an address of their own."""
        name = instance_name(project, environment)
        instance = await self.runtime.get(name)
        return instance.url if instance is not None else self.runtime.url(name)

    async def log_of(self, project: ProjectRecord, environment: DeploymentEnvironment) -> str:
        """The last lines that an environment has said."""
        return await self.runtime.logs(instance_name(project, environment), lines=LOG_LINES)

    async def move(self, project: ProjectRecord, branch: str, *, origin: str, target: str) -> bool:
        """Take a branch from one commit to the next; it stands (or has gone) there already: no error.

        False if it stands somewhere else altogether: somebody else has moved it.
        """
        head = await self.forge.head(project.repository, branch)
        if head is not None and await self.forge.is_ancestor(project.repository, target, head):
            return True
        if head != origin:
            return False
        try:
            await self.forge.move_branch(project.repository, branch, to=target, expected=origin)
        except BranchMoved:
            return False
        return True

    async def reverted(self, release: Release, branch: str, commits: Sequence[str], message: str) -> dict[str, str]:
        """One commit that takes a release back from a branch, made but not moved to: where from, where to.

        The two are the same if that commit is there already. Raises: Conflicted if later work stands on the release.
        """
        repository = release.project.repository
        head = await self.branch_head(release.project, branch)
        since = await self.forge.compare(repository, base=commits[-1], head=head)
        if any(commit.message.strip() == message.strip() for commit in since.commits):
            return {"from": head, "to": head}
        scratch = release.group.revert_branch(branch)
        made = await self.forge.revert(repository, branch=scratch, onto=head, commits=commits, message=message)
        return {"from": head, "to": made.head}

    async def same_content(self, project: ProjectRecord, before: str, after: str) -> bool:
        """Whether a later commit has the very files of an earlier one."""
        return not (await self.forge.diff(project.repository, base=before, head=after)).files

    async def follow(self, release: Release, plan: Plan) -> None:
        """Move the branches as it was planned. Raises: Unavailable if somebody else moved one; that is planned anew."""
        for branch, move in plan.items():
            if not await self.move(release.project, branch, origin=move["from"], target=move["to"]):
                others = {name: kept for name, kept in plan.items() if name != branch}
                await self.database.write(self.progress.rollback_planned, release.group.id, others)
                raise moved_meanwhile(branch)
            await self.forge.delete_branch(release.project.repository, release.group.revert_branch(branch))

    async def branch_head(self, project: ProjectRecord, branch: str) -> str:
        """Where a branch stands; a missing one starts at the default branch. Raises: Conflict (no commit at all)."""
        head = await self.forge.head(project.repository, branch)
        if head is not None:
            return head
        default = await self.forge.head(project.repository, project.default_branch)
        if default is None:
            raise Conflict(f"The repository of {project.key} has no commit yet.", code="empty_repository")
        return await self.forge.create_branch(project.repository, branch, at=default)


def answers(instance: Instance, commit: str) -> Saying:
    """What a roll-out that went well says."""
    return ANSWERS(url=instance.url, commit=commit)


def told(context: Context) -> RolloutProgress:
    """What a runtime says of its progress becomes lines of the robot's log, at once: people read along."""

    async def tell(step: str, sentence: str) -> None:
        await context.log(f"{step}: {sentence}")
        await context.flush()

    return tell


def moved_meanwhile(branch: str) -> Unavailable:
    """The error that has a step tried again from the start."""
    return Unavailable(f"Somebody else moved {branch} in the meantime; trying again.", code="branch_moved")


def commits_of(values: Sequence[str | None]) -> list[str]:
    """Commits that must be there by now."""
    if any(value is None for value in values):
        raise AssertionError("a release that has moved knows its commits")
    return [value for value in values if value is not None]
