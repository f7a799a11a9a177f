"""How often a caller may ask: counted by all processes together, and by each alone while Redis is away."""

from collections.abc import AsyncIterator

import pytest
from limits.aio.storage import RedisStorage

from aiworker.access.limits import RateLimits
from aiworker.adapters.redis.link import RedisLink
from aiworker.core.errors import Limited
from tests.support.redis_server import RedisServer

_ALLOWED = 5


@pytest.fixture
async def link(redis: RedisServer) -> AsyncIterator[RedisLink]:
    made = RedisLink(redis.url, namespace="test")
    yield made
    await made.close()


def _limits(link: RedisLink) -> RateLimits:
    storage = RedisStorage(
        "async+redis://",
        wrap_exceptions=True,
        implementation="redispy",
        connection_pool=link.pool,  # pyright: ignore[reportArgumentType]
    )
    return RateLimits(_ALLOWED, storage)


async def _hits(limits: RateLimits, caller: str) -> int:
    """How often a caller gets through, of ten times."""
    count = 0
    for _ in range(10):
        try:
            await limits.hit(caller)
        except Limited:
            continue
        count += 1
    return count


async def test_a_caller_has_one_count_in_all_processes(link: RedisLink) -> None:
    here, there = _limits(link), _limits(link)
    for _ in range(3):
        await here.hit("ada")
    assert await _hits(there, "ada") == _ALLOWED - 3
    assert await _hits(here, "ada") == 0
    assert await _hits(here, "bob") == _ALLOWED
    with pytest.raises(Limited) as refused:
        await there.hit("bob")
    assert 0 < (refused.value.retry_after or 0) <= 60


async def test_while_redis_is_away_each_process_counts_its_own(redis: RedisServer, link: RedisLink) -> None:
    limits = _limits(link)
    await limits.hit("ada")
    redis.kill()
    assert await _hits(limits, "ada") == _ALLOWED


async def test_without_redis_each_process_counts_its_own() -> None:
    assert await _hits(RateLimits(_ALLOWED), "ada") == _ALLOWED
