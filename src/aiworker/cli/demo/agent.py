"""The demonstration's agent: a real MCP client over HTTP that commits and pushes with git. It only lacks the wits."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.types import TextContent

from aiworker.core.errors import Unavailable
from aiworker.git.environment import local_environment

NAME = "demo-agent"


class DemoAgent:
    """Uses the server's tools as any MCP client would."""

    def __init__(self, client: Client, key: str) -> None:
        self._client = client
        self._key = key

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool; its structured answer. Raises: Unavailable with what the server said."""
        result = await self._client.call_tool(tool, arguments)
        if result.is_error:
            said = " ".join(block.text for block in result.content if isinstance(block, TextContent))
            raise Unavailable(f"{tool}: {said}", code="tool_failed")
        return result.structured_content or {}

    async def clone(self, url: str, branch: str, to: Path) -> None:
        """Clone the task's branch with the agent's own key."""
        scheme, _, rest = url.partition("://")
        await self._git(
            to.parent, "clone", "--quiet", "--branch", branch, f"{scheme}://agent:{self._key}@{rest}", str(to)
        )

    async def commit_and_push(self, clone: Path, message: str) -> str:
        """Commit everything and push; the commit."""
        await self._git(clone, "add", "--all")
        await self._git(
            clone,
            "-c",
            f"user.name={NAME}",
            "-c",
            "user.email=demo-agent@aiworker.invalid",
            "commit",
            "--quiet",
            f"--message={message}",
        )
        await self._git(clone, "push", "--quiet", "origin", "HEAD")
        return await self._git(clone, "rev-parse", "HEAD")

    async def _git(self, folder: Path, *arguments: str) -> str:
        program = shutil.which("git") or "git"
        environment = local_environment() | {"GIT_ALLOW_PROTOCOL": "http"}

        def run() -> subprocess.CompletedProcess[str]:
            return subprocess.run(  # noqa: S603 (our own arguments)
                [program, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
            )

        done = await asyncio.to_thread(run)
        if done.returncode:
            said = done.stderr.replace(self._key, "***").strip()
            raise Unavailable(f"git {arguments[0]} failed: {said}", code="git_failed")
        return done.stdout.strip()


@asynccontextmanager
async def demo_agent(url: str, key: str) -> AsyncGenerator[DemoAgent]:
    """An agent that is connected to the server at `url` with its key."""
    async with (
        create_mcp_http_client({"Authorization": f"Bearer {key}"}) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http)) as client,
    ):
        yield DemoAgent(client, key)
