"""Modules, servers and the database's connections die at named points, each with each, in processes of their own.

`python -m tests.faults.points_run --database postgresql` goes through all of them and adds a line to
benchmarks/points.md.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from sqlalchemy import URL

from aiworker.storage.database import open_database
from tests.faults.book import Book
from tests.faults.cutter import CUTS, Cut, Cutter, cutter
from tests.faults.databases import database_server
from tests.faults.fleet import Fleet
from tests.faults.ground import judge_account
from tests.faults.ledger import read
from tests.faults.nursery import Born, Child, Nursery
from tests.faults.rest import Refused, Rest
from tests.faults.robot_worker import MODULE, ROBOT_TYPE
from tests.faults.run import Kind
from tests.faults.verdict import Verdict
from tests.support.waiting import eventually

# After each of them the module is dead; `taken_over` comes when it finds what an earlier death has left.
OF_A_MODULE = (
    ("module.claimed",),
    ("module.handled",),
    ("module.reported",),
    ("module.keeping",),
    ("module.kept",),
    ("module.sent",),
    ("module.half_sent",),
    ("module.kept", "module.taken_over"),
)
# Of a claim and of endings: in the transaction, and between the commit and the answer.
OF_A_SERVER = (
    f"claim.written.{MODULE}",
    "claim.committed",
    "end.reported",
    f"end.written.{MODULE}",
    "end.committed",
)
BOOK = "points.md"
_ROBOTS = 24
_WITHIN = 120.0


@dataclass(frozen=True, slots=True)
class Round:
    """Where a module dies, where its server does, and where the database's connection is cut."""

    module: tuple[str, ...]
    server: str
    cut: Cut | None = None


