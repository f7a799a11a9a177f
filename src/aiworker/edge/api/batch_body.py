"""The body of a batch: a JSON array or one JSON object per line, each robot checked by itself."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from aiworker.core.errors import Invalid
from aiworker.engine.batches.errors import WrongRobots
from aiworker.wire.engine import NewRobot
from aiworker.wire.problems import first_problem

_LINES = "application/x-ndjson"

Wrong = Mapping[int, Invalid]


def parse(body: bytes, kind: str, *, most: int, partial: bool) -> tuple[dict[int, NewRobot], Wrong]:
    """The robots by their places, and, if `partial`, what is wrong with the others.

    Raises: RequestValidationError (it cannot be read), Invalid (too many, none, or one is wrong and not `partial`).
    """
    if kind.partition(";")[0].strip().lower() == _LINES:
        items: Sequence[Any] = [line for line in body.splitlines() if line.strip()]
        read: Callable[[Any], NewRobot] = NewRobot.model_validate_json
    else:
        items, read = _array(body, kind), NewRobot.model_validate
    if not 1 <= len(items) <= most:
        raise Invalid(
            f"A batch has between 1 and {most} robots; this one has {len(items)}.",
            code="bad_batch_size",
            details={"most": most, "count": len(items)},
        )
    new_robots: dict[int, NewRobot] = {}
    wrong: dict[int, Invalid] = {}
    for place, item in enumerate(items):
        try:
            new_robots[place] = read(item)
        except ValidationError as error:
            wrong[place] = Invalid(first_problem(error))
    if wrong and not partial:
        raise WrongRobots(wrong)
    return new_robots, wrong


def _array(body: bytes, kind: str) -> list[Any]:
    if "json" not in kind:
        raise Invalid("Send a JSON array (application/json), or one object per line (application/x-ndjson).")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise RequestValidationError([{"type": "json_invalid", "loc": ("body",), "msg": "not JSON"}]) from None
    if not isinstance(found, list):
        raise Invalid("A batch is an array of robots.", code="invalid")
    return found
