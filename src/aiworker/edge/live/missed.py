"""What a client that comes back has missed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiworker.storage.outbox import queries
from aiworker.storage.outbox.events import PublishedEvent
from aiworker.storage.transaction import Tx

# If more was missed, reading everything anew is quicker.
MOST_MISSED = 1_000


@dataclass(frozen=True, slots=True)
class Missed:
    """The events in the order of their feeds, and where every feed stands. `too_old`: they cannot be told any more."""

    events: tuple[PublishedEvent, ...]
    feeds: dict[str, int]
    too_old: bool


def missed_since(tx: Tx, seen: Mapping[str, int], *, only: str | None = None) -> Missed:
    """What came after the numbers that were seen; a feed that was not seen yet is missed from its beginning.
    `only`: as if there were no other feed.

    A client that has seen nothing has missed nothing: it only learns where the feeds stand.
    """
    newest = queries.newest_numbers(tx)
    if only is not None:
        newest = {feed: number for feed, number in newest.items() if feed == only}
    if not seen:
        return Missed((), newest, too_old=False)
    known = {**dict.fromkeys(newest, 0), **{feed: number for feed, number in seen.items() if feed in newest}}
    behind = {feed: newest[feed] - number for feed, number in known.items()}
    unknown = any(number > 0 for feed, number in seen.items() if feed not in newest)
    if unknown or min(behind.values(), default=0) < 0 or sum(behind.values()) > MOST_MISSED:
        return Missed((), newest, too_old=True)
    events: list[PublishedEvent] = []
    for feed in (feed for feed, count in behind.items() if count):
        if not queries.bounds(tx, feed).reaches(known[feed]):
            return Missed((), newest, too_old=True)
        events += queries.events_after(tx, feed, known[feed], MOST_MISSED)
    events.sort(key=lambda event: event.sequence)
    return Missed(tuple(events), newest, too_old=False)


def payload(event: PublishedEvent) -> dict[str, Any]:
    """An event as it travels: its fields, and its number within its feed."""
    return {**event.data, "feed": event.feed, "number": event.number}
