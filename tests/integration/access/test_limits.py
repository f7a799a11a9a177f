"""How often a caller may ask: counted by all processes together, and by each alone while Redis is away."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits.aio.storage import RedisStorage

from aiworker.access.limits import RateLimits
from aiworker.adapters.redis.link import RedisLink
from aiworker.core.errors import Limited
from tests.support.clocks import within_a_minute
from tests.support.redis_server import RedisServer

_ALLOWED = 5


@pytest.fixture
async def link(redis: RedisServer) -> AsyncIterator[RedisLink]:
    # One that is slow to answer is not away here.
    made = RedisLink(redis.url, namespace="test", answer_seconds=60)
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
    with within_a_minute():
        assert await _hits(limits, "ada") == _ALLOWED


async def test_without_redis_each_process_counts_its_own() -> None:
    with within_a_minute():
        assert await _hits(RateLimits(_ALLOWED), "ada") == _ALLOWED


async def _through(allowed: int, requests: list[tuple[float, int]]) -> list[float]:
    """When a caller with a limit of its own gets through, who asks so often after so many seconds."""
    limits, through, now = RateLimits(1_200), list[float](), 1_800_000_000.0
    with patch.object(time, "time", lambda: now):
        for seconds, number in requests:
            now += seconds
            for _ in range(number):
                with suppress(Limited):
                    await limits.hit("ada", allowed)
                    through.append(now)
    return through


_GOES_ON = st.sampled_from([0.0, 0.4, 2.9, 7.0, 29.0, 59.9, 60.0, 121.0])
_SET_BACK = st.sampled_from([-0.4, -3.0, -59.9, -61.0, -600.0])
_OFTEN = st.integers(0, 25)


@given(st.integers(1, 20), st.lists(st.tuples(_GOES_ON | _SET_BACK, _OFTEN), max_size=30))
def test_in_no_minute_of_the_clock_a_caller_gets_through_more_often_than_allowed(
    allowed: int, requests: list[tuple[float, int]]
) -> None:
    through = asyncio.run(_through(allowed, requests))
    assert max(Counter(moment // 60 for moment in through).values(), default=0) <= allowed


@given(st.integers(1, 20), st.lists(st.tuples(_GOES_ON, _OFTEN), max_size=30))
def test_a_caller_does_not_begin_anew_when_the_minute_turns(allowed: int, requests: list[tuple[float, int]]) -> None:
    through = asyncio.run(_through(allowed, requests))
    # The minute before counts for what is left of it, as if it had been even: after six seconds, nine tenths.
    for first in through:
        assert sum(first <= one < first + 6 for one in through) <= allowed * 1.1 + 1
