"""The one tree of errors.

    AiWorkerError
    ├── NotFound          nothing by that name, or nothing this caller may see
    ├── Conflict          the thing exists, but its state (or its version) forbids the move
    ├── Unauthenticated   no credential, or one that is not known (any more)
    ├── Denied            known caller, missing permission
    ├── Invalid           the input itself is wrong, whatever the state
    ├── TooLarge          the input is larger than what is read
    ├── Limited           too much at once; `retry_after` seconds later it may go
    └── Unavailable       a neighbour (database, forge, runtime) does not answer now

Each kind is turned into an HTTP status, an MCP error or an exit status at the edge, in one place there.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Literal

from aiworker.core.sayings import Saying

Kind = Literal["not_found", "conflict", "unauthenticated", "denied", "invalid", "too_large", "limited", "unavailable"]


class AiWorkerError(Exception):
    """An error that a caller is told about: one clear sentence, a stable code, and details for a program.

    `message` must be fit for a stranger's eyes: no secret, no path of the server, no SQL. One that people read later
    is a `Saying`.
    """

    kind: ClassVar[Kind]
    default_code: ClassVar[str]

    def __init__(
        self, message: str | Saying, *, code: str | None = None, details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(str(message))
        self.message = str(message)
        self.code = code or self.default_code
        self.details: dict[str, Any] = dict(details or {})
        plain = {name: value for name, value in self.details.items() if isinstance(value, str | int)}
        self.said: Final = message if isinstance(message, Saying) else Saying(message, self.code, plain)
        """What it says, for other languages: by a sentence's code and values, or the error's and its details."""


class NotFound(AiWorkerError):
    """Nothing by that name, or nothing this caller may see."""

    kind = "not_found"
    default_code = "not_found"


class Conflict(AiWorkerError):
    """The state or the version of the thing forbids the move."""

    kind = "conflict"
    default_code = "conflict"


class Unauthenticated(AiWorkerError):
    """No credential, or one that is not known (any more)."""

    kind = "unauthenticated"
    default_code = "unauthenticated"


class Denied(AiWorkerError):
    """The caller is known and may not do this."""

    kind = "denied"
    default_code = "denied"


class Invalid(AiWorkerError):
    """The input is wrong whatever the state: type, size, range, encoding."""

    kind = "invalid"
    default_code = "invalid"


class TooLarge(AiWorkerError):
    """The input is larger than what is read."""

    kind = "too_large"
    default_code = "too_large"


class Limited(AiWorkerError):
    """Too much at once. `retry_after` is in seconds."""

    kind = "limited"
    default_code = "limited"

    def __init__(
        self,
        message: str,
        *,
        retry_after: float,
        code: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, code=code, details=details)
        self.retry_after = retry_after


class Unavailable(AiWorkerError):
    """A neighbour does not answer now; the same request may go later."""

    kind = "unavailable"
    default_code = "unavailable"
