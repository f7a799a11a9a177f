import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from aiworker.adapters.bus.memory import MemoryBus
from aiworker.adapters.bus.redis import RedisBus
from aiworker.adapters.redis.link import RedisLink
from aiworker.storage.bus import Bus
from tests.support.servers import server_url


@dataclass(frozen=True)
class Ends:
    """Two ends of one bus: in memory they are the same, with Redis they are two processes' own."""

    here: Bus
    there: Bus


@pytest.fixture
async def redis_bus() -> AsyncIterator[Callable[[], RedisBus]]:
    """Makes the bus of one more process; all of a test's hear each other."""
    namespace = f"test-{uuid.uuid4().hex}"
    async with AsyncExitStack() as stack:

        def make() -> RedisBus:
            link = RedisLink(server_url("redis"), namespace=namespace)
            bus = RedisBus(link)
            stack.push_async_callback(link.close)
            stack.push_async_callback(bus.close)
            return bus

        yield make


@pytest.fixture(params=["memory", "redis, one process", "redis, two processes"])
async def ends(request: pytest.FixtureRequest, redis_bus: Callable[[], RedisBus]) -> Ends:
    if request.param == "memory":
        bus = MemoryBus()
        return Ends(bus, bus)
    here = redis_bus()
    return Ends(here, here if "one" in request.param else redis_bus())
