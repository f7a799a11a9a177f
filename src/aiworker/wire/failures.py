"""What a handler's exception says: a category, which decides whether another try can help, and a text."""

import traceback
from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from aiworker.core.errors import AiWorkerError, Kind
from aiworker.wire.base import JsonObject, wire_text
from aiworker.wire.engine import ErrorCategory, Fail
from aiworker.wire.telling import telling

CATEGORIES: Final[Mapping[Kind, ErrorCategory]] = {
    "invalid": ErrorCategory.VALIDATION,
    "too_large": ErrorCategory.VALIDATION,
    "not_found": ErrorCategory.BUSINESS,
    "conflict": ErrorCategory.BUSINESS,
    "denied": ErrorCategory.BUSINESS,
    "unauthenticated": ErrorCategory.BUSINESS,
    "limited": ErrorCategory.EXTERNAL_API,
    "unavailable": ErrorCategory.EXTERNAL_API,
}

_JSON_OBJECT: TypeAdapter[dict[str, Any]] = TypeAdapter(JsonObject)
_LONGEST_MESSAGE = 8_000
_LONGEST_TRACE = 32_000


def category_of(error: BaseException) -> ErrorCategory:
    """The category of an exception."""
    match error:
        case AiWorkerError():
            return CATEGORIES[error.kind]
        case TimeoutError():
            return ErrorCategory.TIMEOUT
        case ConnectionError():
            return ErrorCategory.EXTERNAL_API
        case MemoryError():
            return ErrorCategory.RESOURCE
        case _:
            return ErrorCategory.APPLICATION


def failure_of(error: BaseException, lease_token: str) -> Fail:
    """The report of a failed try. The trace is for administrators; the message is for everyone who sees the robot."""
    known = isinstance(error, AiWorkerError)
    said = error.message if known else f"{type(error).__name__}: {error}"
    return Fail(
        lease_token=lease_token,
        error_category=category_of(error),
        told=telling(error.said.told) if known else None,
        error_message=wire_text(said, _LONGEST_MESSAGE) or type(error).__name__,
        error_stack_trace=None if known else wire_text("".join(traceback.format_exception(error)), _LONGEST_TRACE),
        error_details=_details(error) if known else {},
    )


def _details(error: AiWorkerError) -> dict[str, Any]:
    try:
        return _JSON_OBJECT.validate_python({**error.details, "code": error.code})
    except ValidationError:
        return {"code": error.code}
