"""What is no message of the protocol, told in one sentence; the SDK's door answers it with pages of pydantic."""

from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from mcp.shared.inbound import MCP_PROTOCOL_VERSION_HEADER
from mcp_types import INVALID_REQUEST, PARSE_ERROR, UNSUPPORTED_PROTOCOL_VERSION, jsonrpc_message_adapter
from mcp_types.version import SUPPORTED_PROTOCOL_VERSIONS
from pydantic import ValidationError
from starlette.requests import Request

_BAD_REQUEST: Final = 400
_UNSUPPORTED_MEDIA: Final = 415
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Malformed:
    """What is wrong: for people `words` and `code`, for the protocol `rpc_code`, `id` (where it is one) and `data`."""

    words: str
    code: str
    rpc_code: int = INVALID_REQUEST
    status: int = _BAD_REQUEST
    id: str | int | None = None
    data: dict[str, Any] = field(default_factory=dict[str, Any])


def malformed(request: Request, body: bytes) -> Malformed | None:
    """What keeps a body from being one request, notification or response; None: nothing does."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return Malformed(
            "Send JSON, as `Content-Type: application/json`.", "content_type_invalid", status=_UNSUPPORTED_MEDIA
        )
    try:
        message = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Malformed("The body is not valid JSON.", "bad_json", PARSE_ERROR)
    except RecursionError:
        return Malformed("The body is nested too deeply.", "bad_json", PARSE_ERROR)
    return _not_a_message(message) or _unknown_version(request, message)


def _not_a_message(message: Any) -> Malformed | None:
    if isinstance(message, list):
        return Malformed("Send one message at a time: batches are not taken.", "batch_not_taken")
    if not isinstance(message, dict):
        return Malformed("The body must be a JSON-RPC message, which is an object.", "message_invalid")
    known: dict[str, Any] = message
    named = known.get("id")
    asked = named if isinstance(named, str | int) and not isinstance(named, bool) else None
    trouble = None
    if known.get("jsonrpc") != "2.0":
        trouble = 'needs "jsonrpc": "2.0"'
    elif "method" not in known and not {"result", "error"} & set(known):
        trouble = "needs a method"
    elif "method" in known and not isinstance(known["method"], str):
        trouble = "needs a method that is a text"
    elif "id" in known and asked is None:
        trouble = "needs an id that is a text or a whole number"
    elif known.get("params") is not None and not isinstance(known["params"], dict):
        trouble = "needs params that are an object"
    elif not _is_known(known):
        trouble = "is neither a request nor a notification nor an answer"
    return Malformed(f"The message {trouble}.", "message_invalid", id=asked) if trouble else None


def _is_known(message: dict[str, Any]) -> bool:
    try:
        jsonrpc_message_adapter.validate_python(message, by_name=False)
    except (ValidationError, RecursionError):
        return False
    return True


def _unknown_version(request: Request, message: dict[str, Any]) -> Malformed | None:
    version = request.headers.get(MCP_PROTOCOL_VERSION_HEADER)
    if version is None or version in SUPPORTED_PROTOCOL_VERSIONS:
        return None
    supported = list(SUPPORTED_PROTOCOL_VERSIONS)
    return Malformed(
        f"This server does not speak version {version[:_SHOWN]!r} of MCP, but {', '.join(supported)}.",
        "protocol_version_unknown",
        UNSUPPORTED_PROTOCOL_VERSION,
        id=message.get("id"),
        data={"supported": supported, "requested": version[:_SHOWN]},
    )
