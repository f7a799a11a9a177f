"""What an input breaks of a JSON Schema, told by the same rules as everywhere else.

No value of the input is repeated: it may be a secret. What stands in a rule is the schema's.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from jsonschema_rs import ValidationError

from aiworker.core.sayings import Saying, Sentence
from aiworker.wire import rules

_LONGEST: Final = 300
_TYPES: Final[Mapping[str, Sentence]] = {
    "string": rules.TEXT,
    "number": rules.NUMBER,
    "integer": rules.INTEGER,
    "boolean": rules.BOOLEAN,
    "array": rules.LIST,
    "object": rules.OBJECT,
    "null": rules.NULL,
}
# By keyword: the rule, and the name of what the schema says in it.
_RULES: Final[Mapping[str, tuple[Sentence, str]]] = {
    "required": (rules.REQUIRED, "name"),
    "additionalProperties": (rules.UNKNOWN_FIELDS, "names"),
    "unevaluatedProperties": (rules.UNKNOWN_FIELDS, "names"),
    "type": (rules.TYPES, "types"),
    "minLength": (rules.AT_LEAST_CHARACTERS, "limit"),
    "maxLength": (rules.AT_MOST_CHARACTERS, "limit"),
    "minItems": (rules.AT_LEAST_ITEMS, "limit"),
    "maxItems": (rules.AT_MOST_ITEMS, "limit"),
    "minProperties": (rules.AT_LEAST_FIELDS, "limit"),
    "maxProperties": (rules.AT_MOST_FIELDS, "limit"),
    "minimum": (rules.AT_LEAST, "limit"),
    "maximum": (rules.AT_MOST, "limit"),
    "exclusiveMinimum": (rules.ABOVE, "limit"),
    "exclusiveMaximum": (rules.BELOW, "limit"),
    "multipleOf": (rules.MULTIPLE, "of"),
    "pattern": (rules.PATTERN, "pattern"),
    "format": (rules.FORMAT, "format"),
}


def rule_of(problem: ValidationError) -> Saying:  # noqa: PLR0911 (one for each kind)
    """The rule that one problem breaks; in the library's English where we have no words for the keyword."""
    keyword, value = problem.kind.name, problem.kind.value
    match keyword, value:
        case "type", [str(only)]:
            return _TYPES[only]()
        case "minLength" | "minItems", 1:
            return rules.NOT_EMPTY()
        case "uniqueItems", _:
            return rules.EACH_ONCE()
        case "enum", _:
            return rules.ONE_OF(known=_listed(map(_json, value)))
        case "const", _:
            return rules.ONE_OF(known=_listed([_json(value)]))
        case _ if keyword in _RULES:
            sentence, name = _RULES[keyword]
            return sentence(**{name: _shown(value)})
        case _:
            return rules.OTHER(error=rules.as_rule(problem.message))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _shown(value: Any) -> str:
    return _listed(value) if isinstance(value, list) else str(value)[:_LONGEST]


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(texts)[:_LONGEST]
