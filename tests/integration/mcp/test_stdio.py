"""MCP on standard input and output: a pipe to the server, and an agent of its own."""

import asyncio
import json
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.shared.exceptions import MCPError
from mcp_types import TextContent
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from aiworker.access.actors import SYSTEM
from aiworker.core.clock import utc_now
from aiworker.core.ids import new_token
from aiworker.delivery.agents import queries
from aiworker.delivery.agents.records import AgentRecord
from aiworker.runner.presence import Presence
from aiworker.wire.access import Scope
from aiworker.wire.tasks import TaskState
from tests.support.agents import LEGACY, MODERN, Agent, agent
from tests.support.house import House, open_house
from tests.support.http_server import free_socket, serving
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]
PROGRAM = [sys.executable, "-m", "tests.support.stdio_agent"]
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}


@asynccontextmanager
async def terminal(url: str, key: str, *capabilities: str, mode: str = MODERN) -> AsyncGenerator[Agent]:
    """An agent that started the program as its MCP server."""
    parameters = StdioServerParameters(
        command=PROGRAM[0], args=[*PROGRAM[1:], url, key, *capabilities], cwd=str(ROOT), env={"HOME": "/nonexistent"}
    )
    async with Client(stdio_client(parameters), mode=mode) as client:
        yield Agent(client)


