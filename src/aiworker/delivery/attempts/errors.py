"""What can be wrong with an attempt. The sentences are written for an agent that knows nothing of the product."""

from aiworker.core.errors import Conflict, Denied, Invalid


class AttemptMissing(Invalid):
    """A write that names no attempt."""

    default_code = "attempt_missing"

    def __init__(self) -> None:
        super().__init__("Pass `attempt`: the token that get_next_task returned with the task.")


class AttemptUnknown(Conflict):
    """A token that is not known, or that was replaced."""

    default_code = "attempt_unknown"

    def __init__(self) -> None:
        super().__init__(
            "This attempt token is not valid (any more): another session has taken the task over, or the token is "
            "mistyped. Stop working on the task; call get_next_task."
        )


class AttemptOver(Conflict):
    """The attempt has ended."""

    default_code = "attempt_over"

    def __init__(self, task_key: str, outcome: str, why: str | None = None) -> None:
        how = f"{outcome}: {why}" if why else outcome
        super().__init__(
            f"This attempt at {task_key} is over ({how}). Stop working on it; call get_next_task.",
            details={"task": task_key, "outcome": outcome},
        )


class AttemptParked(Conflict):
    """The attempt waits for people, without its agent."""

    default_code = "attempt_parked"

    def __init__(self, task_key: str) -> None:
        super().__init__(
            f"Your attempt at {task_key} is parked until people have answered: until then you may ask, check, log, "
            "push and release, no more. Call check_response with waitSeconds: 50; once it is answered, go on.",
            details={"task": task_key},
        )


class AttemptOfAnother(Denied):
    """The token belongs to another agent."""

    default_code = "attempt_of_another_agent"

    def __init__(self) -> None:
        super().__init__("This attempt belongs to another agent. Stop working on it; call get_next_task.")


class AttemptOfAnotherTask(Conflict):
    """The call names a task, but the token is of another one."""

    default_code = "attempt_of_another_task"

    def __init__(self, task_key: str) -> None:
        super().__init__(
            f"This attempt is at {task_key}, not at the task that you named; leave taskId out, or pass that task's own "
            "attempt.",
            details={"task": task_key},
        )


class TaskHeld(Conflict):
    """The agent holds as many tasks as it may."""

    default_code = "task_held"

    def __init__(self, task_key: str) -> None:
        super().__init__(
            f"You already hold {task_key}, in this session or in another one with the same key. Finish it or "
            "release_task it; or, if that other session is gone, call get_next_task with resume: true to take it over.",
            details={"task": task_key},
        )


class QuestionPending(Conflict):
    """Work cannot be handed in while people still owe an answer."""

    default_code = "question_pending"

    def __init__(self, task_key: str) -> None:
        super().__init__(
            f"A question about {task_key} still waits for an answer; call check_response first.",
            details={"task": task_key},
        )


class ToolNotAllowed(Denied):
    """The project does not allow this tool."""

    default_code = "tool_not_allowed"

    def __init__(self, tool: str, project_key: str) -> None:
        super().__init__(
            f"The project {project_key} does not allow the tool {tool}; go on without it.", details={"tool": tool}
        )
