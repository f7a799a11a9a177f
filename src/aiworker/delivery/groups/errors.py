"""What can be wrong with a release."""

from collections.abc import Sequence
from functools import reduce

from aiworker.core.errors import Conflict, NotFound
from aiworker.core.sayings import Saying, Sentence, as_kept
from aiworker.wire.groups import GroupProblem

NOT_SHIPPABLE = Sentence("tasks_not_shippable", "These tasks cannot be shipped: {missing}.")
LACKS = Sentence("task_lacks", "{task} {problem}")
LACKS_TOO = Sentence("tasks_lack", "{first}; {second}")


class GroupNotFound(NotFound):
    """No release by that id or number."""

    default_code = "group_not_found"

    def __init__(self, named: str) -> None:
        super().__init__(f"There is no release {named[:60]!r}.", details={"group": named[:60]})


class NotShippable(Conflict):
    """Some tasks cannot go; the error lists each with what is missing."""

    default_code = "not_shippable"

    def __init__(self, missing: Sequence[GroupProblem]) -> None:
        lacks = [LACKS(task=one.task, problem=_said(one)) for one in missing]
        told = reduce(lambda some, one: LACKS_TOO(first=some, second=one), lacks)
        listed = [{"task": one.task, "problem": one.problem} for one in missing]
        super().__init__(NOT_SHIPPABLE(missing=told), details={"missing": listed})


def _said(one: GroupProblem) -> Saying:
    return as_kept(one.problem, one.told.model_dump() if one.told else None)


class Busy(Conflict):
    """Another ship, promotion or rollback is under way in this project."""

    default_code = "release_under_way"

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"{name.capitalize()} is under way ({what}); wait until it is done.", details={"robot": what})


class OutOfOrder(Conflict):
    """Promotion follows the order of staging; only the newest can be rolled back."""

    default_code = "out_of_order"
