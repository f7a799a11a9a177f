"""The Bus within one process."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from aiworker.storage.bus import Message

_BACKLOG = 10_000


class _MemoryListener:
    def __init__(self) -> None:
        self._queue: asyncio.Queue[Message] = asyncio.Queue(_BACKLOG)
        self._woken = False

    def offer(self, message: Message) -> None:
        if not message:
            if self._woken:
                return
            self._woken = True
        with suppress(asyncio.QueueFull):
            self._queue.put_nowait(message)

    async def next(self, timeout: float | None = None) -> Message | None:  # noqa: ASYNC109 (the port's word)
        try:
            async with asyncio.timeout(timeout):
                # Whoever only looks need not go to sleep for it.
                message = self._queue.get_nowait() if timeout == 0 else await self._queue.get()
        except (TimeoutError, asyncio.QueueEmpty):
            return None
        if not message:
            self._woken = False
        return message


class MemoryBus:
    """Messages between the coroutines of one process. A listener that lags by 10,000 messages loses the newest.

    A wake-up that a listener has not taken yet stands for all that follow it.
    """

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[_MemoryListener]] = defaultdict(set)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that somebody listens to."""
        return tuple(self._listeners)

    def publish(self, topic: str, message: Message) -> None:
        """Hand a message to everyone who listens to the topic now."""
        for listener in tuple(self._listeners.get(topic, ())):
            listener.offer(message)

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
