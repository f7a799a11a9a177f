from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.clocks import ManualClock
from tests.support.databases import Backend, fresh_database
from tests.support.engine import Bench
from tests.support.engine_house import House


@pytest.fixture
async def bench(tmp_path: Path, backend: Backend) -> AsyncIterator[Bench]:
    clock = ManualClock()
    database = fresh_database(tmp_path, backend=backend, clock=clock)
    made = Bench(database, clock)
    await made.module()
    yield made
    await database.close()


@pytest.fixture
def house(bench: Bench) -> House:
    return House(bench)
