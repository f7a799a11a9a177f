"""The Bus within one process."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from aiworker.storage.bus import Message

_BACKLOG = 10_000


class _MemoryListener:
    def __init__(self) -> None:
        self.queue: asyncio.Queue[Message] = asyncio.Queue(_BACKLOG)

    async def next(self, timeout: float | None = None) -> Message | None:  # noqa: ASYNC109 (the port's word)
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                return await self.queue.get()
        return None


class MemoryBus:
    """Messages between the coroutines of one process. A listener that lags by 10,000 messages loses the newest."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[_MemoryListener]] = defaultdict(set)

    async def publish(self, topic: str, message: Message) -> None:
        """Hand a message to everyone who listens to the topic now."""
        for listener in tuple(self._listeners.get(topic, ())):
            with suppress(asyncio.QueueFull):
                listener.queue.put_nowait(message)

    @asynccontextmanager
    async def listen(self, *topics: str) -> AsyncGenerator[_MemoryListener]:
        """Listen to topics from the moment the context is entered."""
        listener = _MemoryListener()
        for topic in topics:
            self._listeners[topic].add(listener)
        try:
            yield listener
        finally:
            for topic in topics:
                self._listeners[topic].discard(listener)
                if not self._listeners[topic]:
                    del self._listeners[topic]

    async def close(self) -> None:
        """Nothing to let go of."""
