"""MCP on standard input and output, for agents that start their servers as commands: a thin pipe to the server's MCP
door. Each process is an agent of its own, which heartbeats by itself."""

import asyncio
import signal
from collections.abc import Callable, Coroutine, Sequence
from importlib.metadata import version
from typing import Any, TypeVar, cast

import anyio
import mcp_types
from mcp.client.session import ClientSession
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    CallToolRequest,
    CallToolRequestParams,
    CallToolResult,
    GetPromptRequest,
    GetPromptRequestParams,
    GetPromptResult,
    ListPromptsRequest,
    ListPromptsResult,
    ListResourcesRequest,
    ListResourcesResult,
    ListResourceTemplatesRequest,
    ListResourceTemplatesResult,
    ListToolsRequest,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequest,
    ReadResourceRequestParams,
    ReadResourceResult,
    TextContent,
)
from mcp_types.version import LATEST_MODERN_VERSION

from aiworker.core.errors import Unavailable
from aiworker.core.logging import get_logger
from aiworker.runner.input import InputLines
from aiworker.runner.presence import Presence
from aiworker.runner.upstream import Upstream, opened

T = TypeVar("T")
Context = ServerRequestContext[Any, Any]

_GREETING_SECONDS = 8.0
_UNKNOWN_AGENT = "agent_not_found"
_AWAY = "The AiWorker server did not answer when this program started. Call get_next_task to see whether it does now."

_log = get_logger(__name__)


async def run_stdio(url: str, token: str, capabilities: Sequence[str] = ()) -> None:
    """Speak MCP on standard input and output until the client goes away, or SIGTERM comes.

    Standard output belongs to the protocol; logs go to standard error.
    """
    task = asyncio.current_task()
    if task is None:
        raise AssertionError("a coroutine runs in a task")
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        task.cancel()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop)
    presence = Presence(url, token, capabilities)
    presence.start()
    try:
        async with opened(url, token) as upstream:
            await _speak(await _server(upstream, presence), InputLines(loop))
    except asyncio.CancelledError:
        if not stopped:
            raise
        _log.info("stopped")
    finally:
        presence.stop()
        loop.remove_signal_handler(signal.SIGTERM)


async def _speak(server: Server[Any], lines: InputLines) -> None:
    try:
        async with stdio_server(stdin=cast("anyio.AsyncFile[str]", lines)) as (read, write):
            await server.run(read, write, server.create_initialization_options())
    except* BrokenPipeError:
        _log.info("client_gone")


async def _server(upstream: Upstream, presence: Presence) -> Server[Any]:
    pipe = _Pipe(upstream, presence)
    return Server(
        "aiworker",
        title="AiWorker",
        version=version("aiworker"),
        instructions=await pipe.instructions(),
        on_list_tools=pipe.list_tools,
        on_call_tool=pipe.call_tool,
        on_list_resources=pipe.list_resources,
        on_list_resource_templates=pipe.list_resource_templates,
        on_read_resource=pipe.read_resource,
        on_list_prompts=pipe.list_prompts,
        on_get_prompt=pipe.get_prompt,
    )


class _Pipe:
    """Passes each request on, and what comes back as it came."""

    def __init__(self, upstream: Upstream, presence: Presence) -> None:
        self._upstream = upstream
        self._presence = presence

    async def instructions(self) -> str:
        """What the server tells about itself, if it answers soon."""
        try:
            async with asyncio.timeout(_GREETING_SECONDS):
                found = await self._upstream.ask(
                    lambda session: session.send_discover(LATEST_MODERN_VERSION), agent_id=None
                )
        except (TimeoutError, Unavailable, MCPError):
            return _AWAY
        return str(found.get("instructions") or _AWAY)

    async def list_tools(self, _context: Context, params: PaginatedRequestParams | None) -> ListToolsResult:
        return await self._ask(_sending(ListToolsRequest(params=params), ListToolsResult))

    async def call_tool(self, _context: Context, params: CallToolRequestParams) -> CallToolResult:
        wanted = CallToolRequestParams(name=params.name, arguments=params.arguments)
        send = _sending(CallToolRequest(params=wanted), CallToolResult)
        try:
            agent_id = await self._presence.agent_id()
            result = await self._upstream.ask(send, agent_id=agent_id)
            if _code(result) == _UNKNOWN_AGENT:
                self._presence.forget(agent_id)
                agent_id = await self._presence.agent_id()
                result = await self._upstream.ask(send, agent_id=agent_id)
        except Unavailable as error:
            text = TextContent(type="text", text=f"{error.message} [{error.code}]")
            return CallToolResult(content=[text], is_error=True)
        return result

    async def list_resources(self, _context: Context, params: PaginatedRequestParams | None) -> ListResourcesResult:
        return await self._ask(_sending(ListResourcesRequest(params=params), ListResourcesResult))

    async def list_resource_templates(
        self, _context: Context, params: PaginatedRequestParams | None
    ) -> ListResourceTemplatesResult:
        return await self._ask(_sending(ListResourceTemplatesRequest(params=params), ListResourceTemplatesResult))

    async def read_resource(self, _context: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        wanted = ReadResourceRequestParams(uri=params.uri)
        return await self._ask(_sending(ReadResourceRequest(params=wanted), ReadResourceResult))

    async def list_prompts(self, _context: Context, params: PaginatedRequestParams | None) -> ListPromptsResult:
        return await self._ask(_sending(ListPromptsRequest(params=params), ListPromptsResult))

    async def get_prompt(self, _context: Context, params: GetPromptRequestParams) -> GetPromptResult:
        wanted = GetPromptRequestParams(name=params.name, arguments=params.arguments)
        return await self._ask(_sending(GetPromptRequest(params=wanted), GetPromptResult))

    async def _ask(self, send: Callable[[ClientSession], Coroutine[Any, Any, T]]) -> T:
        try:
            return await self._upstream.ask(send, agent_id=None)
        except Unavailable as error:
            raise MCPError(code=INTERNAL_ERROR, message=f"{error.message} [{error.code}]") from error


def _sending(request: mcp_types.ClientRequest, gives: type[Any]) -> Callable[[ClientSession], Coroutine[Any, Any, Any]]:
    """The SDK's own checks of results are left to the client at the other end: this is a pipe."""

    async def send(session: ClientSession) -> Any:
        return await session.send_request(request, gives)

    return send


def _code(result: CallToolResult) -> str | None:
    told: dict[str, Any] = (result.meta or {}).get("aiworker/error", {}) if result.is_error else {}
    return told.get("code")
