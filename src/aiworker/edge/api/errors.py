"""Everything that can go wrong in a route, turned into the envelope in one place."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from aiworker.core.errors import AiWorkerError
from aiworker.edge.answers import STATUS, details_of, envelope, headers_of
from aiworker.wire.problems import broken, broken_field, field_of, rule_of

_MOST_FIELDS = 20
_BAD_REQUEST = 400
_UNPROCESSABLE = 422
_PLAIN: Mapping[int, tuple[str, str]] = {
    400: ("bad_request", "The request cannot be read."),
    404: ("not_found", "There is nothing at this address; GET /api/ lists what there is."),
    405: ("method_not_allowed", "This address does not take that method."),
}


def add_error_answers(app: FastAPI) -> None:
    """Make `app` answer every error in the envelope."""
    app.add_exception_handler(AiWorkerError, _ours)
    app.add_exception_handler(RequestValidationError, _wrong_input)
    app.add_exception_handler(HTTPException, _plain)


def request_id_of(request: Request) -> str | None:
    """The id that the request was given at the door."""
    return request.scope.get("state", {}).get("request_id")


async def _ours(request: Request, error: Exception) -> Response:
    known = cast("AiWorkerError", error)
    return _answer(request, STATUS[known.kind], known.code, known.message, details_of(known), headers_of(known))


async def _wrong_input(request: Request, error: Exception) -> Response:
    problems: Sequence[Any] = cast("RequestValidationError", error).errors()
    if any(problem["type"] == "json_invalid" for problem in problems):
        return _answer(request, _BAD_REQUEST, "bad_json", "The body is not valid JSON.")
    rules = [(_field(problem["loc"]), rule_of(problem)) for problem in problems[:_MOST_FIELDS]]
    said = broken(*rules[0], more=len(problems) - 1)
    fields = [broken_field(field, rule) for field, rule in rules]
    return _answer(request, _UNPROCESSABLE, "invalid", said.words, {"fields": fields, "told": said.told})


async def _plain(request: Request, error: Exception) -> Response:
    known = cast("HTTPException", error)
    code, message = _PLAIN.get(known.status_code, ("http_error", "The request was refused."))
    return _answer(request, known.status_code, code, message, headers=known.headers)


def _answer(
    request: Request,
    status: int,
    code: str,
    message: str,
    details: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    body = envelope(code, message, request_id=request_id_of(request), details=details)
    return Response(body, status, headers=headers, media_type="application/json")


def _field(location: Sequence[str | int]) -> str:
    """Without saying where it came from, except for a body that is wrong as a whole."""
    return field_of(location[1:]) or str(location[0])
