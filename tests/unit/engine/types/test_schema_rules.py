"""What an input breaks of a schema is told by rules of ours, and never by what it holds."""

from typing import Any

import pytest

from aiworker.core.sayings import Saying
from aiworker.engine.types.errors import InputRefused
from aiworker.engine.types.schemas import check_input

SECRET = "ES91 2100 0418"


def refused(rules: dict[str, Any], value: Any) -> Saying:
    """What is said of a field that has these rules, with this value."""
    with pytest.raises(InputRefused) as refusal:
        check_input("ocr.read", {"properties": {"field": rules}}, {"field": value})
    (field,) = refusal.value.details["fields"]
    assert field["field"] == "inputData.field"
    assert SECRET not in str(refusal.value.details) + refusal.value.message
    return Saying(field["rule"], field["told"]["code"], field["told"]["values"])


@pytest.mark.parametrize(
    ("rules", "value", "words"),
    [
        ({"type": "integer"}, SECRET, "must be a valid integer"),
        ({"type": "object"}, [], "must be an object"),
        ({"type": ["null", "string"]}, 7, "must be of one of the types null, string"),
        ({"required": ["page"]}, {}, "needs the field page"),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, "needs the field b"),
        (
            {"properties": {"page": {}}, "additionalProperties": False},
            {"x": 1, "y": SECRET},
            "has fields that are not known: x, y",
        ),
        ({"enum": ["añil", 7]}, SECRET, 'must be one of "añil", 7'),
        ({"const": "yes"}, SECRET, 'must be one of "yes"'),
        ({"minLength": 1}, "", "must not be empty"),
        ({"minLength": 90}, SECRET, "must have at least 90 characters"),
        ({"maxLength": 3}, SECRET, "must have at most 3 characters"),
        ({"minItems": 1}, [], "must not be empty"),
        ({"minItems": 2}, [1], "must have at least 2 items"),
        ({"maxItems": 1}, [1, 2], "must have at most 1 items"),
        ({"uniqueItems": True}, [SECRET, SECRET], "must hold nothing twice"),
        ({"minProperties": 2}, {}, "must have at least 2 fields"),
        ({"maxProperties": 0}, {"a": 1}, "must have at most 0 fields"),
        ({"minimum": 1.5}, 1, "must be greater than or equal to 1.5"),
        ({"maximum": 10}, 11, "must be less than or equal to 10"),
        ({"exclusiveMinimum": 0}, 0, "must be greater than 0"),
        ({"exclusiveMaximum": 0}, 0, "must be less than 0"),
        ({"multipleOf": 5}, 7, "must be a multiple of 5"),
        ({"pattern": "^[A-Z]+$"}, SECRET, "must match ^[A-Z]+$"),
        ({"format": "date"}, SECRET, "must have the format date"),
    ],
)
def test_each_keyword_is_told_by_a_rule_with_what_the_schema_says(
    rules: dict[str, Any], value: Any, words: str
) -> None:
    said = refused(rules, value)
    assert said.words == words
    assert said.code not in {None, "rule_other"}


@pytest.mark.parametrize(
    ("rules", "value"),
    [
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 7),
        ({"not": {"type": "string"}}, SECRET),
        ({"contains": {"const": 1}}, [SECRET]),
        (False, SECRET),
    ],
    ids=["anyOf", "not", "contains", "false"],
)
def test_what_has_no_rule_of_ours_is_told_in_the_words_of_the_library(rules: Any, value: Any) -> None:
    said = refused(rules, value)
    assert (said.code, said.values) == ("rule_other", {"error": said.words})
    assert said.words != ""


def test_a_rule_as_long_as_a_page_is_cut() -> None:
    said = refused({"enum": [f"option {number}" for number in range(1_000)]}, SECRET)
    assert len(said.values["known"]) == 300


def test_the_first_problem_and_how_many_more_there_are_make_the_sentence() -> None:
    with pytest.raises(InputRefused) as refusal:
        check_input("ocr.read", {"properties": {"a": {"type": "string"}, "b": {"type": "null"}}}, {"a": 1, "b": 2})
    assert refusal.value.message == "inputData.a: must be a valid string (1 more)."
    assert refusal.value.said.code == "fields_broken"
