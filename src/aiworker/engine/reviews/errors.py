"""What can be wrong with a review."""

from aiworker.core.errors import Conflict, NotFound


class ReviewNotFound(NotFound):
    """No result of this robot was ever held."""

    default_code = "review_not_found"

    def __init__(self, robot_id: str) -> None:
        super().__init__(f"No result of robot {robot_id[:60]!r} was held for a person to look at.")


class NotInReview(Conflict):
    """Nobody has to decide on this robot now."""

    default_code = "not_in_review"

    def __init__(self, robot_id: str, state: str | None) -> None:
        said = f"its last result was {state.replace('_', ' ')}" if state else "no result of it is held"
        super().__init__(f"Robot {robot_id} does not wait for a review: {said}.", details={"robotId": robot_id})
