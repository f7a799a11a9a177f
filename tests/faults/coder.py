"""An agent that codes: an MCP client that goes the whole way of a task, whatever breaks under it."""

import asyncio
import random
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.types import CallToolResult, TextContent

from aiworker.git.environment import local_environment
from tests.faults.ledger import Ledger

_WAIT_SECONDS = 5
_PATIENCE_SECONDS = 60
_AGAIN_SECONDS = (0.05, 0.5)
_ASKED_AGAIN = frozenset(
    {"database_unavailable", "database_busy", "commit_in_doubt", "internal_error", "repository_busy", "git_busy"}
)
_CODE = re.compile(r" \[([a-z_]+)\]$")


class Told(Exception):
    """A tool refused."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        found = _CODE.search(text)
        self.code = found[1] if found else "unknown"


class Coder:
    """One client with a key of its own. `run` works until cancelled."""

    def __init__(
        self, name: str, key: str, urls: Sequence[str], folder: Path, ledger: Ledger, choose: random.Random
    ) -> None:
        self._name = name
        self._key = key
        self._urls = urls
        self._folder = folder
        self._ledger = ledger
        self._choose = choose

    async def run(self) -> None:
        """Take task after task."""
        while True:
            await self._one_task()

    async def _one_task(self) -> None:
        try:
            given = await self.call("get_next_task", waitSeconds=_WAIT_SECONDS)
        except Told as told:
            if told.code != "task_held":
                raise
            # The answer to a claim was cut after its token had been used: we are the only one with this key.
            given = await self.call("get_next_task", resume=True)
        if given["task"] is None:
            return
        task, attempt = given["task"]["key"], given["attempt"]
        self._ledger.write("claimed", task=task, attempt=attempt, agent=self._name)
        try:
            await self._answered(attempt)
            await self._pushed(given, attempt)
            self._ledger.write("sent", task=task, attempt=attempt)
            await self.call("create_pull_request", attempt=attempt)
            self._ledger.write("confirmed", task=task, attempt=attempt)
        except Told as told:
            self._ledger.write("refused", task=task, attempt=attempt, code=told.code, said=str(told))

    async def _answered(self, attempt: str) -> None:
        asked = await self.call("ask_user_question", attempt=attempt, question="Which word should it say?")
        while True:
            answer = await self.call(
                "check_response", attempt=attempt, questionId=asked["questionId"], waitSeconds=_WAIT_SECONDS
            )
            if answer["status"] != "pending":
                return

    async def _pushed(self, given: dict[str, Any], attempt: str) -> None:
        made = await self.call("create_branch", attempt=attempt)
        task = given["task"]["key"]
        clone = self._folder / f"{task}-{attempt[:8]}"
        while True:
            try:
                await asyncio.to_thread(shutil.rmtree, clone, True)
                address = self._address(made["cloneUrl"])
                await self._git(self._folder, "clone", "--quiet", "--branch", made["branch"], address, str(clone))
                (clone / f"{task.lower()}.txt").write_text(f"{task} was here.\n")
                await self._git(clone, "add", "--all")
                if await self._git(clone, "status", "--porcelain"):
                    await self._git(clone, "commit", "--quiet", f"--message={task}")
                await self._git(clone, "push", "--quiet", "origin", "HEAD")
            except OSError:
                await self._pause()
            else:
                break
        await asyncio.to_thread(shutil.rmtree, clone, True)

    def _address(self, url: str) -> str:
        """The repository at any of the servers."""
        server = self._choose.choice(self._urls)
        return f"http://agent:{self._key}@{urlsplit(server).netloc}{urlsplit(url).path}"

    async def _git(self, folder: Path, *arguments: str) -> str:
        """Raises: OSError if git fails."""
        process = await asyncio.create_subprocess_exec(
            "git",
            *("-c", f"user.name={self._name}", "-c", f"user.email={self._name}@faults.invalid"),
            *arguments,
            cwd=folder,
            env=local_environment() | {"GIT_ALLOW_PROTOCOL": "http", "GIT_TERMINAL_PROMPT": "0"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, complained = await process.communicate()
        if process.returncode:
            self._ledger.write("git", failed=arguments[0], said=complained.decode(errors="replace")[-300:])
            raise OSError(f"git {arguments[0]} failed")
        return said.decode().strip()

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Repeat a call that was cut until it is answered. Raises: Told."""
        while True:
            # A task of its own: what breaks in the client's library cancels the task that it broke in.
            calling = asyncio.create_task(self._call_once(tool, arguments))
            try:
                await asyncio.wait({calling})
            finally:
                calling.cancel()
            if calling.cancelled() or calling.exception() is not None:
                error = None if calling.cancelled() else calling.exception()
                self._ledger.write("cut", tool=tool, error=repr(error)[:300])
            elif not (result := calling.result()).is_error:
                return result.structured_content or {}
            else:
                told = Told(" ".join(block.text for block in result.content if isinstance(block, TextContent)))
                if told.code not in _ASKED_AGAIN:
                    raise told
            await self._pause()

    async def _call_once(self, tool: str, arguments: dict[str, Any]) -> CallToolResult:
        server = self._choose.choice(self._urls)
        async with (
            asyncio.timeout(_PATIENCE_SECONDS),
            create_mcp_http_client({"Authorization": f"Bearer {self._key}"}) as http,
            Client(streamable_http_client(f"{server}/mcp", http_client=http)) as client,
        ):
            return await client.call_tool(tool, arguments)

    async def _pause(self) -> None:
        await asyncio.sleep(self._choose.uniform(*_AGAIN_SECONDS))
