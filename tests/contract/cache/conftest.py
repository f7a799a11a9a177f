import uuid
from collections.abc import AsyncIterator

import pytest

from aiworker.adapters.cache.memory import MemoryShelf
from aiworker.adapters.cache.redis import RedisShelf
from aiworker.adapters.redis.link import RedisLink
from aiworker.storage.cache import Shelf
from tests.support.servers import server_url


@pytest.fixture(params=["memory", "redis"])
async def shelf(request: pytest.FixtureRequest) -> AsyncIterator[Shelf]:
    if request.param == "memory":
        yield MemoryShelf()
        return
    link = RedisLink(server_url("redis"), namespace=f"test-{uuid.uuid4().hex}")
    yield RedisShelf(link)
    await link.close()
