"""What only the bus between processes has to do: to spread, to be alone, to come back."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable

import pytest

from aiworker.adapters.bus.redis import RedisBus
from aiworker.adapters.redis.link import RedisAway, RedisLink
from aiworker.core.errors import Invalid
from tests.support.redis_server import RedisServer
from tests.support.servers import server_url
from tests.support.waiting import eventually

_SOON = 60.0


@pytest.fixture
async def join(redis: RedisServer) -> AsyncIterator[Callable[[], RedisBus]]:
    """The bus of one more process on a Redis that can be stopped."""
    made: list[tuple[RedisBus, RedisLink]] = []

    def one_more() -> RedisBus:
        link = RedisLink(redis.url, namespace="test", rest_seconds=0.05)
        made.append((RedisBus(link), link))
        return made[-1][0]

    yield one_more
    for bus, link in made:
        await bus.close()
        await link.close()


async def test_installations_on_one_redis_do_not_hear_each_other() -> None:
    links = [RedisLink(server_url("redis"), namespace=uuid.uuid4().hex) for _ in range(2)]
    ours, theirs = map(RedisBus, links)
    async with ours.listen("tasks") as listener, theirs.listen("tasks"):
        theirs.publish("tasks", {"id": "theirs"})
        ours.publish("tasks", {"id": "ours"})
        assert await listener.next(_SOON) == {"id": "ours"}
        assert await listener.next(0.1) is None
    for bus, link in zip((ours, theirs), links, strict=True):
        await bus.close()
        await link.close()


async def test_one_wake_up_reaches_many_processes_one_after_the_other(
    join: Callable[[], RedisBus], monkeypatch: pytest.MonkeyPatch
) -> None:
    # So wide that they do not come together because this process has to wait for its turn.
    monkeypatch.setattr("aiworker.adapters.bus.redis._SPREAD_SECONDS", 0.1)
    monkeypatch.setattr("aiworker.adapters.bus.redis._WIDEST_SPREAD_SECONDS", 1.0)
    here, others = join(), [join() for _ in range(8)]
    woken: list[float] = []
    loop = asyncio.get_running_loop()

    async def wait(bus: RedisBus, ready: asyncio.Event) -> None:
        async with bus.listen("claim:ocr") as listener:
            ready.set()
            assert await listener.next(_SOON) == {}
            woken.append(loop.time())

    async with others[0].listen("tasks") as echo, asyncio.TaskGroup() as waiting:
        events = [asyncio.Event() for _ in others]
        for bus, ready in zip(others, events, strict=True):
            waiting.create_task(wait(bus, ready))
        for ready in events:
            await ready.wait()
        # By the answer to the first message the sender knows how many there are.
        for number in range(2):
            here.publish("tasks", {"id": number})
            assert await echo.next(_SOON) == {"id": number}
        here.publish("claim:ocr", {})
    assert len(woken) == len(others)
    assert max(woken) - min(woken) > 0.05


async def test_without_redis_a_process_hears_itself(redis: RedisServer, join: Callable[[], RedisBus]) -> None:
    redis.kill()
    bus = join()
    async with bus.listen("tasks") as listener:
        bus.publish("tasks", {"id": 1})
        assert await listener.next(_SOON) == {"id": 1}
        assert not bus.connected


async def test_once_redis_is_back_all_are_woken_to_look_for_what_they_missed(
    redis: RedisServer, join: Callable[[], RedisBus]
) -> None:
    here, there = join(), join()
    async with there.listen("tasks") as listener, here.listen("robots"):
        redis.kill()
        await eventually(lambda: not there.connected and not here.connected)
        here.publish("tasks", {"id": "lost"})
        await redis.start()
        assert await listener.next(_SOON) == {}
        await eventually(lambda: here.connected)

        async def heard() -> bool:
            here.publish("tasks", {"id": "told"})
            return await listener.next(0.2) == {"id": "told"}

        await eventually(heard)


async def test_a_redis_that_has_fallen_silent_counts_as_away(redis: RedisServer, join: Callable[[], RedisBus]) -> None:
    bus = join()
    async with bus.listen("tasks"):
        await eventually(lambda: bus.connected)
        redis.freeze()
        await eventually(lambda: not bus.connected)
        redis.thaw()
        await eventually(lambda: bus.connected)


async def test_who_is_away_is_left_alone_for_a_moment(redis: RedisServer) -> None:
    now = 0.0
    link = RedisLink(redis.url, namespace="test", rest_seconds=1, monotonic=lambda: now)
    await link.ping()
    redis.kill()
    with pytest.raises(RedisAway) as asked:
        await link.ping()
    assert asked.value.__cause__ is not None
    assert link.away
    await redis.start()
    with pytest.raises(RedisAway) as refused:
        await link.ping()
    assert refused.value.__cause__ is None
    now = 1.0
    await link.ping()
    assert not link.away
    await link.close()


def test_what_is_not_an_address_is_refused_by_the_settings_name() -> None:
    with pytest.raises(Invalid, match="REDIS_URL is wrong") as refused:
        RedisLink("redis://localhost:6379/0?socket_timeout=soon", namespace="test")
    assert "soon" not in refused.value.message
