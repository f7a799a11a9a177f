import pytest

from aiworker.core.sayings import Saying
from aiworker.delivery.tasks.errors import IllegalMove
from aiworker.delivery.tasks.reasons import (
    ATTEMPT_COST,
    QUESTION_WAITS,
    after,
    after_cancelled,
    attempts_failed,
    ends_by_itself,
    needs_person,
    pull_request_closed,
)
from aiworker.delivery.tasks.states import MOVES, Cause, next_state
from aiworker.wire.tasks import TaskState


@pytest.mark.parametrize("state", TaskState)
@pytest.mark.parametrize("cause", Cause)
def test_a_move_that_is_not_allowed_names_those_that_are(state: TaskState, cause: Cause) -> None:
    if (state, cause) in MOVES:
        assert next_state("SHOP-1", state, cause) is MOVES[state, cause]
        return
    with pytest.raises(IllegalMove) as refused:
        next_state("SHOP-1", state, cause)
    allowed = sorted(other.value for (origin, other) in MOVES if origin is state)
    assert refused.value.details["allowed"] == allowed
    assert all(words in refused.value.message for words in allowed)


@pytest.mark.parametrize(
    ("held", "by_itself", "for_people"),
    [
        (after(["SHOP-9"]), True, False),
        (after(["SHOP-9"], until="staging"), True, False),
        (QUESTION_WAITS(), True, False),
        (after_cancelled(["SHOP-9"]), True, True),
        (after_cancelled(["SHOP-8", "SHOP-9"]), True, True),
        (attempts_failed(3), False, True),
        (pull_request_closed(7, "ada"), False, True),
        (ATTEMPT_COST(limit="$5.00"), False, True),
        (Saying("a reason of somebody's own"), False, True),
    ],
)
def test_a_reason_tells_whether_people_have_to_act(held: Saying, by_itself: bool, for_people: bool) -> None:
    assert (ends_by_itself(held.code), needs_person(held.code)) == (by_itself, for_people)


def test_a_reason_fits_its_column_however_many_tasks_it_names() -> None:
    keys = [f"PROJECT-{number}" for number in range(1000, 1050)]
    assert len(after(keys).words) <= 200
    assert after(keys).words.endswith(", …")
    assert after(keys).values["tasks"].endswith(", …")
    assert after_cancelled(keys).words.endswith(", … were cancelled")


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (after(["SHOP-8", "SHOP-9"]), "after SHOP-8, SHOP-9"),
        (after_cancelled(["SHOP-8"]), "SHOP-8 was cancelled"),
        (after_cancelled(["SHOP-8", "SHOP-9"]), "SHOP-8, SHOP-9 were cancelled"),
        (attempts_failed(1), "1 attempt failed"),
        (attempts_failed(3), "3 attempts failed"),
    ],
)
def test_a_reason_counts_what_it_names(held: Saying, words: str) -> None:
    assert held.words == words
