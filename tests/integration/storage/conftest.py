from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

from aiworker.storage.database import Database
from tests.support.databases import Backend, empty_server_database, fresh_database


@pytest.fixture
def empty(backend: Backend, tmp_path: Path) -> URL:
    """A database without a table, on each of the three in turn."""
    if backend == "sqlite":
        return make_url(f"sqlite:///{tmp_path / 'aiworker.db'}")
    return empty_server_database(backend)


@pytest.fixture
async def database(tmp_path: Path, backend: Backend) -> AsyncIterator[Database]:
    """A migrated one, on each of the three in turn."""
    opened = fresh_database(tmp_path, backend=backend)
    yield opened
    await opened.close()
