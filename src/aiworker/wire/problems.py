"""What is wrong with an input, in words for the person who sent it."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from aiworker.core.sayings import Saying, Sentence

_LONGEST = 300

_BROKEN = Sentence("field_broken", "{field}: {error}.")
_BROKEN_AND_MORE = Sentence("fields_broken", "{field}: {error} ({more} more).")

_TOO_LONG = Sentence("rule_at_most_characters", "must have at most {limit} characters")
_TOO_SHORT = Sentence("rule_at_least_characters", "must have at least {limit} characters")
_TOO_MANY = Sentence("rule_at_most_items", "must have at most {limit} items")
_TOO_FEW = Sentence("rule_at_least_items", "must have at least {limit} items")
_EMPTY = Sentence("rule_not_empty", "must not be empty")
_MISSING = Sentence("rule_missing", "is missing")
_UNKNOWN = Sentence("rule_not_known", "is not a known field")
_NO_OBJECT = Sentence("rule_object", "must be an object")
_PATTERN = Sentence("rule_pattern", "must match {pattern}")
_LESS = Sentence("rule_at_least", "must be greater than or equal to {limit}")
_MORE = Sentence("rule_at_most", "must be less than or equal to {limit}")
_NOT_ABOVE = Sentence("rule_above", "must be greater than {limit}")
_NOT_BELOW = Sentence("rule_below", "must be less than {limit}")
_NONE_OF = Sentence("rule_one_of", "must be {known}")
_NO_TEXT = Sentence("rule_text", "must be a valid string")
_NO_NUMBER = Sentence("rule_number", "must be a valid number")
_NO_INTEGER = Sentence("rule_integer", "must be a valid integer")
_NO_BOOLEAN = Sentence("rule_boolean", "must be a valid boolean")
_NO_LIST = Sentence("rule_list", "must be a valid list")
_PLAIN: Final[Mapping[str, Sentence]] = {
    "missing": _MISSING,
    "extra_forbidden": _UNKNOWN,
    "dict_type": _NO_OBJECT,
    "model_type": _NO_OBJECT,
    "model_attributes_type": _NO_OBJECT,
    "string_type": _NO_TEXT,
    "float_type": _NO_NUMBER,
    "int_type": _NO_INTEGER,
    "bool_type": _NO_BOOLEAN,
    "list_type": _NO_LIST,
}
# By what pydantic calls the limit.
_LIMITS: Final[Mapping[str, tuple[Sentence, str]]] = {
    "greater_than_equal": (_LESS, "ge"),
    "less_than_equal": (_MORE, "le"),
    "greater_than": (_NOT_ABOVE, "gt"),
    "less_than": (_NOT_BELOW, "lt"),
}


def first_problem(error: ValidationError) -> str:
    """The first problem as a sentence that begins with the field: `title: must have at most 255 characters.`"""
    problem = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in problem["loc"])
    return f"{field}: {rule_of(problem)}." if field else f"{rule_of(problem)}."


def broken(field: str, rule: Saying, *, more: int = 0) -> Saying:
    """The sentence that begins with the field; `more` others are broken, too."""
    return _BROKEN_AND_MORE(field=field, error=rule, more=more) if more else _BROKEN(field=field, error=rule)


def rule_of(problem: Mapping[str, Any]) -> Saying:  # noqa: PLR0911 (one for each kind)
    """The rule that one of pydantic's problems breaks, without the field and without a full stop."""
    limits: Mapping[str, Any] = problem.get("ctx") or {}
    kind = str(problem["type"])
    if kind in _PLAIN:
        return _PLAIN[kind]()
    if kind in _LIMITS:
        sentence, limit = _LIMITS[kind]
        return sentence(limit=str(limits[limit]))
    match kind.removeprefix("string_"):
        case "too_long":
            sentence = _TOO_LONG if _counts_characters(problem) else _TOO_MANY
            return sentence(limit=limits["max_length"])
        case "too_short" if limits["min_length"] == 1:
            return _EMPTY()
        case "too_short":
            sentence = _TOO_SHORT if _counts_characters(problem) else _TOO_FEW
            return sentence(limit=limits["min_length"])
        case "pattern_mismatch":
            return _PATTERN(pattern=limits["pattern"])
        case "literal_error" | "enum":
            return _NONE_OF(known=limits["expected"])
        case _:
            text = str(problem["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
            text = text.replace("Input should ", "must ", 1)
            return Saying((text[:1].lower() + text[1:_LONGEST]).rstrip("."))


def _counts_characters(problem: Mapping[str, Any]) -> bool:
    # After a validator of ours, pydantic counts the characters of a text as items of a value.
    return problem["type"].startswith("string") or problem["ctx"].get("field_type") == "Value"
