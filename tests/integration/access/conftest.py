from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aiworker.storage.database import Database
from tests.support.databases import Backend, fresh_database


@pytest.fixture
async def database(tmp_path: Path, backend: Backend) -> AsyncIterator[Database]:
    opened = fresh_database(tmp_path, backend=backend)
    yield opened
    await opened.close()
