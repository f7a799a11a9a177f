from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aiworker.storage.database import Database
from tests.support.databases import fresh_database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = fresh_database(tmp_path)
    yield opened
    await opened.close()
