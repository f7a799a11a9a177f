from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiworker.engine.types.sensitive import MASK, marked, masked, present

PEOPLE: dict[str, Any] = {"people": [{"name": "Ana", "age": 7}, {"name": "Bo"}], "a/b": {"~": 1}}


def test_what_a_schema_marks_is_found_wherever_it_stands() -> None:
    secret = {"x-sensitive": True}
    schema = {
        "properties": {"a/b": {"properties": {"~": secret}}, "list": {"items": {"$ref": "#/$defs/one"}}},
        "anyOf": [{"properties": {"x": secret}}],
        "$defs": {"one": {"properties": {"name": secret, "next": {"$ref": "#/$defs/one"}}}},
    }
    found = marked(schema)
    assert {"/a~1b/~0", "/x", "/list/*/name", "/list/*/next/name"} <= set(found)


@pytest.mark.parametrize("schema", [{}, {"properties": 7}, {"items": [1]}, {"$ref": "#/nowhere"}, {"anyOf": {"a": 1}}])
def test_a_schema_that_marks_nothing_marks_nothing(schema: dict[str, Any]) -> None:
    assert marked(schema) == []


def test_a_mask_stands_where_the_pointers_lead_and_nowhere_else() -> None:
    hidden = masked(PEOPLE, ["/people/*/name", "/a~1b/~0", "/nobody/*/x"])
    assert hidden == {"people": [{"name": MASK, "age": 7}, {"name": MASK}], "a/b": {"~": MASK}}
    assert PEOPLE["people"][0]["name"] == "Ana"
    assert masked(PEOPLE, ["/people"])["people"] == MASK


def test_only_what_is_there_is_named() -> None:
    assert present(PEOPLE, ["/people/*/name", "/people/*/iban", "/a~1b"]) == ["/people/*/name", "/a~1b"]
    assert present({"iban": None, "list": []}, ["/iban", "/list/*/x"]) == []


@given(st.recursive(st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_whatever_the_data_a_whole_mask_hides_it(value: Any) -> None:
    assert masked({"secret": value}, ["/secret"]) == {"secret": MASK}
