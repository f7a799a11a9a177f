"""Work that was in the database before AiWorker: it gets what the engine needs, and goes on as work of the board.

`db upgrade` gave the rows their columns; rounds, queues and seals need the services and the secret key.
"""

from aiworker.access.actors import SYSTEM
from aiworker.core.secrets import SecretBox
from aiworker.delivery.agents import queries as agent_queries
from aiworker.delivery.agents.service import Agents
from aiworker.delivery.people.tasks import Tasks
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.projects.service import shipping_queue
from aiworker.delivery.projects.upstream import missing_at
from aiworker.delivery.tasks import board, queries
from aiworker.delivery.tasks.history import ADOPTED, ADOPTED_UNDER_WAY
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.delivery.tasks.states import Cause
from aiworker.engine.service import Engine
from aiworker.storage.transaction import Tx
from aiworker.wire.tasks import TaskState

_AT_ONCE = 100
_MOST_PROJECTS = 10_000


class Adoption:
    """Run at each start; where there is nothing to adopt it only looks."""

    def __init__(self, engine: Engine, tasks: Tasks, agents: Agents, secrets: SecretBox) -> None:
        self._engine = engine
        self._tasks = tasks
        self._agents = agents
        self._secrets = secrets

    def adopt(self, tx: Tx) -> int:
        """Adopt some projects or, when they are done, some tasks and agents; how many. 0: nothing is left."""
        return self._projects(tx) or self._some_tasks(tx) or self._some_agents(tx)

    def _projects(self, tx: Tx) -> int:
        projects = project_queries.list_projects(tx, limit=_MOST_PROJECTS)
        known = self._engine.queues(tx, [shipping_queue(project.id) for project in projects])
        new = [project for project in projects if shipping_queue(project.id) not in known]
        for project in new:
            self._project(tx, project)
        return len(new)

    def _project(self, tx: Tx, project: ProjectRecord) -> None:
        """Its code lies elsewhere: nothing is handed out before a person has had it imported."""
        self._engine.set_queue(tx, project.id, paused=True, max_running=project.wip_limit)
        self._engine.set_queue(tx, shipping_queue(project.id), paused=False, max_running=1)
        project_queries.set_upstream(tx, project, {"upstream_state": missing_at(tx.now, project.key)})
        if project.env_vars:
            sealed = {name: self._secrets.seal(str(value)) for name, value in project.env_vars.items()}
            project_queries.change(tx, project, {"env_vars": sealed})

    def _some_tasks(self, tx: Tx) -> int:
        found = queries.without_a_round(tx, limit=_AT_ONCE)
        for task in found:
            self._task(tx, task)
        return len(found)

    def _task(self, tx: Tx, task: TaskRecord) -> None:
        """Nobody of ours works on it, so it begins in the backlog; an open question still waits for its answer."""
        if task.state is TaskState.BACKLOG:
            task = board.note(tx, task, "adopted", by=SYSTEM, message=ADOPTED())
        else:
            task = board.move(tx, task, Cause.GIVE_BACK, by=SYSTEM, why=ADOPTED_UNDER_WAY(), assigned_agent_id=None)
        self._tasks.open_round(tx, task, by=SYSTEM)

    def _some_agents(self, tx: Tx) -> int:
        """Their tasks are in the backlog again or further on; who comes back claims anew."""
        found = agent_queries.of_nobody(tx, limit=_AT_ONCE)
        for agent in found:
            self._agents.vacate(tx, agent.id, next_task_id=None, finished=False, worked_seconds=0)
        return len(found)
