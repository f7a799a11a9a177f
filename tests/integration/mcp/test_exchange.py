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


def _deep(levels: int) -> str:
    return f"{'[' * levels}{']' * levels}"


@pytest.mark.parametrize(
    ("body", "rpc_code", "words"),
    [
        ("", -32700, "The body is not valid JSON. [bad_json]"),
        ("{", -32700, "The body is not valid JSON. [bad_json]"),
        (b'{"method":"\xff"}', -32700, "The body is not valid JSON. [bad_json]"),
        (_deep(100_000), -32700, "The body is nested too deeply. [bad_json]"),
        ("null", -32600, "The body must be a JSON-RPC message, which is an object. [message_invalid]"),
        ('"x"', -32600, "The body must be a JSON-RPC message, which is an object. [message_invalid]"),
        ("[]", -32600, "Send one message at a time: batches are not taken. [batch_not_taken]"),
        (json.dumps([asked("ping")]), -32600, "Send one message at a time: batches are not taken. [batch_not_taken]"),
        ("{}", -32600, 'The message needs "jsonrpc": "2.0". [message_invalid]'),
        (
            json.dumps({**asked("ping"), "jsonrpc": "1.0"}),
            -32600,
            'The message needs "jsonrpc": "2.0". [message_invalid]',
        ),
        ('{"jsonrpc": "2.0", "id": 1}', -32600, "The message needs a method. [message_invalid]"),
        (
            json.dumps({**asked("x"), "method": 5}),
            -32600,
            "The message needs a method that is a text. [message_invalid]",
        ),
        *(
            (
                json.dumps({**asked("ping"), "id": wrong}),
                -32600,
                "The message needs an id that is a text or a whole number. [message_invalid]",
            )
            for wrong in (None, {}, True, 1.5)
        ),
        (
            json.dumps({**asked("ping"), "params": ["secret"]}),
            -32600,
            "The message needs params that are an object. [message_invalid]",
        ),
        (
            json.dumps({"jsonrpc": "2.0", "id": 1, "error": "secret"}),
            -32600,
            "The message is neither a request nor a notification nor an answer. [message_invalid]",
        ),
    ],
)
async def test_what_is_no_message_is_refused_in_one_sentence(
    http: httpx2.AsyncClient, body: str | bytes, rpc_code: int, words: str
) -> None:
    answer = await http.post("/mcp", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/json")
    said = answer.json()
    assert (said["jsonrpc"], said["error"]["code"], said["error"]["message"]) == ("2.0", rpc_code, words)
    assert words.endswith(f"[{said['error']['data']['code']}]")
    assert "pydantic" not in answer.text
    assert "secret" not in answer.text


async def test_a_message_that_is_wrong_is_refused_by_its_id(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/mcp", json={**asked("ping"), "jsonrpc": "1.0"})
    assert answer.json()["id"] == "one"


async def test_what_is_not_json_is_told_to_be_sent_as_json(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/mcp", content=json.dumps(asked("ping")), headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, -32600)
    assert answer.json()["error"]["data"]["code"] == "content_type_invalid"


async def test_a_version_that_is_not_spoken_is_answered_with_those_that_are(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/mcp", json=asked("ping"), headers={"MCP-Protocol-Version": "1999-01-01"})
    error = answer.json()["error"]
    assert (answer.status_code, answer.json()["id"], error["code"]) == (400, "one", -32022)
    assert error["message"].startswith("This server does not speak version '1999-01-01' of MCP, but ")
    assert VERSION in error["data"]["supported"]


async def test_parameters_that_are_wrong_are_named(http: httpx2.AsyncClient) -> None:
    for method, params, words in (
        ("tools/call", {"arguments": {}}, "params.name: is missing. [invalid]"),
        ("tools/call", {"name": 1}, "params.name: must be a valid string. [invalid]"),
        ("resources/read", {}, "params.uri: is missing. [invalid]"),
        ("tools/list", {"cursor": 5}, "params.cursor: must be a valid string. [invalid]"),
    ):
        error = (await http.post("/mcp", json=asked(method, **params))).json()["error"]
        assert (error["code"], error["message"]) == (-32602, words)


async def test_a_notification_and_an_answer_are_taken_without_a_word(http: httpx2.AsyncClient) -> None:
    for message in (
        {"method": "notifications/initialized"},
        {"method": "nope", "params": None},
        {"id": 1, "result": {}},
    ):
        answer = await http.post("/mcp", json={"jsonrpc": "2.0", **message})
        assert (answer.status_code, answer.text) == (202, "")


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
