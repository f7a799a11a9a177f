"""Websockets through the proxy."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK, InvalidStatus
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from aiworker.delivery.ports.runtime import Folder, Listening, Waiting
from tests.integration.proxy.conftest import HOST, Door, at_port
from tests.support.keeper import free_port


def call(door: Door, path: str = "/", **settings: Any) -> connect:
    return connect(f"ws://{HOST}:{door.port}{path}", host="127.0.0.1", port=door.port, proxy=None, **settings)


@asynccontextmanager
async def behind(program: Callable[[ServerConnection], Awaitable[None]], **settings: Any) -> AsyncGenerator[int]:
    """Run the program; its port."""
    async with serve(program, "127.0.0.1", 0, **settings) as server:
        yield next(iter(server.sockets)).getsockname()[1]


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


async def test_messages_go_both_ways_as_they_are(door: Door) -> None:
    async with behind(echo, max_size=None) as port:
        door.lead_to(Listening(port))
        async with call(door, max_size=None) as client:
            for message in ("text", "é", "", b"\x00\xff", b"", "x" * 5_000_000):
                await client.send(message)
                assert await client.recv() == message


async def test_the_program_sees_the_handshake_without_aiworkers_credentials(door: Door) -> None:
    async def tell(connection: ServerConnection) -> None:
        request = connection.request
        assert request is not None
        await connection.send(json.dumps([request.path, list(request.headers.raw_items())]))

    async with behind(tell) as port:
        door.lead_to(Listening(port))
        headers = {"cookie": "id=1; aiworker_session=secret", "authorization": "Bearer aiw_admin_secret", "x-own": "1"}
        async with call(door, "/live%20feed?x=1", additional_headers=headers, origin=f"http://{HOST}") as client:
            path, told = json.loads(await client.recv())
    assert path == "/live%20feed?x=1"
    assert "secret" not in str(told)
    passed = {name.lower(): value for name, value in told}
    assert passed["host"] == f"{HOST}:{door.port}"
    assert (passed["cookie"], passed["origin"], passed["x-own"]) == ("id=1", f"http://{HOST}", "1")
    assert (passed["x-forwarded-for"], passed["x-forwarded-proto"]) == ("127.0.0.1", "http")


async def test_the_subprotocol_is_the_programs_choice(door: Door) -> None:
    async with behind(echo, subprotocols=[Subprotocol("chat")]) as port:
        door.lead_to(Listening(port))
        async with call(door, subprotocols=[Subprotocol("other"), Subprotocol("chat")]) as client:
            assert client.subprotocol == "chat"


@pytest.mark.parametrize(("code", "reason"), [(1000, ""), (1001, "bye"), (4001, "told so")])
async def test_the_programs_close_reaches_the_client(door: Door, code: int, reason: str) -> None:
    async def close(connection: ServerConnection) -> None:
        await connection.close(code, reason)

    async with behind(close) as port:
        door.lead_to(Listening(port))
        async with call(door) as client:
            with pytest.raises((ConnectionClosedOK, ConnectionClosedError)):
                await client.recv()
            assert (client.close_code, client.close_reason) == (code, reason)


@pytest.mark.parametrize(("code", "reason"), [(1000, ""), (4001, "told so")])
async def test_the_clients_close_reaches_the_program(door: Door, code: int, reason: str) -> None:
    closed: asyncio.Future[tuple[int | None, str | None]] = asyncio.get_running_loop().create_future()

    async def wait(connection: ServerConnection) -> None:
        await connection.wait_closed()
        closed.set_result((connection.close_code, connection.close_reason))

    async with behind(wait) as port:
        door.lead_to(Listening(port))
        async with call(door) as client:
            await client.close(code, reason)
        assert await asyncio.wait_for(closed, 10) == (code, reason)


async def test_a_client_that_vanishes_closes_the_programs_side(door: Door) -> None:
    closed = asyncio.Event()

    async def wait(connection: ServerConnection) -> None:
        await connection.wait_closed()
        closed.set()

    async with behind(wait) as port:
        door.lead_to(Listening(port))
        async with call(door) as client:
            client.transport.abort()
            await asyncio.wait_for(closed.wait(), 10)


async def test_a_program_that_vanishes_closes_the_clients_side(door: Door) -> None:
    async def vanish(connection: ServerConnection) -> None:
        connection.transport.abort()

    async with behind(vanish) as port:
        door.lead_to(Listening(port))
        async with call(door) as client:
            with pytest.raises((ConnectionClosedOK, ConnectionClosedError)):
                await client.recv()


async def test_a_refusal_reaches_the_client_as_it_is(door: Door) -> None:
    def refuse(connection: ServerConnection, _request: Request) -> Response:
        return connection.respond(HTTPStatus.UNAUTHORIZED, "sign in first\n")

    async with behind(echo, process_request=refuse) as port:
        door.lead_to(Listening(port))
        with pytest.raises(InvalidStatus) as caught:
            await call(door)
    assert caught.value.response.status_code == 401
    assert caught.value.response.body == b"sign in first\n"


async def test_a_program_without_websockets_refuses(door: Door) -> None:
    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "websocket.close"})

    async with at_port(answer) as port:
        door.lead_to(Listening(port))
        with pytest.raises(InvalidStatus) as caught:
            await call(door)
    assert caught.value.response.status_code == 403


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH\r\n"])
async def test_a_handshake_that_is_none_gives_a_bad_gateway(door: Door, said: bytes) -> None:
    async def babble(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        writer.close()

    async with await asyncio.start_server(babble, "127.0.0.1") as server:
        door.lead_to(Listening(server.sockets[0].getsockname()[1]))
        with pytest.raises(InvalidStatus) as caught:
            await call(door)
    assert caught.value.response.status_code == 502


async def test_where_no_program_answers_the_status_says_why(door: Door, tmp_path: Path) -> None:
    async def status() -> int:
        with pytest.raises(InvalidStatus) as caught:
            await call(door)
        return caught.value.response.status_code

    assert await status() == 404
    door.lead_to(Folder(tmp_path))
    assert await status() == 404
    door.lead_to(Waiting("starting", "Not yet."))
    assert await status() == 503
    door.lead_to(Listening(free_port()))
    assert await status() == 502


async def test_a_version_that_took_over_in_between_answers(door: Door) -> None:
    async with behind(echo) as port:
        door.lead_to(Listening(free_port()), Listening(port))
        async with call(door) as client:
            await client.send("hello")
            assert await client.recv() == "hello"
