"""Claude Code's stream-json: what it says, line by line, as events that a runner understands."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from pydantic import ValidationError

from aiworker.runner.drivers.driver import Usage
from aiworker.wire.agents import LogLevel
from aiworker.wire.work import PermissionDenial

Json = Mapping[str, Any]

_SHOWN_INPUT = 300
_SHOWN_RESULT = 600
_MOST_DENIALS = 50
_TOO_MANY_REQUESTS, _OVERLOADED = 429, 529
# What a tool is about, in one of its arguments.
_TELLING = ("command", "file_path", "path", "pattern", "url", "query", "question", "summary", "message", "description")


@dataclass(frozen=True, slots=True)
class Began:
    """The session, and how each MCP server is: `connected`, `failed`, …"""

    session: str
    model: str
    servers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Said:
    """A line for the log."""

    text: str
    level: LogLevel = LogLevel.INFO


@dataclass(frozen=True, slots=True)
class Waits:
    """The model's service wants a rest. `until`: seconds since the epoch, where that is known."""

    until: float | None


@dataclass(frozen=True, slots=True)
class Ended:
    """The end. `cost_usd` adds up over all runs of the session; `tokens` are of this run."""

    session: str | None
    failed: bool
    limited: bool
    spent: bool
    words: str
    tokens: Usage
    cost_usd: float | None
    denials: Sequence[PermissionDenial]


Event = Began | Said | Waits | Ended


def events(line: str) -> Iterator[Event]:
    """What one line says; nothing, if it says nothing to us. What is no JSON is somebody's plain words."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        if line.strip():
            yield Said(line[:_SHOWN_RESULT], LogLevel.WARN)
        return
    if isinstance(found, dict):
        yield from _events(cast("Json", found))


def _events(told: Json) -> Iterator[Event]:
    match told.get("type"), told.get("subtype"):
        case "system", "init":
            yield _began(told)
        case "system", "api_retry":
            yield Said(_retry(told), LogLevel.WARN)
        case "system", "permission_denied":
            yield Said(f"✗ not allowed: {_text(told.get('tool_name'))}", LogLevel.WARN)
        case "rate_limit_event", _:
            yield from _rate_limit(_object(told.get("rate_limit_info")))
        case "assistant", _:
            yield from _assistant(told)
        case "user", _:
            yield from _results(told)
        case "result", _:
            yield _ended(told)
        case _:
            pass


def _began(told: Json) -> Began:
    servers = [_object(server) for server in _list(told.get("mcp_servers"))]
    return Began(
        session=_text(told.get("session_id")),
        model=_text(told.get("model")),
        servers={_text(server.get("name")): _text(server.get("status")) for server in servers},
    )


def _assistant(told: Json) -> Iterator[Event]:
    for block in _blocks(told):
        if block.get("type") == "text" and _text(block.get("text")).strip():
            yield Said(_text(block.get("text")))
        elif block.get("type") == "tool_use":
            yield Said(f"→ {_called(_text(block.get('name')), _object(block.get('input')))}")


def _results(told: Json) -> Iterator[Event]:
    for block in _blocks(told):
        if block.get("type") == "tool_result":
            text = _shortened(_content(block.get("content")), _SHOWN_RESULT)
            wrong = bool(block.get("is_error"))
            if text:
                yield Said(f"{'✗' if wrong else '←'} {text}", LogLevel.WARN if wrong else LogLevel.DEBUG)


def _called(name: str, given: Json) -> str:
    tool = name.removeprefix("mcp__aiworker__")
    about = next((_text(given[key]) for key in _TELLING if given.get(key)), "")
    return f"{tool}: {_shortened(about, _SHOWN_INPUT)}" if about else tool


def _ended(told: Json) -> Ended:
    subtype = _text(told.get("subtype"))
    status = told.get("api_error_status")
    errors = "; ".join(_text(error) for error in _list(told.get("errors")))
    failed = bool(told.get("is_error")) or subtype.startswith("error")
    words = _text(told.get("result")) or errors or subtype
    usage = _object(told.get("usage"))
    reads = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    cost = told.get("total_cost_usd")
    return Ended(
        session=_text(told.get("session_id")) or None,
        failed=failed,
        limited=failed and (status in {_TOO_MANY_REQUESTS, _OVERLOADED} or "usage limit reached" in words.lower()),
        spent=subtype == "error_max_budget_usd",
        words=words,
        tokens=Usage(sum(_count(usage.get(name)) for name in reads), _count(usage.get("output_tokens"))),
        cost_usd=float(cost) if isinstance(cost, int | float) else None,
        denials=list(_denials(told.get("permission_denials"))),
    )


def _denials(told: Any) -> Iterator[PermissionDenial]:
    for denial in map(_object, _list(told)[-_MOST_DENIALS:]):
        # What cannot be sent is not worth losing the report for.
        with suppress(ValidationError):
            given = {
                name: _shortened(_text(value), _SHOWN_RESULT)
                for name, value in _object(denial.get("tool_input")).items()
            }
            yield PermissionDenial(tool=_text(denial.get("tool_name")), input=given)


def _retry(told: Json) -> str:
    why = _text(told.get("error")) or _text(told.get("error_status")) or "an error"
    return f"The model's service answered with {why}; it is asked again (try {_count(told.get('attempt'))})."


def _rate_limit(info: Json) -> Iterator[Event]:
    if info.get("status") == "rejected":
        until = info.get("resetsAt")
        yield Waits(float(until) if isinstance(until, int | float) else None)


def _blocks(told: Json) -> list[Json]:
    content = _object(told.get("message")).get("content")
    return [_object(block) for block in _list(content)]


def _content(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(_text(_object(block).get("text")) for block in _list(content))


def _shortened(text: str, most: int) -> str:
    text = text.strip()
    return text if len(text) <= most else f"{text[:most]} … ({len(text)} characters)"


def _object(value: Any) -> Json:
    return cast("Json", value) if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0
