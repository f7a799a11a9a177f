"""What works in a process beside its doors: the control module, the clock, the relay, and the sweeps."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

from aiworker.app.cleanup import cleanup_handlers, schedule_cleanup
from aiworker.app.house import CONTROL, House
from aiworker.app.loops import beside
from aiworker.app.measures import measure_handlers, schedule_measures
from aiworker.app.programs import Keeper
from aiworker.core.errors import AiWorkerError
from aiworker.core.logging import get_logger
from aiworker.delivery.forge_news.reconcile import CRON as RECONCILE_CRON
from aiworker.delivery.forge_news.reconcile import FORGE_RECONCILE
from aiworker.engine.lookout import Lookout
from aiworker.engine.module_loop import Handler
from aiworker.engine.rescue import holder_here, is_gone, rescue_dead
from aiworker.engine.ticker import Ticker
from aiworker.storage.outbox.relay import Relay
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import NewModule, NewRobot

_log = get_logger(__name__)

_CONTROL_VERSION = "1"
_RELAY = "relay"
_SWEEP_SECONDS = 5.0
_RESCUE_SECONDS = 2.0
_MISSED_SECONDS = 600.0


@asynccontextmanager
async def working(house: House) -> AsyncGenerator[None]:
    """Do the installation's own work until the context is left; beside others who do, each piece is done once."""
    handlers: dict[str, Handler] = {
        **house.delivery.handlers(),
        **cleanup_handlers(house),
        **measure_handlers(house),
    }
    await house.database.write(_register, house, sorted(handlers))
    await _adopt(house)
    await _rescue(house)
    ticker = Ticker(house.database, house.engine, house.schedules)
    relay = Relay(
        house.database,
        house.bus,
        holder=holder_here(_RELAY),
        readers=house.shared.readers(),
        is_gone=partial(is_gone, name=_RELAY),
    )
    keeper = Keeper(house, house.programs, handlers)
    lookout = Lookout(house.database, house.health, house.schedules)
    async with beside(
        ticker.run(), relay.run(), lookout.run(), _sweep_agents(house), _rescue_forever(house), _catch_up(house)
    ):
        try:
            async with keeper.running():
                yield
        finally:
            ticker.stop()


def _register(tx: Tx, house: House, robot_types: list[str]) -> None:
    house.delivery.register(tx)
    new = NewModule(module_name=CONTROL, module_version=_CONTROL_VERSION, supported_robot_types=robot_types)
    house.engine.register_module(tx, new, internal=True)
    schedule_cleanup(tx, house)
    schedule_measures(tx, house)
    if house.settings.gitea_url is not None:
        look = NewRobot(robot_type=FORGE_RECONCILE, input_data={})
        house.schedules.put(tx, FORGE_RECONCILE, expression=RECONCILE_CRON, template=look, system=True)
        # What happened while nobody listened.
        house.engine.submit(tx, look)


async def _adopt(house: House) -> None:
    """Take over what was in the database before AiWorker."""
    adopted = 0
    while some := await house.database.write(house.delivery.adoption.adopt):
        adopted += some
    if adopted:
        _log.info("adopted", rows=adopted)


async def _sweep_agents(house: House) -> None:
    """Mark agents that have fallen silent."""
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        try:
            await house.database.write(house.delivery.agents.sweep)
            await house.database.write(house.delivery.projects.spending.reopen)
            await house.database.write(house.delivery.questions.resume_answered)
        except AiWorkerError as error:
            _log.warning("agents_not_swept", error=error.message)


async def _catch_up(house: House) -> None:
    """Take in pushes that a server took and could not tell of: now, after a start, and every now and then."""
    while True:
        try:
            await house.delivery.missed.take_in()
        except AiWorkerError as error:
            _log.warning("missed_pushes_not_looked_for", error=error.message)
        await asyncio.sleep(_MISSED_SECONDS)


async def _rescue_forever(house: House) -> None:
    """Notice other processes of this machine that have died."""
    while True:
        await asyncio.sleep(_RESCUE_SECONDS)
        try:
            await _rescue(house)
        except AiWorkerError as error:
            _log.warning("dead_not_looked_for", error=error.message)


async def _rescue(house: House) -> None:
    if rescued := await rescue_dead(house.database, house.engine):
        _log.info("work_taken_back", executions=rescued)
