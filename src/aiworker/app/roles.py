"""What runs in a process: the loops beside the server, started and stopped in order."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from aiworker.app.house import House
from aiworker.app.loops import beside
from aiworker.core.errors import AiWorkerError
from aiworker.core.logging import get_logger
from aiworker.delivery.agents import queries as agent_queries
from aiworker.engine.context import Context
from aiworker.engine.module_loop import Handler, ModuleLoop
from aiworker.engine.rescue import holder_here, rescue_dead
from aiworker.engine.ticker import Ticker
from aiworker.storage.outbox.relay import LIVE_READER, Relay, publish_events
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import NewModule, NewRobot

_log = get_logger(__name__)

CONTROL = "control"
CLEANUP_LOGS = "cleanup.logs"
_CONTROL_VERSION = "1"
_CONCURRENCY = 8
_SWEEP_SECONDS = 5.0
_LOGS_KEPT = timedelta(days=30)


@asynccontextmanager
async def control(house: House) -> AsyncGenerator[None]:
    """The control module, the clock and the relay, until the context is left."""
    handlers: dict[str, Handler] = {**house.delivery.handlers(), CLEANUP_LOGS: _cleanup_logs(house)}
    await house.database.write(_register, house, sorted(handlers))
    rescued = await rescue_dead(house.database, house.engine)
    if rescued:
        _log.info("work_taken_back", executions=rescued)
    loop = ModuleLoop(house.control_worker, CONTROL, handlers, holder=holder_here(), concurrency=_CONCURRENCY)
    ticker = Ticker(house.database, house.engine, house.schedules)
    # The home folder is one process's alone, so whoever starts in it again goes on with the lease at once.
    holder = f"{socket.gethostname()}:{house.settings.home}"[:200]
    relay = Relay(house.database, house.bus, holder=holder, readers={LIVE_READER: publish_events(house.bus)})
    async with beside(loop.run(), ticker.run(), relay.run(), _sweep_agents(house)):
        try:
            yield
        finally:
            ticker.stop()
            await loop.stop()


def _register(tx: Tx, house: House, robot_types: list[str]) -> None:
    house.delivery.register(tx)
    new = NewModule(module_name=CONTROL, module_version=_CONTROL_VERSION, supported_robot_types=robot_types)
    house.engine.register_module(tx, new, internal=True)
    house.schedules.put(
        tx,
        CLEANUP_LOGS,
        expression="20 3 * * *",
        template=NewRobot(robot_type=CLEANUP_LOGS, input_data={}),
        system=True,
    )


def _cleanup_logs(house: House) -> Handler:
    async def run(context: Context) -> dict[str, Any]:
        removed = 0

        def old(tx: Tx) -> int:
            return agent_queries.delete_logs_before(tx, tx.now - _LOGS_KEPT)

        while batch := await house.database.write(old):
            removed += batch
            await context.report()
        return {"removed": removed}

    return run


async def _sweep_agents(house: House) -> None:
    """Mark agents that have fallen silent."""
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        try:
            await house.database.write(house.delivery.agents.sweep)
        except AiWorkerError as error:
            _log.warning("agents_not_swept", error=error.message)
