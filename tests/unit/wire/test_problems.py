import pytest
from pydantic import ValidationError

from aiworker.wire.base import Request
from aiworker.wire.engine import NewRobot
from aiworker.wire.problems import first_problem, rule_of
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
        ({"priority": "now"}, "priority: must be one of 'low', 'medium', 'high', 'urgent'."),
        ({"nope": 1}, "nope: is not a known field."),
    ],
)
def test_a_problem_names_the_field_and_the_rule(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        NewTask.model_validate({**GOOD, **changes})
    assert first_problem(caught.value).words == sentence


def test_a_field_that_is_missing_is_said_to_be_missing() -> None:
    with pytest.raises(ValidationError) as caught:
        NewTask.model_validate({"title": "x"})
    assert first_problem(caught.value).words == "projectId: is missing."


def test_a_body_that_is_no_object_is_told_without_a_field() -> None:
    with pytest.raises(ValidationError) as caught:
        Request.model_validate([])
    assert first_problem(caught.value).words.startswith("must be an object")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("two\nlines", "rule_one_line"),
        ("a\0b", "rule_no_control"),
        ("\ud800", "rule_unicode"),
    ],
)
def test_a_rule_of_a_validator_of_ours_is_told_by_its_own_code(text: str, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        NewTask.model_validate({**GOOD, "title": text})
    assert rule_of(caught.value.errors()[0]).code == code


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"at": float("inf")}, "rule_json"),
        ({"text": "a\0b"}, "rule_no_nul"),
        ({"text": "\ud800"}, "rule_unicode"),
        ({"text": "x" * 1_048_577}, "rule_at_most_bytes"),
    ],
    ids=["infinite", "nul", "unicode", "large"],
)
def test_json_that_cannot_be_kept_is_told_by_its_own_code(value: dict[str, object], code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        NewRobot.model_validate({"robotType": "ocr.read", "inputData": value})
    assert rule_of(caught.value.errors()[0]).code == code


def test_what_only_pydantic_has_words_for_stands_as_a_value_in_ours() -> None:
    with pytest.raises(ValidationError) as caught:
        NewRobot.model_validate({"robotType": "ocr.read", "inputData": {}, "dueDate": "2030-01-01T00:00:00"})
    said = rule_of(caught.value.errors()[0])
    assert (said.code, said.values) == ("rule_other", {"error": "must have timezone info"})
    assert said.words == "must have timezone info"
