"""A deployment as the database holds it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiworker.wire.groups import DeploymentEnvironment, DeploymentStatus, DeploymentType


@dataclass(frozen=True, slots=True)
class DeploymentRecord:
    """One row of `deployments`."""

    id: str
    project_id: str
    task_group_id: str | None
    task_id: str | None
    task_ids: list[str]
    robot_id: str | None
    environment: DeploymentEnvironment
    deployment_type: DeploymentType
    branch: str | None
    commit_hash: str | None
    k8s_namespace: str | None
    k8s_deployment_name: str | None
    image_tag: str | None
    status: DeploymentStatus
    url: str | None
    error_message: str | None
    error_message_told: dict[str, Any] | None
    logs: str | None
    actor: str
    triggered_by: str | None
    started_at: datetime | None
    completed_at: datetime | None
    duration_seconds: int | None
    created_at: datetime
