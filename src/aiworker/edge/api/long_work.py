"""Work that takes as long as a clone: it ends when the client leaves, and tells how far it is to who wants to hear.

Asked with `Accept: application/x-ndjson`, the answer is one JSON object per line: `{"progress": "…"}` about twice a
second, then the answer that would have come otherwise, with its `status`.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from aiworker.core.errors import AiWorkerError
from aiworker.core.logging import get_logger
from aiworker.delivery.ports.forge import Told
from aiworker.edge.answers import STATUS, envelope
from aiworker.edge.api.errors import request_id_of
from aiworker.edge.api.routing import while_connected
from aiworker.wire.base import Answer

_log = get_logger(__name__)

_LINES = "application/x-ndjson"
_EVERY_SECONDS = 0.5
_INTERNAL = 500

T = TypeVar("T")


async def long_work(
    request: Request, work: Callable[[Told], Awaitable[Answer[T]]], *, status: int = 200
) -> Answer[T] | Response:
    """Do it for as long as the client is there. `work` is given what to tell how far it is."""
    # An answer that is kept for an Idempotency-Key must be whole.
    if _LINES not in request.headers.get("accept", "") or "idempotency-key" in request.headers:
        return await while_connected(request, _quietly(work))
    return StreamingResponse(_lines(request, work, status), status, media_type=_LINES)


async def _quietly(work: Callable[[Told], Awaitable[T]]) -> T:
    return await work(lambda _words: None)


async def _lines(request: Request, work: Callable[[Told], Awaitable[Answer[T]]], status: int) -> AsyncGenerator[bytes]:
    latest = ""

    def told(words: str) -> None:
        nonlocal latest
        latest = words

    doing = asyncio.ensure_future(work(told))
    try:
        while not doing.done():
            await asyncio.wait({doing}, timeout=_EVERY_SECONDS)
            if not doing.done():
                if await request.is_disconnected():
                    return
                yield _line({"progress": latest})
        yield _last(request, doing, status)
    finally:
        doing.cancel()
        # Not `gather`: a request whose client has left is cancelled repeatedly, which would cut the clean-up short.
        await asyncio.wait({doing})


def _last(request: Request, done: "asyncio.Future[Answer[T]]", status: int) -> bytes:
    try:
        answer = done.result()
    except AiWorkerError as error:
        body = envelope(error.code, error.message, request_id=request_id_of(request), details=error.details)
        return _line({"status": STATUS[error.kind], **json.loads(body)})
    except Exception:  # noqa: BLE001 (the head of the answer has gone out: nobody else can tell)
        _log.exception("long_work_failed", path=request.url.path)
        message = "Something went wrong here; the log has it under this request's id."
        return _line(
            {"status": _INTERNAL, **json.loads(envelope("internal_error", message, request_id=request_id_of(request)))}
        )
    return _line({"status": status, **answer.model_dump(mode="json", by_alias=True)})


def _line(content: dict[str, object]) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode() + b"\n"
