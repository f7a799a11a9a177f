"""`aiworker agent` as a process of its own, with the real Claude Code and a scripted model."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tests.support.claude_code import NEW, claude_environment, claude_program
from tests.support.scripted_model import ScriptedModel
from tests.support.waiting import eventually

_STOP_SECONDS = 20.0


@dataclass
class ClaudeRunner:
    """Starts it, again and again if need be, always in the same home."""

    folder: Path
    environment: Mapping[str, str]
    process: asyncio.subprocess.Process | None = field(default=None)

    @property
    def home(self) -> Path:
        """Where it keeps what it is at."""
        return self.folder / "aiworker"

    @property
    def log(self) -> list[dict[str, Any]]:
        """What it has logged so far."""
        file = self.folder / "runner.log"
        lines = file.read_text().splitlines() if file.exists() else []
        return [json.loads(line) for line in lines if line.startswith("{")]

    async def start(self, *arguments: str) -> None:
        """Start it; it is not waited for."""
        with (self.folder / "runner.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "aiworker", "agent", *arguments),
                cwd=self.folder,
                env={**self.environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def ended(self, *, within: float = 60.0) -> int:
        """Its exit status, once it has ended by itself."""
        assert self.process is not None
        try:
            async with asyncio.timeout(within):
                return await self.process.wait()
        except TimeoutError:
            raise AssertionError("\n".join(map(str, self.log[-20:]))) from None

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int | None:
        """End it."""
        process, self.process = self.process, None
        if process is None:
            return None
        if process.returncode is None:
            process.send_signal(how)
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                return await process.wait()
        except TimeoutError:
            process.kill()
            return await process.wait()

    async def logged(self, event: str, *, times: int = 1, within: float = 30.0) -> None:
        """Wait until it has logged an event so often."""
        await eventually(lambda: sum(line["message"] == event for line in self.log) >= times, within=within)


class Place(Protocol):
    """A server that answers at `url`, and a folder for what belongs to it; a `House` is one."""

    @property
    def folder(self) -> Path: ...

    @property
    def url(self) -> str: ...


@asynccontextmanager
async def claude_runner(
    server: Place, key: str, model: ScriptedModel, *, version: str = NEW, **settings: str
) -> AsyncGenerator[ClaudeRunner]:
    """A runner for the agents of a server; it is started by the test, and has ended when the context has."""
    folder = server.folder / "runner"
    programs = folder / "bin"
    programs.mkdir(parents=True)
    (programs / "claude").symlink_to(claude_program(version))
    environment = claude_environment(folder / "person", model)
    process = ClaudeRunner(
        folder,
        {
            **environment,
            "PATH": f"{programs}:{environment['PATH']}",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "AIWORKER_URL": server.url,
            "AIWORKER_TOKEN": key,
            "AIWORKER_HOME": str(folder / "aiworker"),
            "LOG_FORMAT": "json",
            **settings,
        },
    )
    try:
        yield process
    finally:
        await process.stop()
