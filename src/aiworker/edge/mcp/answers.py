"""How errors look to MCP clients: a tool's as text that an agent can act on, the door's as JSON-RPC."""

import json
from collections.abc import Mapping
from typing import Any

from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS, INVALID_REQUEST, CallToolResult, TextContent
from starlette.types import Send

from aiworker.core.errors import AiWorkerError
from aiworker.edge.answers import STATUS, headers_of, send_json
from aiworker.edge.mcp.malformed import Malformed

# Where a program finds what the text of a tool's error says in words.
ERROR_META = "aiworker/error"
_METHOD_NOT_ALLOWED = 405


def tool_refusal(error: AiWorkerError, *, request_id: str) -> CallToolResult:
    """A tool's error: the sentence and the code."""
    return _refusal(error.message, error.code, error.details, request_id)


def tool_crash(*, request_id: str) -> CallToolResult:
    """A tool's error that nobody foresaw."""
    message = f"Something went wrong inside AiWorker (request id {request_id}); try again."
    return _refusal(message, "internal_error", {}, request_id)


def travelling(result: CallToolResult) -> dict[str, Any]:
    """A tool's result as clients get it. It is ours: nobody needs to check it once more."""
    said: dict[str, Any] = {
        "content": [{"type": "text", "text": each.text} for each in result.content if isinstance(each, TextContent)],
        "isError": result.is_error,
    }
    if result.structured_content is not None:
        said["structuredContent"] = result.structured_content
    if result.meta is not None:
        said["_meta"] = result.meta
    return said


def protocol_error(error: AiWorkerError, *, request_id: str) -> MCPError:
    """An error of a resource or a prompt."""
    code = INTERNAL_ERROR if error.kind == "unavailable" else INVALID_PARAMS
    return MCPError(code=code, message=f"{error.message} [{error.code}]", data=_data(error, request_id))


async def send_refusal(send: Send, error: AiWorkerError, *, request_id: str | None, status: int | None = None) -> None:
    """Refuse a request at the door, in words that a client of the protocol shows."""
    refused = {"code": INVALID_REQUEST, "message": f"{error.message} [{error.code}]", "data": _data(error, request_id)}
    body = json.dumps({"jsonrpc": "2.0", "id": None, "error": refused}, ensure_ascii=False, default=str).encode()
    await send_json(send, status or STATUS[error.kind], body, headers_of(error))


async def send_malformed(send: Send, wrong: Malformed, *, request_id: str) -> None:
    """Refuse what is no message of the protocol."""
    data = {"code": wrong.code, **wrong.data, "requestId": request_id}
    refused = {"code": wrong.rpc_code, "message": f"{wrong.words} [{wrong.code}]", "data": data}
    body = json.dumps({"jsonrpc": "2.0", "id": wrong.id, "error": refused}, ensure_ascii=False).encode()
    await send_json(send, wrong.status, body)


async def send_method_not_allowed(send: Send) -> None:
    """Only POST is served."""
    refused = {"code": INVALID_REQUEST, "message": "MCP is served by POST here. [method_not_allowed]"}
    body = json.dumps({"jsonrpc": "2.0", "id": None, "error": refused}).encode()
    await send_json(send, _METHOD_NOT_ALLOWED, body, {"allow": "POST"})


def _refusal(message: str, code: str, details: Mapping[str, Any], request_id: str) -> CallToolResult:
    told = {"code": code, "message": message, "details": dict(details), "requestId": request_id}
    text = TextContent(type="text", text=f"{message} [{code}]")
    return CallToolResult(content=[text], is_error=True, _meta={ERROR_META: told})


def _data(error: AiWorkerError, request_id: str | None) -> dict[str, Any]:
    return {"code": error.code, "details": error.details, "requestId": request_id}
