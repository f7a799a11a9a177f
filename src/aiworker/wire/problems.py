"""What is wrong with an input, in words for the person who sent it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from aiworker.core.sayings import Saying, Sentence
from aiworker.wire import rules
from aiworker.wire.rules import RuleBroken

_BROKEN = Sentence("field_broken", "{field}: {error}.")
_BROKEN_AS_A_WHOLE = Sentence("input_broken", "{error}.")
_BROKEN_AND_MORE = Sentence("fields_broken", "{field}: {error} ({more} more).")

_PLAIN: Final[Mapping[str, Sentence]] = {
    "missing": rules.MISSING,
    "extra_forbidden": rules.NOT_KNOWN,
    "dict_type": rules.OBJECT,
    "model_type": rules.OBJECT,
    "model_attributes_type": rules.OBJECT,
    "string_type": rules.TEXT,
    "float_type": rules.NUMBER,
    "int_type": rules.INTEGER,
    "bool_type": rules.BOOLEAN,
    "list_type": rules.LIST,
}
# How pydantic's locations name a union's branches (see `robots.OneOrMany`), and that it is about a name itself.
_TAGS: Final = frozenset({"(one)", "(many)", "[key]"})
_LONGEST_NAME: Final = 100
# By what pydantic calls the limit.
_LIMITS: Final[Mapping[str, tuple[Sentence, str]]] = {
    "greater_than_equal": (rules.AT_LEAST, "ge"),
    "less_than_equal": (rules.AT_MOST, "le"),
    "greater_than": (rules.ABOVE, "gt"),
    "less_than": (rules.BELOW, "lt"),
}


def first_problem(error: ValidationError) -> Saying:
    """The first problem as a sentence that begins with the field: `title: must have at most 255 characters.`"""
    problem = error.errors(include_url=False, include_input=False)[0]
    field = field_of(problem["loc"])
    return broken(field, rule_of(problem)) if field else _BROKEN_AS_A_WHOLE(error=rule_of(problem))


def field_of(location: Iterable[str | int]) -> str:
    """Where something is in an input: `steps.2.name`. Names that somebody made up are cut, and stay on one line."""
    parts = (str(part)[:_LONGEST_NAME] for part in location if part not in _TAGS)
    return ".".join(part if part.isprintable() else ascii(part)[1:-1] for part in parts)


def broken(field: str, rule: Saying, *, more: int = 0) -> Saying:
    """The sentence that begins with the field; `more` others are broken, too."""
    return _BROKEN_AND_MORE(field=field, error=rule, more=more) if more else _BROKEN(field=field, error=rule)


def broken_field(field: str, rule: Saying) -> dict[str, Any]:
    """One of the `fields` in an error's details."""
    return {"field": field, "rule": rule.words, "told": rule.told}


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
            sentence = rules.AT_MOST_CHARACTERS if _counts_characters(problem) else rules.AT_MOST_ITEMS
            return sentence(limit=limits["max_length"])
        case "too_short" if limits["min_length"] == 1:
            return rules.NOT_EMPTY()
        case "too_short":
            sentence = rules.AT_LEAST_CHARACTERS if _counts_characters(problem) else rules.AT_LEAST_ITEMS
            return sentence(limit=limits["min_length"])
        case "pattern_mismatch":
            return rules.PATTERN(pattern=limits["pattern"])
        case "literal_error" | "enum":
            return rules.ONE_OF(known=", ".join(limits["expected"].rsplit(" or ", 1)))
        case "value_error" if isinstance(ours := limits.get("error"), RuleBroken):
            return ours.said
        case _:
            return rules.OTHER(error=rules.as_rule(_in_our_words(str(problem["msg"]))))


def _in_our_words(text: str) -> str:
    return text.removeprefix("Value error, ").removeprefix("Assertion failed, ").replace("Input should ", "must ", 1)


def _counts_characters(problem: Mapping[str, Any]) -> bool:
    # After a validator of ours, pydantic counts the characters of a text as items of a value.
    return problem["type"].startswith("string") or problem["ctx"].get("field_type") == "Value"
