import asyncio

import pytest

from aiworker.adapters.bus.memory import MemoryBus
from aiworker.engine.wakeups import Wakeups

TOPIC = "claim:reader"


class Shelf:
    """Things that can be taken once, and a count of how often somebody looked."""

    def __init__(self) -> None:
        self.things: list[int] = []
        self.looks = 0
        self.returned: list[int] = []
        self.looked = asyncio.Event()
        self.slow: asyncio.Event | None = None

    async def take(self) -> int | None:
        self.looks += 1
        self.looked.set()
        if self.slow is not None:
            await self.slow.wait()
        await asyncio.sleep(0)
        return self.things.pop(0) if self.things else None

    async def give_back(self, thing: int) -> None:
        self.returned.append(thing)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


@pytest.fixture
async def wakeups(bus: MemoryBus) -> Wakeups:
    return Wakeups(bus, poll_seconds=3600)


async def _looked(shelf: Shelf, times: int) -> None:
    while shelf.looks < times:
        shelf.looked.clear()
        await asyncio.wait_for(shelf.looked.wait(), 60)
    for _ in range(20):
        await asyncio.sleep(0)


def _wait(
    wakeups: Wakeups, shelf: Shelf, *, seconds: float = 60, kind: object = None, rank: float = 0
) -> "asyncio.Task[int | None]":
    return asyncio.create_task(wakeups.wait(TOPIC, shelf.take, shelf.give_back, seconds=seconds, kind=kind, rank=rank))


async def test_what_is_there_is_taken_without_waiting(wakeups: Wakeups, shelf: Shelf) -> None:
    shelf.things = [7]
    assert await _wait(wakeups, shelf) == 7


async def test_a_wake_up_ends_the_wait(wakeups: Wakeups, bus: MemoryBus, shelf: Shelf) -> None:
    waiting = _wait(wakeups, shelf)
    await _looked(shelf, 1)
    shelf.things = [7]
    bus.publish(TOPIC, {})
    assert await waiting == 7


async def test_nothing_in_time_is_none(wakeups: Wakeups, shelf: Shelf) -> None:
    assert await _wait(wakeups, shelf, seconds=0.02) is None
    assert await _wait(wakeups, shelf, seconds=0) is None


async def test_one_thing_does_not_make_a_crowd_look(wakeups: Wakeups, bus: MemoryBus, shelf: Shelf) -> None:
    waiting = [_wait(wakeups, shelf) for _ in range(20)]
    await _looked(shelf, 20)
    shelf.things = [7]
    bus.publish(TOPIC, {})
    done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    await _looked(shelf, 22)
    assert [task.result() for task in done] == [7]
    assert shelf.looks == 22
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_those_who_can_do_other_things_are_tried_too(wakeups: Wakeups, bus: MemoryBus, shelf: Shelf) -> None:
    empty = Shelf()
    without = asyncio.create_task(wakeups.wait(TOPIC, empty.take, empty.give_back, seconds=60, kind="plain"))
    await _looked(empty, 1)
    able = _wait(wakeups, shelf, kind="gpu")
    await _looked(shelf, 1)
    shelf.things = [7]
    bus.publish(TOPIC, {})
    assert await able == 7
    without.cancel()
    await asyncio.gather(without, return_exceptions=True)


async def test_the_lowest_rank_is_served_first(wakeups: Wakeups, bus: MemoryBus, shelf: Shelf) -> None:
    busy = _wait(wakeups, shelf, rank=9)
    await _looked(shelf, 1)
    fresh = _wait(wakeups, shelf, rank=0)
    await _looked(shelf, 2)
    shelf.things = [1, 2]
    bus.publish(TOPIC, {})
    assert (await fresh, await busy) == (1, 2)


async def test_a_lost_wake_up_is_made_good_by_polling(bus: MemoryBus, shelf: Shelf) -> None:
    waiting = _wait(Wakeups(bus, poll_seconds=0.02), shelf)
    await _looked(shelf, 1)
    shelf.things = [7]
    assert await waiting == 7


async def test_a_wake_up_between_looking_and_standing_in_line_is_not_missed(
    wakeups: Wakeups, bus: MemoryBus, shelf: Shelf
) -> None:
    shelf.slow = asyncio.Event()
    waiting = _wait(wakeups, shelf)
    await _looked(shelf, 1)
    bus.publish(TOPIC, {})
    for _ in range(20):
        await asyncio.sleep(0)
    shelf.slow.set()
    await _looked(shelf, 2)
    shelf.things = [7]
    bus.publish(TOPIC, {})
    assert await waiting == 7


