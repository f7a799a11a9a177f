"""What every request passes before any framework sees it: a request id, readable text, known hosts, bounded bodies."""

import asyncio
import re
import time
from collections.abc import Iterable
from typing import Protocol
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aiworker.core.errors import AiWorkerError, Denied, Invalid, TooLarge
from aiworker.core.ids import new_id
from aiworker.core.logging import get_logger, log_context
from aiworker.edge.answers import envelope, send_error, send_json
from aiworker.edge.hosts import Hosts

_log = get_logger(__name__)

BODY_LIMIT = 1_048_576
BATCH_LIMIT = 8 * BODY_LIMIT
# A little more is read to the end, so that the client hears the answer instead of a broken connection.
_DRAINED = 32 * 1_048_576
_BODY_SECONDS = 30.0
_LONGEST_PATH = 4_096
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_SERVER_ERROR = 500
_CLIENT_ERROR = 400


class Refuse(Protocol):
    """How a refusal looks where a request was to go; `status` where it is not that of the error's kind."""

    async def __call__(
        self, send: Send, error: AiWorkerError, *, request_id: str | None, status: int | None = None
    ) -> None:
        """Answer one request."""
        ...


class RequestLog:
    """Gives each request an id (`X-Request-Id`, a caller's own is kept), logs it, and answers what nobody caught."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else new_id()
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = request_id
                headers["x-content-type-options"] = "nosniff"
                headers.setdefault("cache-control", "no-store")
            await send(message)

        began = time.perf_counter()
        with log_context(request_id=request_id):
            try:
                await self._app(scope, receive, answer)
            except ClientDisconnect:
                pass
            except Exception:  # noqa: BLE001 (the last one who can answer)
                _log.exception("request_failed", method=scope["method"], path=scope["path"])
                if not status:
                    message = "Something went wrong here; the log has it under this request's id."
                    body = envelope("internal_error", message, request_id=request_id)
                    await send_json(answer, _SERVER_ERROR, body)
            milliseconds = round((time.perf_counter() - began) * 1000, 1)
            quiet = scope["method"] in _READING and status < _CLIENT_ERROR
            (_log.debug if quiet else _log.info)(
                "request", method=scope["method"], path=scope["path"], status=status, ms=milliseconds
            )


class Guard:
    """Refuses paths that are not text, unknown hosts, and writes (and websockets) from other sites' pages."""

    def __init__(self, app: ASGIApp, hosts: Hosts, *, any_host: Iterable[str] = ()) -> None:
        self._app = app
        self._hosts = hosts
        self._any_host = frozenset(any_host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        try:
            self._check(scope)
        except AiWorkerError as error:
            if scope["type"] == "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 1008})
            else:
                status = 400 if isinstance(error, Invalid) else None
                await send_error(send, error, request_id=scope.get("state", {}).get("request_id"), status=status)
            return
        await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        _check_text(scope)
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        host = hosts[0] if len(hosts) == 1 else ""
        if scope["path"] not in self._any_host and not self._hosts.answers_to(host):
            raise Denied(
                "This server does not answer to that name; add it to AIWORKER_ALLOWED_HOSTS.", code="host_not_allowed"
            )
        writes = scope["type"] == "websocket" or scope["method"] not in _READING
        origin = headers.get("origin")
        scheme = "https" if scope["scheme"] in {"https", "wss"} else "http"
        if writes and origin is not None and not self._hosts.trusts(origin, host=host, scheme=scheme):
            raise Denied("Pages of other sites may not do this.", code="origin_not_allowed")


def _check_text(scope: Scope) -> None:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    if len(raw) > _LONGEST_PATH:
        raise Invalid(f"The path is longer than {_LONGEST_PATH} characters.", code="path_too_long")
    for part in (raw, scope["query_string"].replace(b"+", b" ")):
        try:
            text = unquote_to_bytes(part).decode()
        except UnicodeDecodeError:
            raise Invalid("The address is not valid UTF-8.", code="bad_encoding") from None
        if any(ord(character) < ord(" ") or ord(character) == 127 for character in text):  # noqa: PLR2004 (ASCII)
            raise Invalid("The address holds a control character.", code="control_character")


class BodyLimit:
    """Reads the whole body before anybody else does: at most `limit` bytes, within half a minute.

    `batches`: the paths that take many things at once, up to BATCH_LIMIT. `refuse`: answers what is too large or slow.
    """

    def __init__(
        self, app: ASGIApp, limit: int = BODY_LIMIT, *, batches: Iterable[str] = (), refuse: Refuse = send_error
    ) -> None:
        self._app = app
        self._refuse = refuse
        self._limit = limit
        self._batches = frozenset(batches)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] != "http" or scope["method"] in _READING:
            await self._app(scope, receive, send)
            return
        request_id = scope.get("state", {}).get("request_id")
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                limit = BATCH_LIMIT if scope["path"] in self._batches else self._limit
                body = await _read(receive, Headers(scope=scope), limit)
        except TimeoutError:
            error = Invalid(f"The body did not come within {_BODY_SECONDS:.0f} s.", code="body_too_slow")
            await self._refuse(send, error, request_id=request_id, status=408)
            return
        except TooLarge as error:
            await self._refuse(send, error, request_id=request_id)
            return
        if body is not None:
            await self._app(scope, replay(body, receive), send)


async def _read(receive: Receive, headers: Headers, limit: int) -> bytes | None:
    """The body; None if the client left. Raises: TooLarge."""
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > _DRAINED:
        raise _too_large(limit)
    body, size = bytearray(), 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > _DRAINED:
            raise _too_large(limit)
        if size <= limit:
            body += chunk
        if not message.get("more_body", False):
            break
    if size > limit:
        raise _too_large(limit)
    return bytes(body)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than {limit} bytes.", code="body_too_large", details={"limit": limit})


def replay(body: bytes, receive: Receive) -> Receive:
    """`receive` for whoever comes after the one who read the body."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