def rounds(*, cuts: bool) -> list[Round]:
    """Every point of a module with every point of a server; with them every cut, by turns."""
    pairs = list(product(OF_A_MODULE, OF_A_SERVER))
    turns: tuple[Cut | None, ...] = (None, *CUTS) if cuts else (None,)
    return [Round(module, server, turns[at % len(turns)]) for at, (module, server) in enumerate(pairs)]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. `again`: handlers that worked on a robot whose earlier try was lost in the middle."""

    database: Kind
    rounds: int
    robots: int
    deaths: int
    cuts: int
    verdict: Verdict
    again: int
    seconds: float
    crashes: list[str]

    @property
    def cells(self) -> tuple[str | int, ...]:
        """For the book of runs."""
        what = (self.database, self.rounds, f"{self.robots:,}", self.deaths, self.rounds, self.cuts)
        return (*what, len(self.verdict.lost), len(self.verdict.twice), self.again, f"{self.seconds:.0f}")


class PointsRun:
    """One installation and its module, through one round after the other."""

    def __init__(self, kind: Kind, folder: Path) -> None:
        self._kind: Kind = kind
        self._folder = folder
        self._ledger = folder / "robots.ledger"
        self._made = 0
        self._struck = 0

    async def go(self, planned: Sequence[Round]) -> Outcome:
        """All of them, until all work is done."""
        began = time.monotonic()
        async with AsyncExitStack() as stack:
            way, through, direct = await self._database(stack)
            fleet = Fleet(self._folder, database=_text(through), redis=None, servers=1, workers=1)
            stack.callback(fleet.end)
            self._fleet = fleet
            self._arm(planned[0])
            await fleet.start()
            rest = Rest(fleet.urls, fleet.admin_key, random.Random(0))
            stack.push_async_callback(rest.close)
            self._rest, self._nursery = rest, await stack.enter_async_context(Nursery())
            self._key = (await rest.post("keys", {"name": "robots", "scope": "module"}, once=False))["key"]
            new = {"moduleName": MODULE, "moduleVersion": "1", "supportedRobotTypes": [ROBOT_TYPE]}
            await rest.post("modules", new, once=False)
            for one in planned:
                if one is not planned[0]:
                    self._arm(one)
                    fleet.servers[0].kill()
                    await fleet.ready()
                await self._round(one, way)
            verdict = await self._judged(direct or URL.create("sqlite", database=str(fleet.home / "aiworker.db")))
            await fleet.stop()
            again = len(read(self._ledger)) - self._made
            deaths, cuts = sum(len(one.module) for one in planned), way.cuts if way else 0
            took = time.monotonic() - began
            return Outcome(self._kind, len(planned), self._made, deaths, cuts, verdict, again, took, fleet.crashes())

    async def _database(self, stack: AsyncExitStack) -> tuple[Cutter | None, URL | None, URL | None]:
        """A cutter, the address by way of it, and the direct one; SQLite has no connection that could be cut."""
        if self._kind == "sqlite":
            return None, None, None
        server = stack.enter_context(database_server(self._kind))
        await server.create()
        way, through = await stack.enter_async_context(cutter(server.url, MODULE))
        return way, through, server.url

    async def _round(self, planned: Round, way: Cutter | None) -> None:
        """Until everything has struck that was planned. What is dead comes back as it was, without a fault."""
        (server,) = self._fleet.servers
        at_server, reborn = self._marker(planned.server), False
        at_module = [self._marker(point) for point in planned.module]
        await self._make_robots(until=at_module[0] if planned.module == ("module.reported",) else None)
        cuts = way.cuts if way else 0
        if way and planned.cut:
            way.arm(planned.cut)
        module = await self._start(f"{planned.module[0]}={at_module[0]}")

        async def all_struck() -> bool:
            nonlocal module, reborn
            if not server.runs:
                assert at_server.exists(), f"the server ended by itself: {server.said[-2000:]}"
                server.arm(None)
                server.start()
                reborn = True
            if not module.lives:
                left = [place for place in zip(planned.module, at_module, strict=True) if not place[1].exists()]
                module = await self._start("{}={}".format(*left[0]) if left else None)
            done = not (way and planned.cut) or way.cuts > cuts
            return done and reborn and all(marker.exists() for marker in at_module)

        try:
            await eventually(all_struck, within=_WITHIN)
        except AssertionError as error:
            raise AssertionError(f"{planned}: {error}; {self._module_log[-1500:]}") from None
        module.kill()
        await module.gone()
        await self._fleet.ready()
        sys.stderr.write(f"{self._struck}: {planned}\n")

    async def _judged(self, url: URL) -> Verdict:
        """Once a module that nothing happens to has done what is left.

        Rounds that follow each other quickly take some robots away from ten dying modules in a row. The engine holds
        these for a person to look at, and the person lets them go on.
        """
        module = await self._start(None)

        async def all_told() -> bool:
            for robot in await self._rest.get("robots", robotType=ROBOT_TYPE, status="PENDING", limit=_ROBOTS):
                if robot["held"]:
                    await self._rest.post(f"robots/{robot['robotId']}/resume", once=False)
            return not self._untold and await self._no_robot_left()

        await eventually(all_told, within=_WITHIN, every=0.2)
        await module.stop()
        database = open_database(url)
        verdict = await database.read(judge_account, read(self._ledger), self._made)
        await database.close()
        verdict.lost += [f"{path.name} was never told" for path in self._untold]
        return verdict

    @property
    def _untold(self) -> list[Path]:
        """Files with endings that the server is not known to have."""
        return [path for path in (self._folder / "module").rglob("endings-*.jsonl") if path.stat().st_size]

    async def _no_robot_left(self) -> bool:
        for status in ("PENDING", "PROCESSING", "RETRYING"):
            if await self._rest.get("robots", robotType=ROBOT_TYPE, status=status, limit=1):
                return False
        return True

    def _arm(self, planned: Round) -> None:
        """The server's next start, for the next round."""
        self._struck += 1
        self._fleet.servers[0].arm(f"{planned.server}={self._marker(planned.server)}")

    async def _make_robots(self, *, until: Path | None) -> None:
        """Made once, also if the answer was lost on the way."""
        more: dict[str, Any] = {} if until is None else {"until": str(until)}
        numbers = range(self._made, self._made + _ROBOTS)
        try:
            await self._rest.post("robots", [{"robotType": ROBOT_TYPE, "inputData": {"n": n, **more}} for n in numbers])
        except Refused as refused:
            if refused.code != "answer_lost":
                raise
        self._made += _ROBOTS

    async def _start(self, fault: str | None) -> Child:
        (url,) = self._fleet.urls
        return await self._nursery.start(
            Born(
                ledger=str(self._ledger),
                key=self._key,
                url=url,
                home=str(self._folder / "module"),
                log=str(self._folder / "module.log"),
                fault=fault,
            )
        )

    def _marker(self, point: str) -> Path:
        return self._folder / f"struck.{self._struck}.{point}"

    @property
    def _module_log(self) -> str:
        log = self._folder / "module.log"
        return log.read_text(errors="replace") if log.exists() else ""


def _text(url: URL | None) -> str | None:
    return None if url is None else url.render_as_string(hide_password=False)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "mariadb"], required=True)
    parser.add_argument("--every", type=int, default=1, help="Only each so many of the rounds.")
    given = parser.parse_args()
    book = Book(BOOK)
    with tempfile.TemporaryDirectory(prefix="aiworker-points-") as folder:
        planned = rounds(cuts=given.database != "sqlite")[:: given.every]
        outcome = asyncio.run(PointsRun(given.database, Path(folder)).go(planned))
    sys.stdout.write("\n".join([*outcome.crashes[:10], str(outcome.verdict), book.add(*outcome.cells), ""]))
    return 0 if outcome.verdict else 1


if __name__ == "__main__":
    sys.exit(main())
