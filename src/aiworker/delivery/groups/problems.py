"""What stands in the way of a release, task by task."""

from collections.abc import Sequence

from aiworker.delivery.groups.picks import SHIPPED
from aiworker.delivery.groups.records import GroupRecord
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.storage.transaction import Tx
from aiworker.wire.groups import GroupProblem
from aiworker.wire.tasks import TaskState


def of_tasks(tx: Tx, tasks: Sequence[TaskRecord]) -> list[GroupProblem]:
    """Why these tasks cannot be shipped together; none if they can."""
    together = {task.id for task in tasks}
    waits_for = task_queries.dependencies(tx, sorted(together))
    return [
        GroupProblem(task=task.task_key, problem=problem)
        for task in tasks
        for problem in (
            f"is in {task.state}, not approved" if task.state is not TaskState.APPROVED else None,
            "belongs to another project" if task.project_id != tasks[0].project_id else None,
            "is in another release already" if task.group_id is not None else None,
            *(
                f"depends on {other.task_key}, which is neither in this release nor shipped"
                for other in waits_for[task.id]
                if other.id not in together and other.state not in SHIPPED
            ),
        )
        if problem is not None
    ]


def of_promotion(tx: Tx, group: GroupRecord) -> list[GroupProblem]:
    """What a release in staging depends on, and what has left production since."""
    keys = {task.id: task.task_key for task in task_queries.by_ids(tx, group.task_ids)}
    return [
        GroupProblem(task=keys[task_id], problem=f"depends on {other.task_key}, which is not in production")
        for task_id, others in task_queries.dependencies(tx, sorted(keys)).items()
        for other in others
        if other.id not in keys and other.state is not TaskState.PRODUCTION
    ]
