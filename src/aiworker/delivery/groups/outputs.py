"""What programs write: a task's preview, and the environment that a release is rolled out to, as they run now."""

from aiworker.delivery.groups.records import GroupRecord
from aiworker.delivery.groups.robots import DEPLOY_PRODUCTION
from aiworker.delivery.groups.service import instance_name
from aiworker.delivery.ports.runtime import Runtime
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.wire.groups import DeploymentEnvironment, GroupStatus

_LINES = 500


class Outputs:
    """Reads the last lines; empty where nothing has been written."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def of_preview(self, task: TaskRecord) -> str:
        """What a task's preview has written, and goes on to write. Raises: Unavailable."""
        return await self._runtime.logs(task.instance, lines=_LINES)

    async def of_release(self, project: ProjectRecord, group: GroupRecord) -> str:
        """What the environment writes that a release moves, or moved last. Raises: Unavailable."""
        production = group.under_way == DEPLOY_PRODUCTION or group.status is GroupStatus.PRODUCTION
        environment = DeploymentEnvironment.PRODUCTION if production else DeploymentEnvironment.STAGING
        return await self._runtime.logs(instance_name(project, environment), lines=_LINES)
