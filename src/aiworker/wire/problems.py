"""What is wrong with an input, in words for the person who sent it."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

_LONGEST = 300


def first_problem(error: ValidationError) -> str:
    """The first problem as a sentence that begins with the field: `title: must have at most 255 characters.`"""
    problem = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in problem["loc"])
    return f"{field}: {rule_of(problem)}." if field else f"{rule_of(problem)}."


def rule_of(problem: Mapping[str, Any]) -> str:
    """The rule that one of pydantic's problems breaks, without the field and without a full stop."""
    limits: Mapping[str, Any] = problem.get("ctx") or {}
    match problem["type"].removeprefix("string_"):
        case "too_long":
            rule = f"must have at most {limits['max_length']} {_units(problem)}"
        case "too_short" if limits["min_length"] == 1:
            rule = "must not be empty"
        case "too_short":
            rule = f"must have at least {limits['min_length']} {_units(problem)}"
        case "missing":
            rule = "is missing"
        case "extra_forbidden":
            rule = "is not a known field"
        case "dict_type" | "model_type" | "model_attributes_type":
            rule = "must be an object"
        case "pattern_mismatch":
            rule = f"must match {limits['pattern']}"
        case _:
            text = str(problem["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
            text = text.replace("Input should ", "must ", 1)
            rule = (text[:1].lower() + text[1:_LONGEST]).rstrip(".")
    return rule


def _units(problem: Mapping[str, Any]) -> str:
    # After a validator of ours, pydantic counts the characters of a text as items of a value.
    text = problem["type"].startswith("string") or problem["ctx"].get("field_type") == "Value"
    return "characters" if text else "items"
