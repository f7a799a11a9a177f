"""Passes one HTTP exchange on to a program, as it comes and without keeping any of it."""

import asyncio
from collections.abc import AsyncGenerator

from httpcore2 import (
    URL,
    AsyncHTTPConnection,
    ConnectError,
    ConnectTimeout,
    LocalProtocolError,
    NetworkError,
    Origin,
    ProtocolError,
    Request,
)
from starlette.types import Receive, Scope, Send

from aiworker.core.logging import get_logger
from aiworker.edge.proxy.headers import for_client, for_program, has_body
from aiworker.edge.proxy.notices import BAD_REQUEST, BROKEN_ANSWER

HOST = "127.0.0.1"

_CONNECT_SECONDS = 5.0
_SWITCHING_PROTOCOLS = 101

_log = get_logger(__name__)


class Refused(Exception):
    """The program takes no connection; nothing has been sent either way."""


async def forward(port: int, scope: Scope, receive: Receive, send: Send) -> None:
    """Pass the request on to the port of 127.0.0.1 and the answer back. A client that leaves ends it at once.

    A connection is used once: a kept one might be closed by the program just when the next request is sent.

    Raises: Refused.
    """
    uploaded = asyncio.Event()
    exchange = asyncio.create_task(_exchange(port, scope, receive, send, uploaded))
    hangup = asyncio.create_task(_hangup(receive, uploaded))
    try:
        await asyncio.wait({exchange, hangup}, return_when=asyncio.FIRST_COMPLETED)
        if exchange.done():
            exchange.result()
    finally:
        exchange.cancel()
        hangup.cancel()
        await asyncio.gather(exchange, hangup, return_exceptions=True)


async def _exchange(port: int, scope: Scope, receive: Receive, send: Send, uploaded: asyncio.Event) -> None:
    connection = AsyncHTTPConnection(Origin(b"http", HOST.encode(), port))
    started = False
    try:
        response = await connection.handle_async_request(_request(port, scope, receive, uploaded))
        uploaded.set()
        if response.status == _SWITCHING_PROTOCOLS:
            await BROKEN_ANSWER.answer(scope, receive, send)
            return
        started = True
        await send({"type": "http.response.start", "status": response.status, "headers": for_client(response.headers)})
        async for chunk in response.aiter_stream():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    except (ConnectError, ConnectTimeout) as error:
        raise Refused from error
    except LocalProtocolError:
        await BAD_REQUEST.answer(scope, receive, send)
    except (NetworkError, ProtocolError) as error:
        if started:
            # Too late for another answer: left unfinished, so that the client sees that it is.
            _log.warning("preview_answer_broke_off", path=scope["path"], error=str(error))
        else:
            await BROKEN_ANSWER.answer(scope, receive, send)
    except _ClientLeft:
        pass
    finally:
        await connection.aclose()


def _request(port: int, scope: Scope, receive: Receive, uploaded: asyncio.Event) -> Request:
    async def body() -> AsyncGenerator[bytes]:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _ClientLeft
            if chunk := message.get("body", b""):
                yield chunk
            if not message.get("more_body", False):
                uploaded.set()
                return

    content = body() if has_body(scope["headers"]) else None
    if content is None:
        uploaded.set()
    query = scope["query_string"]
    return Request(
        scope["method"],
        URL(scheme=b"http", host=HOST, port=port, target=scope["raw_path"] + (b"?" + query if query else b"")),
        headers=for_program(scope["headers"], client=client_of(scope), scheme=scope["scheme"]),
        content=content,
        extensions={"timeout": {"connect": _CONNECT_SECONDS}},
    )


async def _hangup(receive: Receive, uploaded: asyncio.Event) -> None:
    await uploaded.wait()
    while (await receive())["type"] != "http.disconnect":
        pass


def client_of(scope: Scope) -> str:
    """The address of who asked."""
    client = scope.get("client")
    return client[0] if client else "unknown"


class _ClientLeft(Exception):
    """The client hung up while it sent its request."""
