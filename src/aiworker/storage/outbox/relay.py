"""The relay: numbers what was committed, and hands it on to readers that keep their own place.

Ids that a database gives out commit out of order, so an event gets its number only here, after its commit, from the one
relay that holds the lease. A reader's place moves after it has handed on: what a crash interrupts is handed on again,
and whoever receives it knows it by its number.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

from aiworker.core.errors import AiWorkerError, Unavailable
from aiworker.core.faults import fault_point
from aiworker.core.logging import get_logger
from aiworker.storage.bus import Bus
from aiworker.storage.database import Database
from aiworker.storage.leases import give_lease_back, nobody, take_lease
from aiworker.storage.outbox import queries
from aiworker.storage.outbox.events import PublishedEvent
from aiworker.storage.transaction import OUTBOX_TOPIC, Tx

_log = get_logger(__name__)

# Woken when events have been numbered.
NUMBERED_TOPIC = "numbered"
KEPT = timedelta(days=7)

# Counted in rows; a row holds all events of one unit of work for one feed.
_BATCH = 500
_HANDED_ON_AT_ONCE = 100
_LEASE = "outbox"
_LEASE_SECONDS = 10.0
_POLL_SECONDS = 1.0
# What is committed within this time is numbered and told together: a turn costs the same for one event as for many, as
# much as a request does, and it stands beside the next one. Nobody who looks at a page sees the difference.
_GATHER_SECONDS = 0.03
_PRUNE_SECONDS = 600.0
_PRUNE_BATCH = 1_000

Reader = Callable[[Sequence[PublishedEvent]], Awaitable[None]]


class Relay:
    """Numbers and hands on, for as long as `run` runs. `holder` names this process among its replicas.

    `is_gone` knows holders whose process has ended for certain: their leases are not waited for.
    """

    def __init__(
        self,
        database: Database,
        bus: Bus,
        *,
        holder: str,
        readers: Mapping[str, Reader],
        is_gone: Callable[[str], bool] = nobody,
    ) -> None:
        self._database = database
        self._bus = bus
        self._holder = holder
        self._is_gone = is_gone
        self._subscriptions = [
            _Subscription(database, name, reader, holder, is_gone) for name, reader in readers.items()
        ]

    async def run(self) -> None:
        """Relay until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._number_forever())
                tasks.create_task(self._prune_forever())
                for subscription in self._subscriptions:
                    tasks.create_task(subscription.run())
        finally:
            await self._give_leases_back()

    async def number_once(self) -> int:
        """Number one batch; how many."""
        return await self._number_now() if await self._database.read(queries.any_unnumbered) else 0

    async def _number_now(self) -> int:
        numbered = await self._database.write(self._number)
        if numbered:
            fault_point("outbox.numbered")
            self._bus.publish(NUMBERED_TOPIC, {})
            for subscription in self._subscriptions:
                subscription.wake()
        return numbered

    async def hand_on_once(self) -> int:
        """Let each reader hand on one batch; how many events. Raises: what a reader raises."""
        return sum([await subscription.hand_on() for subscription in self._subscriptions])

    async def prune_once(self, kept: timedelta = KEPT) -> int:
        """Remove one batch of events older than `kept` that every reader has handed on; how many."""
        return await self._database.write(self._prune, kept)

    def _number(self, tx: Tx) -> int:
        held = take_lease(tx, _LEASE, self._holder, _LEASE_SECONDS, is_gone=self._is_gone)
        return queries.number_events(tx, _BATCH) if held else 0

    def _prune(self, tx: Tx, kept: timedelta) -> int:
        readers = [subscription.name for subscription in self._subscriptions]
        return queries.prune(tx, tx.now - kept, _PRUNE_BATCH, readers)

    async def _number_forever(self) -> None:
        async with self._bus.listen(OUTBOX_TOPIC) as commits:
            numbered = await _quietly(self.number_once())
            while True:
                woken = numbered >= _BATCH or await commits.next(_POLL_SECONDS) is not None
                if woken:
                    await asyncio.sleep(_GATHER_SECONDS)
                numbered = await _quietly(self._number_now() if woken else self.number_once())

    async def _prune_forever(self) -> None:
        while True:
            if await _quietly(self.prune_once()) < _PRUNE_BATCH:
                await asyncio.sleep(_PRUNE_SECONDS)

    async def _give_leases_back(self) -> None:
        def body(tx: Tx) -> None:
            give_lease_back(tx, _LEASE, self._holder)
            for subscription in self._subscriptions:
                give_lease_back(tx, subscription.lease, self._holder)

        try:
            await self._database.write(body)
        except AiWorkerError as error:
            _log.warning("leases_not_given_back", reason=error.message)


class _Subscription:
    """One reader: its place in the sequence, and its lease, so that only one replica at a time hands on to it."""

    def __init__(
        self, database: Database, name: str, reader: Reader, holder: str, is_gone: Callable[[str], bool]
    ) -> None:
        self.lease = f"{_LEASE}:{name}"
        self._database = database
        self.name = name
        self._reader = reader
        self._holder = holder
        self._is_gone = is_gone
        self._held_until = 0.0
        self._awake = asyncio.Event()

    def wake(self) -> None:
        self._awake.set()

    async def run(self) -> None:
        while True:
            self._awake.clear()
            # An event stands in one row, so fewer events than rows asked for were all that there are.
            if await _quietly(self.hand_on()) < _HANDED_ON_AT_ONCE:
                try:
                    async with asyncio.timeout(_POLL_SECONDS):
                        await self._awake.wait()
                except TimeoutError:
                    pass

    async def hand_on(self) -> int:
        events = await self._waiting()
        if events and not self._holds:
            if not await self._hold():
                return 0
            # Read again under the lease: another replica may have moved the place until now.
            events = await self._waiting()
        if not events:
            return 0
        await self._reader(events)
        fault_point(f"outbox.handed_on.{self.name}")
        asked = time.monotonic()
        kept = await self._database.write(self._move, events[-1].sequence)
        self._held_until = asked + _LEASE_SECONDS / 2 if kept else 0.0
        return len(events)

    async def _waiting(self) -> Sequence[PublishedEvent]:
        return await self._database.read(queries.waiting_for, self.name, _HANDED_ON_AT_ONCE)

    @property
    def _holds(self) -> bool:
        return time.monotonic() < self._held_until

    async def _hold(self) -> bool:
        asked = time.monotonic()
        if not await self._database.write(self._take):
            return False
        self._held_until = asked + _LEASE_SECONDS / 2
        return True

    def _move(self, tx: Tx, sequence: int) -> bool:
        if not self._take(tx):
            return False
        queries.move_place(tx, self.name, sequence)
        return True

    def _take(self, tx: Tx) -> bool:
        return take_lease(tx, self.lease, self._holder, _LEASE_SECONDS, is_gone=self._is_gone)


async def _quietly(work: Awaitable[int]) -> int:
    """A failure is logged, and the same is tried again after the next poll."""
    try:
        return await work
    except Unavailable as error:
        _log.warning("relay_waits", reason=error.message)
        return 0
    except Exception:  # noqa: BLE001 (whatever the neighbour throws, the next turn comes)
        _log.exception("relay_failed")
        return 0
