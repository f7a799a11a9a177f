"""The engine against the plain driver: the statements of claims and completions are recorded, then sent by hand.

The same robots are drained twice from copies of one database: by the engine, and by asyncpg alone, which sends what the
engine sent with the very same parameters, in the same transactions, or in
none where the engine had none. What is left is what the engine itself costs.
"""

import statistics
import time
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import uvloop
from sqlalchemy import Connection, Engine, event, make_url

from aiworker.engine import service
from aiworker.storage.database import Database, open_database
from aiworker.storage.migrate import upgrade
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import ClaimedRobot, Complete, NewModule, NewRobot
from benchmarks.engines.contestants.protocol import payload
from benchmarks.engines.results import percentile
from benchmarks.servers import Servers, execute, plain, settle

_MODULE, _TYPE = "reader", "ocr.read"
_FILLED_AT_ONCE = 500
WANTED = 0.6


@dataclass(frozen=True, slots=True)
class Compared:
    """Robots per second, medians; `ratio` is the median of the rounds' ratios."""

    at_once: int
    robots: int
    engine: float
    driver: float
    ratio: float
    statements: float


@dataclass(slots=True)
class Recording:
    """Units of work, each a list of (statement, parameters, whether there are many sets of these)."""

    units: list[list[tuple[str, Any, bool]]] = field(default_factory=list[list[tuple[str, Any, bool]]])


def compare(servers: Servers, *, robots: int, at_once: int, rounds: int) -> Compared:
    """Drain `robots` in units of `at_once`, by the engine and by hand, `rounds` times in turn."""
    return uvloop.run(_compare(servers, robots=robots, at_once=at_once, rounds=rounds))


async def _compare(servers: Servers, *, robots: int, at_once: int, rounds: int) -> Compared:
    filled = await servers.fresh("postgresql")
    await _fill(filled, robots)
    recording = Recording()
    async with _copy(filled) as url:
        with _recorded(recording):
            await _by_engine(url, at_once)
    engine: list[float] = []
    driver: list[float] = []
    for _ in range(rounds):
        async with _copy(filled) as url:
            engine.append(robots / await _by_engine(url, at_once))
        async with _copy(filled) as url:
            driver.append(robots / await _by_hand(url, recording))
    ratios = [ours / plain_one for ours, plain_one in zip(engine, driver, strict=True)]
    sent = sum(len(unit) for unit in recording.units) / robots
    return Compared(at_once, robots, percentile(engine, 0.5), percentile(driver, 0.5), statistics.median(ratios), sent)


async def _fill(url: str, robots: int) -> None:
    await upgrade(url)
    database, engine = open_database(url), service.Engine()
    module = NewModule(module_name=_MODULE, module_version="1", supported_robot_types=[_TYPE])
    await database.write(engine.register_module, module)
    for start in range(0, robots, _FILLED_AT_ONCE):
        numbers = range(start, min(robots, start + _FILLED_AT_ONCE))
        await database.write(
            engine.submit_many, [NewRobot(robot_type=_TYPE, input_data=payload(number)) for number in numbers]
        )
    await database.close()
    await settle(url)


@asynccontextmanager
async def _copy(url: str) -> AsyncGenerator[str]:
    """A database with the same rows."""
    parsed = make_url(url)
    server, name = plain(parsed.set(database="postgres")), f"{parsed.database}_copy"
    await execute(server, f"CREATE DATABASE {name} TEMPLATE {parsed.database}", "CHECKPOINT")
    yield plain(parsed.set(database=name))
    await execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _recorded(recording: Recording) -> Generator[None]:
    """Note what every connection sends meanwhile."""

    def begin(_: Connection) -> None:
        recording.units.append([])

    def sent(_: Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        # Before the first unit of work SQLAlchemy asks the server what it is.
        if recording.units:
            recording.units[-1].append((statement, parameters, many))

    event.listen(Engine, "begin", begin)
    event.listen(Engine, "before_cursor_execute", sent)
    try:
        yield
    finally:
        event.remove(Engine, "begin", begin)
        event.remove(Engine, "before_cursor_execute", sent)


async def _by_engine(url: str, at_once: int) -> float:
    """Seconds, without the time to connect."""
    database, engine = open_database(url), service.Engine()
    await database.ping()
    began = time.perf_counter()
    while claimed := await database.write_alone(engine.claim, _MODULE, holder="bench", limit=at_once):
        await _complete(database, engine, claimed)
    seconds = time.perf_counter() - began
    await database.close()
    return seconds


async def _complete(database: Database, engine: service.Engine, claimed: list[ClaimedRobot]) -> None:
    if len(claimed) == 1:
        await database.write_alone(engine.complete, claimed[0].execute_id, Complete(lease_token=claimed[0].lease_token))
        return
    results = {robot.execute_id: Complete(lease_token=robot.lease_token) for robot in claimed}

    def complete(tx: Tx) -> None:
        if refused := engine.complete_many(tx, results):
            raise RuntimeError(f"not completed: {refused}")

    await database.write(complete)


def _commits_itself(unit: Sequence[tuple[str, Any, bool]]) -> bool:
    """Whether only its last statement writes or locks, as in decision 32."""
    writes = [not text.startswith("SELECT") or "FOR UPDATE" in text for text, _, _ in unit]
    return not any(writes[:-1])


async def _by_hand(url: str, recording: Recording) -> float:
    connection = await asyncpg.connect(url)
    began = time.perf_counter()
    for unit in recording.units:
        async with nullcontext() if _commits_itself(unit) else connection.transaction():
            for statement, parameters, many in unit:
                if many:
                    await connection.executemany(statement, parameters)
                else:
                    await connection.fetch(statement, *parameters)
    seconds = time.perf_counter() - began
    left = await connection.fetchval("SELECT count(*) FROM robots WHERE status <> 'COMPLETED'")
    await connection.close()
    if left:
        raise RuntimeError(f"by hand {left} robots were not completed")
    return seconds
