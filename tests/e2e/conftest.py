from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from aiworker.cli.demo.server import DemoServer
from aiworker.edge.page.app import BUILT
from tests.support.browser import chromium
from tests.support.house import House, open_house
from tests.support.tasks import in_one_task

expect.set_options(timeout=30_000)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[DemoServer]:
    async with DemoServer(tmp_path) as started:
        yield started


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    assert (BUILT / "index.html").exists(), "The page is not built; run: make setup"
    async with chromium() as opened:
        yield opened


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with in_one_task(open_house(tmp_path)) as opened:
        yield opened


@pytest.fixture
async def key(house: House) -> str:
    """The key of an agent."""
    return (await house.key("claude"))[1]
