"""What a server does with what an earlier one left, which was killed."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from aiworker.adapters.runtime import LocalRuntime
from aiworker.core.processes import TOKEN_VARIABLE
from aiworker.delivery.ports.runtime import Folder, Listening
from tests.support.runtimes import VAULT, ask, local_runtime, restored, rollout, unheard
from tests.support.sources import FolderSources
from tests.support.waiting import eventually
from tests.support.webapp import PYTHON, webapp

NAME = "task-shop-1"


class Server:
    """A server with a runtime of its own, to be killed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def deploy(self, commit: str, *words: str, **settings: Any) -> str:
        """Give the order; `done`, or nothing if the server died of it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"commit": commit, "words": words, "settings": settings}).encode() + b"\n")
        return await self._line()

    async def kill(self) -> None:
        """As the kernel does, and a power button."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def _line(self) -> str:
        assert self._process.stdout is not None
        return (await self._process.stdout.readline()).decode().strip()


@asynccontextmanager
async def serving(folder: Path, **env: str) -> AsyncGenerator[Server]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.runtime_server", str(folder),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env={**os.environ, **env},
    )  # fmt: skip
    server = Server(process)
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        yield server
    finally:
        await server.kill()


@pytest.fixture
async def runtime(tmp_path: Path) -> AsyncIterator[LocalRuntime]:
    """The next server's; not started yet."""
    runtime = local_runtime(tmp_path / "runtime", FolderSources(tmp_path / "commits"))
    yield runtime
    await runtime.stop()
    for pid in processes_below(tmp_path):
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def sources(tmp_path: Path) -> FolderSources:
    return FolderSources(tmp_path / "commits")


def processes_below(folder: Path) -> list[int]:
    """Who lives in a folder, or was started for it; one that is starting shows no environment yet."""
    found: list[int] = []
    for process in psutil.process_iter():
        try:
            env = process.environ()
            if TOKEN_VARIABLE in env and env.get("HOME", "").startswith(str(folder)):
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


async def test_the_next_server_takes_a_living_program_over_without_a_restart(
    tmp_path: Path, sources: FolderSources, runtime: LocalRuntime
) -> None:
    async with serving(tmp_path) as server:
        await server.deploy(sources.commit(webapp("one")))
    before = processes_below(tmp_path)
    await restored(runtime)
    instance = await runtime.get(NAME)
    assert instance is not None
    assert instance.health == "healthy"
    assert [int((await ask(runtime, NAME, "/pid"))[1])] == before


async def test_a_program_taken_over_is_watched_and_ended_like_any_other(
    tmp_path: Path, sources: FolderSources, runtime: LocalRuntime
) -> None:
    commit = sources.commit(webapp("one"))
    async with serving(tmp_path) as server:
        await server.deploy(commit)
    await restored(runtime)
    pid = int((await ask(runtime, NAME, "/pid"))[1])
    os.kill(pid, signal.SIGKILL)
    await eventually(lambda: pid not in processes_below(tmp_path) and isinstance(runtime.target(NAME), Listening))
    await runtime.deploy(rollout(commit), unheard)
    assert (await ask(runtime, NAME))[1] == "one"
    await runtime.remove(NAME)
    assert processes_below(tmp_path) == []


async def test_the_same_rollout_after_the_takeover_restarts_nothing(
    tmp_path: Path, sources: FolderSources, runtime: LocalRuntime
) -> None:
    commit = sources.commit(webapp("one"))
    async with serving(tmp_path) as server:
        await server.deploy(commit, env={"COLOUR": "red"})
    before = processes_below(tmp_path)
    await runtime.start()
    await runtime.deploy(rollout(commit, env={"COLOUR": "red"}), unheard)
    assert processes_below(tmp_path) == before


async def test_a_program_that_died_with_the_server_is_started_again_with_its_environment(
    tmp_path: Path, sources: FolderSources, runtime: LocalRuntime
) -> None:
    async with serving(tmp_path) as server:
        await server.deploy(sources.commit(webapp("one")), env={"COLOUR": "red"})
        left = int(await _asked_through_the_record(tmp_path, "/daemon"))
        await server.kill()
        for pid in processes_below(tmp_path):
            if pid != left:
                os.kill(pid, signal.SIGKILL)
    await restored(runtime)
    assert json.loads((await ask(runtime, NAME, "/env"))[1])["COLOUR"] == "red"
    assert left not in processes_below(tmp_path)
    assert len(processes_below(tmp_path)) == 1


async def _asked_through_the_record(folder: Path, path: str) -> str:
    port = json.loads((folder / "runtime" / NAME / "instance.json").read_text())["current"]["port"]

    class Known:
        def target(self, name: str) -> Listening:
            return Listening(port)

    return (await ask(Known(), NAME, path))[1]


