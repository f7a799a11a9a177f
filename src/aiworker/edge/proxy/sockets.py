"""Passes a websocket on to a program, both ways."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import ClientConnection, connect
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from aiworker.edge.proxy.forward import HOST, Refused, client_of
from aiworker.edge.proxy.headers import for_client, for_websocket
from aiworker.edge.proxy.hosts import host_of
from aiworker.edge.proxy.notices import BAD_REQUEST, BROKEN_ANSWER

# As large as the server itself takes from a client.
_MESSAGE_BYTES = 16 * 2**20
_OPEN_SECONDS = 10.0
# Codes that say how a connection ended, and may not be sent; what is sent in their place.
_NO_STATUS = 1005
_SENT_INSTEAD = {_NO_STATUS: 1000, 1006: 1001, 1015: 1001}


async def relay(port: int, scope: Scope, receive: Receive, send: Send) -> None:
    """Connect to the port of 127.0.0.1, accept what the program accepts, and carry messages until one side closes.

    Raises: Refused.
    """
    query = scope["query_string"]
    target = scope["raw_path"].decode("latin-1") + ("?" + query.decode("latin-1") if query else "")
    scheme = "https" if scope["scheme"] == "wss" else "http"
    try:
        program = await connect(
            f"ws://{host_of(scope['headers'])}{target}",
            host=HOST,
            port=port,
            additional_headers=for_websocket(scope["headers"], client=client_of(scope), scheme=scheme),
            subprotocols=[Subprotocol(each) for each in scope["subprotocols"]] or None,
            user_agent_header=None,
            compression=None,
            proxy=None,
            max_size=_MESSAGE_BYTES,
            open_timeout=_OPEN_SECONDS,
            # Whether the client lives is the server's to find out, and its end is passed on.
            ping_interval=None,
        )
    except InvalidStatus as error:
        refusal = Response(bytes(error.response.body or b""), error.response.status_code)
        refusal.raw_headers = _passed(error.response.headers)
        await refusal(scope, receive, send)
    except (InvalidURI, ValueError):
        await BAD_REQUEST.answer(scope, receive, send)
    except (InvalidHandshake, EOFError):
        await BROKEN_ANSWER.answer(scope, receive, send)
    except OSError as error:
        raise Refused from error
    else:
        async with program:
            await receive()
            opened = program.response.headers if program.response is not None else None
            await send({"type": "websocket.accept", "subprotocol": program.subprotocol, "headers": _passed(opened)})
            await _carry(program, receive, send)


async def _carry(program: ClientConnection, receive: Receive, send: Send) -> None:
    directions = {asyncio.create_task(_upward(program, receive)), asyncio.create_task(_downward(program, send))}
    try:
        await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for direction in directions:
            direction.cancel()
        await asyncio.gather(*directions, return_exceptions=True)


async def _upward(program: ClientConnection, receive: Receive) -> None:
    with suppress(ConnectionClosed):
        while (message := await receive())["type"] == "websocket.receive":
            text = message.get("text")
            await program.send(text if text is not None else message["bytes"])
        code: int = message.get("code") or _NO_STATUS
        await program.close(_SENT_INSTEAD.get(code, code), message.get("reason") or "")


async def _downward(program: ClientConnection, send: Send) -> None:
    # A client that is gone shows as an OSError; the other direction hears of it too.
    with suppress(OSError):
        async for message in _messages(program):
            await send({"type": "websocket.send", "text" if isinstance(message, str) else "bytes": message})
        code = program.close_code or _NO_STATUS
        await send(
            {"type": "websocket.close", "code": _SENT_INSTEAD.get(code, code), "reason": program.close_reason or ""}
        )


async def _messages(program: ClientConnection) -> AsyncGenerator[str | bytes]:
    with suppress(ConnectionClosed):
        while True:
            yield await program.recv()


def _passed(headers: Headers | None) -> list[tuple[bytes, bytes]]:
    """The headers of the program's answer to the handshake that are for the client."""
    raw = headers.raw_items() if headers is not None else ()
    return [
        (name, value)
        for name, value in for_client((name.encode("latin-1"), value.encode("latin-1")) for name, value in raw)
        if name != b"content-length" and not name.startswith(b"sec-websocket-")
    ]
