"""The robots that move releases."""

from datetime import datetime, timedelta

from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.projects.service import shipping_queue
from aiworker.engine.service import Engine
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import NewRobot, RobotPriority, RobotStatus
from aiworker.wire.groups import DeploymentEnvironment

MERGE_GROUP = "merge.group"
DEPLOY_STAGING = "deploy.staging"
DEPLOY_PRODUCTION = "deploy.production"
DEPLOY_ROLLBACK = "deploy.rollback"
CLEANUP_RELEASE = "cleanup.release"

# A forge or a cluster that is away for half an hour makes a release wait, not fail.
_RETRIES = 30
_LONGEST_PAUSE_SECONDS = 60
# A repository that is away for longer than this is gone.
_TIDIED_FOR = timedelta(days=7)
_MOST_AT_ONCE = 100


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


def tidy_again(tx: Tx, engine: Engine) -> int:
    """Robots that gave up on taking a release's branches away go back to work; how many."""
    given_up, _ = engine.list_robots(tx, status=RobotStatus.FAILED, robot_type=CLEANUP_RELEASE, limit=_MOST_AT_ONCE)
    recent = [robot for robot in given_up if robot.created_at > tx.now - _TIDIED_FOR]
    for robot in recent:
        engine.retry(tx, robot.robot_id, by="AiWorker")
    return len(recent)
