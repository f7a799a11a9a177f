"""`deploy.preview` and `cleanup.preview`: a task's branch, put up for people to look at, and taken down."""

from collections.abc import Sequence

from aiworker.core.errors import Conflict
from aiworker.delivery.attempts.handin import preview_topic
from aiworker.delivery.deployments import service as book
from aiworker.delivery.deployments.previews import CLEANUP_PREVIEW, DEPLOY_PREVIEW
from aiworker.delivery.pipelines.shipping import LOG_LINES, Shipping
from aiworker.delivery.ports import Instance, RolloutFailed
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.errors import ProjectNotFound
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.tasks import board
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.engine.worker import Context, Step
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import StepCategory
from aiworker.wire.groups import DeploymentEnvironment
from aiworker.wire.tasks import TaskState

_PREVIEW = DeploymentEnvironment.PREVIEW
_ENDED = {TaskState.CANCELLED, TaskState.PRODUCTION}


class DeployPreview:
    """Puts the head of a task's branch up."""

    robot_type = DEPLOY_PREVIEW

    def __init__(self, shipping: Shipping) -> None:
        self._do = shipping

    def steps(self) -> Sequence[Step]:
        """In this order."""
        return (Step("roll-out", StepCategory.EXTERNAL_API, self._roll_out),)

    async def _roll_out(self, context: Context) -> str | None:
        task, project = await self._do.database.read(_find, context)
        robot_id = context.robot.robot_id
        if task.state in _ENDED:
            await self._do.database.write(book.give_up, robot_id, _PREVIEW, error=f"the task is {task.state}", log="")
            return f"not needed: the task is {task.state}"
        head = await self._do.forge.head(project.repository, task.branch_name or "")
        if head is None:
            raise Conflict(f"The branch {task.branch_name} is gone.", code="no_branch")
        await self._do.database.write(book.start, robot_id, _PREVIEW, commit=head)
        rollout = self._do.rollout(project, head, name=task.instance, namespace=f"preview-{task.instance}")
        try:
            instance = await self._do.runtime.deploy(rollout, context.detail)
        except RolloutFailed as failure:
            await self._do.database.write(self._failed, context, failure.message, failure.log)
            raise Conflict(failure.message, code="rollout_failed") from failure
        log = await self._do.runtime.logs(task.instance, lines=LOG_LINES)
        await self._do.database.write(self._succeeded, context, instance, log)
        return f"{instance.url} answers with {head[:7]}"

    def _succeeded(self, tx: Tx, context: Context, instance: Instance, log: str) -> None:
        task, _ = _find(tx, context)
        book.succeed(tx, context.robot.robot_id, _PREVIEW, url=instance.url, log=log)
        board.change(
            tx,
            board.lock(tx, task.id),
            preview_status="running",
            preview_url=instance.url,
            preview_deployed_at=tx.now,
            preview_error=None,
        )
        tx.wake(preview_topic(task.id))

    def _failed(self, tx: Tx, context: Context, error: str, log: str) -> None:
        task, _ = _find(tx, context)
        book.give_up(tx, context.robot.robot_id, _PREVIEW, error=error, log=log)
        board.change(tx, board.lock(tx, task.id), preview_status="failed", preview_error=error)
        tx.wake(preview_topic(task.id))


class CleanupPreview:
    """Takes a preview down, and closes the pull request of a task that was cancelled."""

    robot_type = CLEANUP_PREVIEW

    def __init__(self, shipping: Shipping) -> None:
        self._do = shipping

    def steps(self) -> Sequence[Step]:
        """In this order."""
        return (
            Step("remove", StepCategory.EXTERNAL_API, self._remove),
            Step("close", StepCategory.EXTERNAL_API, self._close),
            Step("record", StepCategory.FINALIZATION, self._record),
        )

    async def _remove(self, context: Context) -> str | None:
        task, _ = await self._do.database.read(_find, context)
        if task.state not in _ENDED:
            return "not needed: the task goes on"
        await self._do.runtime.remove(task.instance)
        return None

    async def _close(self, context: Context) -> str | None:
        task, project = await self._do.database.read(_find, context)
        if task.state is TaskState.CANCELLED and task.pr_number is not None:
            await self._do.forge.close_pull_request(project.repository, task.pr_number)
        return None

    async def _record(self, context: Context) -> str | None:
        def body(tx: Tx) -> None:
            task, _ = _find(tx, context)
            if task.state in _ENDED:
                board.change(
                    tx,
                    board.lock(tx, task.id),
                    preview_status=None,
                    preview_url=None,
                    preview_namespace=None,
                    preview_error=None,
                )

        await self._do.database.write(body)
        return None


def _find(tx: Tx, context: Context) -> tuple[TaskRecord, ProjectRecord]:
    task = board.get(tx, str(context.robot.input_data["taskId"]))
    project = project_queries.find(tx, task.project_id)
    if project is None:
        raise ProjectNotFound(task.project_id)
    return task, project
