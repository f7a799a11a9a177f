"""What can be wrong with an execution."""

from aiworker.core.errors import Conflict, NotFound
from aiworker.core.sayings import Sentence
from aiworker.wire.engine import ExecutionState

ILLEGAL_MOVE = Sentence("execution_illegal_move", "Execution {execution} is {state} and cannot be {asked}.")


class ExecutionNotFound(NotFound):
    """No execution by that id."""

    default_code = "execution_not_found"

    def __init__(self, execute_id: str) -> None:
        super().__init__(f"There is no execution {execute_id[:60]!r}.", details={"executeId": execute_id[:60]})


class LeaseLost(Conflict):
    """The caller is not, or no longer, the one who has this execution."""

    default_code = "lease_lost"

    def __init__(self, execute_id: str) -> None:
        super().__init__(
            f"Execution {execute_id} is no longer yours: stop working on it, its result is not accepted.",
            details={"executeId": execute_id},
        )


class NotUnderWay(Conflict):
    """The state of the execution does not allow what was asked."""

    default_code = "illegal_move"

    def __init__(self, execute_id: str, state: ExecutionState, asked: str) -> None:
        super().__init__(
            ILLEGAL_MOVE(execution=execute_id, state=state.value, asked=asked),
            details={"executeId": execute_id, "state": state.value, "asked": asked},
        )
