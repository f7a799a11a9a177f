"""Agents for tests: the official MCP client, over real HTTP."""

import json
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent

MODERN = "auto"
LEGACY = "legacy"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A tool's error: what the agent reads, and its code."""

    text: str
    code: str


class Agent:
    """Calls tools. Every answer is checked by the client against the tool's schema, and here against its text."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def call(self, tool: str, **arguments: Any) -> Json:
        """A call that succeeds."""
        result = await self.client.call_tool(tool, arguments)
        text = text_of(result)
        assert not result.is_error, text
        assert json.loads(text) == result.structured_content
        return cast("Json", result.structured_content)

    async def refused(self, tool: str, **arguments: Any) -> Refusal:
        """A call that is refused."""
        result = await self.client.call_tool(tool, arguments)
        text = text_of(result)
        assert result.is_error, text
        assert "Traceback" not in text
        found = re.search(r" \[([a-z_]+)\]$", text)
        assert found is not None, text
        return Refusal(text, found[1])

    async def claim(self, **arguments: Any) -> Json:
        """The next task, which there is."""
        found = await self.call("get_next_task", **arguments)
        assert found["task"] is not None, found
        return found


def text_of(result: CallToolResult) -> str:
    """What the agent reads."""
    (block,) = result.content
    assert isinstance(block, TextContent)
    return block.text


@asynccontextmanager
async def agent(
    url: str, key: str | None, *, mode: str = MODERN, headers: Mapping[str, str] | None = None
) -> AsyncGenerator[Agent]:
    """An agent with a key, connected to the server at `url`."""
    sent = dict(headers or {})
    if key is not None:
        sent["Authorization"] = f"Bearer {key}"
    async with (
        httpx2.AsyncClient(headers=sent, timeout=60, trust_env=False) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http), mode=mode) as client,
    ):
        yield Agent(client)
