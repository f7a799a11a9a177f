"""Statements about the outbox."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, insert, select, update

from aiworker.storage.outbox.events import PublishedEvent
from aiworker.storage.outbox.tables import outbox, outbox_feeds, outbox_places
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


def any_unnumbered(tx: Tx) -> bool:
    """Whether there is something to number."""
    return tx.scalar(select(outbox.c.id).where(outbox.c.sequence.is_(None)).limit(1)) is not None


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
    rows = tx.rows(
        select(outbox.c.id, outbox.c.feed, outbox.c.size)
        .where(outbox.c.sequence.is_(None))
        .order_by(outbox.c.id)
        .limit(limit)
    )
    if not rows:
        return 0
    known = _counters(tx, {_ALL, *(row.feed for row in rows)})
    counters: defaultdict[str, int] = defaultdict(int, known)
    numbered: list[dict[str, int]] = []
    for row in rows:
        counters[_ALL] += 1
        counters[row.feed] += row.size
        numbered.append({"row": row.id, "to_sequence": counters[_ALL], "to_number": counters[row.feed]})
    tx.execute(
        update(outbox)
        .where(outbox.c.id == bindparam("row"))
        .values(sequence=bindparam("to_sequence"), number=bindparam("to_number")),
        numbered,
    )
    _keep_counters(tx, counters, known)
    return sum(row.size for row in rows)


def _counters(tx: Tx, feeds: set[str]) -> dict[str, int]:
    rows = tx.rows(select(outbox_feeds.c.feed, outbox_feeds.c.number).where(outbox_feeds.c.feed.in_(feeds)))
    return {row.feed: row.number for row in rows}


def _keep_counters(tx: Tx, counters: Mapping[str, int], known: Mapping[str, int]) -> None:
    new = [{"feed": feed, "number": number} for feed, number in counters.items() if feed not in known]
    changed = [{"of": feed, "to": number} for feed, number in counters.items() if feed in known]
    if new:
        tx.execute(insert(outbox_feeds), new)
    if changed:
        statement = update(outbox_feeds).where(outbox_feeds.c.feed == bindparam("of")).values(number=bindparam("to"))
        tx.execute(statement, changed)


def waiting_for(tx: Tx, reader: str, limit: int) -> list[PublishedEvent]:
    """The events of the next `limit` rows that a reader has not handed on, in their order."""
    place = tx.scalar(select(outbox_places.c.sequence).where(outbox_places.c.reader == reader)) or 0
    return events_from(tx, place, limit)


def _events(tx: Tx, rows: Select[*tuple[Any, ...]]) -> list[PublishedEvent]:
    return [
        PublishedEvent(
            sequence=row.sequence,
            feed=row.feed,
            number=number,
            stream=event["stream"],
            kind=event["kind"],
            data=event["data"],
        )
        for row in tx.rows(rows)
        for number, event in enumerate(row.events, row.number - len(row.events) + 1)
    ]


def newest_sequence(tx: Tx) -> int:
    """The sequence that was given last; 0 before the first."""
    return tx.scalar(select(outbox_feeds.c.number).where(outbox_feeds.c.feed == _ALL)) or 0


def events_from(tx: Tx, sequence: int, limit: int) -> list[PublishedEvent]:
    """The events of the `limit` rows after a sequence, in their order."""
    return _events(tx, select(*_ROW).where(outbox.c.sequence > sequence).order_by(outbox.c.sequence).limit(limit))


def move_place(tx: Tx, reader: str, sequence: int) -> None:
    """A reader has handed on everything up to `sequence`."""
    moved = tx.execute(update(outbox_places).where(outbox_places.c.reader == reader).values(sequence=sequence))
    if moved.rowcount == 0:
        tx.execute(insert(outbox_places).values(reader=reader, sequence=sequence))


def events_after(tx: Tx, feed: str, number: int, limit: int) -> list[PublishedEvent]:
    """A feed's events after `number`, in their order."""
    rows = select(*_ROW).where(outbox.c.feed == feed, outbox.c.number > number).order_by(outbox.c.number).limit(limit)
    return [event for event in _events(tx, rows) if event.number > number][:limit]


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
