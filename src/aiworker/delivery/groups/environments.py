"""Staging and production of a project: what was rolled out there, and how it is now."""

from aiworker.delivery.deployments import queries as deployment_queries
from aiworker.delivery.groups import queries
from aiworker.delivery.groups.service import instance_name
from aiworker.delivery.ports.runtime import Runtime
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.groups import DeploymentEnvironment, GroupStatus
from aiworker.wire.projects import Environment

_ENVIRONMENTS = (DeploymentEnvironment.STAGING, DeploymentEnvironment.PRODUCTION)


class Environments:
    """Looks at environments."""

    def __init__(self, database: Database, runtime: Runtime) -> None:
        self._database = database
        self._runtime = runtime

    async def of(self, project: ProjectRecord) -> list[Environment]:
        """Staging, then production. Nothing rolled out yet: no commit, health `empty`."""
        known = await self._database.read(_known, project)
        found: list[Environment] = []
        for view in known:
            instance = await self._runtime.get(instance_name(project, DeploymentEnvironment(view.environment)))
            health = instance.health if instance else ("stopped" if view.commit else "empty")
            url = self._runtime.url(instance_name(project, DeploymentEnvironment(view.environment)))
            commit = instance.commit if instance else view.commit
            limits = instance.limits if instance else None
            found.append(view.model_copy(update={"health": health, "url": url, "commit": commit, "limits": limits}))
        return found


def _known(tx: Tx, project: ProjectRecord) -> list[Environment]:
    views: list[Environment] = []
    for environment in _ENVIRONMENTS:
        deployment = deployment_queries.running(tx, project.id, environment)
        # What went on to production is still in staging, too.
        newest = queries.newest(tx, project.id, GroupStatus(environment.value)) or queries.newest(
            tx, project.id, GroupStatus.PRODUCTION
        )
        views.append(
            Environment(
                environment=environment.value,
                url="",
                commit=deployment.commit_hash if deployment else None,
                group_number=newest.number if newest else None,
                since=deployment.completed_at if deployment else None,
            )
        )
    return views
