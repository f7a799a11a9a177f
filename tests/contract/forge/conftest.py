from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

import pytest

from aiworker.adapters.forge import LocalForge
from aiworker.delivery.ports import Forge, Sources
from tests.support.checkouts import Checkout


class AnyForge(Forge, Sources, Protocol):
    """What every adapter of a forge fills."""


Branch = Callable[..., Awaitable[str]]


@pytest.fixture(params=["local"])
def forge(request: pytest.FixtureRequest, tmp_path: Path) -> AnyForge:
    assert request.param == "local"
    return LocalForge(tmp_path / "forge", "http://127.0.0.1:3000")


@pytest.fixture
def upstream(tmp_path: Path) -> Checkout:
    """A repository of a person, with one commit on main."""
    checkout = Checkout(tmp_path / "upstream")
    checkout.commit("First", readme__md="one\ntwo\nthree\n", app__py="print('hello')\n")
    return checkout


@pytest.fixture
async def shop(forge: AnyForge, upstream: Checkout) -> str:
    """The name of a repository made from the upstream; gives its first commit as `head` of main."""
    await forge.import_repository("shop", source=upstream.source)
    return "shop"


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
