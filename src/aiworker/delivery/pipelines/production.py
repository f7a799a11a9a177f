"""`deploy.production`: the release's commits go to the default branch and run; if not healthy, back by itself."""

from collections.abc import Sequence
from typing import Final

from aiworker.core.errors import Conflict
from aiworker.delivery.groups.progress import what_failed
from aiworker.delivery.pipelines.details import BRANCH_MOVES, NOT_TAGGED
from aiworker.delivery.pipelines.shipping import Shipping, commits_of, moved_meanwhile
from aiworker.delivery.pipelines.staging import take_back
from aiworker.delivery.ports.forge import Conflicted
from aiworker.delivery.ports.rollout_troubles import with_words
from aiworker.engine.context import Context
from aiworker.engine.steps import End, Failed, Outcome, Skip, Step
from aiworker.wire.engine import StepCategory
from aiworker.wire.groups import DeploymentEnvironment

_PRODUCTION = DeploymentEnvironment.PRODUCTION


async def _fetch(context: Context, do: Shipping) -> Outcome:
    release = await do.release(context)
    if release.stale or release.group.production_commit is not None:
        return Skip()
    return await do.fetched(context, release, _PRODUCTION)


async def _integrate(context: Context, do: Shipping) -> Outcome:
    """Where the default branch will go: on to staging's very commits if it can, else to new ones like them."""
    release = await do.release(context)
    group, project = release.group, release.project
    if release.stale or group.production_commit is not None:
        return Skip()
    base = await do.branch_head(project, project.default_branch)
    staged = str(group.staging_commit)
    if await do.forge.is_ancestor(project.repository, base, staged):
        head, commits = staged, commits_of([member.staging_commit for member in release.members])
    else:
        try:
            made = await do.forge.integrate(
                project.repository, branch=group.production_branch, onto=base, picks=release.picks
            )
        except Conflicted as conflict:
            await do.fail(context, release, conflict.said, _PRODUCTION)
            raise
        head, commits = made.head, list(made.commits)
    await do.database.write(do.progress.production_planned, group.id, base=base, head=head, commits=commits)
    return BRANCH_MOVES(branch=project.default_branch, before=base, after=head)


async def _merge(context: Context, do: Shipping) -> Outcome:
    release = await do.release(context)
    group, project = release.group, release.project
    if release.stale or group.error is not None:
        return Skip()
    if group.production_base is None or group.production_commit is None:
        raise moved_meanwhile(project.default_branch)
    if not await do.move(project, project.default_branch, origin=group.production_base, target=group.production_commit):
        await do.database.write(do.progress.forget_production, group.id)
        raise moved_meanwhile(project.default_branch)
    await do.forge.delete_branch(project.repository, group.production_branch)
    return None


async def _roll_out(context: Context, do: Shipping) -> Outcome:
    release = await do.release(context)
    if release.stale or release.group.error is not None:
        return Skip()
    return await do.tried(context, release, _PRODUCTION, str(release.group.production_commit))


async def _undo(context: Context, do: Shipping) -> Outcome:
    """Only after a failed roll-out: the default branch gets a commit that takes the release back."""
    release = await do.release(context)
    group = release.group
    if release.stale or group.error is None:
        return Skip()
    commits = commits_of([member.production_commit for member in release.members])
    left = await take_back(do, release, branch=release.project.default_branch, commits=commits)
    if left is None:
        # When it is promoted again, its commits are made anew.
        await do.database.write(do.progress.forget_production, group.id)
    error = with_words(what_failed(group), left)
    await do.fail(context, release, error, _PRODUCTION)
    return End(Conflict(error, code="rollout_failed"), Failed(left) if left is not None else None)


async def _tag(context: Context, do: Shipping) -> Outcome:
    release = await do.release(context)
    if release.stale:
        return Skip()
    listed = "\n".join(f"- {task.task_key}: {task.title}" for task in release.tasks)
    try:
        await do.forge.tag(
            release.project.repository,
            release.group.tag,
            at=str(release.group.production_commit),
            message=f"{release.group.name.capitalize()}\n\n{listed}\n",
        )
    except Conflict as taken:
        # A tag of the repository's own: production runs, so the release does not fail for its name.
        return NOT_TAGGED(error=taken.said)
    return release.group.tag


async def _push(context: Context, do: Shipping) -> Outcome:
    """Where people cloned from gets the new commits, if that was agreed; it may refuse, production runs on."""
    release = await do.release(context)
    if release.stale:
        return Skip()
    return await do.upstreams.after_production(release.project, [release.group.tag]) or Skip()


async def _record(context: Context, do: Shipping) -> Outcome:
    release = await do.release(context)
    log = await do.log_of(release.project, _PRODUCTION)
    await do.database.write(
        do.progress.promoted,
        release.group.id,
        context.robot.robot_id,
        url=await do.url_of(release.project, _PRODUCTION),
        log=log,
    )
    return None


STEPS: Final[Sequence[Step[Shipping]]] = (
    Step("fetch", StepCategory.EXTERNAL_API, _fetch),
    Step("integrate", StepCategory.PROCESSING, _integrate),
    Step("merge", StepCategory.EXTERNAL_API, _merge),
    Step("roll-out", StepCategory.EXTERNAL_API, _roll_out),
    Step("undo", StepCategory.EXTERNAL_API, _undo),
    Step("tag", StepCategory.EXTERNAL_API, _tag),
    Step("push", StepCategory.EXTERNAL_API, _push),
    Step("record", StepCategory.FINALIZATION, _record),
)
