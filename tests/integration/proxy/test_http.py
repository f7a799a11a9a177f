"""HTTP through the proxy: a real server in front, a real program behind."""

import asyncio
import json
from collections.abc import AsyncGenerator

import pytest
from httpcore2 import AsyncConnectionPool, RemoteProtocolError
from starlette.types import Receive, Scope, Send

from aiworker.delivery.ports.runtime import Listening, Waiting
from aiworker.edge.proxy import PreviewProxy
from tests.integration.proxy.conftest import HOST, Door, KnownTargets, at_port, header
from tests.support.keeper import free_port


async def read(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return body


async def reply(send: Send, body: bytes = b"", status: int = 200, headers: dict[str, str] | None = None) -> None:
    raw = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Tells what it was asked."""
    body = await read(receive)
    told = {
        "method": scope["method"],
        "target": (scope["raw_path"] + b"?" + scope["query_string"]).decode(),
        "headers": [[name.decode(), value.decode()] for name, value in scope["headers"]],
        "body": body.decode(),
    }
    await reply(send, json.dumps(told).encode(), headers={"content-type": "application/json"})


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_a_request_reaches_the_program_as_it_was_sent(door: Door, method: str) -> None:
    async with at_port(echo) as port:
        door.lead_to(Listening(port))
        target = "/a%2Fb/../c//d;e=%C3%A9?x=1&y=%20+z"
        response = await door.ask(
            target, method=method, headers={"content-length": "5", "x-own": "1"}, content=b"hello"
        )
    told = json.loads(response.content)
    assert (told["method"], told["target"], told["body"]) == (method, target, "hello")
    assert ["host", f"{HOST}:{door.port}"] in told["headers"]
    assert ["x-own", "1"] in told["headers"]
    assert ["x-forwarded-for", "127.0.0.1"] in told["headers"]


async def test_credentials_of_aiworker_do_not_reach_the_program(door: Door) -> None:
    async with at_port(echo) as port:
        door.lead_to(Listening(port))
        response = await door.ask(
            headers={"cookie": "id=1; aiworker_session=secret", "authorization": "Bearer aiw_admin_secret"}
        )
    assert "secret" not in response.content.decode()
    assert ["cookie", "id=1"] in json.loads(response.content)["headers"]


async def test_a_host_in_other_letters_is_the_same_preview(door: Door) -> None:
    async with at_port(echo) as port:
        door.lead_to(Listening(port))
        response = await door.ask(headers={"host": "TASK-Shop-1.Preview.LocalHost"})
    assert response.status == 200


@pytest.mark.parametrize("status", [201, 301, 307, 404, 418, 500, 503])
async def test_an_answer_comes_back_as_it_is(door: Door, status: int) -> None:
    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        await reply(send, b"body", status, {"location": "http://elsewhere.test/x", "x-own": "1", "set-cookie": "id=1"})

    async with at_port(answer) as port:
        door.lead_to(Listening(port))
        response = await door.ask()
    assert (response.status, response.content) == (status, b"body")
    assert header(response, "location") == "http://elsewhere.test/x"
    assert header(response, "set-cookie") == "id=1"
    assert header(response, "date")


async def test_answers_without_a_body_have_none(door: Door) -> None:
    async def answer(scope: Scope, _receive: Receive, send: Send) -> None:
        await reply(
            send, status=int(scope["path"][1:]), headers={"content-length": "7"} if "2" in scope["path"] else {}
        )

    async with at_port(answer) as port:
        door.lead_to(Listening(port))
        assert (await door.ask("/304")).status == 304
        head = await door.ask("/200", method="HEAD")
    assert (header(head, "content-length"), head.content) == ("7", b"")


async def test_an_answer_streams_while_it_is_made(door: Door) -> None:
    go_on = asyncio.Event()

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await go_on.wait()
        await send({"type": "http.response.body", "body": b"second"})

    async with at_port(answer) as port:
        door.lead_to(Listening(port))
        async with door.stream() as response:
            chunks = response.aiter_stream().__aiter__()
            assert await anext(chunks) == b"first"
            go_on.set()
            assert await anext(chunks) == b"second"


async def test_a_request_streams_while_it_is_sent(door: Door) -> None:
    arrived = asyncio.Event()

    async def answer(_scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["body"] == b"first"
        arrived.set()
        await reply(send, await read(receive))

    async def body() -> AsyncGenerator[bytes]:
        yield b"first"
        await arrived.wait()
        yield b"second"

    async with at_port(answer) as port:
        door.lead_to(Listening(port))
        response = await door.ask(method="POST", headers={"transfer-encoding": "chunked"}, content=body())
    assert response.content == b"second"


async def test_a_client_that_reads_slowly_holds_the_program_up(door: Door) -> None:
    sent = 0
    stalled = asyncio.Event()

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        nonlocal sent
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(2_000):
            try:
                await asyncio.wait_for(
                    send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True}), 0.5
                )
            except TimeoutError:
                break
            sent += 100_000
        stalled.set()

    async with at_port(answer) as port:
        door.lead_to(Listening(port))
        async with door.stream():
            await stalled.wait()
    assert sent < 50_000_000


@pytest.mark.parametrize("answered", [False, True])
async def test_a_client_that_leaves_ends_the_programs_work(door: Door, *, answered: bool) -> None:
    asked, left = asyncio.Event(), asyncio.Event()

    async def answer(_scope: Scope, receive: Receive, send: Send) -> None:
        await read(receive)
        if answered:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"first", "more_body": True})
        asked.set()
        while (await receive())["type"] != "http.disconnect":
            pass
        left.set()

    async with at_port(answer) as port:
        door.lead_to(Listening(port))
        request = asyncio.create_task(door.ask())
        await asked.wait()
        request.cancel()
        await asyncio.gather(request, return_exceptions=True)
        await asyncio.wait_for(left.wait(), 10)


async def test_a_client_that_leaves_while_it_sends_ends_the_programs_work(door: Door) -> None:
    asked, left = asyncio.Event(), asyncio.Event()

    async def answer(_scope: Scope, receive: Receive, _send: Send) -> None:
        assert (await receive())["body"] == b"first"
        asked.set()
        while (await receive())["type"] != "http.disconnect":
            pass
        left.set()

    async def body() -> AsyncGenerator[bytes]:
        yield b"first"
        await asyncio.Event().wait()

    async with at_port(answer) as port:
        door.lead_to(Listening(port))
        headers = {"content-length": "1000"}
        request = asyncio.create_task(door.ask(method="POST", headers=headers, content=body()))
        await asked.wait()
        request.cancel()
        await asyncio.gather(request, return_exceptions=True)
        await asyncio.wait_for(left.wait(), 10)


async def test_many_requests_at_once_do_not_mix(door: Door) -> None:
    async with at_port(echo) as port:
        door.lead_to(Listening(port))
        answers = await asyncio.gather(*(door.ask(f"/{number}") for number in range(100)))
    assert [json.loads(each.content)["target"] for each in answers] == [f"/{number}?" for number in range(100)]


async def test_an_unknown_preview_is_not_found(door: Door) -> None:
    response = await door.ask(headers={"accept": "text/html"})
    assert response.status == 404
    assert "<title>No such preview" in response.content.decode()


async def test_a_request_for_another_host_is_not_found(door: Door) -> None:
    door.lead_to(Listening(free_port()))
    assert (await door.ask(headers={"host": "elsewhere.test"})).status == 404


@pytest.mark.parametrize(
    ("target", "title"),
    [
        (Waiting("starting", "Not yet."), "The preview is starting"),
        (Waiting("stopped", "It crashed."), "The preview has stopped"),
    ],
)
async def test_a_preview_that_does_not_run_says_why_and_asks_again(door: Door, target: Waiting, title: str) -> None:
    door.lead_to(target)
    page = await door.ask("/api/items", headers={"accept": "text/html,*/*"})
    line = await door.ask("/api/items", method="POST", headers={"content-length": "2"}, content=b"{}")
    assert (page.status, line.status) == (503, 503)
    assert title in page.content.decode()
    assert 'http-equiv="refresh"' in page.content.decode()
    assert line.content.decode() == f"{title}. {target.reason}\n"
    assert header(page, "retry-after")
    assert header(page, "cache-control") == "no-store"


async def test_a_program_that_takes_no_connection_gives_a_page_that_tries_again(door: Door) -> None:
    door.lead_to(Listening(free_port()))
    response = await door.ask(headers={"accept": "text/html"})
    assert response.status == 502
    assert 'http-equiv="refresh"' in response.content.decode()


async def test_a_version_that_took_over_in_between_answers(door: Door) -> None:
    async with at_port(echo) as port:
        door.lead_to(Listening(free_port()), Listening(port))
        response = await door.ask(method="POST", headers={"content-length": "5"}, content=b"hello")
    assert json.loads(response.content)["body"] == "hello"


@pytest.mark.parametrize(
    "said", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nbroken header\r\n\r\n", b"HTTP/1.1 101 X\r\n\r\n"]
)
async def test_an_answer_that_is_none_gives_a_bad_gateway(door: Door, said: bytes) -> None:
    async def babble(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        writer.close()

    async with await asyncio.start_server(babble, "127.0.0.1") as server:
        door.lead_to(Listening(server.sockets[0].getsockname()[1]))
        assert (await door.ask()).status == 502


async def test_an_answer_that_breaks_off_is_not_made_whole(door: Door) -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        writer.close()

    async with await asyncio.start_server(break_off, "127.0.0.1") as server:
        door.lead_to(Listening(server.sockets[0].getsockname()[1]))
        with pytest.raises(RemoteProtocolError):
            await door.ask()


async def test_a_program_of_an_older_kind_is_understood(door: Door) -> None:
    async def old(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end")
        writer.close()

    async with await asyncio.start_server(old, "127.0.0.1") as server:
        door.lead_to(Listening(server.sockets[0].getsockname()[1]))
        assert (await door.ask()).content == b"until the end"


@pytest.mark.parametrize(("anyone", "status"), [(False, 403), (True, 404)])
async def test_a_client_on_another_machine_is_answered_only_where_anyone_is(*, anyone: bool, status: int) -> None:
    proxy = PreviewProxy(KnownTargets(), anyone=anyone)

    async def from_elsewhere(scope: Scope, receive: Receive, send: Send) -> None:
        await proxy({**scope, "client": ("192.0.2.7", 50_000)}, receive, send)

    async with at_port(from_elsewhere) as port, AsyncConnectionPool() as pool:
        response = await pool.request("GET", f"http://127.0.0.1:{port}/", headers={"host": HOST})
    assert response.status == status
