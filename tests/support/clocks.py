"""Clocks that tests move: one that stands still, and one that goes on."""

from datetime import UTC, datetime, timedelta

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
