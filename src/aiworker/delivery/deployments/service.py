"""Deployments: each is created with the robot that rolls it out, and written by its pipeline.

A robot that runs again goes on with the same deployment.
"""

from collections.abc import Sequence
from typing import Any

from aiworker.access.actors import Actor
from aiworker.core.errors import NotFound
from aiworker.core.ids import new_id
from aiworker.core.sayings import Saying
from aiworker.delivery.deployments import queries
from aiworker.delivery.deployments.records import DeploymentRecord
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.storage.outbox.events import Event
from aiworker.storage.transaction import Tx
from aiworker.wire.groups import DeploymentEnvironment, DeploymentStatus, DeploymentType

_MOST_LINES = 100
_LONGEST_LINE = 500


def create(
    tx: Tx,
    *,
    robot_id: str,
    project: ProjectRecord,
    environment: DeploymentEnvironment,
    kind: DeploymentType,
    by: Actor,
    task_ids: Sequence[str],
    url: str,
    group_id: str | None = None,
    task_id: str | None = None,
    branch: str | None = None,
    namespace: str | None = None,
) -> None:
    """A pending deployment, which this robot will roll out."""
    queries.add(
        tx,
        {
            "id": new_id(),
            "project_id": project.id,
            "task_group_id": group_id,
            "task_id": task_id,
            "task_ids": list(task_ids),
            "robot_id": robot_id,
            "environment": environment,
            "deployment_type": kind,
            "branch": branch,
            "k8s_namespace": namespace or _namespace(project, environment),
            "status": DeploymentStatus.PENDING,
            "url": url,
            "actor": by.name,
            "triggered_by": by.id[:36],
            "created_at": tx.now,
        },
    )


def start(tx: Tx, robot_id: str, environment: DeploymentEnvironment, *, commit: str) -> DeploymentRecord:
    """The roll-out begins (again, after a crash). One that has ended stays as it ended."""
    deployment = get(tx, robot_id, environment)
    if deployment.status not in {DeploymentStatus.PENDING, DeploymentStatus.IN_PROGRESS}:
        return deployment
    fresh = deployment.status is DeploymentStatus.PENDING
    values: dict[str, Any] = {"status": DeploymentStatus.IN_PROGRESS, "commit_hash": commit}
    if fresh:
        values["started_at"] = tx.now
    queries.change(tx, deployment.id, values)
    if fresh:
        _tell(tx, deployment, "deploy:started", {"environment": environment.value, "taskIds": deployment.task_ids})
    return deployment


def note(tx: Tx, robot_id: str, environment: DeploymentEnvironment, line: str) -> None:
    """Keep what is told of a roll-out while it goes on, for those who come to look later. It ends with its own log."""
    deployment = queries.of_robot(tx, robot_id, environment)
    if deployment is not None and deployment.status is DeploymentStatus.IN_PROGRESS:
        lines = [*(deployment.logs or "").splitlines(), line[:_LONGEST_LINE]]
        queries.change(tx, deployment.id, {"logs": "\n".join(lines[-_MOST_LINES:])})


def succeed(tx: Tx, robot_id: str, environment: DeploymentEnvironment, *, url: str, log: str) -> DeploymentRecord:
    """It answers. Again is no error."""
    deployment = get(tx, robot_id, environment)
    if deployment.status is not DeploymentStatus.COMPLETED:
        _end(tx, deployment, DeploymentStatus.COMPLETED, url=url, logs=log, error_message=None)
        data = {"environment": environment.value, "url": url, "taskIds": deployment.task_ids}
        _tell(tx, deployment, "deploy:completed", data)
    return deployment


def give_up(
    tx: Tx,
    robot_id: str,
    environment: DeploymentEnvironment,
    *,
    error: Saying,
    log: str,
    status: DeploymentStatus = DeploymentStatus.FAILED,
) -> DeploymentRecord:
    """It does not answer. Again is no error."""
    deployment = get(tx, robot_id, environment)
    if deployment.status not in {DeploymentStatus.FAILED, DeploymentStatus.ROLLED_BACK}:
        _end(tx, deployment, status, logs=log, error_message=error)
        data = {"environment": environment.value, "error": error.words, "taskIds": deployment.task_ids}
        _tell(tx, deployment, "deploy:failed", data)
    return deployment


def get(tx: Tx, robot_id: str, environment: DeploymentEnvironment) -> DeploymentRecord:
    """What a robot rolls out to an environment. Raises: NotFound."""
    deployment = queries.of_robot(tx, robot_id, environment)
    if deployment is None:
        raise NotFound(f"The robot {robot_id} rolls nothing out to {environment}.", code="deployment_not_found")
    return deployment


def _namespace(project: ProjectRecord, environment: DeploymentEnvironment) -> str:
    return project.staging_namespace if environment is DeploymentEnvironment.STAGING else project.k8s_namespace


def _end(tx: Tx, deployment: DeploymentRecord, status: DeploymentStatus, **values: Any) -> None:
    seconds = round((tx.now - deployment.started_at).total_seconds()) if deployment.started_at else None
    queries.change(tx, deployment.id, {"status": status, "completed_at": tx.now, "duration_seconds": seconds, **values})


def _tell(tx: Tx, deployment: DeploymentRecord, kind: str, data: dict[str, Any]) -> None:
    named = {
        **data,
        "deploymentId": deployment.id,
        "projectId": deployment.project_id,
        "groupId": deployment.task_group_id,
    }
    tx.emit(Event(feed=deployment.project_id, stream=f"deployment:{deployment.id}", kind=kind, data=named))
