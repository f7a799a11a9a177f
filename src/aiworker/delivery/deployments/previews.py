"""Asking for a preview, and for its end. The pipelines do the work."""

from datetime import datetime

from aiworker.access.actors import SYSTEM, Actor
from aiworker.delivery.deployments import queries
from aiworker.delivery.deployments import service as deployments
from aiworker.delivery.ports.runtime import Runtime
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.tasks import board
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.history import PREVIEW_ENDED
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.engine.service import Engine
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import NewRobot, RobotPriority
from aiworker.wire.groups import DeploymentEnvironment, DeploymentStatus, DeploymentType

DEPLOY_PREVIEW = "deploy.preview"
CLEANUP_PREVIEW = "cleanup.preview"


class Previews:
    """Use cases around previews."""

    def __init__(self, engine: Engine, runtime: Runtime) -> None:
        self._engine = engine
        self._runtime = runtime

    def request(
        self, tx: Tx, project: ProjectRecord, task: TaskRecord, *, by: Actor, automatic: bool
    ) -> tuple[TaskRecord, str]:
        """Have the head of the task's branch put up; the task with its reserved address, and the robot's id."""
        robot = self._engine.submit(
            tx,
            NewRobot(
                robot_type=DEPLOY_PREVIEW,
                input_data={"taskId": task.id},
                priority=RobotPriority.HIGH,
                correlation_id=task.id,
                source_reference=task.task_key,
                retry_limit=2,
            ),
            by=by.name,
        )
        url, namespace = self._runtime.url(task.instance), f"preview-{task.instance}"
        deployments.create(
            tx,
            robot_id=robot.robot_id,
            project=project,
            environment=DeploymentEnvironment.PREVIEW,
            kind=DeploymentType.AUTOMATIC if automatic else DeploymentType.MANUAL,
            by=by,
            task_ids=[task.id],
            task_id=task.id,
            branch=task.branch_name,
            url=url,
            namespace=namespace,
        )
        changed = board.change(
            tx, task, preview_url=url, preview_namespace=namespace, preview_status="starting", preview_error=None
        )
        return changed, robot.robot_id

    def under_way(self, tx: Tx, task: TaskRecord, head: str) -> bool:
        """Whether this very head is being put up: a roll-out that has not begun takes the head as it finds it."""
        found = queries.list_deployments(tx, task_id=task.id, environment=DeploymentEnvironment.PREVIEW, limit=1)
        if not found or task.preview_status != "starting":
            return False
        page = found[0]
        began_with_it = page.status is DeploymentStatus.IN_PROGRESS and page.commit_hash == head
        return page.status is DeploymentStatus.PENDING or began_with_it

    def end(self, tx: Tx, task: TaskRecord, *, by: Actor = SYSTEM, asked: bool = False) -> TaskRecord:
        """Have a locked task's preview taken down, if it has one. `asked`: also while the task goes on."""
        if task.preview_url is None:
            return task
        self._engine.submit(
            tx,
            NewRobot(
                robot_type=CLEANUP_PREVIEW,
                input_data={"taskId": task.id, "asked": asked},
                correlation_id=task.id,
                source_reference=task.task_key,
                retry_limit=5,
            ),
            by=by.name,
        )
        return board.change(tx, task, preview_status="ending")

    def end_old(self, tx: Tx, put_up_before: datetime) -> int:
        """Have previews taken down that were put up so long ago, some at a time; how many."""
        old = task_queries.with_old_preview(tx, put_up_before)
        for found in old:
            task = board.lock(tx, found.id)
            days = (tx.now - put_up_before).days
            said = PREVIEW_ENDED(days=days)
            self.end(tx, board.note(tx, task, "preview_ended", by=SYSTEM, message=said), asked=True)
        return len(old)
