"""The releases' and previews' side of their robots: when a pipeline gives up for good, what it worked for says so."""

from typing import Literal

from aiworker.core.sayings import Saying, as_kept
from aiworker.delivery.attempts.handin import preview_topic
from aiworker.delivery.deployments import service as deployments
from aiworker.delivery.deployments.previews import DEPLOY_PREVIEW
from aiworker.delivery.groups.progress import Progress
from aiworker.delivery.groups.robots import DEPLOY_PRODUCTION, DEPLOY_ROLLBACK, DEPLOY_STAGING, MERGE_GROUP
from aiworker.delivery.pipelines.details import GAVE_UP
from aiworker.delivery.tasks import board
from aiworker.delivery.tasks import queries as task_queries
from aiworker.engine.executions.records import Execution
from aiworker.engine.owners import RobotChange, Transition
from aiworker.engine.robots.records import Robot
from aiworker.engine.service import Engine
from aiworker.storage.transaction import Tx
from aiworker.wire.groups import DeploymentEnvironment

OWNED = (MERGE_GROUP, DEPLOY_STAGING, DEPLOY_PRODUCTION, DEPLOY_ROLLBACK, DEPLOY_PREVIEW)
_ENVIRONMENTS = {DEPLOY_STAGING: DeploymentEnvironment.STAGING, DEPLOY_PRODUCTION: DeploymentEnvironment.PRODUCTION}


class ControlWork:
    """Owner of the pipelines' robots."""

    outside_commands = "use the release's own commands (withdraw, promote, rollback)"

    def __init__(self, engine: Engine, progress: Progress) -> None:
        self._engine = engine
        self._progress = progress

    def on_change(self, tx: Tx, change: RobotChange) -> None:
        """A pipeline that has spent its tries leaves no release hanging, nor does one that was cut short too often."""
        robot = change.robot
        if robot.held is not None and change.transition in {Transition.LOST, Transition.RELEASED}:
            # Every step may be begun again, and there is no person who could retry this robot.
            self._engine.unhold(tx, robot.robot_id)
        if change.transition is not Transition.FAILED:
            return
        execution = change.execution
        if execution is not None and execution.error_message:
            error = as_kept(execution.error_message, execution.error_message_told)
        else:
            error = Saying(change.reason) if change.reason else GAVE_UP()
        if robot.robot_type == DEPLOY_PREVIEW:
            self._preview_failed(tx, robot, error)
            return
        environment = _ENVIRONMENTS.get(robot.robot_type)
        if robot.robot_type == DEPLOY_ROLLBACK:
            environment = DeploymentEnvironment(robot.input_data["environment"])
        group_id = str(robot.input_data["groupId"])
        if not self._progress.undo_later(tx, group_id, robot.robot_id, robot.robot_type, error):
            self._progress.failed(tx, group_id, robot.robot_id, error, environment=environment)

    def on_lease_expired(self, tx: Tx, robot: Robot, execution: Execution) -> Literal["lose", "park"]:  # noqa: ARG002
        """The next worker goes on with it."""
        return "lose"

    def _preview_failed(self, tx: Tx, robot: Robot, error: Saying) -> None:
        task = task_queries.lock(tx, str(robot.input_data["taskId"]))
        if task is None:
            return
        deployments.give_up(tx, robot.robot_id, DeploymentEnvironment.PREVIEW, error=error, log="")
        if task.preview_status != "failed":
            board.change(tx, task, preview_status="failed", preview_error=error)
        tx.wake(preview_topic(task.id))