@pytest.mark.parametrize("point", ["runtime.started", "runtime.switched"])
async def test_a_server_killed_in_the_middle_of_a_first_rollout_leaves_no_second_program(
    tmp_path: Path, sources: FolderSources, runtime: LocalRuntime, point: str
) -> None:
    commit = sources.commit(webapp("one"))
    async with serving(tmp_path, AIWORKER_FAULT=f"{point}={tmp_path / 'fired'}") as server:
        assert await server.deploy(commit) == ""
    await eventually(lambda: len(processes_below(tmp_path)) == 1)
    await runtime.start()
    if point == "runtime.started":
        await eventually(lambda: processes_below(tmp_path) == [])
    await runtime.deploy(rollout(commit), unheard)
    assert len(processes_below(tmp_path)) == 1
    assert (await ask(runtime, NAME))[1] == "one"


@pytest.mark.parametrize(("point", "answer"), [("runtime.started", "one"), ("runtime.switched", "two")])
async def test_a_server_killed_in_the_middle_of_a_change_leaves_one_version(
    tmp_path: Path, sources: FolderSources, runtime: LocalRuntime, point: str, answer: str
) -> None:
    first, second = sources.commit(webapp("one")), sources.commit(webapp("two"))
    async with serving(tmp_path) as server:
        await server.deploy(first)
    async with serving(tmp_path, AIWORKER_FAULT=f"{point}={tmp_path / 'fired'}") as server:
        assert await server.deploy(second) == ""
    await eventually(lambda: len(processes_below(tmp_path)) == 2)
    await runtime.start()
    await eventually(lambda: len(processes_below(tmp_path)) == 1)
    assert (await ask(runtime, NAME))[1] == answer
    await eventually(lambda: len(list((tmp_path / "runtime" / NAME / "releases").iterdir())) == 1)


async def test_a_server_killed_during_the_setup_leaves_nothing(
    tmp_path: Path, sources: FolderSources, runtime: LocalRuntime
) -> None:
    async with serving(tmp_path) as server:
        ordered = asyncio.create_task(
            server.deploy(sources.commit(webapp("one")), setup_command=f"{PYTHON} app.py hang")
        )
        await eventually(lambda: processes_below(tmp_path))
        await server.kill()
        await ordered
    await runtime.start()
    await eventually(lambda: processes_below(tmp_path) == [] and not (tmp_path / "runtime" / NAME).exists())
    assert await runtime.get(NAME) is None


async def test_files_are_served_again_after_a_restart(
    tmp_path: Path, sources: FolderSources, runtime: LocalRuntime
) -> None:
    async with serving(tmp_path) as server:
        await server.deploy(sources.commit(webapp("one")), start_command=None)
    await restored(runtime, Folder)


async def test_a_clean_stop_is_followed_by_a_fresh_start(
    tmp_path: Path, sources: FolderSources, runtime: LocalRuntime
) -> None:
    earlier = local_runtime(tmp_path / "runtime", sources)
    await earlier.start()
    await earlier.deploy(rollout(sources.commit(webapp("one"))), unheard)
    await earlier.stop()
    await restored(runtime)
    assert (await ask(runtime, NAME))[1] == "one"


async def test_an_environment_sealed_with_another_key_ends_the_instance(
    tmp_path: Path, sources: FolderSources, runtime: LocalRuntime
) -> None:
    async with serving(tmp_path) as server:
        await server.deploy(sources.commit(webapp("one")), env={"COLOUR": "red"})
    record = tmp_path / "runtime" / NAME / "instance.json"
    plain = json.loads(record.read_text())
    plain["current"]["rollout"]["env"] = VAULT.encrypt(b"{}").decode()[:-10] + "AAAAAAAAAA"
    record.write_text(json.dumps(plain))
    await runtime.start()
    await eventually(lambda: processes_below(tmp_path) == [])
    assert await runtime.get(NAME) is None


async def test_a_record_that_cannot_be_read_disturbs_no_other_instance(
    tmp_path: Path, sources: FolderSources, runtime: LocalRuntime
) -> None:
    earlier = local_runtime(tmp_path / "runtime", sources)
    await earlier.start()
    await earlier.deploy(rollout(sources.commit(webapp("one")), start_command=None), unheard)
    await earlier.stop()
    (tmp_path / "runtime" / "Not an instance").mkdir()
    broken = [b"", b"{", b"[]", b"null", b'{"current": {}}', b'{"current": 1, "doomed": []}', b'{"doomed": 1}', b"\xff"]
    for number, text in enumerate(broken):
        folder = tmp_path / "runtime" / f"broken-{number}"
        folder.mkdir()
        (folder / "instance.json").write_bytes(text)
    await restored(runtime, Folder)
    assert [each.name for each in await runtime.list()] == [NAME]
    for number in range(len(broken)):
        name = f"broken-{number}"
        await runtime.deploy(rollout(sources.commit(webapp("two")), name=name, start_command=None), unheard)
        assert isinstance(runtime.target(name), Folder)


async def test_no_secret_lies_open_on_the_disk(tmp_path: Path, sources: FolderSources, runtime: LocalRuntime) -> None:
    await runtime.start()
    commit = sources.commit(webapp("one"))
    await runtime.deploy(rollout(commit, start_command=None, env={"PASSWORD": "open sesame"}), unheard)
    record = tmp_path / "runtime" / NAME / "instance.json"
    assert "sesame" not in record.read_text()
    assert record.stat().st_mode & 0o077 == 0
    assert record.parent.stat().st_mode & 0o077 == 0
