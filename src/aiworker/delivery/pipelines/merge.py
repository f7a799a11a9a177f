"""`merge.group`: every task's frozen commit becomes one commit on staging, all or nothing."""

from collections.abc import Sequence
from typing import Final

from aiworker.core.errors import Conflict
from aiworker.delivery.groups import by_hand
from aiworker.delivery.groups.progress import Release
from aiworker.delivery.pipelines.details import MOVES, MOVES_WITH, STANDS_AT, TASKS
from aiworker.delivery.pipelines.shipping import Shipping, moved_meanwhile
from aiworker.delivery.ports.forge import BranchMoved, Conflicted
from aiworker.delivery.projects.records import STAGING_BRANCH
from aiworker.engine.context import Context
from aiworker.engine.steps import Outcome, Skip, Step
from aiworker.wire.engine import StepCategory
from aiworker.wire.groups import GroupStatus

_NOWHERE = frozenset({GroupStatus.FAILED, GroupStatus.WITHDRAWN})


async def _check(context: Context, do: Shipping) -> Outcome:
    release = await do.release(context)
    await do.database.write(do.progress.begin_merge, release.group.id, context.robot.robot_id)
    return TASKS(count=len(release.members), tasks=", ".join(task.task_key for task in release.tasks))


async def _fetch(context: Context, do: Shipping) -> Outcome:
    release = await do.release(context)
    if release.stale or release.group.staging_commit is not None:
        return Skip()
    return await do.fetched(context, release)


async def _integrate(context: Context, do: Shipping) -> Outcome:
    release = await do.release(context)
    if release.stale or release.group.staging_commit is not None:
        return Skip()
    base = await do.branch_head(release.project, STAGING_BRANCH)
    found = await by_hand.lacking(do.forge, release.project, release.looked, staging=base)
    try:
        result = await do.forge.integrate(
            release.project.repository,
            branch=release.group.integration_branch,
            onto=base,
            picks=found.carried(release.picks),
            by_hand=found.runs,
        )
    except Conflicted as conflict:
        task = next((task for task in release.tasks if task.task_key == conflict.label), None)
        await do.fail(
            context,
            release,
            conflict.said,
            conflict_task_id=task.id if task else None,
            conflict_files=conflict.files,
        )
        raise
    await do.database.write(
        do.progress.integrated, release.group.id, context.robot.robot_id, base=base, result=result, found=found
    )
    along = by_hand.told(release.project.default_branch, list(zip(found.runs, result.by_hand, strict=True)))
    moves = {"before": base, "after": result.head}
    return MOVES_WITH(**moves, along=along) if along else MOVES(**moves)


async def _open_pull_request(context: Context, do: Shipping) -> Outcome:
    release = await do.release(context)
    if release.stale or release.group.staging_pr_number is not None:
        return Skip()
    listed = "\n".join(f"- {task.task_key}: {task.title}" for task in release.tasks)
    opened = await do.forge.open_pull_request(
        release.project.repository,
        head=release.group.integration_branch,
        base=STAGING_BRANCH,
        title=release.group.name.capitalize(),
        body=f"{release.group.notes or ''}\n\n{listed}\n".strip(),
    )
    await do.database.write(do.progress.pull_request_opened, release.group.id, release.group.integration_branch, opened)
    return opened.url


async def _merge(context: Context, do: Shipping) -> Outcome:
    release = await do.release(context)
    if release.stale:
        return Skip()
    group = release.group
    if group.staging_commit is None or group.staging_pr_number is None:
        raise moved_meanwhile(STAGING_BRANCH)
    try:
        await do.forge.merge_pull_request(
            release.project.repository, group.staging_pr_number, expected=group.staging_commit
        )
    except BranchMoved as error:
        await do.database.write(do.progress.forget_integration, group.id)
        raise moved_meanwhile(STAGING_BRANCH) from error
    except Conflict as closed:
        await do.fail(context, release, closed.said)
        raise
    return STANDS_AT(commit=group.staging_commit)


async def _record(context: Context, do: Shipping) -> Outcome:
    release = await do.release(context)
    await do.database.write(do.progress.merged, release.group.id, context.robot.robot_id)
    return None


async def _close(context: Context, do: Shipping) -> Outcome:
    """Whatever becomes of this: staging has moved, and the roll-out has its robot."""
    release = await do.release(context)
    group, repository = release.group, release.project.repository
    if group.staging_pr_number is None or group.status in _NOWHERE:
        return Skip()
    await do.database.write(do.progress.closing, release)
    for task in release.tasks:
        if task.pr_number is not None:
            await _close_task(do, repository, task.pr_number, release)
    await do.forge.delete_branch(repository, group.integration_branch)
    return None


async def _close_task(do: Shipping, repository: str, number: int, release: Release) -> None:
    found = await do.forge.get_pull_request(repository, number)
    if found.state == "open":
        await do.forge.comment(repository, number, f"Shipped with {release.group.name}: {release.group.staging_pr_url}")
        await do.forge.close_pull_request(repository, number)


STEPS: Final[Sequence[Step[Shipping]]] = (
    Step("check", StepCategory.VALIDATION, _check),
    Step("fetch", StepCategory.EXTERNAL_API, _fetch),
    Step("integrate", StepCategory.PROCESSING, _integrate),
    Step("pull-request", StepCategory.EXTERNAL_API, _open_pull_request),
    Step("merge", StepCategory.EXTERNAL_API, _merge),
    Step("record", StepCategory.FINALIZATION, _record),
    Step("close", StepCategory.EXTERNAL_API, _close),
)
