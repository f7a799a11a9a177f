"""`aiworker up --agents`, as a newcomer types it: one command, and tasks are worked on by the real Claude Code."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from tests.support.checkouts import Checkout
from tests.support.claude_code import bash, claude_environment, claude_program, tool
from tests.support.scenario import Turn
from tests.support.scripted_model import scripted_model
from tests.support.waiting import eventually

_PATIENCE_SECONDS = 120.0
WORK = (
    Turn("I write and push.", [bash("echo Done. > NOTE.md && git add . && git commit -qm 'Note it' && git push -q")]),
    Turn("I hand it in.", [tool("create_pull_request", summary="A note.")]),
    Turn("It is with you now."),
)


class Laptop:
    """A person's machine: `claude` in the path, and AiWorker in a home of its own."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        programs = folder / "bin"
        programs.mkdir()
        (programs / "claude").symlink_to(claude_program())
        self._folder = folder
        self._environment = {
            **environment,
            "PATH": f"{programs}:{environment['PATH']}",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "AIWORKER_HOME": str(folder / "aiworker"),
        }

    async def up(self) -> asyncio.subprocess.Process:
        """Start the server with one agent; it is not waited for."""
        with (self._folder / "up.log").open("wb") as log:
            return await self._start("up", "--port=0", "--agents=1", out=log.fileno())

    async def run(self, *words: str) -> tuple[int, str]:
        """A command, to its end: its exit status and what it printed."""
        process = await self._start(*words, out=PIPE)
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode()

    async def task(self, key: str) -> dict[str, Any]:
        """A task as `task show` has it."""
        status, said = await self.run("task", "show", key, "--json")
        assert status == 0, said
        return json.loads(said)

    async def _start(self, *words: str, out: int) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "aiworker", *words),
            cwd=self._folder,
            env=self._environment,
            stdin=DEVNULL,
            stdout=out,
            stderr=out if out != PIPE else DEVNULL,
        )


def words_of(process: psutil.Process) -> list[str]:
    """Its command line; none if it has ended meanwhile."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


async def test_one_command_serves_and_works_and_leaves_nothing_behind(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "shop")
    checkout.write("index.html", "<h1>Shop</h1>")
    checkout.commit("First")
    with scripted_model(*WORK) as model:
        laptop = Laptop(tmp_path, claude_environment(tmp_path / "person", model))
        server = await laptop.up()
        try:
            await eventually((tmp_path / "aiworker" / "server.json").exists, within=_PATIENCE_SECONDS)
            assert (await laptop.run("project", "add", "Shop", "--repo", checkout.source))[0] == 0
            assert (await laptop.run("task", "add", "SHOP", "Show prices with tax"))[0] == 0

            async def handed_in() -> bool:
                return (await laptop.task("SHOP-1"))["state"] == "ready_to_test"

            await eventually(handed_in, within=_PATIENCE_SECONDS)
            family = psutil.Process(server.pid).children(recursive=True)
            assert any("agent" in words_of(process) for process in family)
        finally:
            server.terminate()
            status = await asyncio.wait_for(server.wait(), _PATIENCE_SECONDS)
    assert status == 0, (tmp_path / "up.log").read_text()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []
