"""`deploy.rollback`: the environment runs what it ran before, at once; then the branches follow."""

from collections.abc import Sequence
from typing import Final

from aiworker.core.errors import AiWorkerError, Conflict
from aiworker.core.sayings import Saying
from aiworker.delivery.deployments import service as deployments
from aiworker.delivery.groups.progress import Release
from aiworker.delivery.pipelines.details import LATER_WORK, STAGING_DID_NOT_FOLLOW, STAGING_FOLLOWS
from aiworker.delivery.pipelines.shipping import Shipping, answers, commits_of
from aiworker.delivery.ports.forge import Conflicted
from aiworker.delivery.ports.runtime import RolloutFailed
from aiworker.delivery.projects.records import STAGING_BRANCH
from aiworker.engine.context import Context
from aiworker.engine.steps import Outcome, Skip, Step
from aiworker.wire.engine import StepCategory
from aiworker.wire.groups import DeploymentEnvironment

_STAGING = DeploymentEnvironment.STAGING
_PRODUCTION = DeploymentEnvironment.PRODUCTION


async def _plan(context: Context, do: Shipping) -> Outcome:
    """The revert commits are made before anything moves: if they do not fit, nothing has happened."""
    release = await do.release(context)
    plan = dict(release.group.plan or {})
    wanted = {STAGING_BRANCH: [member.staging_commit for member in release.members]}
    if _environment(context) is _PRODUCTION:
        wanted[release.project.default_branch] = [member.production_commit for member in release.members]
    if release.stale or wanted.keys() <= plan.keys():
        return Skip()
    try:
        for branch in sorted(wanted.keys() - plan.keys()):
            plan[branch] = await do.reverted(release, branch, commits_of(wanted[branch]), _message(release))
    except Conflicted as conflict:
        error = LATER_WORK(number=release.group.number, error=conflict.said)
        await do.fail(context, release, error, _environment(context))
        raise Conflict(error, code="revert_conflict", details=conflict.details) from conflict
    await do.database.write(do.progress.rollback_planned, release.group.id, plan)
    return ", ".join(f"{branch}: {move['from'][:7]} → {move['to'][:7]}" for branch, move in plan.items())


async def _roll_back(context: Context, do: Shipping) -> Outcome:
    release = await do.release(context)
    environment = _environment(context)
    if release.stale:
        return Skip()
    commit = await _before(do, release, environment)
    if commit is None:
        return Skip(STAGING_FOLLOWS())
    return await _run(context, do, release, commit)


async def _before(do: Shipping, release: Release, environment: DeploymentEnvironment) -> str | None:
    """What ran before the release; None if that is not what its branch will hold (staging only: nobody waits there)."""
    group = release.group
    if environment is _PRODUCTION:
        return str(release.before.production_commit if release.before else group.production_base)
    base, target = str(group.staging_base), (group.plan or {})[STAGING_BRANCH]["to"]
    return base if await do.same_content(release.project, base, target) else None


async def _run(context: Context, do: Shipping, release: Release, commit: str) -> Saying:
    environment = _environment(context)
    await do.database.write(deployments.start, context.robot.robot_id, environment, commit=commit)
    try:
        instance = await do.roll_out(context, release.project, environment, commit)
    except RolloutFailed as failure:
        await do.fail(context, release, failure.said, environment)
        raise Conflict(failure.said, code="rollout_failed") from failure
    return answers(instance, commit)


async def _revert(context: Context, do: Shipping) -> Outcome:
    release = await do.release(context)
    if release.stale:
        return Skip()
    await do.follow(release, release.group.plan or {})
    return ", ".join(release.group.plan or ())


async def _renew_staging(context: Context, do: Shipping) -> Outcome:
    """A production revert reaches staging too."""
    release = await do.release(context)
    move = (release.group.plan or {}).get(STAGING_BRANCH)
    if release.stale or move is None:
        return Skip()
    if _environment(context) is _STAGING:
        renewed = await _before(do, release, _STAGING) is not None
        return Skip() if renewed else await _run(context, do, release, move["to"])
    try:
        instance = await do.roll_out(context, release.project, _STAGING, move["to"])
    except (RolloutFailed, AiWorkerError) as error:
        return STAGING_DID_NOT_FOLLOW(error=error.said)
    return answers(instance, move["to"])


async def _push(context: Context, do: Shipping) -> Outcome:
    """Where people cloned from gets the revert as it got the release."""
    release = await do.release(context)
    if release.stale or _environment(context) is not _PRODUCTION:
        return Skip()
    return await do.upstreams.after_production(release.project, []) or Skip()


async def _record(context: Context, do: Shipping) -> Outcome:
    release = await do.release(context)
    environment = _environment(context)
    log = await do.log_of(release.project, environment)
    await do.database.write(
        do.progress.rolled_back,
        release.group.id,
        context.robot.robot_id,
        environment,
        url=await do.url_of(release.project, environment),
        log=log,
    )
    return None


def _message(release: Release) -> str:
    trailers = "".join(f"Reverts-Task: {task.task_key}\n" for task in release.tasks)
    return f"Revert {release.group.name}\n\n{trailers}"


STEPS: Final[Sequence[Step[Shipping]]] = (
    Step("plan", StepCategory.PROCESSING, _plan),
    Step("roll-back", StepCategory.EXTERNAL_API, _roll_back),
    Step("revert", StepCategory.EXTERNAL_API, _revert),
    Step("staging", StepCategory.EXTERNAL_API, _renew_staging),
    Step("push", StepCategory.EXTERNAL_API, _push),
    Step("record", StepCategory.FINALIZATION, _record),
)


def _environment(context: Context) -> DeploymentEnvironment:
    return DeploymentEnvironment(context.robot.input_data["environment"])
