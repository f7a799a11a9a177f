"""What an input breaks of a JSON Schema, told by the same rules as everywhere else.

No value of the input is repeated: it may be a secret. What stands in a rule is the schema's, or a field's name.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from jsonschema_rs import ValidationError, ValidationErrorKind

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
    "contentEncoding": (rules.ENCODED, "encoding"),
    "contentMediaType": (rules.ENCODED, "encoding"),
    "additionalItems": (rules.AT_MOST_ITEMS, "limit"),
}
_PLAIN: Final[Mapping[type, Sentence]] = {
    ValidationErrorKind.UniqueItems: rules.EACH_ONCE,
    ValidationErrorKind.OneOfMultipleValid: rules.MORE_FORMS,
    ValidationErrorKind.FromUtf8: rules.UNICODE,
}
# By the keyword in whose place a schema that allows nothing, or the count of what is contained, stands.
_BY_PLACE: Final[Mapping[object, Sentence]] = {
    "contains": rules.CONTAINS,
    "minContains": rules.CONTAINS_MORE,
    "maxContains": rules.CONTAINS_FEWER,
    "additionalProperties": rules.NO_FIELDS,
    "propertyNames": rules.NO_FIELDS,
}
_EXAMPLES: Final[Mapping[str, str]] = {
    "date": "2026-11-22",
    "time": "14:30:00Z",
    "date-time": "2026-11-22T14:30:00Z",
    "duration": "P3DT4H",
    "email": "ana@example.com",
    "idn-email": "ana@example.com",
    "hostname": "www.example.com",
    "idn-hostname": "www.example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/page",
    "uri-reference": "/page",
    "iri": "https://example.com/page",
    "iri-reference": "/page",
    "uri-template": "/page/{number}",
    "uuid": "123e4567-e89b-12d3-a456-426614174000",
    "json-pointer": "/page/number",
    "relative-json-pointer": "1/page",
    "regex": "^[a-z]+$",
}


def problem_of(problem: ValidationError) -> tuple[str, Saying]:
    """Where an input breaks a rule (`inputData.page`), and which one it is.

    Of several forms of which one is wanted, it is told of the one that was meant, where only one can be.
    """
    match problem.kind:
        case ValidationErrorKind.AnyOf(forms) | ValidationErrorKind.OneOfNotValid(forms):
            meant = [form[0] for form in forms if not _of_another_type(form, problem)]
            if len(meant) == 1:
                return problem_of(meant[0])
        case _:
            pass
    return ".".join(["inputData", *map(str, problem.instance_path)]), rule_of(problem)


def rule_of(problem: ValidationError) -> Saying:  # noqa: PLR0911 (one for each kind)
    """The rule that one problem breaks."""
    kind = problem.kind
    if type(kind) in _PLAIN:
        return _PLAIN[type(kind)]()
    match kind:
        case ValidationErrorKind.Type([only]):
            return _TYPES[only]()
        case ValidationErrorKind.MinLength(1) | ValidationErrorKind.MinItems(1):
            return rules.NOT_EMPTY()
        case ValidationErrorKind.Enum(options):
            return rules.ONE_OF(known=_listed(map(_json, options)))
        case ValidationErrorKind.Constant(only):
            return rules.EXACTLY(value=_json(only)[:_LONGEST])
        case ValidationErrorKind.Format(name) if name in _EXAMPLES:
            return rules.FORMAT_LIKE(format=name, example=_EXAMPLES[name])
        case ValidationErrorKind.PropertyNames(error):
            return rules.FIELD_NAME(name=str(error.instance)[:_LONGEST], error=rule_of(error))
        case _ if kind.name in _RULES:
            sentence, name = _RULES[kind.name]
            return sentence(**{name: _shown(kind.value)})
        case _:
            return _rule_of_forms(problem)


def _rule_of_forms(problem: ValidationError) -> Saying:
    """The same for what a whole schema within the schema allows or not."""
    match problem.kind:
        case ValidationErrorKind.AnyOf(forms) | ValidationErrorKind.OneOfNotValid(forms):
            types = [name for form in forms for name in _types(form, problem)]
            return rules.TYPES(types=_listed(types)) if types else rules.NO_FORM(count=len(forms))
        case ValidationErrorKind.Not(schema):
            return _forbidden(schema)
        case ValidationErrorKind.FalseSchema() | ValidationErrorKind.Contains():
            place = problem.schema_path[-1] if problem.schema_path else None
            return _BY_PLACE.get(place, rules.NOT_WANTED)()
        case ValidationErrorKind.UnevaluatedItems(unexpected):
            return rules.ITEMS_TOO_MANY(count=len(unexpected))
        case kind:
            return rules.OF_ITS_TYPE(keyword=kind.name)


def _of_another_type(form: Sequence[ValidationError], problem: ValidationError) -> bool:
    """Whether one of several forms is for values of another type: then it was not the one that was meant."""
    return any(
        isinstance(one.kind, ValidationErrorKind.Type) and one.instance_path == problem.instance_path for one in form
    )


def _types(form: Sequence[ValidationError], problem: ValidationError) -> list[str]:
    if not _of_another_type(form, problem):
        return []
    return [name for one in form if isinstance(one.kind, ValidationErrorKind.Type) for name in one.kind.types]


def _forbidden(schema: Any) -> Saying:
    match schema:
        case {"const": value}:
            return rules.NONE_OF(known=_json(value)[:_LONGEST])
        case {"enum": [*values]}:
            return rules.NONE_OF(known=_listed(map(_json, values)))
        case {"required": [*names]}:
            return rules.WITHOUT(names=_listed(map(str, names)))
        case _:
            return rules.FORBIDDEN_FORM()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _shown(value: Any) -> str:
    return _listed(value) if isinstance(value, list) else str(value)[:_LONGEST]


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(texts)[:_LONGEST]
