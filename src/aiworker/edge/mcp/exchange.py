"""One request, one answer: the protocol's handshake generation without a session for each request.

Where no sessions are kept the SDK opens one for every request: streams, a dispatcher, task groups, a server that ends
with it. What comes in as one plain request needs none of that: the SDK's kernel (`serve_one`) is asked directly, as the
SDK does by itself for the later generation. A plain call of a tool does without the kernel, too, which reads what comes
in three times over and what goes out twice. Everything else (notifications, `initialize`, what is no request, other
versions) stays with the SDK's door.
"""

import asyncio
from collections.abc import Awaitable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio
import msgspec
from mcp.server.connection import Connection
from mcp.server.lowlevel import Server
from mcp.server.runner import serve_one
from mcp.server.streamable_http import check_accept_headers
from mcp.shared.dispatcher import CallOptions
from mcp.shared.exceptions import NoBackChannelError
from mcp.shared.inbound import MCP_PROTOCOL_VERSION_HEADER
from mcp.shared.jsonrpc_dispatcher import handler_exception_to_error_data
from mcp.shared.message import ServerMessageMetadata
from mcp.shared.transport_context import TransportContext
from mcp_types import DEFAULT_NEGOTIATED_VERSION, INTERNAL_ERROR, INVALID_PARAMS, ErrorData, JSONRPCRequest, RequestId
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Send

from aiworker.core.logging import get_logger
from aiworker.edge.answers import send_json
from aiworker.wire.problems import first_problem

_log = get_logger(__name__)

# An answer that takes longer comes as a stream, with a sign of life as often, so that no proxy takes it for dead.
_QUIET_SECONDS = 15.0
_STREAM_HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
]
_OK = 200
# In the versions before these an answer holds less.
_STRUCTURED_VERSIONS = frozenset({"2025-06-18", "2025-11-25"})


@dataclass(frozen=True, slots=True)
class PlainRequest:
    """A request that needs no session, and the version of the protocol that it speaks."""

    asked: JSONRPCRequest
    version: str


class _Meta(msgspec.Struct):
    """What a client says beside a call; nothing here asks for it."""

    progress_token: str | int | msgspec.UnsetType = msgspec.field(name="progressToken", default=msgspec.UNSET)


class ToolCall(msgspec.Struct, forbid_unknown_fields=True):
    """The parameters of a plain call of a tool."""

    name: str
    arguments: dict[str, Any] = {}
    meta: _Meta | msgspec.UnsetType = msgspec.field(name="_meta", default=msgspec.UNSET)


@dataclass(slots=True)
class _Channel:
    """What a handler has to the client beside its answer: nothing."""

    request_id: RequestId
    message_metadata: ServerMessageMetadata
    transport: TransportContext
    cancel_requested: anyio.Event = field(default_factory=anyio.Event)
    can_send_request: bool = False

    async def send_raw_request(
        self,
        method: str,
        params: Mapping[str, Any] | None,  # noqa: ARG002 (the protocol's)
        opts: CallOptions | None = None,  # noqa: ARG002 (the protocol's)
    ) -> dict[str, Any]:
        raise NoBackChannelError(method)

    async def notify(self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None) -> None:
        pass

    async def progress(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        pass


def plain_request(request: Request, body: bytes) -> PlainRequest | None:
    """What can be answered without a session; None: the SDK's door knows what to say."""
    version = request.headers.get(MCP_PROTOCOL_VERSION_HEADER, DEFAULT_NEGOTIATED_VERSION)
    if version not in HANDSHAKE_PROTOCOL_VERSIONS or check_accept_headers(request) != (True, True):
        return None
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return None
    try:
        decoded = msgspec.json.decode(body)
        asked = JSONRPCRequest.model_validate(decoded, by_name=False)
    except (msgspec.DecodeError, UnicodeDecodeError, ValidationError, RecursionError):
        return None
    return PlainRequest(asked, version) if asked.method != "initialize" else None


def tool_call(plain: PlainRequest) -> ToolCall | None:
    """The call of a tool that it is; None: it is something else, or the SDK's kernel knows what is wrong with it."""
    if plain.asked.method != "tools/call" or plain.version not in _STRUCTURED_VERSIONS:
        return None
    try:
        return msgspec.convert(plain.asked.params, ToolCall)
    except msgspec.ValidationError:
        return None


async def answer(work: Coroutine[Any, Any, dict[str, Any]], plain: PlainRequest, receive: Receive, send: Send) -> None:
    """Have it handled, and answer: as JSON, or as a stream where it takes long. Raises: ClientDisconnect."""
    handling = asyncio.create_task(_said(work, plain))
    leaving = asyncio.create_task(_gone(receive))
    try:
        if await _done(handling, leaving):
            await send_json(send, _OK, handling.result())
            return
        await send({"type": "http.response.start", "status": _OK, "headers": _STREAM_HEADERS})
        while not handling.done():
            await send({"type": "http.response.body", "body": b": ping\r\n\r\n", "more_body": True})
            await _done(handling, leaving)
        event = b"event: message\r\ndata: %b\r\n\r\n" % handling.result()
        await send({"type": "http.response.body", "body": event})
    finally:
        handling.cancel()
        leaving.cancel()
        await asyncio.gather(handling, leaving, return_exceptions=True)


async def _done(handling: asyncio.Task[bytes], leaving: asyncio.Task[None]) -> bool:
    """Whether it is done; waits for some seconds. Raises: ClientDisconnect."""
    await asyncio.wait({handling, leaving}, timeout=_QUIET_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    if leaving.done() and not handling.done():
        raise ClientDisconnect
    return handling.done()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def asked_of_kernel(server: Server[Any], plain: PlainRequest, request: Request) -> dict[str, Any]:
    """What the SDK's kernel makes of it."""
    channel = _Channel(
        plain.asked.id,
        ServerMessageMetadata(request_context=request),
        TransportContext(kind="streamable-http", can_send_request=False, headers=request.headers),
    )
    connection = Connection.from_envelope(plain.version, None, None)
    return await serve_one(
        server, channel, plain.asked.method, plain.asked.params, connection=connection, lifespan_state={}
    )


async def _said(work: Awaitable[dict[str, Any]], plain: PlainRequest) -> bytes:
    said = {"jsonrpc": "2.0", "id": plain.asked.id, **await _outcome(work, plain.asked.method)}
    return msgspec.json.encode(said)


async def _outcome(result: Awaitable[dict[str, Any]], method: str) -> dict[str, Any]:
    try:
        return {"result": await result}
    except ValidationError as error:
        known = ErrorData(code=INVALID_PARAMS, message=f"{first_problem(error)} [invalid]")
        return {"error": known.model_dump(mode="json", by_alias=True, exclude_none=True)}
    except Exception as error:  # noqa: BLE001 (the last one who can answer)
        known = handler_exception_to_error_data(error)
        if known is None:
            _log.exception("mcp_request_failed", method=method)
            known = ErrorData(code=INTERNAL_ERROR, message="Something went wrong inside AiWorker; try again.")
        return {"error": known.model_dump(mode="json", by_alias=True, exclude_none=True)}
