from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.house import House, open_house
from tests.support.tasks import in_one_task
from tests.support.workshop import Workshop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Workshop]:
    """The services and a clock that stands still; nothing runs by itself."""
    opened = Workshop(tmp_path)
    await opened.open()
    yield opened
    await opened.database.close()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A whole house, with the control module at work."""
    async with in_one_task(open_house(tmp_path)) as opened:
        yield opened
