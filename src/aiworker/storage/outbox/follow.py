"""Follows what the relay has numbered, in any process: from now on, each event once, in order.

The bus only says that there is something new; what it is stands in the outbox. So nothing is missed or told twice when
the bus forgets, and where no bus leads from the relay's process to this one, it comes a second later.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from aiworker.core.errors import Unavailable
from aiworker.core.logging import get_logger
from aiworker.storage.bus import Bus
from aiworker.storage.database import Database
from aiworker.storage.outbox import queries
from aiworker.storage.outbox.events import PublishedEvent
from aiworker.storage.outbox.relay import NUMBERED_TOPIC

_log = get_logger(__name__)

POLL_SECONDS = 1.0
_ROWS_AT_ONCE = 100

Tell = Callable[[Sequence[PublishedEvent]], Awaitable[None]]


async def follow(
    database: Database, bus: Bus, tell: Tell, *, begun: asyncio.Event, poll_seconds: float = POLL_SECONDS
) -> None:
    """Tell of every event that is numbered once `begun` is set, until cancelled."""
    place: int | None = None
    async with bus.listen(NUMBERED_TOPIC) as numbered:
        while True:
            events: Sequence[PublishedEvent] = ()
            try:
                if place is None:
                    place = await database.read(queries.newest_sequence)
                    begun.set()
                events = await database.read(queries.events_from, place, _ROWS_AT_ONCE)
            except Unavailable as error:
                _log.warning("events_not_followed", reason=error.message)
            except Exception:  # noqa: BLE001 (whatever the neighbour throws, the next turn comes)
                _log.exception("events_not_followed")
            if events:
                place = events[-1].sequence
                await tell(events)
            if len(events) < _ROWS_AT_ONCE:
                await numbered.next(poll_seconds)
