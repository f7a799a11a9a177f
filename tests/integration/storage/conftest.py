from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

from tests.support.databases import Backend, empty_server_database


@pytest.fixture
def empty(backend: Backend, tmp_path: Path) -> URL:
    """A database without a table, on each of the three in turn."""
    if backend == "sqlite":
        return make_url(f"sqlite:///{tmp_path / 'aiworker.db'}")
    return empty_server_database(backend)
