import os
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

import pytest

from aiworker.adapters.runtime import LocalRuntime
from aiworker.delivery.ports.runtime import Rollout, Runtime
from tests.support.kube_real import real_world
from tests.support.kube_real_argo import NEEDED, real_argo_world
from tests.support.kube_store import Json
from tests.support.kube_worlds import argo_world, kubernetes_world
from tests.support.runtimes import ask, local_runtime, rollout
from tests.support.sources import FolderSources
from tests.support.webapp import webapp

# What each kind of runtime can show. `commands`: it runs the project's own commands on the files of a commit. `env`: it
# gives the project's variables to the program. `words`: what a program says at its end is kept. `speech`: the tests'
# own program runs there, and says and does what it is told. `applications`: staging and production are Argo CD's.
CAPABILITIES = {
    "local": {"commands", "env", "words", "speech"},
    "kubernetes": {"env", "speech"},
    "argocd": {"speech", "applications"},
    "argocd by REST": {"speech", "applications"},
}
if os.environ.get("AIWORKER_TEST_KUBECONFIG"):
    CAPABILITIES["real kubernetes"] = {"env"}
if all(os.environ.get(name) for name in NEEDED):
    CAPABILITIES["real argocd"] = {"applications"}


class World(Protocol):
    """A runtime, versions for it, and a way to ask an instance. `name` and `other`: two instances."""

    runtime: Runtime
    name: str
    other: str
    steps: ClassVar[tuple[str, ...]]

    def version(self, text: str) -> str:
        """A commit whose program answers with this text."""
        ...

    def rollout(self, commit: str, *words: str, name: str | None = None, **settings: Any) -> Rollout:
        """A roll-out of it; the words (`fail`, `hang`, `sick`) tell how the program behaves."""
        ...

    async def ask(self, name: str, path: str = "/") -> tuple[int, str]:
        """What an instance answers."""
        ...


class Environments(World, Protocol):
    """A world whose staging and production are Applications of Argo CD."""

    def image(self, commit: str) -> str:
        """The image that a roll-out of the commit wants."""
        ...

    async def application(self, name: str) -> Json:
        """The Application of an environment."""
        ...


@dataclass
class LocalWorld:
    """Programs of this machine."""

    programs: LocalRuntime
    runtime: Runtime
    sources: FolderSources
    name: str = "task-shop-1"
    other: str = "staging-shop"
    steps: ClassVar[tuple[str, ...]] = ("checkout", "start", "health", "switch")

    def version(self, text: str) -> str:
        return self.sources.commit(webapp(text))

    def rollout(self, commit: str, *words: str, name: str | None = None, **settings: Any) -> Rollout:
        if "sick" in words:
            words, settings = (), {"health_path": "/sick", **settings}
        return rollout(commit, *words, name=name or self.name, **settings)

    async def ask(self, name: str, path: str = "/") -> tuple[int, str]:
        return await ask(self.programs, name, path)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test runs on every kind that has what it needs."""
    if "world" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("needs")
        needed = set(marker.args) if marker is not None else set[str]()
        kinds = [kind for kind, can in CAPABILITIES.items() if needed <= can]
        # Argo CD does the same by either door; the second one's turn is `make soak`.
        soak = {"argocd by REST": [pytest.mark.soak]}
        metafunc.parametrize("world", [pytest.param(kind, marks=soak.get(kind, [])) for kind in kinds], indirect=True)


@pytest.fixture
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[World]:
    async with AsyncExitStack() as stack:
        match request.param:
            case "kubernetes":
                yield await stack.enter_async_context(kubernetes_world(tmp_path))
            case "argocd":
                yield await stack.enter_async_context(argo_world(tmp_path))
            case "argocd by REST":
                yield await stack.enter_async_context(argo_world(tmp_path, rest=True))
            case "real kubernetes":
                yield await stack.enter_async_context(real_world())
            case "real argocd":
                yield await stack.enter_async_context(real_argo_world(tmp_path))
            case _:
                sources = FolderSources(tmp_path / "commits")
                runtime = local_runtime(tmp_path / "runtime", sources)
                await runtime.start()
                stack.push_async_callback(runtime.stop)
                yield LocalWorld(runtime, runtime, sources)
