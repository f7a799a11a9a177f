"""What it costs to route a new robot among a thousand modules that all do its type: `python -m benchmarks.routing`."""

import asyncio
import statistics
import sys
import time

from aiworker.engine.service import Engine
from aiworker.storage.database import Database, open_database
from aiworker.storage.migrate import upgrade
from aiworker.wire.engine import NewModule, NewRobot
from benchmarks import machine
from benchmarks.servers import Servers, servers
from benchmarks.tables import bullets, table

_KINDS = ("postgresql", "mariadb", "sqlite")
_MODULES = (1, 1_000)
_TYPE = "ocr.read"
_WARM_UP = 10
_SAMPLES = 100
_AT_ONCE = 500


async def main() -> int:
    """Print the figures."""
    print(bullets([*machine.describe(), *machine.servers()]), end="\n\n")
    rows: list[list[str]] = []
    with servers() as started:
        for kind in _KINDS:
            rows += await _measured(started, kind)
    print(table(["ms, medians", "1 module", "1,000 modules", "ratio"], rows))
    return 0


async def _measured(started: Servers, kind: str) -> list[list[str]]:
    """The two databases are asked by turns, so the ratio holds on a busy machine, too."""
    databases = [await _with_modules(started, kind, number) for number in _MODULES]
    rows: list[list[str]] = []
    for what, number, samples in (("one robot", 1, _SAMPLES), (f"{_AT_ONCE} robots at once", _AT_ONCE, 10)):
        took: list[list[float]] = [[] for _ in databases]
        for turn in range(_WARM_UP + samples):
            for database, times in zip(databases, took, strict=True):
                seconds = await _submitted(database, number)
                if turn >= _WARM_UP:
                    times.append(1000 * seconds)
        few, many = (statistics.median(times) for times in took)
        rows.append([f"{kind}, {what}", f"{few:.1f}", f"{many:.1f}", f"{many / few:.2f}"])
    for database in databases:
        await database.close()
    return rows


async def _with_modules(started: Servers, kind: str, number: int) -> Database:
    url = await started.another(kind)
    await upgrade(url)
    database, engine = open_database(url), Engine()
    for each in range(number):
        module = NewModule(module_name=f"reader-{each}", module_version="1", supported_robot_types=[_TYPE])
        await database.write(engine.register_module, module)
    return database


async def _submitted(database: Database, number: int) -> float:
    """Seconds that it took."""
    news = [NewRobot(robot_type=_TYPE, input_data={"page": page}) for page in range(number)]
    began = time.perf_counter()
    await database.write(Engine().submit_many, news)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
