"""Tasks, projects and logs as MCP resources: the same facts as the tools give, by address."""

import re
from collections.abc import Sequence

from mcp_types import ReadResourceResult, Resource, ResourceTemplate, TextResourceContents

from aiworker.access.actors import Permission
from aiworker.core.clock import iso
from aiworker.core.errors import NotFound
from aiworker.delivery.agents import queries as agent_queries
from aiworker.delivery.attempts.callers import Caller
from aiworker.delivery.people.projects import project_view
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.service import Delivery
from aiworker.delivery.tasks import board
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx

_JSON = "application/json"
_TEXT = "text/plain"
_ADDRESS = re.compile(r"aiworker://(?P<noun>tasks|projects)/(?P<name>[A-Za-z0-9-]{1,100})(?P<log>/log)?")
_LISTED = 100
_LOG_LINES = 500

TEMPLATES = (
    ResourceTemplate(
        uri_template="aiworker://tasks/{key}",
        name="task",
        title="A task",
        description="A task of the board, by its id or a key like SHOP-12.",
        mime_type=_JSON,
    ),
    ResourceTemplate(
        uri_template="aiworker://tasks/{key}/log",
        name="log",
        title="A task's log",
        description=f"What agents wrote about a task, oldest first, the last {_LOG_LINES} lines.",
        mime_type=_TEXT,
    ),
    ResourceTemplate(
        uri_template="aiworker://projects/{key}",
        name="project",
        title="A project",
        description="A project's repository, commands and settings, by its id or a key like SHOP.",
        mime_type=_JSON,
    ),
)


class Resources:
    """Reads what an address names."""

    def __init__(self, database: Database, delivery: Delivery) -> None:
        self._database = database
        self._delivery = delivery

    async def listed(self, caller: Caller) -> list[Resource]:
        """The projects; tasks are found by list_tasks."""
        caller.actor.require(Permission.READ)

        def body(tx: Tx) -> list[Resource]:
            return [
                Resource(
                    uri=f"aiworker://projects/{project.key}",
                    name=project.key,
                    title=project.name,
                    description=project.description,
                    mime_type=_JSON,
                )
                for project in project_queries.list_projects(tx, limit=_LISTED)
            ]

        return await self._database.read(body)

    async def read(self, caller: Caller, uri: str) -> ReadResourceResult:
        """What is at an address. Raises: NotFound."""
        caller.actor.require(Permission.READ)
        found = _ADDRESS.fullmatch(uri)
        if found is None or (found["log"] and found["noun"] != "tasks"):
            raise NotFound(
                "There is no such resource; there are aiworker://tasks/KEY, aiworker://tasks/KEY/log and "
                "aiworker://projects/KEY.",
                code="resource_not_found",
            )
        if found["log"]:
            return _contents(uri, "\n".join(await self._database.read(self._log, found["name"])), _TEXT)
        reader = self._task if found["noun"] == "tasks" else self._project
        return _contents(uri, await self._database.read(reader, found["name"]), _JSON)

    def _task(self, tx: Tx, name: str) -> str:
        return self._delivery.task_views.one(tx, board.get(tx, name)).model_dump_json(by_alias=True, indent=2)

    def _project(self, tx: Tx, name: str) -> str:
        project = self._delivery.projects.get(tx, name)
        view = project_view(project, clone_url=self._delivery.forge.clone_url(project.repository))
        return view.model_dump_json(by_alias=True, indent=2)

    def _log(self, tx: Tx, name: str) -> Sequence[str]:
        lines = agent_queries.logs(tx, task_id=board.get(tx, name).id, limit=_LOG_LINES)
        return [f"{iso(line.created_at)} {line.level.value.upper():5} {line.message}" for line in reversed(lines)]


def _contents(uri: str, text: str, mime_type: str) -> ReadResourceResult:
    return ReadResourceResult(contents=[TextResourceContents(uri=uri, text=text, mime_type=mime_type)])
