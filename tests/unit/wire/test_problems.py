import pytest
from pydantic import ValidationError

from aiworker.wire.base import Request
from aiworker.wire.problems import first_problem
from aiworker.wire.tasks import NewTask

GOOD = {"projectId": "SHOP", "title": "Show prices with tax"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": "t" * 256}, "title: must have at most 255 characters."),
        ({"title": "  "}, "title: must not be empty."),
        ({"title": "two\nlines"}, "title: must be one line."),
        ({"title": 3}, "title: must be a valid string."),
        ({"projectId": None}, "projectId: must be a valid string."),
        ({"dependsOn": ["x"] * 51}, "dependsOn: must have at most 50 items."),
        ({"capabilities": ["ok", "ü"]}, "capabilities.1: must match ^[A-Za-z0-9][A-Za-z0-9._+#-]{0,59}$."),
        ({"priority": "now"}, "priority: must be 'low', 'medium', 'high' or 'urgent'."),
        ({"nope": 1}, "nope: is not a known field."),
    ],
)
def test_a_problem_names_the_field_and_the_rule(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        NewTask.model_validate({**GOOD, **changes})
    assert first_problem(caught.value) == sentence


def test_a_field_that_is_missing_is_said_to_be_missing() -> None:
    with pytest.raises(ValidationError) as caught:
        NewTask.model_validate({"title": "x"})
    assert first_problem(caught.value) == "projectId: is missing."


def test_a_body_that_is_no_object_is_told_without_a_field() -> None:
    with pytest.raises(ValidationError) as caught:
        Request.model_validate([])
    assert first_problem(caught.value).startswith("must be an object")
