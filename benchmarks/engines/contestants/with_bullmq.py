# pyright: basic, reportMissingImports=false, reportFunctionMemberAccess=false
"""BullMQ's Python port, on Redis. An acknowledgement fetches the next job in the same call."""

import asyncio
from typing import Any

import uvloop
from bullmq import Job, Queue, Worker
from protocol import Handler, Payload, Task, main

_NAME = "ocr"


class BullMq:
    def __init__(self, task: Task) -> None:
        self._url = task.url
        self._concurrency = task.concurrency

    async def prepare(self) -> None:
        await self.open()
        await self._queue.obliterate(force=True)
        await self._queue.close()

    async def open(self) -> None:
        self._queue = Queue(_NAME, {"connection": self._url})

    async def create(self, payloads: list[Payload]) -> None:
        if len(payloads) == 1:
            await self._queue.add(_NAME, payloads[0])
        else:
            await self._queue.addBulk([{"name": _NAME, "data": each} for each in payloads])

    async def work(self, handle: Handler) -> None:
        async def process(job: Job, _token: str) -> None:
            handle(job.data)

        options: dict[str, Any] = {"connection": self._url, "concurrency": self._concurrency, "autorun": False}
        worker = Worker(_NAME, process, options)
        try:
            await worker.run()
        finally:
            await asyncio.wait_for(worker.close(force=True), 5)

    async def unfinished(self) -> bool:
        counts = await self._queue.getJobCounts("active", "waiting")
        return any(counts.values())


if __name__ == "__main__":
    main(BullMq, uvloop.run)
