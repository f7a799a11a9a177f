"""The robots that move releases."""

from datetime import datetime

from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.projects.service import shipping_queue
from aiworker.engine.service import Engine
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import NewRobot, RobotPriority
from aiworker.wire.groups import DeploymentEnvironment

MERGE_GROUP = "merge.group"
DEPLOY_STAGING = "deploy.staging"
DEPLOY_PRODUCTION = "deploy.production"
DEPLOY_ROLLBACK = "deploy.rollback"
CLEANUP_RELEASE = "cleanup.release"

# A forge or a cluster that is away for half an hour makes a release wait, not fail.
_RETRIES = 30
_LONGEST_PAUSE_SECONDS = 60


def submit(
    tx: Tx,
    engine: Engine,
    robot_type: str,
    project: ProjectRecord,
    group_id: str,
    reference: str,
    *,
    by: str = "AiWorker",
    environment: DeploymentEnvironment | None = None,
    defer_until: datetime | None = None,
) -> str:
    """A robot for a release, in the project's shipping queue, which lets one through at a time; its id."""
    new = NewRobot(
        robot_type=robot_type,
        input_data={"groupId": group_id, **({"environment": environment.value} if environment else {})},
        # What goes on with a release that has begun comes before the next one's merge, which would stand on it.
        priority=RobotPriority.HIGH if robot_type == MERGE_GROUP else RobotPriority.CRITICAL,
        queue=shipping_queue(project.id),
        correlation_id=group_id,
        source_reference=f"{project.key} {reference}",
        retry_limit=_RETRIES,
        backoff_cap_seconds=_LONGEST_PAUSE_SECONDS,
        defer_until=defer_until,
    )
    return engine.submit(tx, new, by=by).robot_id
