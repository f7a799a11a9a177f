"""How often one caller may ask."""

import time
from collections.abc import Callable

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError

from aiworker.core.errors import Limited

_REST_SECONDS = 1.0


class RateLimits:
    """Requests per minute of each caller, counted in this process, or by all in `shared` as long as it answers."""

    def __init__(
        self, per_minute: int, shared: Storage | None = None, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_minute = per_minute
        self._own = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._shared = SlidingWindowCounterRateLimiter(shared) if shared else None
        self._monotonic = monotonic
        self._rests_until = 0.0

    async def hit(self, caller: str, per_minute: int | None = None) -> None:
        """Count one request; `per_minute`: a limit of the caller's own.

        Raises: Limited, with the seconds until it is worth asking again.
        """
        item = RateLimitItemPerMinute(per_minute or self._per_minute)
        if self._shared is not None and self._monotonic() >= self._rests_until:
            try:
                return await self._hit(self._shared, item, caller)
            except StorageError:
                self._rests_until = self._monotonic() + _REST_SECONDS
        return await self._hit(self._own, item, caller)

    async def _hit(self, limiter: SlidingWindowCounterRateLimiter, item: RateLimitItem, caller: str) -> None:
        if await limiter.hit(item, caller):
            return
        stats = await limiter.get_window_stats(item, caller)
        wait = max(1.0, stats.reset_time - time.time())
        raise Limited(
            f"More than {item.amount} requests in a minute; wait {wait:.0f} s.",
            code="rate_limited",
            retry_after=wait,
        )
