"""What a handler raises to say why it failed. The category decides whether the robot is tried again."""

import errno
import traceback
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import TypeAdapter, ValidationError

from aiworker.wire.base import JsonObject, wire_text
from aiworker.wire.engine import ErrorCategory, Fail
from aiworker.wire.failures import failure_of

_LONGEST_MESSAGE = 8_000
_LONGEST_TRACE = 32_000
_OUT_OF = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM})
_JSON_OBJECT: TypeAdapter[dict[str, Any]] = TypeAdapter(JsonObject)


class Failure(Exception):
    """The try failed; people read `message`, programs `details`. Tried again, if there are tries left."""

    category: ClassVar[ErrorCategory] = ErrorCategory.APPLICATION

    def __init__(self, message: str, *, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = dict(details or {})


class InvalidInput(Failure):
    """The robot's input is wrong. Not tried again."""

    category = ErrorCategory.VALIDATION


class BusinessFailure(Failure):
    """The input is fine, but the rules of the business say no. Not tried again."""

    category = ErrorCategory.BUSINESS


class ExternalFailure(Failure):
    """Another system failed. Tried again."""

    category = ErrorCategory.EXTERNAL_API


class ResourceFailure(Failure):
    """Memory, disk or the like ran out. Tried again."""

    category = ErrorCategory.RESOURCE


class TimeoutFailure(Failure):
    """It took too long. Tried again."""

    category = ErrorCategory.TIMEOUT


class Cancelled(BaseException):
    """The robot is not yours any more: it was cancelled, its lease ended, or the module stops.

    Raised by what a handler calls on its context. Clean up and let it pass; it is no `Exception`, so that a handler's
    own `except Exception` does not swallow it.
    """


def fail_of(error: BaseException, lease_token: str) -> Fail:
    """The report of a failed try. The trace is for administrators only."""
    if not isinstance(error, Failure):
        fail = failure_of(error, lease_token)
        short_of = isinstance(error, OSError) and error.errno in _OUT_OF
        return fail.model_copy(update={"error_category": ErrorCategory.RESOURCE}) if short_of else fail
    trace = "".join(traceback.format_exception(error)) if error.__cause__ is not None else None
    return Fail(
        lease_token=lease_token,
        error_category=error.category,
        error_message=wire_text(error.message, _LONGEST_MESSAGE).strip() or type(error).__name__,
        error_stack_trace=None if trace is None else wire_text(trace, _LONGEST_TRACE),
        error_details=_kept(error.details),
    )


def _kept(details: dict[str, Any]) -> dict[str, Any]:
    try:
        return _JSON_OBJECT.validate_python(details)
    except ValidationError:
        return {"left out": "the details are not JSON that can be kept"}
