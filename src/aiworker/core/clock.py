"""Clocks: UTC instants with microseconds, and a clock that never goes backwards."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The wall clock, UTC, microseconds."""
    return datetime.now(UTC)


class SteadyClock:
    """A wall clock that never answers the same instant twice and never goes back, also when the machine's does."""

    def __init__(self, source: Clock = utc_now) -> None:
        self._source = source
        self._last = datetime.min.replace(tzinfo=UTC)
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        """The next instant."""
        with self._lock:
            self._last = max(self._source(), self._last + timedelta(microseconds=1))
            return self._last


def iso(moment: datetime) -> str:
    """ISO 8601, UTC, microseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
