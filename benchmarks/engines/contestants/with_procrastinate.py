# pyright: basic, reportMissingImports=false, reportFunctionMemberAccess=false
"""Procrastinate. It acknowledges each job by itself and has no other way."""

import logging

import uvloop
from procrastinate import App, PsycopgConnector
from protocol import Handler, Payload, Task, main

logging.disable(logging.WARNING)


class Procrastinate:
    def __init__(self, task: Task) -> None:
        self._concurrency = task.concurrency
        self._connector = PsycopgConnector(conninfo=task.url, min_size=2, max_size=task.concurrency + 2)
        self._app = App(connector=self._connector)
        self._handle: Handler = lambda _: None

        @self._app.task(name="ocr")
        async def ocr(job: Payload) -> None:
            self._handle(job)

        self._ocr = ocr

    async def prepare(self) -> None:
        await self.open()
        await self._app.schema_manager.apply_schema_async()
        await self._app.close_async()

    async def open(self) -> None:
        await self._app.open_async()

    async def create(self, payloads: list[Payload]) -> None:
        if len(payloads) == 1:
            await self._ocr.defer_async(job=payloads[0])
        else:
            await self._ocr.batch_defer_async(*({"job": each} for each in payloads))

    async def work(self, handle: Handler) -> None:
        self._handle = handle
        await self._app.run_worker_async(concurrency=self._concurrency, install_signal_handlers=False)

    async def unfinished(self) -> bool:
        row = await self._connector.execute_query_one_async(
            "SELECT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE status IN ('todo', 'doing')) AS unfinished"
        )
        return bool(row["unfinished"])


if __name__ == "__main__":
    main(Procrastinate, uvloop.run)
