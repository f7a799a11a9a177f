from collections.abc import AsyncIterator

import pytest

from aiworker.storage.database import Database
from tests.support.api import House, make_house


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    made = await make_house(database)
    yield made
    await made.access.close()
