"""The numbers of events, against every order of commits that hypothesis thinks of."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine

from aiworker.core.clock import SteadyClock
from aiworker.storage.outbox import queries
from aiworker.storage.outbox.events import Event, PublishedEvent
from aiworker.storage.outbox.tables import leases, outbox, outbox_feeds, outbox_places
from aiworker.storage.transaction import Tx


@dataclass(frozen=True)
class Emit:
    feeds: list[str]


@dataclass(frozen=True)
class Number:
    limit: int


@dataclass(frozen=True)
class Prune:
    limit: int


FEEDS = st.sampled_from(["shop", "blog", "system"])
STEPS = st.lists(
    st.one_of(
        st.builds(Emit, st.lists(FEEDS, min_size=1, max_size=5)),
        st.builds(Number, st.integers(1, 7)),
        st.builds(Prune, st.integers(1, 5)),
    ),
    max_size=30,
)


def write(tx: Tx, feeds: list[str], written: int) -> None:
    for order, feed in enumerate(feeds, written + 1):
        tx.emit(Event(feed, f"{feed}-stream", "test", {"written": order}, position=order))
    tx.flush()


def hand_on(tx: Tx) -> list[PublishedEvent]:
    events = queries.waiting_for(tx, "live", 1000)
    if events:
        queries.move_place(tx, "live", events[-1].sequence)
    return events


@given(steps=STEPS)
def test_numbers_have_no_gaps_and_follow_the_order_of_writing(steps: list[Emit | Number | Prune]) -> None:
    engine = create_engine("sqlite://")
    clock = SteadyClock()
    seen: list[PublishedEvent] = []
    written = 0
    with engine.connect() as connection, connection.begin():
        for table in (outbox, outbox_feeds, outbox_places, leases):
            table.create(connection)

        for step in steps:
            tx = Tx(connection, clock=clock, writable=True)
            match step:
                case Emit(feeds):
                    write(tx, feeds, written)
                    written += len(feeds)
                case Number(limit):
                    queries.number_events(tx, limit)
                    seen += hand_on(tx)
                case Prune(limit):
                    queries.prune(tx, tx.now + timedelta(seconds=1), limit)
        tx = Tx(connection, clock=clock, writable=True)
        while queries.number_events(tx, 100):
            pass
        seen += hand_on(tx)
        newest = queries.newest_numbers(tx)
    engine.dispose()

    assert [event.data["written"] for event in seen] == list(range(1, written + 1))
    assert [event.sequence for event in seen] == sorted(event.sequence for event in seen)
    assert {event.sequence for event in seen} == set(range(1, max((event.sequence for event in seen), default=0) + 1))
    by_feed: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for event in seen:
        by_feed[event.feed].append((event.number, event.data["written"]))
    for feed, events in by_feed.items():
        assert [number for number, _ in events] == list(range(1, len(events) + 1))
        assert [order for _, order in events] == sorted(order for _, order in events)
        assert newest[feed] == len(events)


def test_a_feed_knows_what_it_still_reaches() -> None:
    assert queries.Bounds(oldest=5, newest=9).reaches(4)
    assert queries.Bounds(oldest=5, newest=9).reaches(9)
    assert not queries.Bounds(oldest=5, newest=9).reaches(3)
    assert not queries.Bounds(oldest=5, newest=9).reaches(10)
    assert queries.Bounds(oldest=1, newest=0).reaches(0)


def test_an_event_carries_what_was_written() -> None:
    event = PublishedEvent(sequence=1, feed="shop", number=1, stream="t", kind="task:created", data={"taskId": "1"})
    assert event.data == {"taskId": "1"}
