"""The lookout: what is seen to at once or each minute, beside what the schedules do."""

import asyncio
import logging
from datetime import datetime, timedelta

from aiworker.core.errors import Unavailable
from aiworker.engine.analytics.service import ask_for_first
from aiworker.engine.deadlines.service import look as look_at_deadlines
from aiworker.engine.health.service import HealthChecks
from aiworker.engine.schedules.service import Schedules
from aiworker.engine.trends.service import minute_of, sample
from aiworker.storage.database import Database

logger = logging.getLogger(__name__)

_EVERY_SECONDS = 2.0
# An execution that ended just before the last look may have been committed just after it.
_OVERLAP = timedelta(seconds=10)


class Lookout:
    """Checks a module when it is new or its work fails, and samples all each minute. May run in every process."""

    def __init__(self, database: Database, health: HealthChecks, schedules: Schedules) -> None:
        self._database = database
        self._health = health
        self._schedules = schedules
        self._looked_at: datetime | None = None
        self._sampled: int | None = None

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self.look()
            except Unavailable as error:
                logger.warning("the lookout waits: %s", error)
            except Exception:
                logger.exception("the lookout failed; it looks again soon")
            await asyncio.sleep(_EVERY_SECONDS)

    async def look(self) -> None:
        """One look."""
        now = await self._database.read(lambda tx: tx.now)
        since = max(self._looked_at or now, now - timedelta(minutes=5)) - _OVERLAP
        await self._health.check_urgent(since, now)
        self._looked_at = now
        minute = minute_of(now)
        if minute != self._sampled:
            await self._database.write(sample)
            while await self._database.write(look_at_deadlines):
                pass
            await self._database.write(ask_for_first, self._schedules)
            self._sampled = minute
