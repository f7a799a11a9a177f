"""The Bus port: hints between coroutines, processes and replicas. It may forget; the outbox never does."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

# JSON values. An empty message is a wake-up: it only says "look for yourself". Wake-ups may be merged, arrive some
# milliseconds late, and come without anybody having sent them, where others may have been lost.
Message = Mapping[str, Any]


class Listener(Protocol):
    """A place in the queue of its topics."""

    async def next(self, timeout: float | None = None) -> Message | None:  # noqa: ASYNC109
        """The next message; None if none came within `timeout` seconds."""
        ...


class Bus(Protocol):
    """Publish and listen by topic. Delivery is at most once, to those who listen at that moment."""

    def publish(self, topic: str, message: Message) -> None:
        """Hand a message to everyone who listens to the topic now: from the event loop, without waiting for anyone."""
        ...

    def listen(self, *topics: str) -> AbstractAsyncContextManager[Listener]:
        """Listen to topics from the moment the context is entered."""
        ...

    async def close(self) -> None:
        """Stop; listeners get no more messages."""
        ...