async def test_what_comes_for_someone_who_has_gone_is_given_back(wakeups: Wakeups, shelf: Shelf) -> None:
    shelf.slow = asyncio.Event()
    shelf.things = [7]
    gone = _wait(wakeups, shelf)
    await _looked(shelf, 1)
    gone.cancel()
    for _ in range(20):
        await asyncio.sleep(0)
    shelf.slow.set()
    await asyncio.gather(gone, return_exceptions=True)
    assert shelf.returned == [7]


async def test_what_comes_by_a_wake_up_for_someone_who_has_gone_is_given_back(
    wakeups: Wakeups, bus: MemoryBus, shelf: Shelf
) -> None:
    gone = _wait(wakeups, shelf)
    await _looked(shelf, 1)
    shelf.slow = asyncio.Event()
    shelf.things = [7]
    bus.publish(TOPIC, {})
    await _looked(shelf, 2)
    gone.cancel()
    for _ in range(20):
        await asyncio.sleep(0)
    shelf.slow.set()
    await asyncio.gather(gone, return_exceptions=True)
    assert shelf.returned == [7]


async def test_trouble_belongs_to_the_one_who_waits_and_not_to_the_others(
    wakeups: Wakeups, bus: MemoryBus, shelf: Shelf
) -> None:
    looks = 0

    async def fail_later() -> int | None:
        nonlocal looks
        looks += 1
        if looks > 1:
            raise RuntimeError("broken")
        return None

    broken = asyncio.create_task(wakeups.wait(TOPIC, fail_later, shelf.give_back, seconds=60, kind="broken"))
    fine = _wait(wakeups, shelf)
    await _looked(shelf, 1)
    shelf.things = [7]
    bus.publish(TOPIC, {})
    assert await fine == 7
    with pytest.raises(RuntimeError):
        await broken


async def test_what_comes_in_the_very_moment_of_leaving_is_given_back(
    wakeups: Wakeups, bus: MemoryBus, shelf: Shelf
) -> None:
    leaving: list[asyncio.Task[int | None]] = []

    async def take() -> int | None:
        found = await shelf.take()
        if found is not None:
            # The cancellation stands in the loop's queue before the result does.
            asyncio.get_running_loop().call_soon(leaving[0].cancel)
        return found

    leaving.append(asyncio.create_task(wakeups.wait(TOPIC, take, shelf.give_back, seconds=60)))
    await _looked(shelf, 1)
    shelf.things = [7]
    bus.publish(TOPIC, {})
    with pytest.raises(asyncio.CancelledError):
        await leaving[0]
    assert shelf.returned == [7]


async def test_when_the_process_stops_whoever_waits_gets_nothing_at_once(wakeups: Wakeups, shelf: Shelf) -> None:
    waiting = [_wait(wakeups, shelf, seconds=3600) for _ in range(3)]
    await _looked(shelf, 3)
    wakeups.let_go()
    async with asyncio.timeout(60):
        assert await asyncio.gather(*waiting) == [None, None, None]
        assert await _wait(wakeups, shelf, seconds=3600) is None


async def test_what_is_taken_while_the_process_stops_is_given_back(
    wakeups: Wakeups, bus: MemoryBus, shelf: Shelf
) -> None:
    waiting = _wait(wakeups, shelf, seconds=3600)
    await _looked(shelf, 1)
    shelf.things, shelf.slow = [7], asyncio.Event()
    bus.publish(TOPIC, {})
    await _looked(shelf, 2)
    wakeups.let_go()
    shelf.slow.set()
    assert await waiting is None
    assert shelf.returned == [7]


@pytest.mark.parametrize("steps", range(12))
async def test_whoever_leaves_has_what_was_taken_or_it_is_given_back_at_whatever_moment_that_is(
    wakeups: Wakeups, shelf: Shelf, steps: int
) -> None:
    shelf.things = [7]
    leaving = _wait(wakeups, shelf)
    for _ in range(steps):
        await asyncio.sleep(0)
    leaving.cancel()
    (found,) = await asyncio.gather(leaving, return_exceptions=True)
    assert [*shelf.things, *shelf.returned] == ([] if found == 7 else [7])
