"""What the key of an attempt opens."""

from aiworker.delivery.attempts import queries
from aiworker.delivery.attempts.errors import AttemptUnknown
from aiworker.delivery.attempts.service import branch_for
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.errors import ProjectNotFound
from aiworker.delivery.tasks import board
from aiworker.storage.transaction import Tx


def reach_of_attempt(tx: Tx, execute_id: str) -> tuple[str, list[str]]:
    """The one repository that an attempt's key opens, and the refs that it may push: none once it was handed in.

    Raises: AttemptUnknown, ProjectNotFound.
    """
    attempt = queries.find(tx, execute_id)
    if attempt is None:
        raise AttemptUnknown
    task = board.get(tx, attempt.task_id)
    project = project_queries.find(tx, task.project_id)
    if project is None:
        raise ProjectNotFound(task.project_id)
    return project.repository, [] if attempt.ended_at is not None else [f"refs/heads/{branch_for(task)}"]
