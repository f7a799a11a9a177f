"""AiWorker's engine: the loop that modules run in, and the same calls by hand, one by one and 200 at once."""

import asyncio
import gc
import os

import uvloop
from protocol import Handler, Payload, Task, main
from sqlalchemy import text

from aiworker.adapters.bus.memory import MemoryBus
from aiworker.adapters.bus.redis import RedisBus
from aiworker.adapters.redis.link import RedisLink
from aiworker.engine.context import Context
from aiworker.engine.module_loop import ModuleLoop
from aiworker.engine.service import Engine
from aiworker.engine.worker import EngineWorker
from aiworker.storage.bus import Bus
from aiworker.storage.commits import CommitTeller
from aiworker.storage.database import open_database
from aiworker.storage.migrate import upgrade
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import Claim, ClaimedRobot, Complete, NewModule, NewRobot

_MODULE = "reader"
_TYPE = "ocr.read"
_BATCH = 200
_UNFINISHED = text(
    "SELECT EXISTS (SELECT 1 FROM robots WHERE status IN ('PENDING', 'PROCESSING', 'RETRYING')) AS unfinished"
)


class AiWorker:
    def __init__(self, task: Task) -> None:
        self._task = task
        self._engine = Engine()
        self._holder = f"bench {os.getpid()}"

    async def prepare(self) -> None:
        await upgrade(self._task.url)
        await self.open()
        module = NewModule(module_name=_MODULE, module_version="1", supported_robot_types=[_TYPE])
        await self._database.write(self._engine.register_module, module)
        await self._database.close()

    async def open(self) -> None:
        self._database = open_database(self._task.url)
        self._bus: Bus = MemoryBus()
        if self._task.redis:
            self._bus = RedisBus(RedisLink(self._task.redis, namespace="bench"))
        self._database.on_commit = CommitTeller(self._bus)
        # As every process of AiWorker does when it has loaded.
        gc.freeze()

    async def create(self, payloads: list[Payload]) -> None:
        new = [NewRobot(robot_type=_TYPE, input_data=each) for each in payloads]
        if len(new) == 1:
            await self._database.write(self._engine.submit, new[0])
        else:
            await self._database.write(self._engine.submit_many, new)

    async def work(self, handle: Handler) -> None:
        if self._task.mode == "batches":
            await self._work_in_batches(handle)
        elif self._task.mode == "each":
            await self._work_one_by_one(handle)
        else:
            await self._work_in_the_loop(handle)

    async def unfinished(self) -> bool:
        return bool(await self._database.read(lambda tx: tx.scalar(_UNFINISHED)))

    async def _work_in_the_loop(self, handle: Handler) -> None:
        async def ocr(ctx: Context) -> None:
            handle(ctx.input_data)

        worker = EngineWorker(self._database, self._engine, self._bus)
        loop = ModuleLoop(worker, _MODULE, {_TYPE: ocr}, holder=self._holder, concurrency=self._task.concurrency)
        await loop.run()

    async def _work_one_by_one(self, handle: Handler) -> None:
        worker = EngineWorker(self._database, self._engine, self._bus)

        async def one(robot: ClaimedRobot) -> None:
            handle(robot.input_data)
            await worker.complete(robot.execute_id, Complete(lease_token=robot.lease_token))

        running: set[asyncio.Task[None]] = set()
        while True:
            if len(running) >= self._task.concurrency:
                await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            claim = Claim(holder=self._holder, limit=self._task.concurrency - len(running) or 1, wait_seconds=20)
            for robot in await worker.claim(_MODULE, claim):
                task = asyncio.create_task(one(robot))
                running.add(task)
                task.add_done_callback(running.discard)

    async def _work_in_batches(self, handle: Handler) -> None:
        claimed = await self._database.write(self._claim)
        while claimed:
            for robot in claimed:
                handle(robot.input_data)
            _, claimed = await asyncio.gather(
                self._database.write(self._complete, claimed), self._database.write(self._claim)
            )
        await asyncio.Event().wait()

    def _claim(self, tx: Tx) -> list[ClaimedRobot]:
        return self._engine.claim(tx, _MODULE, holder=self._holder, limit=_BATCH)

    def _complete(self, tx: Tx, claimed: list[ClaimedRobot]) -> None:
        results = {robot.execute_id: Complete(lease_token=robot.lease_token) for robot in claimed}
        if refused := self._engine.complete_many(tx, results):
            raise RuntimeError(f"not completed: {refused}")


if __name__ == "__main__":
    main(AiWorker, uvloop.run)
