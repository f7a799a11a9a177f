"""JSON Schemas of inputs and results: compiled once, checked quickly. Nothing here asks a database or the network."""

import json
from collections.abc import Mapping
from functools import lru_cache
from itertools import islice
from typing import Any, Final

from jsonschema_rs import ReferencingError, RegexOptions, ValidationError, Validator, validator_for

from aiworker.engine.types.errors import BadSchema, InputRefused
from aiworker.engine.types.schema_rules import problem_of
from aiworker.wire.rules import as_rule

_LARGEST = 65_536
_MOST_PROBLEMS = 20
# A value is never repeated in a refusal: it may be a secret.
_VALUE: Final = "the value"
# Patterns take time in proportion to the text, whatever a module writes into its schema.
_PATTERNS: Final = RegexOptions(size_limit=1_000_000)


def check_size(robot_type: str, whose: str, schema: Mapping[str, Any]) -> None:
    """`whose`: the input's or the output's. Raises: BadSchema."""
    if len(json.dumps(schema)) > _LARGEST:
        raise BadSchema(robot_type, whose, f"it is larger than {_LARGEST} bytes")


def check_schema(robot_type: str, schema: Mapping[str, Any]) -> None:
    """Whether inputs can be checked by it. Raises: BadSchema."""
    check_size(robot_type, "input", schema)
    try:
        _compiled(json.dumps(schema, sort_keys=True))
    except (ValidationError, ReferencingError, ValueError) as error:
        place = ".".join(map(str, getattr(error, "instance_path", ())))
        why = as_rule(str(getattr(error, "message", error)))
        raise BadSchema(robot_type, "input", f"{place}: {why}" if place else why) from None


def check_input(robot_type: str, schema: Mapping[str, Any], data: Mapping[str, Any]) -> None:
    """Raises: InputRefused, with path and rule of up to 20 problems."""
    validator = _compiled(json.dumps(schema, sort_keys=True))
    if validator.is_valid(data):
        return
    found = islice(validator.iter_errors(data), _MOST_PROBLEMS)
    raise InputRefused(robot_type, [problem_of(problem) for problem in found])


@lru_cache(maxsize=500)
def _compiled(schema: str) -> Validator:
    return validator_for(
        json.loads(schema), mask=_VALUE, pattern_options=_PATTERNS, offline=True, validate_formats=True
    )
