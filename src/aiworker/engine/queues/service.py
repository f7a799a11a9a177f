"""Pausing and limiting queues."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from aiworker.core.errors import Invalid
from aiworker.engine.queues import queries
from aiworker.engine.queues.records import Queue, Unset
from aiworker.storage.transaction import Tx

CLAIM_TOPIC = "claim:"


def claim_topic(module_name: str) -> str:
    """What those who wait for a robot of a module listen to."""
    return CLAIM_TOPIC + module_name


def get_queue(tx: Tx, name: str) -> Queue:
    """A queue; one that nobody ever paused or limited is open."""
    return queries.find(tx, name) or Queue(name=name, paused=False, max_running=None)


def set_queue(tx: Tx, name: str, *, paused: bool | None, max_running: int | Unset | None) -> Queue:
    """Pause or reopen a queue, limit how many of it may run (None: no limit). Robots that run go on.

    Raises: Invalid.
    """
    if isinstance(max_running, int) and max_running < 0:
        raise Invalid("A queue's limit is 0 or more, or none.", code="bad_limit")
    before = (queries.lock(tx, [name]) or [get_queue(tx, name)])[0]
    after = replace(
        before,
        paused=before.paused if paused is None else paused,
        max_running=before.max_running if isinstance(max_running, Unset) else max_running,
    )
    if after != before:
        queries.save(tx, after)
        for module_name in queries.modules_of(tx, name):
            tx.wake(claim_topic(module_name))
    return after


def known(tx: Tx, names: Sequence[str]) -> dict[str, Queue]:
    """Those of the queues that were ever paused, reopened or limited."""
    return queries.by_names(tx, names) if names else {}


def rooms(tx: Tx, names: Sequence[str]) -> Mapping[str, int]:
    """How many more may start in each limited queue, with the limits' rows locked: no other claim counts meanwhile."""
    if not names:
        return {}
    locked = queries.lock(tx, names)
    running = queries.running(tx, names)
    return {
        queue.name: 0 if queue.paused else max(0, queue.max_running - running.get(queue.name, 0))
        for queue in locked
        if queue.max_running is not None
    }


def full(tx: Tx, names: Sequence[str]) -> set[str]:
    """Those of the queues that have reached their limit, in two statements."""
    limits = {name: queue.max_running for name, queue in known(tx, names).items() if queue.max_running is not None}
    running = queries.running(tx, sorted(limits)) if limits else {}
    return {name for name, limit in limits.items() if running.get(name, 0) >= limit}
