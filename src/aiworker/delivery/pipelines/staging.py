"""`deploy.staging`: staging runs the release; if it does not get healthy, the branch goes back by itself."""

from collections.abc import Sequence

from aiworker.core.errors import Conflict
from aiworker.delivery.deployments import service as book
from aiworker.delivery.groups.progress import Release
from aiworker.delivery.groups.service import DEPLOY_STAGING, STAGING_BRANCH
from aiworker.delivery.pipelines.shipping import Shipping, commits_of, moved_meanwhile
from aiworker.delivery.ports import RolloutFailed
from aiworker.engine.worker import Context, Step
from aiworker.wire.engine import StepCategory
from aiworker.wire.groups import DeploymentEnvironment

_STAGING = DeploymentEnvironment.STAGING


class DeployStaging:
    """Rolls a merged release out to staging."""

    robot_type = DEPLOY_STAGING

    def __init__(self, shipping: Shipping) -> None:
        self._do = shipping

    def steps(self) -> Sequence[Step]:
        """In this order."""
        return (
            Step("roll-out", StepCategory.EXTERNAL_API, self._roll_out),
            Step("undo", StepCategory.EXTERNAL_API, self._undo),
            Step("record", StepCategory.FINALIZATION, self._record),
        )

    async def _roll_out(self, context: Context) -> str | None:
        release = await self._do.release(context)
        if release.stale or release.group.error is not None:
            return None
        commit = str(release.group.staging_commit)
        await self._do.database.write(book.start, context.robot.robot_id, _STAGING, commit=commit)
        try:
            instance = await self._do.roll_out(context, release.project, _STAGING, commit)
        except RolloutFailed as failure:
            await self._do.database.write(self._do.progress.undoing, release.group.id, failure.message)
            return f"failed: {failure.message}"
        return f"{instance.url} answers with {commit[:7]}"

    async def _undo(self, context: Context) -> str | None:
        """Only after a failed roll-out: staging gets a commit that takes the release back."""
        release = await self._do.release(context)
        if release.stale or release.group.error is None:
            return None
        await take_back(
            self._do,
            release,
            branch=STAGING_BRANCH,
            head=str(release.group.staging_commit),
            commits=commits_of([member.staging_commit for member in release.members]),
        )
        log = await self._do.log_of(release.project, _STAGING)
        await self._do.database.write(
            self._do.progress.failed,
            release.group.id,
            context.robot.robot_id,
            release.group.error,
            environment=_STAGING,
            log=log,
        )
        raise Conflict(release.group.error, code="rollout_failed")

    async def _record(self, context: Context) -> str | None:
        release = await self._do.release(context)
        log = await self._do.log_of(release.project, _STAGING)
        url = self._do.runtime.url(f"staging-{release.project.repository}")
        await self._do.database.write(
            self._do.progress.staged, release.group.id, context.robot.robot_id, url=url, log=log
        )
        return None


async def take_back(shipping: Shipping, release: Release, *, branch: str, head: str, commits: list[str]) -> None:
    """One commit on a branch that takes a release back. Done already: no error, as the same commit comes out."""
    repository = release.project.repository
    undone = await shipping.forge.revert(
        repository,
        branch=f"release/{release.group.number}-undo",
        onto=head,
        commits=commits,
        message=f"Take {release.group.name} back\n\nIts roll-out failed: {release.group.error}\n",
    )
    if not await shipping.move(release.project, branch, origin=head, target=undone.head):
        raise moved_meanwhile(branch)
    await shipping.forge.delete_branch(repository, f"release/{release.group.number}-undo")
