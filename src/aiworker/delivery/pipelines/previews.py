"""`deploy.preview` and `cleanup.preview`: a task's branch, put up for people to look at, and taken down."""

from collections.abc import Sequence
from typing import Final

from aiworker.core.errors import Conflict
from aiworker.core.sayings import Saying
from aiworker.delivery.attempts.handin import preview_topic
from aiworker.delivery.deployments import service as deployments
from aiworker.delivery.pipelines.details import ANSWERS, TASK_GOES_ON, TASK_IS
from aiworker.delivery.pipelines.shipping import LOG_LINES, Shipping, told
from aiworker.delivery.ports.runtime import Instance, RolloutFailed
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.errors import ProjectNotFound
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.seen import queries as seen_queries
from aiworker.delivery.tasks import board
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.delivery.tasks.states import ENDED
from aiworker.engine.context import Context
from aiworker.engine.steps import Outcome, Skip, Step
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import StepCategory
from aiworker.wire.groups import DeploymentEnvironment
from aiworker.wire.tasks import TaskState

_PREVIEW = DeploymentEnvironment.PREVIEW


async def _roll_out(context: Context, do: Shipping) -> Outcome:
    task, project = await do.database.read(_find, context)
    robot_id = context.robot.robot_id
    if task.state in ENDED:
        await do.database.write(deployments.give_up, robot_id, _PREVIEW, error=TASK_IS(state=task.state.value), log="")
        return Skip(TASK_IS(state=task.state.value))
    head = await do.forge.head(project.repository, task.branch_name or "")
    if head is None:
        raise Conflict(f"The branch {task.branch_name} is gone.", code="no_branch")
    await do.database.write(deployments.start, robot_id, _PREVIEW, commit=head)
    rollout = do.rollout(
        project,
        head,
        name=task.instance,
        place="preview",
        branch=task.branch_name or "",
        namespace=f"preview-{task.instance}",
    )
    try:
        instance = await do.runtime.deploy(rollout, told(context))
    except RolloutFailed as failure:
        await do.database.write(_failed, context, failure.said, failure.log)
        raise Conflict(failure.said, code="rollout_failed") from failure
    log = await do.runtime.logs(task.instance, lines=LOG_LINES)
    await do.database.write(_succeeded, context, instance, log)
    return ANSWERS(url=instance.url, commit=head)


def _succeeded(tx: Tx, context: Context, instance: Instance, log: str) -> None:
    task, _ = _find(tx, context)
    deployments.succeed(tx, context.robot.robot_id, _PREVIEW, url=instance.url, log=log)
    board.change(
        tx,
        board.lock(tx, task.id),
        preview_status="running",
        preview_url=instance.url,
        preview_deployed_at=tx.now,
        preview_error=None,
    )
    tx.wake(preview_topic(task.id))


def _failed(tx: Tx, context: Context, error: Saying, log: str) -> None:
    task, _ = _find(tx, context)
    deployments.give_up(tx, context.robot.robot_id, _PREVIEW, error=error, log=log)
    board.change(tx, board.lock(tx, task.id), preview_status="failed", preview_error=error)
    tx.wake(preview_topic(task.id))


DEPLOY_STEPS: Final[Sequence[Step[Shipping]]] = (Step("roll-out", StepCategory.EXTERNAL_API, _roll_out),)


async def _remove(context: Context, do: Shipping) -> Outcome:
    task, _ = await do.database.read(_find, context)
    if not _is_over(context, task):
        return Skip(TASK_GOES_ON())
    await do.runtime.remove(task.instance)
    return None


async def _close(context: Context, do: Shipping) -> Outcome:
    task, project = await do.database.read(_find, context)
    if task.state is TaskState.CANCELLED and task.pr_number is not None:
        await do.database.write(seen_queries.set_known_state, project.id, [task.pr_number], "closed")
        await do.forge.close_pull_request(project.repository, task.pr_number)
    return None


async def _record(context: Context, do: Shipping) -> Outcome:
    def body(tx: Tx) -> None:
        task, _ = _find(tx, context)
        if _is_over(context, task):
            board.change(
                tx,
                board.lock(tx, task.id),
                preview_status=None,
                preview_url=None,
                preview_namespace=None,
                preview_error=None,
            )

    await do.database.write(body)
    return None


CLEANUP_STEPS: Final[Sequence[Step[Shipping]]] = (
    Step("remove", StepCategory.EXTERNAL_API, _remove),
    Step("close", StepCategory.EXTERNAL_API, _close),
    Step("record", StepCategory.FINALIZATION, _record),
)


def _is_over(context: Context, task: TaskRecord) -> bool:
    """Whether the preview should go: the task has ended, or somebody asked for it and nothing new is being put up."""
    return task.state in ENDED or (bool(context.robot.input_data.get("asked")) and task.preview_status == "ending")


def _find(tx: Tx, context: Context) -> tuple[TaskRecord, ProjectRecord]:
    task = board.get(tx, str(context.robot.input_data["taskId"]))
    project = project_queries.find(tx, task.project_id)
    if project is None:
        raise ProjectNotFound(task.project_id)
    return task, project
