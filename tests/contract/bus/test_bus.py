"""What every Bus does, between two of its ends."""

from typing import Any

import pytest

from aiworker.storage.bus import Listener
from tests.contract.bus.conftest import Ends

_SOON = 60.0
_A_MOMENT = 0.05


async def test_a_message_reaches_who_listens(ends: Ends) -> None:
    async with ends.there.listen("tasks") as listener:
        ends.here.publish("tasks", {"id": 1})
        assert await listener.next(_SOON) == {"id": 1}


async def test_it_reaches_everyone_who_listens(ends: Ends) -> None:
    async with ends.there.listen("tasks") as one, ends.there.listen("tasks") as two, ends.here.listen("tasks") as three:
        ends.here.publish("tasks", {"id": 1})
        assert [await listener.next(_SOON) for listener in (one, two, three)] == [{"id": 1}] * 3


async def test_messages_arrive_in_their_order_and_once(ends: Ends) -> None:
    sent = [{"id": number} for number in range(2_000)]
    async with ends.there.listen("tasks") as listener:
        for message in sent:
            ends.here.publish("tasks", message)
        ends.here.publish("tasks", {"last": True})
        assert await _until_last(listener) == sent


async def test_what_is_said_on_another_topic_is_not_heard(ends: Ends) -> None:
    async with ends.there.listen("tasks") as listener:
        ends.here.publish("robots", {"id": 1})
        ends.here.publish("tasks", {"id": 2})
        assert await listener.next(_SOON) == {"id": 2}


async def test_one_listener_hears_several_topics(ends: Ends) -> None:
    async with ends.there.listen("tasks", "robots") as listener:
        ends.here.publish("robots", {"id": 1})
        ends.here.publish("tasks", {"id": 2})
        assert [await listener.next(_SOON), await listener.next(_SOON)] == [{"id": 1}, {"id": 2}]


async def test_who_has_left_hears_nothing_and_disturbs_nobody(ends: Ends) -> None:
    async with ends.there.listen("tasks") as stays:
        async with ends.there.listen("tasks") as left:
            pass
        ends.here.publish("tasks", {"id": 1})
        assert await stays.next(_SOON) == {"id": 1}
        assert await left.next(0) is None


async def test_nothing_comes_where_nothing_was_said(ends: Ends) -> None:
    async with ends.there.listen("tasks") as listener:
        assert await listener.next(0) is None
        assert await listener.next(_A_MOMENT) is None


async def test_a_wake_up_wakes(ends: Ends) -> None:
    async with ends.there.listen("claim:ocr") as listener:
        ends.here.publish("claim:ocr", {})
        assert await listener.next(_SOON) == {}


async def test_wake_ups_are_merged_until_somebody_takes_them(ends: Ends) -> None:
    async with ends.there.listen("claim:ocr", "tasks") as listener:
        for _ in range(1_000):
            ends.here.publish("claim:ocr", {})
        ends.here.publish("tasks", {"last": True})
        woken = await _until_last(listener)
        assert len(woken) < 50
        # One may still be on its way from the other end.
        while await listener.next(_A_MOMENT) is not None:
            pass
        ends.here.publish("claim:ocr", {})
        assert await listener.next(_SOON) == {}


@pytest.mark.parametrize(
    "message",
    [
        {"text": "ñandú 🦤 \u2028 \x00", "none": None, "yes": True, "number": -1.5, "large": 2**53},
        {"deep": {"list": [1, "two", {"three": []}], "empty": {}}},
        {"line": "x" * 100_000},
    ],
)
async def test_a_message_arrives_as_it_was_sent(ends: Ends, message: dict[str, Any]) -> None:
    async with ends.there.listen("tasks") as listener:
        ends.here.publish("tasks", message)
        assert await listener.next(_SOON) == message


async def test_a_listener_that_does_not_read_holds_nobody_up(ends: Ends) -> None:
    async with ends.there.listen("tasks"), ends.there.listen("tasks", "end") as reads:
        for number in range(12_000):
            ends.here.publish("tasks", {"id": number})
            if number % 1_000 == 0:
                while (await reads.next(0)) is not None:
                    pass
        ends.here.publish("end", {"last": True})
        assert await _until_last(reads) is not None


async def test_publishing_where_nobody_listens_is_no_error(ends: Ends) -> None:
    ends.here.publish("nobody", {"id": 1})
    ends.here.publish("nobody", {})


async def _until_last(listener: Listener) -> list[dict[str, Any]]:
    heard: list[dict[str, Any]] = []
    while (message := await listener.next(_SOON)) is not None:
        if message == {"last": True}:
            return heard
        heard.append(dict(message))
    raise AssertionError(f"the last message did not come; {len(heard)} did")
