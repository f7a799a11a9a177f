"""Logs: one JSON object per line (or readable text), with the ids of what is going on, and never a secret.

Write with `get_logger(__name__).info("what_happened", detail=…)`; put ids on everything below with `log_context`.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN = "***"

_SECRET_NAME = re.compile(
    r"pass(word|wd|phrase)|secret|token(?!s)|credential|cookie|authorization|api_?key|private_?key|csrf",
    re.IGNORECASE,
)
_SECRET_TEXT = (
    # A key of ours; its first characters are shown wherever keys are listed.
    (re.compile(r"\b(aiw_[a-z]+_[A-Za-z0-9_-]{4})[A-Za-z0-9_-]+"), rf"\1{HIDDEN}"),
    (re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    # A URL's password, also one that holds "@"; then secrets in its query.
    (re.compile(r"(://[^\s/:@]*):[^\s/]*@"), rf"\1:{HIDDEN}@"),
    (re.compile(r"([?&#](?:code|token|key|access_token|secret)=)[^&\s\"']+", re.IGNORECASE), rf"\1{HIDDEN}"),
)
_DEEPEST = 8


def configure_logging(
    *,
    level: str = "info",
    format: str | None = None,  # noqa: A002
    stream: TextIO | None = None,
    beside: logging.Handler | None = None,
) -> None:
    """Send every log line of this process (also those of libraries) to `stream`, by default standard error.

    `format`: "json", "text", or None for text on a terminal and JSON elsewhere. `beside` gets the same lines, as JSON.
    """
    out = stream or sys.stderr
    text = format == "text" or (format is None and out.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        structlog.processors.UnicodeDecoder(),
        redact,
    ]
    handler = logging.StreamHandler(out)
    handler.setFormatter(_formatter(shared, _as_text(out) if text else _AS_JSON))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    if beside is not None:
        beside.setFormatter(_formatter(shared, _AS_JSON))
        root.addHandler(beside)
    root.setLevel(level.upper())
    # They bring handlers of their own, or chat.
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    for name in ("uvicorn.access", "httpx2", "httpcore2", "engineio", "socketio", "mcp", "asyncio", "alembic"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # It warns of every index over an expression; those are compared by their names (`storage.migrate`).
    logging.getLogger("alembic.ddl.impl").setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


_AS_JSON: tuple[Processor, ...] = (
    structlog.processors.EventRenamer("message"),
    structlog.processors.JSONRenderer(ensure_ascii=False),
)


def _as_text(out: TextIO) -> tuple[Processor, ...]:
    return (structlog.dev.ConsoleRenderer(colors=out.isatty(), timestamp_key="time"),)


def _formatter(shared: Sequence[Processor], rendering: Sequence[Processor]) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
    )


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger by its module's name."""
    return structlog.stdlib.get_logger(name)


def log_context(**ids: str | None) -> AbstractContextManager[None]:
    """Put ids (`request_id`, `task_id`, `robot_id`, `agent_id`, …) on every line that is written inside."""
    known = {name: value for name, value in ids.items() if value is not None}
    return cast("AbstractContextManager[None]", structlog.contextvars.bound_contextvars(**known))


def redact(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """A structlog processor: hide what is secret by its name or by its looks."""
    return cast("EventDict", _without_secrets(line, 0))


def hidden(details: dict[str, Any]) -> dict[str, Any]:
    """The same details without what is secret by its name or by its looks: for what is kept or shown."""
    return cast("dict[str, Any]", _without_secrets(details, 0))


def without_secrets(text: str) -> str:
    """`text` with our keys, credentials and the passwords of URLs hidden."""
    for pattern, replacement in _SECRET_TEXT:
        text = pattern.sub(replacement, text)
    return text


def _without_secrets(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return without_secrets(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth > _DEEPEST:
        return HIDDEN
    if isinstance(value, Mapping):
        # structlog's own entries (`_record`, `_from_structlog`) go through untouched.
        return {
            name: item if str(name).startswith("_") else _item(str(name), item, depth)
            for name, item in cast("MutableMapping[Any, Any]", value).items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_without_secrets(item, depth + 1) for item in cast("list[Any]", value)]
    return without_secrets(repr(value) if not isinstance(value, bytes) else value.decode(errors="replace"))


def _item(name: str, value: Any, depth: int) -> Any:
    if value is not None and not isinstance(value, bool) and _SECRET_NAME.search(name):
        return HIDDEN
    return _without_secrets(value, depth + 1)
