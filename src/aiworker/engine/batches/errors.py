"""What can be wrong with a batch."""

from collections.abc import Mapping
from itertools import islice

from aiworker.core.errors import AiWorkerError, Invalid, NotFound
from aiworker.core.sayings import Saying, Sentence
from aiworker.wire.problems import broken_field

_BROKEN = Sentence("robot_broken", "Robot {number}: {error}")
_BROKEN_AND_MORE = Sentence("robots_broken", "Robot {number}: {error} ({more} more)")
_MOST_PROBLEMS = 20


class BatchNotFound(NotFound):
    """No robots were ever submitted under that correlation id."""

    default_code = "batch_not_found"

    def __init__(self, correlation_id: str) -> None:
        super().__init__(f"There is no batch {correlation_id[:60]!r}.", details={"correlationId": correlation_id[:60]})


class WrongRobots(Invalid):
    """Some of a batch cannot be taken, so none of them is. `wrong`: why, by their places, which people count from 1."""

    def __init__(self, wrong: Mapping[int, AiWorkerError]) -> None:
        fields = [broken_field(str(place), error.said) for place, error in islice(wrong.items(), _MOST_PROBLEMS)]
        super().__init__(_first_of(wrong), code=next(iter(wrong.values())).code, details={"fields": fields})


def _first_of(wrong: Mapping[int, AiWorkerError]) -> Saying:
    place, error = next(iter(wrong.items()))
    if len(wrong) == 1:
        return _BROKEN(number=place + 1, error=error.said)
    return _BROKEN_AND_MORE(number=place + 1, error=error.said, more=len(wrong) - 1)
