"""`deploy.staging`: staging runs the release; if it does not get healthy, the branch goes back by itself."""

from collections.abc import Sequence
from typing import Final

from aiworker.core.errors import Conflict
from aiworker.core.sayings import Saying
from aiworker.delivery.groups import by_hand
from aiworker.delivery.groups.progress import Release, what_failed
from aiworker.delivery.pipelines.details import STILL_ON
from aiworker.delivery.pipelines.shipping import Shipping, commits_of
from aiworker.delivery.ports.forge import Conflicted
from aiworker.delivery.ports.rollout_troubles import with_words
from aiworker.delivery.projects.records import STAGING_BRANCH
from aiworker.engine.context import Context
from aiworker.engine.steps import End, Failed, Outcome, Skip, Step
from aiworker.wire.engine import StepCategory
from aiworker.wire.groups import DeploymentEnvironment

_STAGING = DeploymentEnvironment.STAGING


async def _roll_out(context: Context, do: Shipping) -> Outcome:
    release = await do.release(context)
    if release.stale or release.group.error is not None:
        return Skip()
    return await do.tried(context, release, _STAGING, str(release.group.staging_commit))


async def _undo(context: Context, do: Shipping) -> Outcome:
    """Only after a failed roll-out: staging gets a commit that takes the release back."""
    release = await do.release(context)
    if release.stale or release.group.error is None:
        return Skip()
    with_it = by_hand.commits(release.group.by_hand)
    commits = [*with_it, *commits_of([member.staging_commit for member in release.members])]
    left = await take_back(do, release, branch=STAGING_BRANCH, commits=commits)
    error = with_words(what_failed(release.group), left)
    await do.fail(context, release, error, _STAGING)
    return End(Conflict(error, code="rollout_failed"), Failed(left) if left is not None else None)


async def _record(context: Context, do: Shipping) -> Outcome:
    release = await do.release(context)
    log = await do.log_of(release.project, _STAGING)
    url = await do.url_of(release.project, _STAGING)
    await do.database.write(do.progress.staged, release.group.id, context.robot.robot_id, url=url, log=log)
    return None


STEPS: Final[Sequence[Step[Shipping]]] = (
    Step("roll-out", StepCategory.EXTERNAL_API, _roll_out),
    Step("undo", StepCategory.EXTERNAL_API, _undo),
    Step("record", StepCategory.FINALIZATION, _record),
)


async def take_back(do: Shipping, release: Release, *, branch: str, commits: Sequence[str]) -> Saying | None:
    """One commit on a branch that takes a release back whose roll-out failed; if it has to stay, the reason why."""
    group, repository = release.group, release.project.repository
    plan = group.plan
    head = await do.forge.head(repository, branch)
    if head is None or not await do.forge.is_ancestor(repository, commits[-1], head):
        return None
    if not plan:
        message = f"Take {group.name} back\n\nIts roll-out failed: {what_failed(group)}\n"
        try:
            plan = {branch: await do.reverted(release, branch, commits, message)}
        except Conflicted as conflict:
            return STILL_ON(branch=branch, error=conflict.said)
        await do.database.write(do.progress.rollback_planned, group.id, plan)
    await do.follow(release, plan)
    return None
