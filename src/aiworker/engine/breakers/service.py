"""What robots' ends do to their modules' breakers, and what people may do about it.

The system's own modules have none: their robots are of many kinds with many neighbours, and one neighbour that is away
must not hold up the others.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from aiworker.access.actors import SYSTEM
from aiworker.access.audit.service import record
from aiworker.core.clock import iso
from aiworker.core.sayings import Saying, Sentence
from aiworker.engine.breakers import queries, states
from aiworker.engine.breakers.records import Breaker
from aiworker.engine.queues.service import claim_topic
from aiworker.engine.trends.service import minute_of
from aiworker.storage.outbox.events import SYSTEM_FEED, Event
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import BreakerState

TRIED_SOON = Sentence("breaker_soon", "module {module} gets no robots: they failed in a row; one is tried soon")
TRIED_AT = Sentence("breaker_at", "module {module} gets no robots: they failed in a row; one is tried at {at}")
FEW_AT_A_TIME = Sentence("breaker_few", "module {module} gets {allowed} at a time: its robots failed in a row")


def failed(
    tx: Tx, module_name: str, execute_id: str, *, retry_at: datetime | None, cap_seconds: int
) -> datetime | None:
    """A try failed in a way that may be the module's fault; when the next one, planned for `retry_at`, may start."""
    minute = minute_of(tx.now) - 1
    found = queries.lock(tx, module_name, minute)
    if found is None:
        if not queries.may_have_one(tx, module_name):
            return retry_at
        queries.add(tx, states.closed(module_name, tx.now))
        found = queries.lock(tx, module_name, minute)
    if found is None:
        return retry_at
    before, ended = found
    after = states.failed(before, execute_id, tx.now)
    if retry_at is not None:
        cap = timedelta(seconds=cap_seconds)
        retry_at = states.planned(before, retry_at, tx.now, ended=ended, cap=cap)
        after = states.spent(after, tx.now, ended=ended, cap=cap)
    _change(tx, before, after)
    return retry_at


def succeeded(tx: Tx, done: Mapping[str, int]) -> None:
    """So many robots of each of these modules were done well; only modules with a stirred breaker need be told of."""
    if not done:
        return
    for before in queries.lock_many(tx, sorted(done)):
        _change(tx, before, states.succeeded(before, done[before.module_name], tx.now))


def trial(tx: Tx, seen: Breaker) -> Breaker | None:
    """An open breaker, ours until the commit, if a robot may be tried now; else None."""
    if states.open_now(seen, tx.now):
        return None
    found = queries.lock(tx, seen.module_name)
    breaker = found[0] if found is not None else None
    if breaker is None or breaker.state is not BreakerState.OPEN or states.open_now(breaker, tx.now):
        return None
    return breaker


def tried(tx: Tx, breaker: Breaker, execute_id: str) -> None:
    """This one is the trial."""
    queries.save(tx, breaker, states.tried(breaker, execute_id, tx.now))


def breakers_of(tx: Tx, module_names: Sequence[str]) -> Mapping[str, Breaker]:
    """By module; one none of whose robots ever failed has none."""
    return queries.of_modules(tx, module_names)


def reset(tx: Tx, module_name: str) -> None:
    """A person knows better: robots are handed out freely again, and no retry is planned. Closed is no error."""
    for before in queries.lock_many(tx, [module_name]):
        _save(tx, before, states.closed(module_name, tx.now))


def explained(breaker: Breaker | None, running: int) -> Saying | None:
    """Why a module gets no robot now, in a few words; None if it does."""
    if breaker is None or breaker.state is BreakerState.CLOSED:
        return None
    if breaker.state is BreakerState.OPEN:
        if breaker.again_at is None:
            return TRIED_SOON(module=breaker.module_name)
        return TRIED_AT(module=breaker.module_name, at=iso(breaker.again_at))
    if running < (breaker.allowed or 0):
        return None
    return FEW_AT_A_TIME(module=breaker.module_name, allowed=breaker.allowed)


def _change(tx: Tx, before: Breaker, after: Breaker) -> None:
    _save(tx, before, after)
    opens, closes = after.state is BreakerState.OPEN, after.state is BreakerState.CLOSED
    if after.state is not before.state and (opens or closes):
        record(tx, SYSTEM, "module.breaker", after.module_name, _told(before, after))


def _save(tx: Tx, before: Breaker, after: Breaker) -> None:
    queries.save(tx, before, after)
    if before.state is not BreakerState.CLOSED:
        # A waiting claim may get a robot now: the limit has risen, or a place has become free.
        tx.wake(claim_topic(after.module_name))
    if after.state is not before.state:
        stream = f"module:{after.module_name}"
        tx.emit(Event(SYSTEM_FEED, stream, "module:breaker", _told(before, after)))


def _told(before: Breaker, after: Breaker) -> dict[str, Any]:
    return {
        "moduleName": after.module_name,
        "oldState": before.state.value,
        "newState": after.state.value,
        "allowed": after.allowed,
        "againAt": iso(after.again_at) if after.again_at is not None else None,
    }
