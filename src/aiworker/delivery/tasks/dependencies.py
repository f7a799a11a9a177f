"""Which tasks a task depends on."""

from collections.abc import Sequence
from graphlib import TopologicalSorter

from aiworker.core.errors import Conflict, Invalid
from aiworker.delivery.tasks import queries
from aiworker.delivery.tasks.errors import TaskNotFound
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.storage.transaction import Tx


def resolve(tx: Tx, project_id: str, names: Sequence[str]) -> list[TaskRecord]:
    """The tasks named, each once. Raises: TaskNotFound, Invalid (another project's)."""
    found = queries.by_names(tx, names)
    for name in names:
        match = next((task for task in found if name == task.id or name.upper() == task.task_key), None)
        if match is None:
            raise TaskNotFound(name)
        if match.project_id != project_id:
            raise Invalid(f"{match.task_key} belongs to another project.", code="dependency_of_another_project")
    return found


def in_order(tx: Tx, task: TaskRecord) -> list[TaskRecord]:
    """What a task depends on, each after what it depends on itself."""
    return sorted_by_need(tx, queries.dependencies(tx, [task.id])[task.id])


def sorted_by_need(tx: Tx, tasks: Sequence[TaskRecord]) -> list[TaskRecord]:
    """The tasks, each after those of them that it depends on."""
    found = {task.id: task for task in tasks}
    needed = queries.dependencies(tx, list(found))
    graph = {task_id: [other.id for other in needed[task_id] if other.id in found] for task_id in found}
    return [found[task_id] for task_id in TopologicalSorter(graph).static_order()]


def replace(tx: Tx, task: TaskRecord, others: Sequence[TaskRecord]) -> None:
    """Set what a task depends on. Raises: Conflict for a circle."""
    ids = [other.id for other in others]
    if task.id in ids or queries.reaches(tx, ids, task.id):
        raise Conflict(f"{task.task_key} would wait for itself.", code="dependency_circle")
    queries.set_dependencies(tx, task.id, ids)
