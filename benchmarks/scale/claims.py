"""What one claim costs, by how many robots wait, and after many claims beside a transaction that stays open."""

import statistics
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from aiworker.engine.service import Engine
from aiworker.storage.database import Database, open_database
from aiworker.storage.migrate import upgrade
from aiworker.storage.urls import async_url, connect_arguments
from aiworker.wire.engine import Complete, NewModule, NewRobot
from benchmarks.scale.fill import fill, robot
from benchmarks.servers import Servers, settle

MOST_BY_NUMBER = 1.3
MOST_WHEN_HELD = 4.0
_MODULE, _TYPE = "reader", "ocr.read"
_WARM_UP = 20
_AT_ONCE = 50
_HOLD = {
    "postgresql": ("BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT count(*) FROM module_registry"),
    "mysql": ("START TRANSACTION WITH CONSISTENT SNAPSHOT", "SELECT count(*) FROM module_registry"),
    "sqlite": ("BEGIN", "SELECT count(*) FROM module_registry"),
}


@dataclass(frozen=True, slots=True)
class Sizes:
    """Robots that wait, claims that go before, claims that are timed on each database."""

    waiting: tuple[int, ...] = (1_000, 100_000, 1_000_000)
    claims_before: int = 25_000
    samples: int = 300


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of one claim, medians; `ratio` to the first of them. `held`: beside an open transaction."""

    waiting: int
    held: bool
    milliseconds: float
    ratio: float


async def claim_costs(servers: Servers, kind: str, sizes: Sizes) -> list[Cost]:
    """The databases are there at the same time and asked in turn, so the ratios hold on a busy machine, too."""
    databases = [await _filled(servers, kind, number) for number in sizes.waiting]
    took = await _timed(databases, sizes.samples)
    for database in databases:
        await database.close()
    return [Cost(number, False, 1000 * each, each / took[0]) for number, each in zip(sizes.waiting, took, strict=True)]


async def cost_when_held(servers: Servers, kind: str, sizes: Sizes) -> list[Cost]:
    """A database at rest, and one where many claims were made while a transaction saw the time before them."""
    waiting = sizes.waiting[1]
    rested = await _filled(servers, kind, waiting)
    database = await _filled(servers, kind, waiting + sizes.claims_before)
    async with _held(database):
        engine = Engine()
        for _ in range(0, sizes.claims_before, _AT_ONCE):
            await _claim_and_complete(database, engine, _AT_ONCE)
        took = await _timed([rested, database], sizes.samples)
    await rested.close()
    await database.close()
    return [Cost(waiting, False, 1000 * took[0], 1.0), Cost(waiting, True, 1000 * took[1], took[1] / took[0])]


async def _filled(servers: Servers, kind: str, waiting: int) -> Database:
    url = await servers.another(kind)
    await upgrade(url)
    database, engine = open_database(url), Engine()
    module = NewModule(module_name=_MODULE, module_version="1", supported_robot_types=[_TYPE])
    await database.write(engine.register_module, module)
    first = await database.write(engine.submit, NewRobot(robot_type=_TYPE, input_data={"page": 1}))
    await fill(url, [robot(first.robot_id, "ocr_")], waiting - 1)
    await settle(url)
    return database


async def _timed(databases: list[Database], samples: int) -> list[float]:
    engine = Engine()
    took: list[list[float]] = [[] for _ in databases]
    for turn in range(_WARM_UP + samples):
        for database, times in zip(databases, took, strict=True):
            seconds = await _claim_and_complete(database, engine, 1)
            if turn >= _WARM_UP:
                times.append(seconds)
    return [statistics.median(times) for times in took]


async def _claim_and_complete(database: Database, engine: Engine, number: int) -> float:
    """Seconds that the claim took."""
    began = time.perf_counter()
    claimed = await database.write_alone(engine.claim, _MODULE, holder="bench", limit=number)
    seconds = time.perf_counter() - began
    if len(claimed) != number:
        raise RuntimeError(f"{len(claimed)} robots were claimed instead of {number}")
    results = {each.execute_id: Complete(lease_token=each.lease_token) for each in claimed}
    if refused := await database.write_alone(engine.complete_many, results):
        raise RuntimeError(f"not completed: {refused}")
    return seconds


@asynccontextmanager
async def _held(database: Database) -> AsyncGenerator[None]:
    """A transaction that has read something and stays open."""
    url = make_url(database.url)
    begin, read = _HOLD[url.get_backend_name()]
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url.set(drivername="sqlite"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(begin))
            connection.execute(text(read))
            yield
            connection.execute(text("ROLLBACK"))
        engine.dispose()
        return
    server = create_async_engine(async_url(url), isolation_level="AUTOCOMMIT", connect_args=connect_arguments(url))
    async with server.connect() as connection:
        await connection.execute(text(begin))
        await connection.execute(text(read))
        yield
        await connection.execute(text("ROLLBACK"))
    await server.dispose()
