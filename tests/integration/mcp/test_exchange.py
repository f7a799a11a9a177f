"""A plain request of the handshake's generation is answered without a session of its own."""

import json
from collections.abc import AsyncGenerator
from typing import Any

import httpx2
import pytest

from aiworker.edge.mcp import app, exchange
from tests.support.house import House

VERSION = "2025-11-25"


@pytest.fixture
async def http(house: House, key: str) -> AsyncGenerator[httpx2.AsyncClient]:
    headers = {
        "Accept": "application/json, text/event-stream",
        "Authorization": f"Bearer {key}",
        "MCP-Protocol-Version": VERSION,
    }
    async with httpx2.AsyncClient(base_url=house.url, headers=headers, timeout=60, trust_env=False) as client:
        yield client


def asked(method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": "one", "method": method, "params": params}


def next_task(wait_seconds: float) -> dict[str, Any]:
    return asked("tools/call", name="get_next_task", arguments={"waitSeconds": wait_seconds})


async def test_it_is_answered_as_json(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/mcp", json=asked("tools/call", name="list_tasks", arguments={}))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    said = answer.json()
    assert (said["jsonrpc"], said["id"]) == ("2.0", "one")
    assert said["result"]["structuredContent"]["count"] == 0


async def test_what_the_protocol_refuses_is_told_in_its_words(http: httpx2.AsyncClient) -> None:
    for method, params, code in (
        ("tools/sell", {}, -32601),
        ("tools/call", {"arguments": {}}, -32602),
        ("resources/read", {"uri": "aiworker://tasks/NOPE-1"}, -32602),
    ):
        answer = await http.post("/mcp", json=asked(method, **params))
        assert answer.status_code == 200
        assert answer.json()["error"]["code"] == code


@pytest.mark.parametrize(
    "call",
    [
        {"name": "list_tasks", "arguments": {}, "_meta": {"progressToken": 1, "claudecode/toolUseId": "t"}},
        {"name": "list_tasks"},
        {"name": "list_tasks", "arguments": None},
        {"name": "list_tasks", "arguments": {"nonsense": 1}},
        {"name": "report_progress", "arguments": {"attempt": "nobody's"}},
        {"name": "sell_task", "arguments": {}},
        {"name": "list_tasks", "arguments": [], "_meta": 1},
        {"name": 1},
    ],
)
async def test_a_call_of_a_tool_is_answered_as_by_the_kernel(
    http: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch, call: dict[str, Any]
) -> None:
    def not_one(_plain: exchange.PlainRequest) -> None:
        """No call is plain enough."""

    answered: list[Any] = []
    for directly in (True, False):
        if not directly:
            monkeypatch.setattr(app, "tool_call", not_one)
        said = (await http.post("/mcp", json=asked("tools/call", **call))).json()
        said.get("result", {}).get("_meta", {}).get("aiworker/error", {}).pop("requestId", None)
        answered.append(said)
    assert answered[0] == answered[1]


async def test_what_nobody_foresaw_is_told_without_its_insides(
    http: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **_named: object) -> None:
        raise RuntimeError("secret path /root/.aiworker")

    monkeypatch.setattr(exchange, "serve_one", broken)
    answer = await http.post("/mcp", json=asked("ping"))
    assert answer.json()["error"]["code"] == -32603
    assert "secret" not in answer.text


async def test_a_client_that_takes_no_json_or_no_stream_is_refused_as_before(http: httpx2.AsyncClient) -> None:
    for accept in ("application/json", "text/event-stream", "text/html"):
        assert (await http.post("/mcp", json=asked("ping"), headers={"Accept": accept})).status_code == 406
    answer = await http.post("/mcp", content=json.dumps(asked("ping")), headers={"Content-Type": "text/plain"})
    assert answer.status_code in {400, 415}


async def test_an_answer_that_takes_long_is_a_stream_with_signs_of_life(
    http: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "_QUIET_SECONDS", 0.01)
    answer = await http.post("/mcp", json=next_task(1))
    assert answer.headers["content-type"] == "text/event-stream"
    *pings, event = answer.text.strip().split("\r\n\r\n")
    assert set(pings) == {": ping"}
    kind, data = event.split("\r\n")
    assert kind == "event: message"
    assert json.loads(data.removeprefix("data: "))["result"]["structuredContent"]["task"] is None
