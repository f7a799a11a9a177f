"""What of a task goes into a release."""

from collections.abc import Sequence

from aiworker.delivery.ports.forge import Pick
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.wire.tasks import TaskState

SHIPPED = frozenset({TaskState.STAGING, TaskState.PRODUCTION})


def pick(task: TaskRecord, commit: str, needed: Sequence[TaskRecord]) -> Pick:
    """A commit of a task, to become one commit with one parent. `needed`: what the task depends on."""
    return Pick(
        commit=commit,
        message=f"{task.task_key}: {task.title}\n\nTask: {task.task_key}\nApproved-Commit: {commit}\n",
        label=task.task_key,
        carried=_carried(task, needed),
    )


def _carried(task: TaskRecord, needed: Sequence[TaskRecord]) -> tuple[str, ...]:
    """The commits that it was built on, and whose changes the target holds under other names."""
    shipped = (other.approved_commit for other in needed if other.state in SHIPPED)
    return tuple(commit for commit in (task.base_commit, *shipped) if commit is not None)
