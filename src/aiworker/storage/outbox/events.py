"""The value that travels: what happened, to what, for whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

SYSTEM_FEED = "system"
_EVENTS_IN_A_ROW = 500


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as written with the change.

    `stream` is what keeps its order: one task, robot, agent or module. `position` counts the events of one stream and
    is given under the lock of the row that the stream is about; None where the stream's order does not matter.
    """

    feed: str
    stream: str
    kind: str
    data: Mapping[str, Any]
    position: int | None = None


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """An event that the relay has numbered. `number` counts without gaps within its feed; `sequence` is the place of
    its unit of work among all."""

    sequence: int
    feed: str
    number: int
    stream: str
    kind: str
    data: dict[str, Any]


def rows_of(events: Sequence[Event], now: datetime) -> list[dict[str, Any]]:
    """What one unit of work tells, as rows of the outbox: one for each run of events of one feed."""
    rows: list[dict[str, Any]] = []
    for feed, run in groupby(events, key=attrgetter("feed")):
        told = [
            {"stream": event.stream, "position": event.position, "kind": event.kind, "data": dict(event.data)}
            for event in run
        ]
        for start in range(0, len(told), _EVENTS_IN_A_ROW):
            part = told[start : start + _EVENTS_IN_A_ROW]
            rows.append({"feed": feed, "events": part, "size": len(part), "created_at": now})
    return rows
