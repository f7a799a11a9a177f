"""How often one caller may ask."""

import time

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from aiworker.core.errors import Limited


class RateLimits:
    """Requests per minute of each caller, counted in this process."""

    def __init__(self, per_minute: int) -> None:
        self._item = RateLimitItemPerMinute(per_minute)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def hit(self, caller: str) -> None:
        """Count one request. Raises: Limited, with the seconds until it is worth asking again."""
        if await self._limiter.hit(self._item, caller):
            return
        stats = await self._limiter.get_window_stats(self._item, caller)
        wait = max(1.0, stats.reset_time - time.time())
        raise Limited(
            f"More than {self._item.amount} requests in a minute; wait {wait:.0f} s.",
            code="rate_limited",
            retry_after=wait,
        )
