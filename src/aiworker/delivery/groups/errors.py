"""What can be wrong with a release."""

from collections.abc import Sequence

from aiworker.core.errors import Conflict, NotFound
from aiworker.wire.groups import GroupProblem


class GroupNotFound(NotFound):
    """No release by that id or number."""

    default_code = "group_not_found"

    def __init__(self, named: str) -> None:
        super().__init__(f"There is no release {named[:60]!r}.", details={"group": named[:60]})


class NotShippable(Conflict):
    """Some tasks cannot go; the error lists each with what is missing."""

    default_code = "not_shippable"

    def __init__(self, missing: Sequence[GroupProblem]) -> None:
        told = "; ".join(f"{one.task} {one.problem}" for one in missing)
        listed = [{"task": one.task, "problem": one.problem} for one in missing]
        super().__init__(f"These tasks cannot be shipped: {told}.", details={"missing": listed})


class Busy(Conflict):
    """Another ship, promotion or rollback is under way in this project."""

    default_code = "release_under_way"

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"{name.capitalize()} is under way ({what}); wait until it is done.", details={"robot": what})


class OutOfOrder(Conflict):
    """Promotion follows the order of staging; only the newest can be rolled back."""

    default_code = "out_of_order"
