"""A breaker's moves and the budget of retries. Nothing here touches a database.

CLOSED: robots are handed out freely. `FEWER_AFTER` failures in a row make it FEWER: `MOST` may be under way, and each
further failure in a row halves that. At none it is OPEN: after a pause one robot is tried, and each trial that fails
doubles the pause. A success makes it FEWER with one under way; every `STEP` successes double that, until it is CLOSED.
So a module that fails at most half of its robots comes back, and one that fails nearly all is asked once a pause.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from aiworker.engine.breakers.records import Breaker
from aiworker.wire.engine import BreakerState

FEWER_AFTER: Final = 5
MOST: Final = 16
STEP: Final = 2
FIRST_PAUSE_SECONDS: Final = 30
LONGEST_PAUSE_SECONDS: Final = 15 * 60
# Of the tries that ended within the last minute; and what a module may always have.
RETRY_SHARE: Final = 0.2
LEAST_RETRIES_PER_MINUTE: Final = 60
_BURST: Final = timedelta(minutes=1)


def closed(module_name: str, now: datetime) -> Breaker:
    """That of a module none of whose robots has failed."""
    return Breaker(
        module_name=module_name,
        state=BreakerState.CLOSED,
        failures=0,
        successes=0,
        allowed=None,
        again_at=None,
        trial=None,
        pause_seconds=FIRST_PAUSE_SECONDS,
        changed_at=now,
        retries_until=None,
    )


def failed(breaker: Breaker, execute_id: str, now: datetime) -> Breaker:
    """A try failed in a way that may be the module's fault."""
    if breaker.state is BreakerState.OPEN:
        # What was under way before it opened says nothing new.
        return _opened(breaker, now) if execute_id == breaker.trial else breaker
    after = replace(breaker, failures=breaker.failures + 1)
    if after.state is BreakerState.CLOSED:
        return _fewer(after, MOST, now) if after.failures >= FEWER_AFTER else after
    if after.failures == 1:
        return after
    allowed = (after.allowed or 0) // 2
    return _fewer(after, allowed, after.changed_at) if allowed else _opened(after, now)


def succeeded(breaker: Breaker, number: int, now: datetime) -> Breaker:
    """So many robots were done well."""
    if breaker.state is BreakerState.CLOSED:
        return replace(breaker, failures=0)
    if breaker.state is BreakerState.OPEN:
        return replace(_fewer(breaker, 1, now), failures=0)
    steps, successes = divmod(breaker.successes + number, STEP)
    allowed = (breaker.allowed or 1) * 2 ** min(steps, MOST)
    if allowed > MOST:
        return replace(closed(breaker.module_name, now), retries_until=breaker.retries_until)
    return replace(breaker, failures=0, successes=successes, allowed=allowed)


def open_now(breaker: Breaker, now: datetime) -> bool:
    """Whether not even one may be tried."""
    return breaker.state is BreakerState.OPEN and breaker.again_at is not None and now < breaker.again_at


def tried(breaker: Breaker, execute_id: str, now: datetime) -> Breaker:
    """One is tried while it is OPEN; if nothing is ever heard of that one, another follows after the pause."""
    return replace(breaker, trial=execute_id, again_at=now + timedelta(seconds=breaker.pause_seconds))


def per_minute(ended: int) -> float:
    """How many retries may start in a minute, if so many tries ended in the one before."""
    return max(LEAST_RETRIES_PER_MINUTE, RETRY_SHARE * ended)


def planned(breaker: Breaker, retry_at: datetime, now: datetime, *, ended: int, cap: timedelta) -> datetime:
    """When a retry may start that wants to at `retry_at`: later if the budget is spent, but within its robot's `cap`.

    A minute's budget may start at once; after that they stand in line.
    """
    in_line = max(breaker.retries_until or now, now) - _BURST
    return max(retry_at, min(in_line + timedelta(minutes=1 / per_minute(ended)), now + cap))


def spent(breaker: Breaker, now: datetime, *, ended: int, cap: timedelta) -> Breaker:
    """One more retry is planned. The line grows no longer than anybody stands in it."""
    until = max(breaker.retries_until or now, now) + timedelta(minutes=1 / per_minute(ended))
    return replace(breaker, retries_until=min(until, now + _BURST + cap))


def _fewer(breaker: Breaker, allowed: int, changed_at: datetime) -> Breaker:
    return replace(
        breaker,
        state=BreakerState.FEWER,
        allowed=allowed,
        successes=0,
        again_at=None,
        trial=None,
        changed_at=changed_at,
    )


def _opened(breaker: Breaker, now: datetime) -> Breaker:
    return replace(
        breaker,
        state=BreakerState.OPEN,
        allowed=None,
        successes=0,
        trial=None,
        again_at=now + timedelta(seconds=breaker.pause_seconds),
        pause_seconds=min(2 * breaker.pause_seconds, LONGEST_PAUSE_SECONDS),
        changed_at=breaker.changed_at if breaker.state is BreakerState.OPEN else now,
    )
