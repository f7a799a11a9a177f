"""How many robots there are."""

from collections.abc import Collection
from typing import Final

from aiworker.engine.robots import queries
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import RobotStatus

# Nobody needs a larger number, and the cost stays the same with a million robots.
COUNTED_MOST: Final = 10_000


def count(
    tx: Tx,
    *,
    robot_type: str | None = None,
    module_name: str | None = None,
    correlation_id: str | None = None,
    among: Collection[str] | None = None,
) -> dict[RobotStatus, int]:
    """How many have each status, of all or of those that match (`among`: of these modules); each is counted up to
    `COUNTED_MOST`."""
    asked = {"robot_type": robot_type, "module_name": module_name, "correlation_id": correlation_id}
    wanted = {name: value for name, value in asked.items() if value is not None}
    return queries.count_by_status(tx, wanted=wanted, among=among, most=COUNTED_MOST)
