"""Clocks that tests move: one that stands still, and one that goes on."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from aiworker.core.clock import utc_now

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class ManualClock:
    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class AheadClock:
    """The real time, and what a test has let pass."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead

    def let_pass(self, **time: float) -> None:
        self.ahead += timedelta(**time)


@contextmanager
def within_a_minute() -> Generator[None]:
    """Requests are counted by the minute of the clock, and in the next one there are some again: this one stays."""
    half_past = time.time() // 60 * 60 + 30
    with patch.object(time, "time", lambda: half_past):
        yield
