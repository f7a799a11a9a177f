"""Tells what commits leave to be told: to this process at once, to everyone else over the bus."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence

from aiworker.storage.bus import Bus
from aiworker.storage.outbox.events import Event
from aiworker.storage.transaction import ANNOUNCEMENT_TOPIC, Committed


class CommitTeller:
    """Fits `Database.on_commit`. Topics and announcements reach the bus in the order of their commits."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._heard: defaultdict[str, list[Callable[[], None]]] = defaultdict(list)
        self._renewers: list[Callable[[Collection[str]], None]] = []
        self._counters: list[Callable[[Sequence[Event]], None]] = []

    def on(self, topic: str, heard: Callable[[], None]) -> None:
        """Call `heard` right after each commit here that wakes the topic."""
        self._heard[topic].append(heard)

    def on_dropped(self, renew: Callable[[Collection[str]], None]) -> None:
        """Call `renew` with the cache keys that a commit here has dropped."""
        self._renewers.append(renew)

    def on_events(self, count: Callable[[Sequence[Event]], None]) -> None:
        """Call `count` with the events of each commit here."""
        self._counters.append(count)

    def __call__(self, committed: Committed) -> None:
        """A unit of work was committed."""
        if committed.events:
            for count in self._counters:
                count(committed.events)
        if committed.dropped:
            for renew in self._renewers:
                renew(committed.dropped)
        for topic in committed.topics:
            for heard in self._heard.get(topic, ()):
                heard()
        for topic in sorted(committed.topics):
            self._bus.publish(topic, {})
        for made in committed.announcements:
            message = {"room": made.room, "kind": made.kind, "data": dict(made.data)}
            self._bus.publish(ANNOUNCEMENT_TOPIC, message)
