"""The Bus between processes: Redis pub/sub, one channel for an installation.

Who listens in the same process is told at once and without Redis, so a process by itself never depends on it. What
goes to the others is gathered while the last message is under way, and sent as one. A wake-up from another process is
merged with those that wait and spread over a few milliseconds for each process there is, so that they do not all go
for the same thing at once. While Redis is away, what would go to others is forgotten; once it is back every listener
is woken, to look for what it missed.
"""

import asyncio
import random
import uuid
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import msgspec
from redis.asyncio.client import PubSub
from redis.exceptions import ConnectionError as ConnectionFailed
from redis.exceptions import RedisError

from aiworker.adapters.bus.memory import MemoryBus
from aiworker.adapters.redis.link import RedisAway, RedisLink
from aiworker.core.logging import get_logger
from aiworker.storage.bus import Listener, Message
from aiworker.storage.outbox.events import PublishedEvent
from aiworker.storage.outbox.relay import Reader

_log = get_logger(__name__)

NEW_TASKS = "task:new"

_MOST_WAITING = 10_000
_MOST_AT_ONCE = 500
_SPREAD_SECONDS = 0.003
_WIDEST_SPREAD_SECONDS = 0.1
_SIGN_OF_LIFE_SECONDS = 2.0
_AGAIN_SECONDS = 0.25


class _Parcel(msgspec.Struct, array_like=True):
    """What travels: who sent it, how many processes that one knows of, and (topic, message) in their order."""

    sender: str
    processes: int
    messages: list[tuple[str, dict[str, Any]]]


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Parcel).decode


def tell_of_new_tasks(link: RedisLink) -> Reader:
    """A reader of the outbox: each new task goes to Redis' channel `task:new`, `{taskId, taskKey, projectId}`.

    It is for other programs. While Redis is away it waits; after a crash a task may be told twice.
    """

    async def tell(events: Sequence[PublishedEvent]) -> None:
        for event in events:
            if event.kind == "task:created":
                await link.ask("PUBLISH", NEW_TASKS, msgspec.json.encode(event.data))

    return tell


class RedisBus:
    """Messages between every process that shares a Redis and a namespace."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._channel = f"{link.namespace}:bus"
        self._name = uuid.uuid4().hex
        self._here = MemoryBus()
        self._wakeups: set[str] = set()
        self._messages: deque[tuple[str, dict[str, Any]]] = deque(maxlen=_MOST_WAITING)
        self._something = asyncio.Event()
        self._processes = 1
        self._late: dict[str, asyncio.TimerHandle] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._tried = asyncio.Event()
        self._connected = False

    @property
    def connected(self) -> bool:
        """Whether messages from other processes arrive."""
        return self._connected

    def publish(self, topic: str, message: Message) -> None:
        """Hand a message to everyone who listens to the topic now, here and in the other processes."""
        self._start()
        self._here.publish(topic, message)
        if message:
            self._messages.append((topic, dict(message)))
        else:
            self._wakeups.add(topic)
        self._something.set()

    @asynccontextmanager
    async def listen(self, *topics: str) -> AsyncGenerator[Listener]:
        """Listen to topics from the moment the context is entered; while Redis is away, to this process alone."""
        self._start()
        async with self._here.listen(*topics) as listener:
            await self._tried.wait()
            yield listener

    async def close(self) -> None:
        """Stop; listeners get no more messages."""
        for timer in self._late.values():
            timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self) -> None:
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._send_forever(), name="bus sends"),
                asyncio.create_task(self._receive_forever(), name="bus receives"),
            ]

    async def _send_forever(self) -> None:
        while not _ending():
            await self._something.wait()
            self._something.clear()
            while (self._wakeups or self._messages) and not _ending():
                parcel = self._gather()
                # Whoever listens there looks for itself once Redis is back.
                with suppress(RedisAway):
                    self._processes = await self._link.ask("PUBLISH", self._channel, _encode(parcel))

    def _gather(self) -> _Parcel:
        gathered: list[tuple[str, dict[str, Any]]] = [(topic, {}) for topic in sorted(self._wakeups)]
        self._wakeups.clear()
        while self._messages and len(gathered) < _MOST_AT_ONCE:
            gathered.append(self._messages.popleft())
        return _Parcel(self._name, self._processes, gathered)

    async def _receive_forever(self) -> None:
        while not _ending():
            try:
                async with self._link.subscription() as subscription:
                    await subscription.subscribe(self._channel)
                    await self._receive(subscription)
            except (RedisError, OSError) as error:
                if self._connected or not self._tried.is_set():
                    _log.warning("bus_disconnected", reason=type(error).__name__)
                self._connected = False
                self._tried.set()
            await asyncio.sleep(_AGAIN_SECONDS * random.uniform(0.5, 1))  # noqa: S311 (jitter)

    async def _receive(self, subscription: PubSub) -> None:
        """Raises: what the client raises, also when the server has fallen silent."""
        asked = False
        while not _ending():
            message = await subscription.get_message(timeout=_SIGN_OF_LIFE_SECONDS)
            if message is None:
                if asked:
                    raise ConnectionFailed("no sign of life")
                await subscription.ping()
                asked = True
                continue
            asked = False
            if message["type"] == "subscribe":
                self._arrive()
            elif message["type"] == "message":
                self._unpack(cast("bytes", message["data"]))

    def _arrive(self) -> None:
        again = self._tried.is_set()
        self._connected = True
        self._tried.set()
        if again:
            _log.info("bus_connected")
            for topic in self._here.topics:
                self._here.publish(topic, {})

    def _unpack(self, data: bytes) -> None:
        try:
            parcel = _decode(data)
        except msgspec.DecodeError:
            _log.warning("bus_message_not_understood")
            return
        if parcel.sender == self._name:
            return
        for topic, message in parcel.messages:
            if message:
                self._here.publish(topic, message)
            else:
                self._wake_soon(topic, parcel.processes)

    def _wake_soon(self, topic: str, processes: int) -> None:
        if topic in self._late:
            return
        others = max(0, processes - 2)
        if others == 0:
            self._here.publish(topic, {})
            return
        spread = min(_WIDEST_SPREAD_SECONDS, _SPREAD_SECONDS * others)
        later = random.uniform(0, spread)  # noqa: S311 (jitter)
        self._late[topic] = asyncio.get_running_loop().call_later(later, self._wake, topic)

    def _wake(self, topic: str) -> None:
        del self._late[topic]
        self._here.publish(topic, {})


def _ending() -> bool:
    """Whether this task was cancelled: the client may swallow a cancellation that comes while it waits."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
