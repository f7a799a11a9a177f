import asyncio
import subprocess
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from aiworker.access.actors import Actor
from aiworker.adapters.forge import LocalForge
from aiworker.core.errors import Denied, Unauthenticated
from aiworker.edge.git_http import GitHttp, PushRights
from aiworker.wire.access import Scope
from tests.support.checkouts import Checkout, run_git
from tests.support.http_server import free_socket, serving


def _actor(name: str) -> Actor:
    return Actor(kind="agent", id=name, name=name, scope=Scope.AGENT)


KEYS = {
    "agent-key": PushRights(_actor("agent"), ("refs/heads/task-shop-1-*",)),
    "person-key": PushRights(_actor("person"), ("refs/heads/*", "refs/tags/*")),
    "read-key": PushRights(_actor("reader")),
}


@dataclass
class World:
    """A forge with the repository `shop`, served over HTTP, and what its pushes were told to be."""

    forge: LocalForge
    upstream: Checkout
    folder: Path
    url: str = ""
    moved: list[tuple[str, dict[str, str | None]]] = field(default_factory=list[tuple[str, dict[str, str | None]]])
    deaf: bool = False

    def address(self, key: str, name: str = "shop") -> str:
        return self.url.replace("://", f"://any:{key}@") + f"/git/{name}.git"

    async def git(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return await asyncio.to_thread(run_git, folder, *arguments)

    async def clone(self, key: str, name: str = "shop", to: str = "clone") -> Path:
        cloned = await self.git(self.folder, "clone", "--quiet", self.address(key, name), to)
        assert cloned.returncode == 0, cloned.stderr.decode()
        return self.folder / to

    async def commit(self, clone: Path, message: str = "Change", **files: bytes) -> str:
        for name, content in files.items():
            (clone / name).write_bytes(content)
        await self.git(clone, "add", "--all")
        await self.git(clone, "commit", "--quiet", "--allow-empty", "-m", message)
        return (await self.git(clone, "rev-parse", "HEAD")).stdout.decode().strip()

    async def push(self, clone: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return await self.git(clone, "push", *arguments)

    async def upstream_branch(self, name: str) -> str | None:
        """Make a branch in the upstream and fetch it."""
        self.upstream.switch(name)
        self.upstream.commit(name)
        return (await self.forge.fetch_upstream("shop", source=self.upstream.source, branch=name)).head

    async def authorise(self, key: str, repository: str, wants_push: bool) -> PushRights:
        if key not in KEYS:
            raise Unauthenticated("This key is not known.", code="key_unknown")
        if repository == "secret":
            raise Denied("This key is for another project.")
        return KEYS[key]

    async def on_push(self, _actor: Actor, repository: str, moved: Mapping[str, str | None]) -> None:
        if self.deaf:
            raise RuntimeError("nobody listens")
        self.moved.append((repository, dict(moved)))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    upstream = Checkout(tmp_path / "upstream")
    upstream.commit("First", readme__md="one\n")
    bound = free_socket()
    forge = LocalForge(tmp_path / "forge", lambda: f"http://127.0.0.1:{bound.getsockname()[1]}")
    await forge.import_repository("shop", source=upstream.source)
    made = World(forge, upstream, tmp_path)
    app = Starlette(routes=[Mount("/git", app=GitHttp(forge, made.authorise, made.on_push))])
    async with serving(app, bound) as url:
        made.url = url
        yield made
