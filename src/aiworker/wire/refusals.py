"""Errors that came over the wire, as the same tree that the server raised them from."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from pydantic import ValidationError

from aiworker.core.errors import (
    AiWorkerError,
    Conflict,
    Denied,
    Invalid,
    Limited,
    NotFound,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

_TOO_MANY, _SERVER_ERROR = 429, 500
_KINDS: Mapping[int, type[AiWorkerError]] = {
    400: Invalid,
    401: Unauthenticated,
    403: Denied,
    404: NotFound,
    409: Conflict,
    412: Conflict,
    413: TooLarge,
    422: Invalid,
}


def refusal(status: int, answer: Mapping[str, Any], *, retry_after: str | None = None) -> AiWorkerError:
    """The error that an answer (`{"success": false, "error": …}`) with this HTTP status stands for."""
    problem = answer.get("error") or {}
    message = str(problem.get("message") or f"The server answered {status}.")
    code = str(problem.get("code") or "unknown")
    details = problem.get("details") or {}
    if status == _TOO_MANY:
        seconds = retry_after or ""
        return Limited(message, retry_after=float(seconds) if seconds.isdigit() else 1.0, code=code, details=details)
    kind = _KINDS.get(status, Unavailable)
    if status >= _SERVER_ERROR and (request_id := problem.get("requestId")):
        message = f"{message} (request {request_id})"
    return kind(message, code=code, details=details)


@contextmanager
def known_form() -> Generator[None]:
    """For reading an answer. Raises: Unavailable, if it has a form that this version does not know."""
    try:
        yield
    except ValidationError as error:
        raise Unavailable(
            "The server answers in a way that this version does not know.", code="not_aiworker"
        ) from error
