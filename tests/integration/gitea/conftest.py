import asyncio
import subprocess
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from aiworker.access.actors import Actor
from aiworker.adapters.forge.gitea import Client, GiteaForge
from aiworker.core.errors import Unauthenticated
from aiworker.edge.git_http import GitHttp, PushRights
from aiworker.wire.access import Scope
from tests.support.checkouts import Checkout, run_git
from tests.support.gitea import FakeGitea, fake_gitea
from tests.support.gitea.world import Repository
from tests.support.http_server import free_socket, serving

NAME = "Team/shop"
_AGENT = PushRights(Actor(kind="agent", id="a", name="agent", scope=Scope.AGENT), ("refs/heads/task-shop-1-*",))


@dataclass
class World:
    """A Gitea with the repository `Team/shop`, Ada's checkout of it, our forge, and our door for agents."""

    gitea: FakeGitea
    repository: Repository
    forge: GiteaForge
    ada: Checkout
    folder: Path
    url: str = ""
    moved: list[dict[str, str | None]] = field(default_factory=list[dict[str, "str | None"]])

    async def push(self, *refspecs: str) -> None:
        """Ada pushes to Gitea, past us: on its own disk, which is quicker."""
        before = self.repository.branches()
        pushed = await self.git(self.ada.path, "push", str(self.repository.path), *refspecs)
        assert pushed.returncode == 0, pushed.stderr
        self.gitea.changes.pushed(self.repository, "ada", before)

    async def task(self, branch: str = "task", **files: str) -> str:
        """A branch of Ada's with one more commit, in Gitea; the commit."""
        self.ada.switch(branch, at="main")
        commit = self.ada.commit("Task", **(files or {"task__txt": branch}))
        self.ada.switch("main")
        await self.push(branch)
        return commit

    async def opened(self, branch: str = "task") -> str:
        """The same with a pull request into main."""
        commit = await self.task(branch)
        await self.forge.open_pull_request(NAME, head=branch, base="main", title="A change", body="Why")
        return commit

    async def git(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return await asyncio.to_thread(run_git, folder, *arguments)

    async def clone(self, to: str = "clone") -> Path:
        """An agent clones through our door."""
        address = self.url.replace("://", "://any:agent-key@") + f"/git/{NAME}.git"
        cloned = await self.git(self.folder, "clone", "--quiet", address, to)
        assert cloned.returncode == 0, cloned.stderr
        return self.folder / to

    async def authorise(self, key: str, repository: str, wants_push: bool) -> PushRights:
        if key != "agent-key":
            raise Unauthenticated("This key is not known.")
        return _AGENT if wants_push else PushRights(_AGENT.actor)

    async def on_push(self, _actor: Actor, _repository: str, moved: Mapping[str, str | None]) -> None:
        self.moved.append(dict(moved))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    bound = free_socket()
    ours = f"http://127.0.0.1:{bound.getsockname()[1]}"
    async with fake_gitea(tmp_path / "gitea") as gitea:
        gitea.user("ada")
        repository = gitea.repository(NAME, ada="admin", aiworker="admin")
        forge = GiteaForge(tmp_path / "mirrors", Client(gitea.url, "token-aiworker", patience=0), ours)
        made = World(gitea, repository, forge, Checkout(tmp_path / "ada"), tmp_path, ours)
        made.ada.commit("First", readme__md="one\n")
        await made.push("main")
        app = Starlette(routes=[Mount("/git", app=GitHttp(forge, made.authorise, made.on_push))])
        async with serving(app, bound):
            yield made
        await forge.close()
