"""`merge.group`: every task's frozen commit becomes one commit on staging, all or nothing."""

from collections.abc import Sequence

from aiworker.delivery.groups.progress import Release
from aiworker.delivery.groups.service import MERGE_GROUP, STAGING_BRANCH
from aiworker.delivery.pipelines.shipping import Shipping, moved_meanwhile, picks
from aiworker.delivery.ports import Conflicted
from aiworker.engine.worker import Context, Step
from aiworker.wire.engine import StepCategory


class MergeGroup:
    """Integrates a release and moves staging; the roll-out follows as the next robot."""

    robot_type = MERGE_GROUP

    def __init__(self, shipping: Shipping) -> None:
        self._do = shipping

    def steps(self) -> Sequence[Step]:
        """In this order."""
        return (
            Step("check", StepCategory.VALIDATION, self._check),
            Step("integrate", StepCategory.PROCESSING, self._integrate),
            Step("pull-request", StepCategory.EXTERNAL_API, self._open_pull_request),
            Step("merge", StepCategory.EXTERNAL_API, self._merge),
            Step("close", StepCategory.EXTERNAL_API, self._close),
            Step("record", StepCategory.FINALIZATION, self._record),
        )

    async def _check(self, context: Context) -> str | None:
        release = await self._do.release(context)
        await self._do.database.write(self._do.progress.begin_merge, release.group.id, context.robot.robot_id)
        return f"{len(release.members)} task(s): {', '.join(task.task_key for task in release.tasks)}"

    async def _integrate(self, context: Context) -> str | None:
        release = await self._do.release(context)
        if release.stale or release.group.staging_commit is not None:
            return None
        base = await self._do.branch_head(release.project, STAGING_BRANCH)
        try:
            result = await self._do.forge.integrate(
                release.project.repository, branch=_branch(release), onto=base, picks=picks(release)
            )
        except Conflicted as conflict:
            await self._fail(context, release, conflict)
            raise
        await self._do.database.write(self._do.progress.integrated, release.group.id, base=base, result=result)
        return f"{base[:7]} → {result.head[:7]}"

    async def _open_pull_request(self, context: Context) -> str | None:
        release = await self._do.release(context)
        if release.stale or release.group.staging_pr_number is not None:
            return None
        listed = "\n".join(f"- {task.task_key}: {task.title}" for task in release.tasks)
        opened = await self._do.forge.open_pull_request(
            release.project.repository,
            head=_branch(release),
            base=STAGING_BRANCH,
            title=release.group.name.capitalize(),
            body=f"{release.group.notes or ''}\n\n{listed}\n".strip(),
        )
        await self._do.database.write(self._do.progress.pull_request_opened, release.group.id, _branch(release), opened)
        return opened.url

    async def _merge(self, context: Context) -> str | None:
        release = await self._do.release(context)
        if release.stale:
            return None
        group = release.group
        if group.staging_base is None or group.staging_commit is None:
            raise moved_meanwhile(STAGING_BRANCH)
        if not await self._do.move(
            release.project, STAGING_BRANCH, origin=group.staging_base, target=group.staging_commit
        ):
            await self._do.database.write(self._do.progress.forget_integration, group.id)
            raise moved_meanwhile(STAGING_BRANCH)
        return f"staging stands at {group.staging_commit[:7]}"

    async def _close(self, context: Context) -> str | None:
        release = await self._do.release(context)
        group, repository = release.group, release.project.repository
        if release.stale or group.staging_pr_number is None:
            return None
        await self._do.forge.close_pull_request(repository, group.staging_pr_number, merge_commit=group.staging_commit)
        for task in release.tasks:
            if task.pr_number is not None:
                await self._close_task(repository, task.pr_number, release)
        await self._do.forge.delete_branch(repository, _branch(release))
        return None

    async def _close_task(self, repository: str, number: int, release: Release) -> None:
        found = await self._do.forge.get_pull_request(repository, number)
        if found.state == "open":
            await self._do.forge.comment(
                repository, number, f"Shipped with {release.group.name}: {release.group.staging_pr_url}"
            )
            await self._do.forge.close_pull_request(repository, number)

    async def _record(self, context: Context) -> str | None:
        release = await self._do.release(context)
        await self._do.database.write(self._do.progress.merged, release.group.id, context.robot.robot_id)
        return None

    async def _fail(self, context: Context, release: Release, conflict: Conflicted) -> None:
        task = next((task for task in release.tasks if task.task_key == conflict.label), None)
        await self._do.database.write(
            self._do.progress.failed,
            release.group.id,
            context.robot.robot_id,
            conflict.message,
            conflict_task_id=task.id if task else None,
            conflict_files=conflict.files,
        )


def _branch(release: Release) -> str:
    return f"release/{release.group.number}"
