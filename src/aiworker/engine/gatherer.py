"""Gathers single calls into batches: who calls waits a little, and is answered when the whole batch is done."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")

Send = Callable[[Mapping[str, T]], Awaitable[Mapping[str, Exception]]]


class Gatherer(Generic[T]):
    """Sends what comes within `seconds`, or while the batch before is on its way, together; `at_most` at once.

    `send` answers what was refused, by key, with why; what it raises, everybody in the batch gets.
    """

    def __init__(self, send: Send[T], *, seconds: float, at_most: int) -> None:
        self._send = send
        self._seconds = seconds
        self._at_most = at_most
        self._waiting: dict[str, tuple[T, asyncio.Future[None]]] = {}
        self._full = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None

    async def add(self, key: str, value: T) -> None:
        """Returns when it was sent. Raises: why it was refused, or what `send` raised."""
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[key] = (value, answer)
        if len(self._waiting) >= self._at_most:
            self._full.set()
        if self._sending is None:
            self._sending = asyncio.create_task(self._send_all())
        await answer

    async def _send_all(self) -> None:
        try:
            while self._waiting:
                await self._gather()
                keys = list(self._waiting)[: self._at_most]
                await self._send_batch({key: self._waiting.pop(key) for key in keys})
        finally:
            self._sending = None

    async def _gather(self) -> None:
        self._full.clear()
        if len(self._waiting) < self._at_most:
            try:
                async with asyncio.timeout(self._seconds):
                    await self._full.wait()
            except TimeoutError:
                pass

    async def _send_batch(self, batch: Mapping[str, tuple[T, asyncio.Future[None]]]) -> None:
        try:
            refused = await self._send({key: value for key, (value, _) in batch.items()})
        except Exception as error:  # noqa: BLE001 (it belongs to those who wait)
            refused = dict.fromkeys(batch, error)
        for key, (_, answer) in batch.items():
            if answer.done():
                continue
            if (error := refused.get(key)) is not None:
                answer.set_exception(error)
            else:
                answer.set_result(None)
