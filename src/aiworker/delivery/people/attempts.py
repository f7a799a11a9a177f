"""What people do with a single attempt."""

from aiworker.access.actors import Actor
from aiworker.core.errors import NotFound
from aiworker.delivery.attempts import queries
from aiworker.delivery.attempts.permissions import require_denied
from aiworker.delivery.people.tasks import Tasks
from aiworker.delivery.projects.service import Projects
from aiworker.delivery.tasks import board
from aiworker.delivery.tasks.history import ALLOWED
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.storage.transaction import Tx


class Attempts:
    """Use cases around attempts."""

    def __init__(self, tasks: Tasks, projects: Projects) -> None:
        self._tasks = tasks
        self._projects = projects

    def allow(self, tx: Tx, actor: Actor, name: str, execute_id: str, rule: str) -> TaskRecord:
        """Let agents of the project use what this attempt was denied. Raises: NotFound, Invalid."""
        task = self._tasks.lock(tx, name)
        attempt = queries.find(tx, execute_id)
        if attempt is None or attempt.task_id != task.id:
            raise NotFound(f"{task.task_key} has no attempt {execute_id[:60]!r}.", code="attempt_not_found")
        require_denied(attempt.permission_denials, rule)
        project = self._tasks.project_of(tx, task)
        if rule in project.allowed:
            return task
        self._projects.allow(tx, project, rule)
        message = ALLOWED(actor=actor.name, rule=rule, project=project.key)
        return board.note(tx, task, "allowed", by=actor, message=message, details={"rule": rule})
