from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from httpcore2 import ConnectError, ReadError, RemoteProtocolError

from aiworker.adapters.runtime import LocalRuntime
from aiworker.delivery.ports.runtime import Listening
from tests.support.runtimes import ask, local_runtime
from tests.support.sources import FolderSources


@dataclass(frozen=True)
class Machine:
    """A local runtime, its folder, and commits for it."""

    runtime: LocalRuntime
    root: Path
    sources: FolderSources

    async def ask(self, path: str = "/", *, name: str = "task-shop-1") -> str:
        """What the program answers."""
        return (await ask(self.runtime, name, path))[1]

    async def answer(self, path: str = "/") -> str | None:
        """What the program answers; None if it does not."""
        with suppress(ConnectError, ReadError, RemoteProtocolError):
            return await self.ask(path) if isinstance(self.runtime.target("task-shop-1"), Listening) else None
        return None


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    sources = FolderSources(tmp_path / "commits")
    runtime = local_runtime(tmp_path / "runtime", sources)
    await runtime.start()
    yield Machine(runtime, tmp_path / "runtime", sources)
    await runtime.stop()
