"""The clock's hand: runs the upkeep and the schedules when something is due, and at least once a second."""

import asyncio
import logging
from datetime import datetime

from aiworker.core.errors import Unavailable
from aiworker.engine.schedules.service import Schedules
from aiworker.engine.service import Engine
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx

logger = logging.getLogger(__name__)

_LONGEST_WAIT_SECONDS = 1.0
_SHORTEST_WAIT_SECONDS = 0.005
_REROUTE_EVERY = 10


class Ticker:
    """May run in every process; each piece of work is done by one of them."""

    def __init__(self, database: Database, engine: Engine, schedules: Schedules) -> None:
        self._database = database
        self._engine = engine
        self._schedules = schedules
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Tick until `stop`."""
        rounds = 0
        while not self._stopping.is_set():
            seconds = _LONGEST_WAIT_SECONDS
            try:
                if rounds % _REROUTE_EVERY == 0:
                    await self._database.write(self._engine.reroute)
                seconds = await self.tick()
            except Unavailable as error:
                logger.warning("the upkeep waits: %s", error)
            except Exception:
                logger.exception("the upkeep failed; it goes on in a second")
            rounds += 1
            try:
                async with asyncio.timeout(seconds):
                    await self._stopping.wait()
            except TimeoutError:
                continue

    def stop(self) -> None:
        """End `run` after the round that is under way."""
        self._stopping.set()

    async def tick(self) -> float:
        """One round; nothing is written when nothing is due. Seconds until the next."""
        wait = await self._database.read(self._seconds_left)
        if wait > 0:
            return wait
        return await self._database.write(self._round)

    def _round(self, tx: Tx) -> float:
        self._engine.tick(tx)
        self._schedules.fire(tx)
        return max(_SHORTEST_WAIT_SECONDS, self._seconds_left(tx))

    def _seconds_left(self, tx: Tx) -> float:
        moments = (self._engine.next_at(tx), self._schedules.next_at(tx))
        following: datetime | None = min((moment for moment in moments if moment is not None), default=None)
        if following is None:
            return _LONGEST_WAIT_SECONDS
        return min(_LONGEST_WAIT_SECONDS, max(0.0, (following - tx.now).total_seconds()))
