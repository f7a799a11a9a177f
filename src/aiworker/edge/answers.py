"""How an error looks from outside: the status of each kind, and the envelope."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.types import Send

from aiworker.core.errors import AiWorkerError, Kind, Limited, Unauthenticated

STATUS: Mapping[Kind, int] = {
    "invalid": 422,
    "unauthenticated": 401,
    "denied": 403,
    "not_found": 404,
    "conflict": 409,
    "too_large": 413,
    "limited": 429,
    "unavailable": 503,
}
_RETRY_SECONDS = 5


def envelope(code: str, message: str, *, request_id: str | None, details: Mapping[str, Any] | None = None) -> bytes:
    """`{"success": false, "error": …}`."""
    error = {"code": code, "message": message, "details": dict(details or {}), "requestId": request_id}
    return json.dumps({"success": False, "error": error}, ensure_ascii=False, default=str).encode()


def details_of(error: AiWorkerError) -> dict[str, Any]:
    """What a program may want to know; of a sentence of ours its code and values, too, to say it in other languages."""
    return error.details if error.said.code == error.code else {**error.details, "told": error.said.told}


def headers_of(error: AiWorkerError) -> dict[str, str]:
    """What the protocol wants beside the envelope: `Retry-After`, `WWW-Authenticate`."""
    match error:
        case Limited():
            return {"retry-after": str(max(1, round(error.retry_after)))}
        case Unauthenticated():
            return {"www-authenticate": 'Bearer realm="AiWorker"'}
        case _:
            return {"retry-after": str(_RETRY_SECONDS)} if error.kind == "unavailable" else {}


async def send_error(send: Send, error: AiWorkerError, *, request_id: str | None, status: int | None = None) -> None:
    """Answer one HTTP request, below every framework."""
    body = envelope(error.code, error.message, request_id=request_id, details=details_of(error))
    await send_json(send, status or STATUS[error.kind], body, headers_of(error))


async def send_json(send: Send, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
    """Answer one HTTP request with JSON that is already written."""
    sent = {"content-type": "application/json", "content-length": str(len(body)), **(headers or {})}
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})
