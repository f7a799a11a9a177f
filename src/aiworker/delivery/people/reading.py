"""What people look at again and again, read through the cache."""

import asyncio
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TypeVar

from aiworker.core.logging import get_logger
from aiworker.core.paging import Cursor
from aiworker.delivery.agents import queries as agent_queries
from aiworker.delivery.agents.records import AgentRecord
from aiworker.delivery.agents.service import Agents
from aiworker.delivery.agents.views import agent_views
from aiworker.delivery.people.projects import project_view
from aiworker.delivery.people.views import StillTask, TaskViews
from aiworker.delivery.ports.forge import Forge
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.projects.service import Projects
from aiworker.delivery.tasks import board, queries
from aiworker.delivery.tasks.errors import TaskNotFound
from aiworker.storage.cache import Cache
from aiworker.storage.cache_table import AGENT_STATUS, PROJECT, TASK, TASK_LIST, Kept
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.agents import Agent
from aiworker.wire.projects import Project
from aiworker.wire.tasks import Task

T = TypeVar("T")

_log = get_logger(__name__)

_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# Databases find "shop-1" in more spellings than we could ever drop; only these are cached.
_TASK_NAME = re.compile(rf"{_ID}|[A-Z][A-Z0-9]*-[0-9]+")
_PROJECT_NAME = re.compile(rf"{_ID}|[A-Z][A-Z0-9]*")
_RENEWED_AFTER_SECONDS = 0.1
_AGENT_KEY = re.compile(re.escape(AGENT_STATUS.pattern).replace(r"\{\}", "(.+)"))


@dataclass(frozen=True, slots=True)
class _FirstPage:
    """The first tasks of a project; `asked` were asked for and one more, which shows that there are more."""

    asked: int
    tasks: list[StillTask]


class Reading:
    """Tasks, a project's first page of tasks, projects and agents."""

    def __init__(
        self, *, database: Database, cache: Cache, forge: Forge, projects: Projects, agents: Agents, views: TaskViews
    ) -> None:
        self._database = database
        self._cache = cache
        self._forge = forge
        self._projects = projects
        self._agents = agents
        self._views = views
        self._renewing: set[str] = set()
        self._renewal: asyncio.Task[None] | None = None

    async def task(self, name: str) -> Task:
        """A task in full, by id or key. Raises: TaskNotFound."""

        def load(tx: Tx) -> StillTask:
            return self._views.still(tx, [board.get(tx, name)])[0]

        still = await self._through(TASK, _TASK_NAME, name, StillTask, load)
        found = await self._database.read(self._views.live, [still])
        if not found:
            raise TaskNotFound(name)
        return found[0]

    async def tasks_of(self, project: str, limit: int) -> tuple[list[Task], str | None]:
        """The first `limit` tasks of a project, and the cursor of the next page. Raises: ProjectNotFound."""
        project_id = (await self._project(project)).id

        def load(tx: Tx) -> _FirstPage:
            return _FirstPage(limit, self._views.still(tx, queries.list_tasks(tx, project_id=project_id, limit=limit)))

        page = await self._cache.get(
            TASK_LIST.key(project_id), TASK_LIST.seconds, _FirstPage, lambda: self._database.read(load)
        )
        if page.asked < limit and len(page.tasks) > page.asked:
            page = await self._database.read(load)
        following = None
        if len(page.tasks) > limit:
            last = page.tasks[limit - 1].task
            following = Cursor(queries.urgency(last.priority), last.created_at, last.id).encode()
        return await self._database.read(self._views.live, page.tasks[:limit]), following

    async def project(self, name: str) -> Project:
        """A project, by id or key. Raises: ProjectNotFound."""
        project = await self._project(name)
        return project_view(project, clone_url=self._forge.clone_url(project.repository))

    async def agent(self, name: str) -> Agent:
        """An agent, by id or name. Raises: AgentNotFound."""
        agent = await self._agent(name) or await self._database.read(self._agents.get, name)
        return (await self._database.read(agent_views, [agent]))[0]

    def renew(self, dropped: Collection[str]) -> None:
        """Set the status of agents again that has just changed."""
        self._renewing |= {found[1] for key in dropped if (found := _AGENT_KEY.fullmatch(key))}
        if self._renewing and (self._renewal is None or self._renewal.done()):
            self._renewal = asyncio.create_task(self._renew(), name="agents' status set again")

    async def close(self) -> None:
        """Stop what goes on beside."""
        if self._renewal is not None:
            self._renewal.cancel()
            await asyncio.gather(self._renewal, return_exceptions=True)

    async def _renew(self) -> None:
        while self._renewing:
            # A moment later, outside of any request: agents at work change often, and once is enough for many changes.
            await asyncio.sleep(_RENEWED_AFTER_SECONDS)
            changed, self._renewing = self._renewing, set()
            for agent_id in changed:
                try:
                    await self._agent(agent_id)
                except Exception as error:  # noqa: BLE001 (who asks for it next reads it)
                    _log.debug("agent_status_not_renewed", agent_id=agent_id, reason=str(error))

    async def _project(self, name: str) -> ProjectRecord:
        def load(tx: Tx) -> ProjectRecord:
            project = self._projects.get(tx, name)
            # The names of its variables are enough, even though the values are encrypted.
            return replace(project, env_vars=dict.fromkeys(project.env_vars or {}, ""), upstream_credential=None)

        return await self._through(PROJECT, _PROJECT_NAME, name, ProjectRecord, load)

    async def _agent(self, agent_id: str) -> AgentRecord | None:
        """By its id only: names are not what is dropped."""
        if not re.fullmatch(_ID, agent_id):
            return None
        return await self._cache.get(
            AGENT_STATUS.key(agent_id),
            AGENT_STATUS.seconds,
            AgentRecord | None,
            lambda: self._database.read(agent_queries.find, agent_id),
        )

    async def _through(
        self, kept: Kept, names: re.Pattern[str], name: str, kind: type[T], load: Callable[[Tx], T]
    ) -> T:
        cased = name if re.fullmatch(_ID, name) else name.upper()
        if not names.fullmatch(cased):
            return await self._database.read(load)
        return await self._cache.get(kept.key(cased), kept.seconds, kind, lambda: self._database.read(load))
