import pytest

from aiworker.delivery.tasks.errors import IllegalMove
from aiworker.delivery.tasks.reasons import (
    after,
    after_cancelled,
    ends_by_itself,
    meaning,
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
        ("a question waits for an answer", True, False),
        (after_cancelled(["SHOP-9"]), True, True),
        (after_cancelled(["SHOP-8", "SHOP-9"]), True, True),
        ("3 attempts failed", False, True),
        ("lost or given back 10 times in a row", False, True),
        ("cost limit of $5.00 for an attempt reached", False, True),
    ],
)
def test_a_reason_tells_whether_people_have_to_act(held: str, by_itself: bool, for_people: bool) -> None:
    assert (ends_by_itself(held), needs_person(held)) == (by_itself, for_people)


def test_a_reason_fits_its_column_however_many_tasks_it_names() -> None:
    keys = [f"PROJECT-{number}" for number in range(1000, 1050)]
    assert len(after(keys)) <= 200
    assert after(keys).endswith(" and others")
    assert after_cancelled(keys).endswith(" and others were cancelled")


@pytest.mark.parametrize(
    ("held", "code", "details"),
    [
        (after(["SHOP-8", "SHOP-9"]), "after", {"tasks": "SHOP-8, SHOP-9"}),
        (after(["SHOP-9"], until="production"), "after_until", {"tasks": "SHOP-9", "until": "production"}),
        (after_cancelled(["SHOP-8", "SHOP-9"]), "after_cancelled", {"tasks": "SHOP-8, SHOP-9"}),
        (pull_request_closed(7, "ada"), "pull_request_closed", {"number": "7", "by": "ada"}),
        ("1 attempt failed", "attempts_failed", {"attempts": "1"}),
        ("cost limit of $5.00 for an attempt reached", "attempt_cost", {"limit": "$5.00"}),
        ("a reason of somebody's own", None, {}),
    ],
)
def test_a_reason_that_was_written_down_is_known_again(held: str, code: str | None, details: dict[str, str]) -> None:
    known = meaning(held)
    assert (known.words, known.code, known.details) == (held, code, details)


def test_a_reason_that_names_very_many_tasks_says_in_any_language_that_there_are_more() -> None:
    keys = [f"PROJECT-{number}" for number in range(1000, 1050)]
    assert meaning(after(keys)).details["tasks"].endswith(", …")
