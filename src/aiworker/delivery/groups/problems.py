"""What stands in the way of a release, task by task."""

from collections.abc import Sequence

from aiworker.core.sayings import Saying, Sentence
from aiworker.delivery.groups.picks import SHIPPED
from aiworker.delivery.groups.records import GroupRecord
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.storage.transaction import Tx
from aiworker.wire.groups import GroupProblem
from aiworker.wire.tasks import TaskState
from aiworker.wire.telling import Telling

NOT_APPROVED = Sentence("lacks_approval", "is in {state}, not approved")
ELSEWHERE = Sentence("of_another_project", "belongs to another project")
TAKEN = Sentence("in_another_release", "is in another release already")
NEEDS = Sentence("needs_unshipped", "depends on {other}, which is neither in this release nor shipped")
NEEDS_IN_PRODUCTION = Sentence("needs_in_production", "depends on {other}, which is not in production")


def of_tasks(tx: Tx, tasks: Sequence[TaskRecord]) -> list[GroupProblem]:
    """Why these tasks cannot be shipped together; none if they can."""
    together = {task.id for task in tasks}
    waits_for = task_queries.dependencies(tx, sorted(together))
    return [
        _problem(task.task_key, said)
        for task in tasks
        for said in (
            NOT_APPROVED(state=task.state.value) if task.state is not TaskState.APPROVED else None,
            ELSEWHERE() if task.project_id != tasks[0].project_id else None,
            TAKEN() if task.group_id is not None else None,
            *(
                NEEDS(other=other.task_key)
                for other in waits_for[task.id]
                if other.id not in together and other.state not in SHIPPED
            ),
        )
        if said is not None
    ]


def of_promotion(tx: Tx, group: GroupRecord) -> list[GroupProblem]:
    """What a release in staging depends on, and what has left production since."""
    keys = {task.id: task.task_key for task in task_queries.by_ids(tx, group.task_ids)}
    return [
        _problem(keys[task_id], NEEDS_IN_PRODUCTION(other=other.task_key))
        for task_id, others in task_queries.dependencies(tx, sorted(keys)).items()
        for other in others
        if other.id not in keys and other.state is not TaskState.PRODUCTION
    ]


def _problem(key: str, said: Saying) -> GroupProblem:
    return GroupProblem(task=key, problem=said.words, told=Telling.model_validate(said.told))