async def start(url: str, key: str) -> Process:
    """The bare program, which has answered `initialize`."""
    process = await asyncio.create_subprocess_exec(*PROGRAM, url, key, cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    answer = await say(process, INITIALIZE)
    assert answer["result"]["serverInfo"]["name"] == "aiworker"
    return process


async def say(process: Process, message: Any) -> Any:
    """Send a line; the line that comes back."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(message).encode() + b"\n")
    await process.stdin.drain()
    return json.loads(await process.stdout.readline())


async def agents_of(house: House) -> list[AgentRecord]:
    return sorted(await house.read(queries.list_agents), key=lambda found: found.pod_name)


@pytest.mark.parametrize("mode", [MODERN, LEGACY])
async def test_everything_goes_through_as_it_is(house: House, key: str, mode: str) -> None:
    project = await house.project()
    await house.task(project)
    # The direct one first: the first answer of a server loads what it needs, and the pipe waits some seconds only.
    async with agent(house.url, key, mode=mode) as direct, terminal(house.url, key, "react", mode=mode) as piped:
        for client in (piped.client, direct.client):
            assert (client.server_info and client.server_info.name) == "aiworker"
        assert piped.client.instructions == direct.client.instructions
        ours, theirs = await piped.client.list_tools(), await direct.client.list_tools()
        assert [tool.model_dump() for tool in ours.tools] == [tool.model_dump() for tool in theirs.tools]
        for ask in ("list_resources", "list_resource_templates", "list_prompts"):
            assert (await getattr(piped.client, ask)()).model_dump(exclude={"meta"}) == (
                await getattr(direct.client, ask)()
            ).model_dump(exclude={"meta"})
        resource = "aiworker://projects/SHOP"
        assert (await piped.client.read_resource(resource)).contents == (
            await direct.client.read_resource(resource)
        ).contents
        (message,) = (await piped.client.get_prompt("work_on_next_task", {"project": "SHOP"})).messages
        assert isinstance(message.content, TextContent)
        assert "SHOP" in message.content.text
        with pytest.raises(MCPError, match="task_not_found"):
            await piped.client.read_resource("aiworker://tasks/SHOP-99")

        attempt = (await piped.claim())["attempt"]
        made = await piped.call("create_branch", attempt=attempt)
        assert made["branch"] == "task-shop-1-show-prices-with-tax"
        assert (await piped.refused("create_pull_request", attempt=attempt)).code == "no_commits"
        assert (await piped.refused("ask_user_question", attempt=attempt)).code == "invalid"
        assert (await direct.refused("heartbeat", attempt=attempt)).code == "attempt_of_another_agent"


async def test_each_process_is_an_agent_of_its_own(house: House, key: str) -> None:
    project = await house.project()
    await house.task(project)
    await house.task(project, "Another", capabilities=["react"])
    async with terminal(house.url, key) as first:
        one = await first.claim()
        async with terminal(house.url, key, "react") as second:
            two = await second.claim()
    assert [one["task"]["key"], two["task"]["key"]] == ["SHOP-1", "SHOP-2"]
    agents = await agents_of(house)
    assert [found.pod_name for found in agents] == ["claude-1", "claude-2"]
    assert [found.capabilities for found in agents] == [[], ["react"]]
    assert {found.kind for found in agents} == {"process"}


async def test_a_process_that_is_killed_loses_its_task_after_a_minute(tmp_path: Path) -> None:
    ahead = timedelta()
    async with open_house(tmp_path, clock=lambda: utc_now() + ahead) as house:
        task = await house.task(await house.project())
        process = await start(house.url, (await house.key("claude"))[1])
        call = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "get_next_task", "arguments": {}}}
        claimed = (await say(process, call))["result"]["structuredContent"]
        assert claimed["task"]["key"] == "SHOP-1"
        process.kill()
        await process.communicate()
        ahead = timedelta(seconds=61)
        await house.write(house.engine.tick)
        assert (await house.look(task)).state is TaskState.BACKLOG
        *_, last = await house.read(lambda tx: house.delivery.task_views.timeline(tx, task))
        assert "went silent" in last.message


@pytest.mark.parametrize("way", ["end of input", "SIGTERM", "closed output"])
async def test_it_ends_cleanly(house: House, key: str, way: str) -> None:
    process = await start(house.url, key)
    assert process.stdin is not None
    match way:
        case "SIGTERM":
            await eventually(lambda: agents_of(house))
            process.send_signal(signal.SIGTERM)
        case "closed output":
            transport: Any = process._transport  # pyright: ignore[reportAttributeAccessIssue]
            transport.get_pipe_transport(1).close()
            process.stdin.write(b'{"jsonrpc": "2.0", "id": 2, "method": "tools/list"}\n')
        case _:
            process.stdin.close()
    async with asyncio.timeout(60):
        rest = b"" if process.stdout is None or way == "closed output" else await process.stdout.read()
        errors = b"" if process.stderr is None else await process.stderr.read()
        assert await process.wait() == 0
    assert rest == b""
    assert b"Traceback" not in errors


async def test_what_is_no_message_is_survived(house: House, key: str) -> None:
    process = await start(house.url, key)
    assert process.stdin is not None
    process.stdin.write(b'{"jsonrpc": \n\xff\xfe\n[]\n' + b"x" * 200_000 + b"\n")
    listed = await say(process, {"jsonrpc": "2.0", "id": 7, "method": "tools/list"})
    assert listed["id"] == 7
    assert len(listed["result"]["tools"]) == 14
    process.stdin.close()
    assert await process.wait() == 0


async def test_a_server_that_is_away_is_told_and_found_again(tmp_path: Path) -> None:
    with _at(0) as kept:
        port: int = kept.getsockname()[1]
        async with open_house(tmp_path, bound=_at(port)) as house:
            _, key = await house.key("claude")
            await house.task(await house.project())
        # Nobody listens now, neither at the start …
        async with terminal(house.url, key) as claude:
            refused = await claude.refused("get_next_task")
            assert refused.code == "server_away"
            assert house.url in refused.text
            with pytest.raises(MCPError, match="server_away"):
                await claude.client.list_tools()
            for _ in range(2):
                async with open_house(tmp_path, bound=_at(port)):
                    await claude.claim()
                # … nor in the middle.
                away = await claude.refused("heartbeat")
                assert away.code == "server_away"
                assert "Try again" in away.text


async def test_a_key_that_is_not_good_is_told_at_once(house: House) -> None:
    record, ended = await house.key("ended")
    await house.access.revoke_key(SYSTEM, record.id)
    for key, words in (
        (f"aiw_agent_{new_token()}", "not known"),
        (ended, "was revoked"),
        ((await house.key("grace", Scope.MEMBER))[1], "needs the permission 'work'"),
    ):
        async with terminal(house.url, key) as claude:
            assert words in (await claude.refused("get_next_task")).text


async def test_an_agent_that_was_forgotten_registers_again(house: House, key: str) -> None:
    await house.task(await house.project())
    async with terminal(house.url, key) as claude:
        await claude.call("heartbeat")
        (known,) = await agents_of(house)
        await house.write(house.delivery.agents.remove, known.id)
        await claude.claim()
        (anew,) = await agents_of(house)
        assert anew.id != known.id


async def test_the_heartbeat_keeps_an_agent_alive(tmp_path: Path) -> None:
    ahead = timedelta()
    async with open_house(tmp_path, clock=lambda: utc_now() + ahead) as house:
        _, key = await house.key("claude")
        presence = Presence(house.url, key, beat_seconds=0.02)
        presence.start()
        agent_id = await presence.agent_id()
        ahead = timedelta(seconds=50)

        async def heard() -> bool:
            (found,) = await agents_of(house)
            return found.id == agent_id and found.last_heartbeat is not None and found.last_heartbeat > utc_now()

        await eventually(heard)
        presence.stop()


async def test_who_asks_while_it_is_found_that_the_server_is_away_hears_whether_it_is_still() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    asked: list[str] = []

    async def register(request: Request) -> JSONResponse:
        asked.append(request.url.path)
        if len(asked) > 1:
            return JSONResponse({"data": {"id": "1", "podName": "claude-1"}})
        begun.set()
        await go_on.wait()
        return JSONResponse({}, 503)

    app = Starlette(routes=[Route("/api/agents", register, methods=["POST"])])
    async with serving(app, free_socket()) as url:
        presence = Presence(url, "key")
        presence.start()
        await begun.wait()
        asking = asyncio.create_task(presence.agent_id())
        asyncio.get_running_loop().call_soon(go_on.set)
        assert await asking == "1"
        presence.stop()
    assert asked == ["/api/agents"] * 2


def _at(port: int) -> socket.socket:
    """A socket at a port, which nobody else gets as long as one of them is open; 0: at any."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    return bound
