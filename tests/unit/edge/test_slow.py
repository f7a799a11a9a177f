import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from aiworker.edge.live.slow import SlowClients

SCOPE: Scope = {"type": "websocket"}


async def never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


async def test_what_is_sent_arrives_in_order_to_the_last_word() -> None:
    arrived: list[Any] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for number in range(10):
            await send({"type": "websocket.send", "text": str(number)})

    async def send(message: Message) -> None:
        await asyncio.sleep(0)
        arrived.append(message["text"])

    await SlowClients(app)(SCOPE, never, send)
    assert arrived == [str(number) for number in range(10)]


async def test_who_does_not_read_is_disconnected_when_too_much_waits() -> None:
    told: list[Message] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        # One is stuck on its way, five wait.
        for _ in range(6):
            await send({"type": "websocket.send", "text": "x"})
            await asyncio.sleep(0)
        with pytest.raises(OSError, match="too slowly"):
            await send({"type": "websocket.send", "text": "x"})
        with pytest.raises(OSError, match="gone"):
            await send({"type": "websocket.send", "text": "x"})
        told.append(await receive())

    async def stuck(_message: Message) -> None:
        await asyncio.Event().wait()

    await SlowClients(app, most=5)(SCOPE, never, stuck)
    assert told == [{"type": "websocket.disconnect", "code": 1013}]


async def test_what_the_client_sends_comes_through() -> None:
    heard: list[Message] = []

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        heard.append(await receive())

    async def receive() -> Message:
        return {"type": "websocket.receive", "text": "hello"}

    async def send(_message: Message) -> None: ...

    await SlowClients(app)(SCOPE, receive, send)
    assert heard == [{"type": "websocket.receive", "text": "hello"}]
