"""Statements about the outbox."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select

from aiworker.storage.outbox.events import PublishedEvent
from aiworker.storage.outbox.tables import outbox, outbox_feeds, outbox_places
from aiworker.storage.prepared import Prepared, this, update_of
from aiworker.storage.transaction import Tx

_READERS = 100
# The counter of the sequence over all feeds is kept beside the feeds' own.
_ALL = "*"
_ROW = (outbox.c.sequence, outbox.c.feed, outbox.c.number, outbox.c.events)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The numbers that a feed still has: `oldest` is `newest + 1` when it has none."""

    oldest: int
    newest: int

    def reaches(self, number: int) -> bool:
        """Whether everything after `number` is still there."""
        return self.oldest - 1 <= number <= self.newest


_WITHOUT = (
    select(outbox.c.id, outbox.c.feed, outbox.c.size)
    .where(outbox.c.sequence.is_(None))
    .order_by(outbox.c.id)
    .limit(bindparam("number"))
)
_UNNUMBERED = Prepared(_WITHOUT)
_COUNTERS = Prepared(
    select(outbox_feeds.c.feed, outbox_feeds.c.number).where(
        outbox_feeds.c.feed.in_(bindparam("feeds", expanding=True))
    )
)
_PLACE = Prepared(select(outbox_places.c.sequence).where(outbox_places.c.reader == bindparam("reader")))
_FROM = Prepared(
    select(*_ROW).where(outbox.c.sequence > bindparam("after")).order_by(outbox.c.sequence).limit(bindparam("number"))
)


def any_unnumbered(tx: Tx) -> bool:
    """Whether there is something to number."""
    return bool(tx.rows(_UNNUMBERED, {"number": 1}))


def unnumbered(tx: Tx, limit: int) -> tuple[int, datetime | None]:
    """How many units of work wait to be numbered, counted to `limit`, and since when the first of them does."""
    some = select(outbox.c.created_at).where(outbox.c.sequence.is_(None)).order_by(outbox.c.id).limit(limit).subquery()
    row = tx.row(select(func.count().label("number"), func.min(some.c.created_at).label("oldest")).select_from(some))
    return (row.number, row.oldest) if row is not None else (0, None)


def places(tx: Tx) -> dict[str, int]:
    """Up to which sequence each reader has handed on."""
    return {row.reader: row.sequence for row in tx.rows(select(outbox_places).limit(_READERS))}


def number_events(tx: Tx, limit: int) -> int:
    """Number the events of the `limit` oldest rows that have no number; how many events. The caller holds the relay's
    lease."""
    rows = tx.rows(_UNNUMBERED, {"number": limit})
    if not rows:
        return 0
    known = _counters(tx, {_ALL, *(row.feed for row in rows)})
    counters: defaultdict[str, int] = defaultdict(int, known)
    numbered: list[dict[str, int]] = []
    for row in rows:
        counters[_ALL] += 1
        counters[row.feed] += row.size
        numbered.append({"sequence": counters[_ALL], "number": counters[row.feed]} | this(id=row.id))
    tx.execute(update_of(outbox, ("id",), ("sequence", "number")), numbered)
    _keep_counters(tx, counters, known)
    return sum(row.size for row in rows)


def _counters(tx: Tx, feeds: set[str]) -> dict[str, int]:
    rows = tx.rows(_COUNTERS, {"feeds": sorted(feeds)})
    return {row.feed: row.number for row in rows}


def _keep_counters(tx: Tx, counters: Mapping[str, int], known: Mapping[str, int]) -> None:
    new = [{"feed": feed, "number": number} for feed, number in counters.items() if feed not in known]
    changed = [{"number": number} | this(feed=feed) for feed, number in counters.items() if feed in known]
    if new:
        tx.execute(insert(outbox_feeds), new)
    if changed:
        tx.execute(update_of(outbox_feeds, ("feed",), ("number",)), changed)


def waiting_for(tx: Tx, reader: str, limit: int) -> list[PublishedEvent]:
    """The events of the next `limit` rows that a reader has not handed on, in their order."""
    place = tx.scalar(_PLACE, {"reader": reader}) or 0
    return events_from(tx, place, limit)


def _events(rows: Sequence[Row[Any]]) -> list[PublishedEvent]:
    return [
        PublishedEvent(
            sequence=row.sequence,
            feed=row.feed,
            number=number,
            stream=event["stream"],
            kind=event["kind"],
            data=event["data"],
        )
        for row in rows
        for number, event in enumerate(row.events, row.number - len(row.events) + 1)
    ]


def newest_sequence(tx: Tx) -> int:
    """The sequence that was given last; 0 before the first."""
    return tx.scalar(select(outbox_feeds.c.number).where(outbox_feeds.c.feed == _ALL)) or 0


def events_from(tx: Tx, sequence: int, limit: int) -> list[PublishedEvent]:
    """The events of the `limit` rows after a sequence, in their order."""
    return _events(tx.rows(_FROM, {"after": sequence, "number": limit}))


def move_place(tx: Tx, reader: str, sequence: int) -> None:
    """A reader has handed on everything up to `sequence`."""
    moved = tx.execute(
        update_of(outbox_places, ("reader",), ("sequence",)), {"sequence": sequence} | this(reader=reader)
    )
    if moved.rowcount == 0:
        tx.execute(insert(outbox_places).values(reader=reader, sequence=sequence))


def events_after(tx: Tx, feed: str, number: int, limit: int) -> list[PublishedEvent]:
    """A feed's events after `number`, in their order."""
    rows = select(*_ROW).where(outbox.c.feed == feed, outbox.c.number > number).order_by(outbox.c.number).limit(limit)
    return [event for event in _events(tx.rows(rows)) if event.number > number][:limit]


def bounds(tx: Tx, feed: str) -> Bounds:
    """Which numbers a feed still has."""
    newest = tx.scalar(select(outbox_feeds.c.number).where(outbox_feeds.c.feed == feed)) or 0
    first = outbox.c.number - outbox.c.size + 1
    oldest = tx.scalar(
        select(first).where(outbox.c.feed == feed, outbox.c.number.is_not(None)).order_by(outbox.c.number).limit(1)
    )
    return Bounds(oldest=newest + 1 if oldest is None else oldest, newest=newest)


def newest_numbers(tx: Tx, limit: int = 10_000) -> dict[str, int]:
    """The newest number of every feed."""
    rows = tx.rows(select(outbox_feeds.c.feed, outbox_feeds.c.number).where(outbox_feeds.c.feed != _ALL).limit(limit))
    return {row.feed: row.number for row in rows}


def prune(tx: Tx, before: datetime, limit: int, readers: Collection[str] = ()) -> int:
    """Remove the oldest rows that were written before a moment and that all `readers` have handed on; how many."""
    places = select(outbox_places.c.reader, outbox_places.c.sequence).where(outbox_places.c.reader.in_(readers))
    place_of = {row.reader: row.sequence for row in tx.rows(places)} if readers else {}
    handed_on = min((place_of.get(reader, 0) for reader in readers), default=newest_sequence(tx))
    oldest = tx.rows(
        select(outbox.c.id, outbox.c.created_at)
        .where(outbox.c.sequence <= handed_on)
        .order_by(outbox.c.sequence)
        .limit(limit)
    )
    old = [row.id for row in oldest if row.created_at < before]
    if old:
        tx.execute(delete(outbox).where(outbox.c.id.in_(old)))
    return len(old)
