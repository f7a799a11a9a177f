"""What people say to a result that was held."""

from collections.abc import Collection
from typing import Any

from aiworker.core.paging import Cursor
from aiworker.engine.completions.service import Completions
from aiworker.engine.executions.service import Executions
from aiworker.engine.reviews import queries
from aiworker.engine.reviews.errors import NotInReview, ReviewNotFound
from aiworker.engine.reviews.events import reviewed
from aiworker.engine.reviews.records import WAITING, Review
from aiworker.engine.robots import queries as robots
from aiworker.engine.robots.errors import RobotNotFound
from aiworker.engine.robots.service import note
from aiworker.storage.transaction import Tx


class Reviews:
    """Each decision ends the try whose result was held, and moves its robot."""

    def __init__(self, completions: Completions, executions: Executions) -> None:
        self._completions = completions
        self._executions = executions

    def get(self, tx: Tx, robot_id: str) -> Review:
        """The last review of a robot. Raises: ReviewNotFound."""
        review = queries.find(tx, robot_id)
        if review is None:
            raise ReviewNotFound(robot_id)
        return review

    def waiting(
        self, tx: Tx, *, limit: int, cursor: str | None, among: Collection[str] | None = None
    ) -> tuple[list[Review], str | None]:
        """Those that wait for a person (`among`: of these modules), the oldest first, and the next page's cursor."""
        found = queries.waiting(tx, among=among, after=Cursor.decode(cursor), limit=limit + 1)
        page = found[:limit]
        following = Cursor(0, page[-1].asked_at, page[-1].robot_id).encode() if len(found) > limit else None
        return page, following

    def accept(
        self, tx: Tx, robot_id: str, *, by: str, output_data: dict[str, Any] | None, comment: str | None
    ) -> None:
        """The robot is COMPLETED, with the result as it is or as it was corrected.

        Raises: RobotNotFound, NotInReview.
        """
        review = self._held(tx, robot_id)
        self._completions.accept(tx, review, output_data=output_data, by=by)
        _decide(tx, robot_id, "accepted" if output_data is None else "corrected", by=by, comment=comment)

    def refuse(self, tx: Tx, robot_id: str, *, by: str, comment: str | None) -> None:
        """The robot is FAILED: a business exception, which is not tried again. Raises: as `accept`."""
        review = self._held(tx, robot_id)
        self._executions.refuse(tx, review.execute_id, by=by, reason=comment or f"refused by {by}: {review.why}")
        _decide(tx, robot_id, "refused", by=by, comment=comment)

    def send_back(self, tx: Tx, robot_id: str, *, by: str, comment: str | None) -> None:
        """The robot waits for another try, which does not count. Raises: as `accept`."""
        review = self._held(tx, robot_id)
        self._executions.send_back(tx, review.execute_id, by=by, reason=comment)
        _decide(tx, robot_id, "sent_back", by=by, comment=comment)

    def _held(self, tx: Tx, robot_id: str) -> Review:
        robot = robots.lock(tx, robot_id)
        if robot is None:
            raise RobotNotFound(robot_id)
        review = queries.find(tx, robot_id) if robot.review == WAITING else None
        if review is None:
            raise NotInReview(robot_id, robot.review)
        return review


def _decide(tx: Tx, robot_id: str, state: str, *, by: str, comment: str | None) -> None:
    queries.decide(tx, robot_id, state, by=by, comment=comment)
    tx.emit(reviewed(robot_id))
    note(tx, robot_id, by=by, did=state, why=comment)
