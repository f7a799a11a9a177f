"""Single calls that travel together."""

import asyncio
from collections.abc import Mapping

import pytest

from aiworker.engine.gatherer import Gatherer


class Post:
    """Takes batches, as slowly as it is told to."""

    def __init__(self) -> None:
        self.batches: list[dict[str, int]] = []
        self.asked = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()
        self.refuse: dict[str, Exception] = {}
        self.broken: Exception | None = None

    async def send(self, batch: Mapping[str, int]) -> Mapping[str, Exception]:
        self.batches.append(dict(batch))
        self.asked.set()
        await self.open.wait()
        if self.broken is not None:
            raise self.broken
        return {key: error for key, error in self.refuse.items() if key in batch}


async def test_what_comes_at_once_goes_together() -> None:
    post = Post()
    gatherer = Gatherer(post.send, seconds=0.01, at_most=10)
    await asyncio.gather(*(gatherer.add(str(number), number) for number in range(5)))
    assert post.batches == [{str(number): number for number in range(5)}]


async def test_nobody_is_answered_before_the_batch_is_done() -> None:
    post = Post()
    post.open.clear()
    gatherer = Gatherer(post.send, seconds=0, at_most=10)
    waiting = asyncio.create_task(gatherer.add("a", 1))
    await post.asked.wait()
    assert not waiting.done()
    post.open.set()
    await waiting


async def test_a_full_batch_does_not_wait_and_the_rest_goes_with_the_next() -> None:
    post = Post()
    gatherer = Gatherer(post.send, seconds=0.01, at_most=2)
    await asyncio.gather(*(gatherer.add(str(number), number) for number in range(5)))
    assert [len(batch) for batch in post.batches] == [2, 2, 1]


async def test_who_is_refused_learns_why_and_the_others_do_not_suffer() -> None:
    post = Post()
    post.refuse = {"b": KeyError("no")}
    gatherer = Gatherer(post.send, seconds=0, at_most=10)
    answers = await asyncio.gather(gatherer.add("a", 1), gatherer.add("b", 2), return_exceptions=True)
    assert answers[0] is None
    assert isinstance(answers[1], KeyError)


async def test_when_the_sending_fails_everybody_learns_it_and_the_next_batch_is_tried() -> None:
    post = Post()
    post.broken = ConnectionError("away")
    gatherer = Gatherer(post.send, seconds=0, at_most=10)
    with pytest.raises(ConnectionError):
        await gatherer.add("a", 1)
    post.broken = None
    await gatherer.add("a", 1)


async def test_one_who_goes_away_does_not_keep_the_others() -> None:
    post = Post()
    post.open.clear()
    gatherer = Gatherer(post.send, seconds=0, at_most=10)
    first, second = asyncio.create_task(gatherer.add("a", 1)), asyncio.create_task(gatherer.add("b", 2))
    await post.asked.wait()
    first.cancel()
    post.open.set()
    await second
