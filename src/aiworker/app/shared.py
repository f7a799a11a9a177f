"""What the processes of an installation share beside the database: the bus, the cache, the counts of requests."""

import hashlib
from collections.abc import Mapping, Sequence

from limits.aio.storage import RedisStorage, Storage

from aiworker.adapters.bus.memory import MemoryBus
from aiworker.adapters.bus.redis import RedisBus, tell_of_new_tasks
from aiworker.adapters.cache.memory import MemoryShelf
from aiworker.adapters.cache.redis import RedisShelf
from aiworker.adapters.redis.link import RedisLink
from aiworker.core.settings import Settings
from aiworker.storage.bus import Bus
from aiworker.storage.cache import Cache
from aiworker.storage.cache_table import told_by
from aiworker.storage.database import Database
from aiworker.storage.licence import Licence
from aiworker.storage.outbox.events import PublishedEvent
from aiworker.storage.outbox.relay import Reader


class Shared:
    """Redis where there is one. Without it: what one process can do for itself.

    `alone`: no other process uses the database, so that this one may keep a cache for itself.
    """

    def __init__(self, settings: Settings, secret_key: str, database: Database, *, alone: bool) -> None:
        self.redis = _link(settings, secret_key)
        self.bus: Bus
        if self.redis is not None:
            self.bus = self._redis_bus = RedisBus(self.redis)
            self.cache = Cache(RedisShelf(self.redis), Licence(database))
        else:
            self.bus, self._redis_bus = MemoryBus(), None
            self.cache = Cache(MemoryShelf() if alone else None)

    @property
    def degraded(self) -> bool:
        """Whether Redis should be there and is away; known without asking it."""
        return self._redis_bus is not None and not self._redis_bus.connected

    async def check(self) -> None:
        """Ask for a sign of life. Raises: Unavailable."""
        if self.redis is not None:
            await self.redis.ping()

    def limits(self) -> Storage | None:
        """Where requests are counted for all processes; None: each counts its own."""
        if self.redis is None:
            return None
        return RedisStorage(
            "async+redis://",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix=f"{self.redis.namespace}:limits",
            connection_pool=self.redis.pool,  # pyright: ignore[reportArgumentType] (limits hands it on)
        )

    def readers(self) -> Mapping[str, Reader]:
        """What the relay hands events to: new tasks to other programs, and to the cache that they share what a process
        that died between its commit and its answer did not drop."""
        if self.redis is None:
            return {}
        return {"cache": self._drop, "task:new": tell_of_new_tasks(self.redis)}

    async def close(self) -> None:
        """Let go of every connection."""
        await self.cache.close()
        await self.bus.close()
        if self.redis is not None:
            await self.redis.close()

    async def _drop(self, events: Sequence[PublishedEvent]) -> None:
        await self.cache.drop({key for event in events for key in told_by(event)})


def _link(settings: Settings, secret_key: str) -> RedisLink | None:
    """The replicas of an installation share its secret key, so by that they find each other, and nobody else."""
    if settings.redis is None:
        return None
    installation = hashlib.sha256(f"redis namespace of {secret_key}".encode()).hexdigest()[:12]
    return RedisLink(settings.redis.get_secret_value(), namespace=f"aiworker:{installation}")
