"""Deployments: every roll-out."""

from typing import Annotated

from fastapi import Query

from aiworker.core.errors import NotFound
from aiworker.delivery.deployments import queries
from aiworker.edge.api.context import Context, Limit, Reader
from aiworker.edge.api.routing import api_router
from aiworker.storage.transaction import Tx
from aiworker.wire.base import Answer, Identifier, ListAnswer
from aiworker.wire.groups import Deployment, DeploymentEnvironment, DeploymentStatus

router = api_router("deployments", "/deployments")


@router.get("")
async def list_deployments(
    caller: Reader,
    context: Context,
    project_id: Annotated[Identifier | None, Query(alias="projectId", description="Id or key.")] = None,
    environment: DeploymentEnvironment | None = None,
    status: DeploymentStatus | None = None,
    limit: Limit = 20,
) -> ListAnswer[Deployment]:
    """Roll-outs, newest first; their logs only one by one."""

    def body(tx: Tx) -> list[Deployment]:
        project = context.delivery.projects.get(tx, project_id) if project_id else None
        records = queries.list_deployments(
            tx, project_id=project.id if project else None, environment=environment, status=status, limit=limit
        )
        return context.delivery.group_views.deployments(records, with_logs=False)

    found = await caller.read(body)
    return ListAnswer(data=found, count=len(found))


@router.get("/{deployment}")
async def get_deployment(deployment: Identifier, caller: Reader, context: Context) -> Answer[Deployment]:
    """One roll-out, with its log."""
    record = await caller.read(queries.find, deployment)
    if record is None:
        raise NotFound(f"There is no deployment {deployment[:60]!r}.", code="deployment_not_found")
    return Answer(data=context.delivery.group_views.deployments([record], with_logs=True)[0])
