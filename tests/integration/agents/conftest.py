from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from aiworker.delivery.projects.records import ProjectRecord
from tests.support.agents import Agent, agent
from tests.support.clocks import AheadClock
from tests.support.house import House, open_house
from tests.support.people import Person, person
from tests.support.tasks import in_one_task

FILES = {"a.txt": "a"}


@pytest.fixture
def clock() -> AheadClock:
    """It begins at noon, so that a day ends only where a test lets it end."""
    clock = AheadClock()
    now = clock()
    clock.ahead = now.replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=1) - now
    return clock


@pytest.fixture
async def house(tmp_path: Path, clock: AheadClock) -> AsyncIterator[House]:
    async with in_one_task(open_house(tmp_path, clock=clock)) as opened:
        yield opened


@pytest.fixture
async def project(house: House) -> ProjectRecord:
    return await house.project(files=FILES)


@pytest.fixture
async def claude(house: House) -> AsyncIterator[Agent]:
    """A plain MCP client with a key of its own."""
    async with in_one_task(agent(house.url, (await house.key("claude"))[1])) as connected:
        yield connected


@pytest.fixture
async def ada(house: House) -> AsyncIterator[Person]:
    """An administrator."""
    async with in_one_task(person(house)) as somebody:
        yield somebody
