"""What an input breaks of a schema is told by rules of ours, and never by what it holds."""

from collections.abc import Sequence
from typing import Any

import pytest
from jsonschema_specifications import REGISTRY

from aiworker.core.sayings import Saying
from aiworker.engine.types.errors import InputRefused
from aiworker.engine.types.schemas import check_input

SECRET = "ES91 2100 0418"
FORMATS = (
    *("date", "time", "date-time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6"),
    *("uri", "uri-reference", "iri", "iri-reference", "uri-template", "uuid"),
    *("json-pointer", "relative-json-pointer", "regex"),
)


def refused(rules: Any, value: Any) -> Saying:
    """What is said of a field that has these rules, with this value."""
    with pytest.raises(InputRefused) as refusal:
        check_input("ocr.read", {"properties": {"field": rules}}, {"field": value})
    (field,) = refusal.value.details["fields"]
    assert field["field"] == "inputData.field"
    assert SECRET not in str(refusal.value.details) + refusal.value.message
    return Saying(field["rule"], field["told"]["code"], field["told"]["values"])


CASES: Sequence[tuple[Any, Any, str]] = [
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
    ({"const": "yes"}, SECRET, 'must be "yes"'),
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
    ({"format": "date"}, SECRET, "must have the format date, such as 2026-11-22"),
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 7, "must be of one of the types string, null"),
    ({"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}]}, SECRET, "must have at most 3 characters"),
    ({"anyOf": [{"minLength": 99}, {"pattern": "^a"}]}, SECRET, "fits none of the 2 forms that its type allows"),
    ({"oneOf": [{"type": "integer"}, {"type": "null"}]}, SECRET, "must be of one of the types integer, null"),
    (
        {"oneOf": [{"minLength": 1}, {"maxLength": 99}]},
        SECRET,
        "fits more than one form of its type, and should fit one only",
    ),
    ({"allOf": [{"minLength": 1}, {"maxLength": 3}]}, SECRET, "must have at most 3 characters"),
    ({"if": {"type": "string"}, "then": {"maxLength": 3}}, SECRET, "must have at most 3 characters"),
    ({"if": {"type": "object"}, "else": {"maxLength": 3}}, SECRET, "must have at most 3 characters"),
    ({"not": {"type": "string"}}, SECRET, "has a form that its type rules out"),
    ({"not": {"enum": [1, 2]}}, 1, "must not be one of 1, 2"),
    ({"not": {"const": 1}}, 1, "must not be one of 1"),
    ({"not": {"required": ["a", "b"]}}, {"a": 1, "b": 2}, "must not have the fields a, b"),
    ({"contains": {"const": 1}}, [SECRET], "must hold at least one item of the kind that its type asks for"),
    (
        {"contains": {"const": 1}, "minContains": 2},
        [1, SECRET],
        "must hold more items of the kind that its type asks for",
    ),
    (
        {"contains": {"const": 1}, "maxContains": 1},
        [1, 1],
        "must hold fewer items of the kind that its type asks for",
    ),
    ({"dependentSchemas": {"a": {"required": ["b"]}}}, {"a": SECRET}, "needs the field b"),
    ({"propertyNames": {"maxLength": 1}}, {"ab": 1}, "has a field named ab, which must have at most 1 characters"),
    ({"propertyNames": False}, {"ab": SECRET}, "must have no fields"),
    ({"additionalProperties": False}, {"ab": SECRET}, "must have no fields"),
    ({"unevaluatedProperties": False}, {"ab": SECRET}, "has fields that are not known: ab"),
    (
        {"prefixItems": [{}], "unevaluatedItems": False},
        [1, SECRET, SECRET],
        "has 2 items more than it may have",
    ),
    (False, SECRET, "must be left out"),
]


@pytest.mark.parametrize(("rules", "value", "words"), CASES)
def test_each_keyword_is_told_by_a_rule_with_what_the_schema_says(rules: Any, value: Any, words: str) -> None:
    said = refused(rules, value)
    assert said.words == words
    assert said.code not in {None, "rule_other"}


# What says where its parts apply, which are told by rules of their own, and what only counts beside another keyword.
_WITHOUT_A_RULE = {"items", "prefixItems", "properties", "patternProperties"}


def _keywords(vocabulary: str) -> set[str]:
    schema = REGISTRY.contents(f"https://json-schema.org/draft/2020-12/meta/{vocabulary}")
    assert isinstance(schema, dict)
    return set(schema["properties"])


def test_every_keyword_of_the_draft_that_can_fail_has_a_rule_of_ours() -> None:
    vocabularies = ("validation", "applicator", "unevaluated", "format-annotation")
    wanted = {keyword for vocabulary in vocabularies for keyword in _keywords(vocabulary)}
    assert {"anyOf", "const", "contains", "format", "propertyNames", "unevaluatedItems"} <= wanted
    assert wanted - _WITHOUT_A_RULE == {keyword for rules, *_ in CASES if rules for keyword in rules} - _WITHOUT_A_RULE


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_told_with_an_example_that_has_it(name: str) -> None:
    said = refused({"format": name}, "\\ % [")
    assert said.code == "rule_format_like"
    check_input("ocr.read", {"properties": {"field": {"format": name}}}, {"field": said.values["example"]})


@pytest.mark.parametrize(
    ("rules", "value", "code"),
    [
        ({"contentEncoding": "base64"}, "!", "rule_encoded"),
        ({"contentMediaType": "application/json"}, "{", "rule_encoded"),
        ({"contentEncoding": "base64", "contentMediaType": "application/json"}, "/w==", "rule_unicode"),
        ({"items": [{}], "additionalItems": False}, [1, 2], "rule_at_most_items"),
        ({"dependencies": {"a": ["b"]}}, {"a": 1}, "rule_required"),
    ],
)
def test_a_schema_of_an_older_draft_is_told_in_our_words(rules: dict[str, Any], value: Any, code: str) -> None:
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"field": rules}}
    with pytest.raises(InputRefused) as refusal:
        check_input("ocr.read", schema, {"field": value})
    assert refusal.value.details["fields"][0]["told"]["code"] == code


def test_of_several_forms_the_one_that_was_meant_is_told_at_its_own_field() -> None:
    page = {"type": "object", "properties": {"number": {"type": "integer"}}}
    with pytest.raises(InputRefused) as refusal:
        check_input(
            "ocr.read", {"properties": {"page": {"anyOf": [page, {"type": "null"}]}}}, {"page": {"number": "x"}}
        )
    assert refusal.value.message == "inputData.page.number: must be a valid integer."


def test_a_rule_as_long_as_a_page_is_cut() -> None:
    said = refused({"enum": [f"option {number}" for number in range(1_000)]}, SECRET)
    assert len(said.values["known"]) == 300


def test_the_first_problem_and_how_many_more_there_are_make_the_sentence() -> None:
    with pytest.raises(InputRefused) as refusal:
        check_input("ocr.read", {"properties": {"a": {"type": "string"}, "b": {"type": "null"}}}, {"a": 1, "b": 2})
    assert refusal.value.message == "inputData.a: must be a valid string (1 more)."
    assert refusal.value.said.code == "fields_broken"
