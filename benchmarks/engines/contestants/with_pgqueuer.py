# pyright: basic, reportMissingImports=false, reportFunctionMemberAccess=false
"""PgQueuer. It always gathers acknowledgements: as many as its batch size, for 0.1 s at most."""

import json
from datetime import timedelta

import asyncpg
import uvloop
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job
from pgqueuer.qm import QueueManager
from pgqueuer.queries import Queries
from protocol import Handler, Payload, Task, main

_BATCH = {"each": 1, "default": 10, "batches": 200}


class PgQueuer:
    def __init__(self, task: Task) -> None:
        self._url = task.url
        self._batch = _BATCH[task.mode]

    async def prepare(self) -> None:
        connection = await asyncpg.connect(self._url)
        await Queries(AsyncpgDriver(connection)).install()
        await connection.close()

    async def open(self) -> None:
        self._beside = await asyncpg.connect(self._url)
        self._driver = AsyncpgDriver(await asyncpg.connect(self._url))
        self._queries = Queries(self._driver)

    async def create(self, payloads: list[Payload]) -> None:
        if len(payloads) == 1:
            await self._queries.enqueue("ocr", json.dumps(payloads[0]).encode())
            return
        data: list[bytes | None] = [json.dumps(each).encode() for each in payloads]
        await self._queries.enqueue(["ocr"] * len(data), data, [0] * len(data))

    async def work(self, handle: Handler) -> None:
        manager = QueueManager(self._queries)

        @manager.entrypoint("ocr")
        async def ocr(job: Job) -> None:
            handle(json.loads(job.payload or b"{}"))

        await manager.run(batch_size=self._batch, dequeue_timeout=timedelta(seconds=30))

    async def unfinished(self) -> bool:
        return await self._beside.fetchval("SELECT EXISTS (SELECT 1 FROM pgqueuer)")


if __name__ == "__main__":
    main(PgQueuer, uvloop.run)
