"""Every statement on deployments."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select, update

from aiworker.core.sayings import keep
from aiworker.delivery.deployments.records import DeploymentRecord
from aiworker.delivery.deployments.tables import deployments
from aiworker.storage.counting import counted
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx
from aiworker.wire.groups import DeploymentEnvironment, DeploymentStatus

_DEPLOYMENT = columns(DeploymentRecord, deployments)


def add(tx: Tx, values: Mapping[str, Any]) -> None:
    """Insert a deployment."""
    tx.execute(insert(deployments).values(values))


def find(tx: Tx, deployment_id: str) -> DeploymentRecord | None:
    """By id."""
    return tx.record(DeploymentRecord, select(*_DEPLOYMENT).where(deployments.c.id == deployment_id))


def of_robot(tx: Tx, robot_id: str, environment: DeploymentEnvironment) -> DeploymentRecord | None:
    """The roll-out that a robot makes in an environment."""
    wanted = (deployments.c.robot_id == robot_id) & (deployments.c.environment == environment)
    return tx.record(DeploymentRecord, select(*_DEPLOYMENT).where(wanted).with_for_update())


def change(tx: Tx, deployment_id: str, values: Mapping[str, Any]) -> None:
    """Update a deployment."""
    tx.execute(update(deployments).where(deployments.c.id == deployment_id).values(**keep(values, "error_message")))


def list_deployments(
    tx: Tx,
    *,
    project_id: str | None = None,
    environment: DeploymentEnvironment | None = None,
    status: DeploymentStatus | None = None,
    task_id: str | None = None,
    limit: int = 20,
) -> list[DeploymentRecord]:
    """Newest first."""
    statement = select(*_DEPLOYMENT).order_by(deployments.c.created_at.desc(), deployments.c.id.desc()).limit(limit)
    if project_id is not None:
        statement = statement.where(deployments.c.project_id == project_id)
    if environment is not None:
        statement = statement.where(deployments.c.environment == environment)
    if status is not None:
        statement = statement.where(deployments.c.status == status)
    if task_id is not None:
        statement = statement.where(deployments.c.task_id == task_id)
    return tx.records(DeploymentRecord, statement)


def count_under_way(tx: Tx) -> dict[str, int]:
    """How many roll-outs are under way, by environment."""
    under_way = deployments.c.status.in_([DeploymentStatus.PENDING, DeploymentStatus.IN_PROGRESS])
    return counted(tx, deployments.c.environment, under_way)


def running(tx: Tx, project_id: str, environment: DeploymentEnvironment) -> DeploymentRecord | None:
    """The newest roll-out that succeeded: what should run there now."""
    found = list_deployments(
        tx, project_id=project_id, environment=environment, status=DeploymentStatus.COMPLETED, limit=1
    )
    return found[0] if found else None
