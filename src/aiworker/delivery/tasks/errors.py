"""What can be wrong with a task's move."""

from collections.abc import Iterable

from aiworker.core.errors import Conflict, NotFound
from aiworker.wire.tasks import TaskState


class TaskNotFound(NotFound):
    """No task by that id or key."""

    default_code = "task_not_found"

    def __init__(self, named: str) -> None:
        super().__init__(f"There is no task {named[:60]!r}.", details={"task": named[:60]})


class IllegalMove(Conflict):
    """The state does not allow what was asked; the error names what it allows."""

    default_code = "illegal_move"

    def __init__(self, key: str, state: TaskState, asked: str, allowed: Iterable[str]) -> None:
        names = sorted(allowed)
        hint = f"allowed from here: {', '.join(names)}" if names else "nothing is allowed from here"
        super().__init__(
            f"{key} is in '{state}' and cannot {asked}; {hint}.",
            details={"task": key, "state": state.value, "asked": asked, "allowed": names},
        )
