from pathlib import Path

import pytest

from aiworker.adapters.forge import LocalForge
from tests.support.checkouts import Checkout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "forge"


@pytest.fixture
def upstream(tmp_path: Path) -> Checkout:
    checkout = Checkout(tmp_path / "upstream")
    checkout.commit("First", readme__md="one\n")
    return checkout


@pytest.fixture
async def forge(root: Path, upstream: Checkout) -> LocalForge:
    """A local forge with the repository `shop`."""
    made = LocalForge(root, "http://127.0.0.1:3000/")
    await made.import_repository("shop", source=upstream.source)
    return made
