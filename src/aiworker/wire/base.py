"""What every travelling type has in common: camelCase outside, snake_case inside, unknown fields refused."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

from aiworker.core.clock import iso
from aiworker.wire import rules
from aiworker.wire.rules import RuleBroken

T = TypeVar("T")


def _no_control_characters(value: str) -> str:
    if value.isprintable():
        return value
    if any((ord(c) < 32 and c not in "\n\r\t") or ord(c) == 127 for c in value):  # noqa: PLR2004 (ASCII)
        raise RuleBroken(rules.NO_CONTROL())
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise RuleBroken(rules.UNICODE()) from error
    return value


def _one_line(value: str) -> str:
    if any(c in value for c in "\n\r\t"):
        raise RuleBroken(rules.ONE_LINE())
    return value.strip()


def _on_the_calendar(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise RuleBroken(rules.CALENDAR()) from error


def _storable(value: dict[str, Any]) -> dict[str, Any]:
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise RuleBroken(rules.UNICODE()) from error
    except (TypeError, ValueError, RecursionError) as error:
        raise RuleBroken(rules.JSON()) from error
    if size > _LARGEST_JSON:
        raise RuleBroken(rules.AT_MOST_BYTES(limit=_LARGEST_JSON))
    if "\\u0000" in text and _holds_nul(value):
        raise RuleBroken(rules.NO_NUL())
    return value


def _holds_nul(value: Any) -> bool:
    match value:
        case str():
            return "\0" in value
        case dict():
            return any(_holds_nul(part) for pair in value.items() for part in pair)
        case list():
            return any(map(_holds_nul, value))
        case _:
            return False


def wire_text(text: str, length: int) -> str:
    """Text that the wire takes: valid, without control characters, not too long."""
    kept = "".join(c for c in text if c in "\n\r\t" or (ord(c) >= 32 and ord(c) != 127))  # noqa: PLR2004 (ASCII)
    return kept.encode(errors="replace").decode()[:length]


_LARGEST_JSON = 1_048_576

SafeText = Annotated[str, AfterValidator(_no_control_characters)]
# A title, a name: one line, stripped.
Line = Annotated[SafeText, AfterValidator(_one_line)]
Title = Annotated[Line, Field(min_length=1, max_length=255)]
# Descriptions, questions, answers, reasons.
Body = Annotated[SafeText, Field(max_length=64_000)]
Command = Annotated[Line, Field(min_length=1, max_length=2_000)]
Identifier = Annotated[Line, Field(min_length=1, max_length=100)]
# An object that every database keeps as it is: finite numbers, valid text, at most 1 MiB.
JsonObject = Annotated[dict[str, Any], AfterValidator(_storable)]
CommitHash = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
# An instant that comes in, in any time zone.
Moment = Annotated[AwareDatetime, AfterValidator(_on_the_calendar)]
Timestamp = Annotated[datetime, PlainSerializer(iso, return_type=str, when_used="json")]


def camel(name: str) -> str:
    """A name as it stands outside: `k8s_namespace` as `k8sNamespace`, `error_count_24h` as `errorCount24h`."""
    first, *others = name.split("_")
    return first + "".join(other[:1].upper() + other[1:] for other in others)


class Wire(BaseModel):
    """A type that leaves the house."""

    model_config = ConfigDict(alias_generator=camel, populate_by_name=True, from_attributes=True)


class Request(BaseModel):
    """A type that comes in: unknown fields are refused by name."""

    model_config = ConfigDict(alias_generator=camel, populate_by_name=True, extra="forbid")


class Answer(Wire, Generic[T]):
    """`{"success": true, "data": …}`."""

    success: bool = True
    data: T


class ListAnswer(Wire, Generic[T]):
    """`{"success": true, "data": […], "count": n, "nextCursor": …}`."""

    success: bool = True
    data: list[T]
    count: int
    next_cursor: str | None = None


class Problem(Wire):
    """What went wrong: one sentence, a stable code, details for a program."""

    code: str
    message: str
    details: dict[str, object] = Field(default_factory=dict)
    request_id: str | None = None


class ErrorAnswer(Wire):
    """`{"success": false, "error": …}`."""

    success: bool = False
    error: Problem
