from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.house import House, open_house
from tests.support.tasks import in_one_task


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with in_one_task(open_house(tmp_path)) as opened:
        yield opened


@pytest.fixture
async def key(house: House) -> str:
    """The key of a runner."""
    return (await house.key("runner"))[1]
