from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from aiworker.delivery.ports.runtime import Runtime
from tests.support.runtimes import ask, local_runtime
from tests.support.sources import FolderSources


@dataclass(frozen=True)
class World:
    """A runtime, commits for it, and a way to ask an instance."""

    runtime: Runtime
    sources: FolderSources
    ask: Callable[[str, str], Awaitable[tuple[int, str]]]


@pytest.fixture(params=["local"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    assert request.param == "local"
    sources = FolderSources(tmp_path / "commits")
    runtime = local_runtime(tmp_path / "runtime", sources)
    await runtime.start()
    yield World(runtime, sources, lambda name, path: ask(runtime, name, path))
    await runtime.stop()
