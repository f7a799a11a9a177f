from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.databases import SERVERS, Backend
from tests.support.house import House, open_house
from tests.support.tasks import in_one_task
from tests.support.workshop import Workshop


@pytest.fixture
async def shop(tmp_path: Path, backend: Backend) -> AsyncIterator[Workshop]:
    """The services and a clock that stands still; nothing runs by itself."""
    opened = Workshop(tmp_path, backend=backend)
    await opened.open()
    yield opened
    await opened.database.close()


# A release takes git and real programs, which a database does not change: the servers' turn is `make soak`, and the
# fault run ships on PostgreSQL every day.
@pytest.fixture(params=["sqlite", *(pytest.param(server, marks=pytest.mark.soak) for server in SERVERS)])
async def house(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    """A whole house, with the control module at work."""
    async with in_one_task(open_house(tmp_path, backend=request.param)) as opened:
        yield opened
