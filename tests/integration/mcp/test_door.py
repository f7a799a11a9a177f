"""Who gets in, and what is refused before any tool sees it."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp.shared.exceptions import MCPError

from aiworker.access.actors import SYSTEM
from aiworker.access.keys.service import list_keys
from aiworker.core.clock import utc_now
from aiworker.core.ids import new_token
from aiworker.delivery.agents.queries import list_agents
from aiworker.wire.agents import NewAgent
from tests.support.agents import LEGACY, MODERN, Agent, agent
from tests.support.clocks import within_a_minute
from tests.support.house import House, open_house
from tests.support.waiting import eventually

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
ACCEPT = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}


async def post(house: House, content: bytes, **headers: str) -> httpx2.Response:
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
        return await http.post(f"{house.url}/mcp", content=content, headers={**ACCEPT, **headers})


async def test_without_a_good_key_nobody_gets_in(house: House, key: str) -> None:
    record, revoked = await house.key("revoked")
    await house.access.revoke_key(SYSTEM, record.id)
    cases = {
        "": "credential_missing",
        "Bearer": "credential_missing",
        f"Basic {key}": "credential_missing",
        f"Bearer {key}x": "key_unknown",
        f"Bearer {key[:-1]}": "key_unknown",
        f"Bearer aiw_agent_{new_token()}": "key_unknown",
        f"Bearer {revoked}": "key_revoked",
        "Bearer " + "x" * 8_000: "key_unknown",
    }
    for header, code in cases.items():
        answer = await post(house, json.dumps(INITIALIZE).encode(), **({"Authorization": header} if header else {}))
        assert answer.status_code == 401, header
        assert answer.headers["www-authenticate"].startswith("Bearer")
        error = answer.json()["error"]
        assert error["data"]["code"] == code
        assert error["data"]["requestId"] == answer.headers["x-request-id"]


async def test_a_key_ends_at_its_hour(tmp_path: Path) -> None:
    ahead = timedelta()
    async with open_house(tmp_path, clock=lambda: utc_now() + ahead) as house:
        _, key = await house.key("short", expires_at=utc_now() + timedelta(minutes=1))
        async with agent(house.url, key) as short:
            assert (await short.call("list_tasks"))["count"] == 0
            ahead = timedelta(minutes=2)
            house.access.forget()
            with pytest.raises(MCPError, match="expired"):
                await short.call("list_tasks")


@pytest.mark.parametrize("mode", [MODERN, LEGACY])
async def test_the_official_client_is_told_why_it_may_not_enter(house: House, mode: str) -> None:
    for key, words in ((None, "Send a key"), (f"aiw_agent_{new_token()}", "This key is not known")):
        with pytest.raises((MCPError, ExceptionGroup)) as failed:
            async with agent(house.url, key, mode=mode):
                pass
        assert words in str(_innermost(failed.value))


async def test_a_revoked_key_is_out_at_once(house: House, claude: Agent) -> None:
    await claude.call("list_tasks")
    (record,) = [k for k in await house.read(list_keys) if k.name == "claude"]
    await house.access.revoke_key(SYSTEM, record.id)
    with pytest.raises(MCPError, match="revoked"):
        await claude.call("list_tasks")


async def test_only_post_is_served(house: House, key: str) -> None:
    async with httpx2.AsyncClient(
        trust_env=False, headers={**ACCEPT, "Authorization": f"Bearer {key}"}, timeout=60
    ) as http:
        for method in ("GET", "DELETE", "PUT", "PATCH"):
            answer = await http.request(method, f"{house.url}/mcp")
            assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_nothing_is_served_below_its_path(house: House, key: str) -> None:
    async with httpx2.AsyncClient(
        trust_env=False, headers={**ACCEPT, "Authorization": f"Bearer {key}"}, timeout=60
    ) as http:
        assert (await http.post(f"{house.url}/mcp/", json=INITIALIZE)).status_code == 200
        for path in ("/mcp/x", "/mcp/../mcp/x", "/mcpx"):
            answer = await http.post(f"{house.url}{path}", json=INITIALIZE)
            assert (answer.status_code, answer.json()["error"].get("code")) in {(404, -32600), (404, "not_found")}


async def test_what_is_no_message_of_the_protocol_is_refused(house: House, key: str) -> None:
    auth = {"Authorization": f"Bearer {key}"}
    bodies = [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"\xff\xfe",
        b'{"id": "\xe9"}',
        b'{"jsonrpc": "1.0"}',
        b"[" * 100_000,
        b'{"id": NaN}',
    ]
    for version in ("2025-11-25", "2026-07-28", "1999-01-01"):
        for body in bodies:
            answer = await post(house, body, **auth, **{"MCP-Protocol-Version": version})
            assert 400 <= answer.status_code < 500, (version, body[:20], answer.status_code)
            assert b"Traceback" not in answer.content


async def test_a_body_of_ten_megabytes_is_refused(house: House, key: str) -> None:
    big = json.dumps({**INITIALIZE, "padding": "x" * 10_000_000}).encode()
    answer = await post(house, big, Authorization=f"Bearer {key}")
    refused = answer.json()
    assert (answer.status_code, refused["jsonrpc"], refused["error"]["data"]["code"]) == (413, "2.0", "body_too_large")


async def test_names_and_pages_of_others_are_refused(house: House, key: str) -> None:
    auth = {"Authorization": f"Bearer {key}"}
    body = json.dumps(INITIALIZE).encode()
    assert (await post(house, body, **auth, Host="evil.example")).status_code == 403
    assert (await post(house, body, **auth, Origin="https://evil.example")).status_code == 403
    assert (await post(house, body, **auth, Origin=house.url)).status_code == 200
    port = house.url.rpartition(":")[2]
    assert (await post(house, body, **auth, Host=f"localhost:{port}")).status_code == 200


async def test_too_many_requests_are_told_when_to_come_back(tmp_path: Path) -> None:
    async with open_house(tmp_path, requests_per_minute=1) as house:
        auth = {"Authorization": f"Bearer {(await house.key('claude'))[1]}"}
        body = json.dumps(INITIALIZE).encode()
        with within_a_minute():
            assert (await post(house, body, **auth)).status_code == 200
            limited = await post(house, body, **auth)
        assert limited.status_code == 429
        assert int(limited.headers["retry-after"]) >= 1
        assert limited.json()["error"]["data"]["code"] == "rate_limited"
        other = {"Authorization": f"Bearer {(await house.key('other'))[1]}"}
        assert (await post(house, body, **other)).status_code == 200


async def test_an_agent_that_heartbeats_is_named_by_the_header(house: House, key: str) -> None:
    await house.task(await house.project())
    actor = (await house.access.authenticate(key)).actor
    one = await house.write(house.delivery.agents.register, actor, NewAgent())
    two = await house.write(house.delivery.agents.register, actor, NewAgent())
    assert (one.pod_name, two.pod_name) == ("claude-1", "claude-2")
    async with (
        agent(house.url, key, headers={"X-AiWorker-Agent": one.id}) as first,
        agent(house.url, key, headers={"X-AiWorker-Agent": two.id}) as second,
    ):
        attempt = (await first.claim())["attempt"]
        assert (await second.call("get_next_task"))["task"] is None
        assert (await second.refused("heartbeat", attempt=attempt)).code == "attempt_of_another_agent"
        assert (await first.call("heartbeat", attempt=attempt))["directive"] == "continue"


async def test_a_header_that_names_no_agent_of_this_key_is_refused(house: House, key: str) -> None:
    other = (await house.access.authenticate((await house.key("other"))[1])).actor
    stranger = await house.write(house.delivery.agents.register, other, NewAgent())
    for given, code in (
        (stranger.id, "agent_of_another_key"),
        ("nobody", "agent_not_found"),
        ("x'--", "agent_not_found"),
    ):
        async with agent(house.url, key, headers={"X-AiWorker-Agent": given}) as claude:
            assert (await claude.refused("get_next_task")).code == code
    for given in ("", "x" * 101):
        answer = await post(
            house, json.dumps(INITIALIZE).encode(), **{"Authorization": f"Bearer {key}", "X-AiWorker-Agent": given}
        )
        assert (answer.status_code, answer.json()["error"]["data"]["code"]) == (422, "bad_agent_header")


async def test_what_nobody_foresaw_is_told_without_its_insides(
    house: House, claude: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("secret path /root/.aiworker")

    monkeypatch.setattr(house.delivery.task_views, "many", broken)
    refused = await claude.refused("list_tasks")
    assert refused.code == "internal_error"
    assert "request id" in refused.text
    assert "try again" in refused.text
    assert "secret" not in refused.text


async def test_a_tool_that_is_not_there_names_those_that_are(claude: Agent) -> None:
    refused = await claude.refused("drop_database")
    assert refused.code == "tool_unknown"
    assert "get_next_task" in refused.text


async def test_a_busy_house_answers_everyone(house: House) -> None:
    """Many wait at once, and those who do not wait are not held up by them."""
    async with agent(house.url, (await house.key("reader"))[1]) as reader:

        async def wait(name: str) -> None:
            async with agent(house.url, (await house.key(name))[1]) as waiting:
                await waiting.call("get_next_task", waitSeconds=2)

        waiting = [asyncio.create_task(wait(f"agent{n}")) for n in range(20)]
        await eventually(lambda: house.read(lambda tx: len(list_agents(tx)) == 20))
        assert (await reader.call("list_tasks"))["count"] == 0
        await asyncio.gather(*waiting)


def _innermost(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
