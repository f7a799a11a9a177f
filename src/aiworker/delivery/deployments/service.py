"""The book of roll-outs: opened with the robot, written by its pipeline. A re-run goes on with the same page."""

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


def open_page(
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
    """Open the page of a roll-out that a robot will make."""
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
    page = get(tx, robot_id, environment)
    if page.status not in {DeploymentStatus.PENDING, DeploymentStatus.IN_PROGRESS}:
        return page
    fresh = page.status is DeploymentStatus.PENDING
    values: dict[str, Any] = {"status": DeploymentStatus.IN_PROGRESS, "commit_hash": commit}
    if fresh:
        values["started_at"] = tx.now
    queries.change(tx, page.id, values)
    if fresh:
        _tell(tx, page, "deploy:started", {"environment": environment.value, "taskIds": page.task_ids})
    return page


def note(tx: Tx, robot_id: str, environment: DeploymentEnvironment, line: str) -> None:
    """Keep what is told of a roll-out while it goes on, for those who come to look later. It ends with its own log."""
    page = queries.of_robot(tx, robot_id, environment)
    if page is not None and page.status is DeploymentStatus.IN_PROGRESS:
        lines = [*(page.logs or "").splitlines(), line[:_LONGEST_LINE]]
        queries.change(tx, page.id, {"logs": "\n".join(lines[-_MOST_LINES:])})


def succeed(tx: Tx, robot_id: str, environment: DeploymentEnvironment, *, url: str, log: str) -> DeploymentRecord:
    """It answers. Again is no error."""
    page = get(tx, robot_id, environment)
    if page.status is not DeploymentStatus.COMPLETED:
        _end(tx, page, DeploymentStatus.COMPLETED, url=url, logs=log, error_message=None)
        data = {"environment": environment.value, "url": url, "taskIds": page.task_ids}
        _tell(tx, page, "deploy:completed", data)
    return page


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
    page = get(tx, robot_id, environment)
    if page.status not in {DeploymentStatus.FAILED, DeploymentStatus.ROLLED_BACK}:
        _end(tx, page, status, logs=log, error_message=error)
        data = {"environment": environment.value, "error": error.words, "taskIds": page.task_ids}
        _tell(tx, page, "deploy:failed", data)
    return page


def get(tx: Tx, robot_id: str, environment: DeploymentEnvironment) -> DeploymentRecord:
    """The page of a robot. Raises: NotFound."""
    page = queries.of_robot(tx, robot_id, environment)
    if page is None:
        raise NotFound(f"The robot {robot_id} rolls nothing out to {environment}.", code="deployment_not_found")
    return page


def _namespace(project: ProjectRecord, environment: DeploymentEnvironment) -> str:
    return project.staging_namespace if environment is DeploymentEnvironment.STAGING else project.k8s_namespace


def _end(tx: Tx, page: DeploymentRecord, status: DeploymentStatus, **values: Any) -> None:
    seconds = round((tx.now - page.started_at).total_seconds()) if page.started_at else None
    queries.change(tx, page.id, {"status": status, "completed_at": tx.now, "duration_seconds": seconds, **values})


def _tell(tx: Tx, page: DeploymentRecord, kind: str, data: dict[str, Any]) -> None:
    named = {**data, "deploymentId": page.id, "projectId": page.project_id, "groupId": page.task_group_id}
    tx.emit(Event(feed=page.project_id, stream=f"deployment:{page.id}", kind=kind, data=named))
