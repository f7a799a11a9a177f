"""The value that travels: what happened, to what, for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SYSTEM_FEED = "system"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as written with the change.

    `position` counts the events of one stream and is given under the lock of the row that the stream is about; None
    where the stream's order does not matter.
    """

    feed: str
    stream: str
    kind: str
    data: Mapping[str, Any]
    position: int | None = None


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """An event that the relay has numbered. `number` counts without gaps within its feed."""

    sequence: int
    feed: str
    number: int
    stream: str
    kind: str
    data: dict[str, Any]
