import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pytest

from aiworker.adapters.forge import LocalForge
from aiworker.adapters.forge.gitea import Client, GiteaForge
from aiworker.delivery.ports.forge import Forge, Sources
from tests.support.checkouts import Checkout
from tests.support.gitea import fake_gitea

_OURS = "http://127.0.0.1:3000"
# A real Gitea: its account needs the scopes write:repository, write:issue, write:user; what is made there is removed.
_REAL_URL = os.environ.get("AIWORKER_TEST_GITEA_URL")
_REAL_TOKEN = os.environ.get("AIWORKER_TEST_GITEA_TOKEN")


_REAL = ["real-gitea"] if _REAL_URL and _REAL_TOKEN else []
EVERY = ["local", "gitea", *_REAL]
# What git does by itself is the same code for both; the fake's turn is `make soak`.
GITS_OWN = ["local", pytest.param("gitea", marks=pytest.mark.soak), *_REAL]


class AnyForge(Forge, Sources, Protocol):
    """What every adapter of a forge fills."""


Branch = Callable[..., Awaitable[str]]


@pytest.fixture(params=EVERY)
async def forge(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[AnyForge]:
    root = tmp_path / "forge"
    if request.param == "local":
        yield LocalForge(root, _OURS)
    elif request.param == "gitea":
        async with fake_gitea(tmp_path / "gitea") as gitea:
            forge = GiteaForge(root, Client(gitea.url, "token-aiworker", patience=0), _OURS)
            yield forge
            await forge.close()
    else:
        forge = GiteaForge(root, Client(str(_REAL_URL), _REAL_TOKEN), _OURS)
        yield forge
        await forge.close()


@pytest.fixture
def upstream(tmp_path: Path) -> Checkout:
    """A repository of a person, with one commit on main."""
    checkout = Checkout(tmp_path / "upstream")
    checkout.commit("First", readme__md="one\ntwo\nthree\n", app__py="print('hello')\n")
    return checkout


@pytest.fixture
async def shop(forge: AnyForge, upstream: Checkout) -> AsyncGenerator[str]:
    """The name of a repository made from the upstream; gives its first commit as `head` of main."""
    name = "shop"
    if isinstance(forge, GiteaForge):
        name = f"{await forge.account(name)}/aiworker-test-{uuid4().hex[:12]}"
    await forge.import_repository(name, source=upstream.source)
    yield name
    if isinstance(forge, GiteaForge):
        await forge.client.call("DELETE", f"/repos/{name}", object)


@pytest.fixture
def branch(forge: AnyForge, upstream: Checkout, shop: str) -> Branch:
    """Makes a branch with one more commit and brings it to the forge, as an agent's push would; its head."""

    async def make(name: str, *, at: str = "main", message: str = "Change", **files: str | bytes) -> str:
        upstream.switch(name, at=at)
        commit = upstream.commit(message, **files)
        assert (await forge.fetch_upstream(shop, source=upstream.source, branch=name)).head == commit
        upstream.switch("main")
        return commit

    return make
