"""One run: a crowd at work, things broken under it, and the account at the end.

`python -m tests.faults.run --database postgresql` runs it in full and adds a line to benchmarks/faults.md;
`--seed` repeats a run.
"""

import argparse
import asyncio
import random
import secrets
import sys
import tempfile
import time
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from aiworker.storage.database import open_database
from tests.faults import ledger
from tests.faults.book import Book
from tests.faults.coder import Coder
from tests.faults.databases import DatabaseServer, database_server
from tests.faults.fleet import Fleet, Member
from tests.faults.people import People
from tests.faults.rest import Refused, Rest
from tests.faults.robot_worker import MODULE, ROBOT_TYPE
from tests.faults.saboteur import Saboteur, plan
from tests.faults.verdict import Verdict, judge
from tests.support.checkouts import Checkout
from tests.support.waiting import eventually

Kind = Literal["sqlite", "postgresql", "mariadb"]
BOOK = "faults.md"
_BATCH = 50


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    tasks: int
    robots: int
    blows: int
    servers: int = 3
    workers: int = 2
    coders: int = 20
    robot_workers: int = 2
    projects: int = 3
    seconds: float = 3600.0


FULL = Size(tasks=300, robots=5_000, blows=40)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run was, and what came of it."""

    database: Kind
    seed: int
    size: Size
    struck: list[str]
    kills: int
    verdict: Verdict
    seconds: float
    failed_releases: list[str]
    crashes: list[str]

    @property
    def cells(self) -> tuple[str | int, ...]:
        """For the book of runs."""
        size, found = self.size, self.verdict
        others = len(self.struck) - self.kills
        what = (self.database, self.seed, size.tasks, f"{size.robots:,}", self.kills, others)
        return (*what, len(found.lost), len(found.twice), len(found.disorder), f"{self.seconds:.0f}")


class Run:
    """The crowd of one run, in a folder of its own."""

    def __init__(self, kind: Kind, size: Size, seed: int, folder: Path, redis: str | None = None) -> None:
        self._kind: Kind = kind
        self._size = size
        self._seed = seed
        self._folder = folder
        self._redis = redis
        self._database: DatabaseServer | None = None
        self._robots_done = 0

    async def go(self) -> Outcome:
        """Everything, until all work is done."""
        began = time.monotonic()
        async with AsyncExitStack() as stack:
            if self._kind != "sqlite":
                self._database = stack.enter_context(database_server(self._kind))
                await self._database.create()
            url = self._database.url.render_as_string(hide_password=False) if self._database else None
            size = self._size
            fleet = Fleet(self._folder, database=url, redis=self._redis, servers=size.servers, workers=size.workers)
            stack.callback(fleet.end)
            await fleet.start()
            rest = Rest(fleet.urls, fleet.admin_key, random.Random(self._seed))
            stack.push_async_callback(rest.close)
            async with asyncio.timeout(size.seconds):
                return await self._work(fleet, rest, began)

    async def _work(self, fleet: Fleet, rest: Rest, began: float) -> Outcome:
        size = self._size
        projects = await self._make_projects(rest)
        await rest.post(
            "modules", {"moduleName": MODULE, "moduleVersion": "1", "supportedRobotTypes": [ROBOT_TYPE]}, once=False
        )
        fleet.others += await self._robot_workers(fleet, rest)
        for member in fleet.others:
            member.start()
        people = People(rest, projects)
        await fleet.all_at_work()

        def advance() -> float:
            return people.advance / 2 + self._count_robots() / max(1, size.robots) / 2

        targets = Saboteur.targets(fleet, database=self._database is not None)
        saboteur = Saboteur(fleet, self._database, plan(self._seed, size.blows, targets), advance)
        crowd = [asyncio.create_task(coder.run()) for coder in await self._coders(fleet, rest)]
        crowd += [asyncio.create_task(people.run()), asyncio.create_task(saboteur.run())]
        try:
            await asyncio.gather(self._make_tasks(rest, projects), self._make_robots(rest))
            await self._until_done(rest, people, saboteur, crowd)
        finally:
            for task in crowd:
                task.cancel()
            await asyncio.gather(*crowd, return_exceptions=True)
        await fleet.ready()
        await fleet.all_at_work()
        verdict = await self._judged(fleet)
        await fleet.stop()
        return Outcome(
            self._kind,
            self._seed,
            size,
            saboteur.struck,
            saboteur.kills,
            verdict,
            time.monotonic() - began,
            people.failed_releases,
            fleet.crashes(),
        )

    async def _until_done(
        self, rest: Rest, people: People, saboteur: Saboteur, crowd: list[asyncio.Task[None]]
    ) -> None:
        told = 0.0
        while not (people.done and len(people.states) == self._size.tasks and await self._no_robot_left(rest)):
            for task in crowd:
                if task.done() and task.exception() is not None:
                    task.result()
            if time.monotonic() - told > 15:
                told = time.monotonic()
                sys.stderr.write(f"tasks {people.advance:.0%}, robots {self._count_robots()}, {saboteur.struck[-1:]}\n")
            await asyncio.sleep(0.5)

    async def _no_robot_left(self, rest: Rest) -> bool:
        for status in ("PENDING", "PROCESSING", "RETRYING"):
            if await rest.get("robots", robotType=ROBOT_TYPE, status=status, limit=1):
                return False
        return True

    async def _make_projects(self, rest: Rest) -> list[str]:
        keys: list[str] = []
        for number in range(1, self._size.projects + 1):
            checkout = Checkout(self._folder / f"source-{number}")
            checkout.write("index.html", "<h1>Hello</h1>\n")
            checkout.commit("First")
            key = f"FLT{number}"
            new = {"name": f"Faults {number}", "key": key, "repo": str(checkout.path), "previewEnabled": False}
            await rest.post("projects", new)
            keys.append(key)
        return keys

    async def _make_tasks(self, rest: Rest, projects: list[str]) -> None:
        for number in range(self._size.tasks):
            new = {"projectId": projects[number % len(projects)], "title": f"Leave note {number}"}
            await _surely(rest, "tasks", new)

    async def _make_robots(self, rest: Rest) -> None:
        for start in range(0, self._size.robots, _BATCH):
            numbers = range(start, min(start + _BATCH, self._size.robots))
            batch = [{"robotType": ROBOT_TYPE, "inputData": {"n": n}, "retryLimit": 100} for n in numbers]
            await _surely(rest, "robots", batch)

    async def _coders(self, fleet: Fleet, rest: Rest) -> list[Coder]:
        work = self._folder / "clones"
        work.mkdir()
        coders: list[Coder] = []
        for number in range(1, self._size.coders + 1):
            name = f"coder-{number}"
            key = (await rest.post("keys", {"name": name, "scope": "agent"}, once=False))["key"]
            choose = random.Random(f"{self._seed} {name}")
            coders.append(Coder(name, key, fleet.urls, work, ledger.Ledger(self._account("coders")), choose))
        return coders

    async def _robot_workers(self, fleet: Fleet, rest: Rest) -> list[Member]:
        """Every other one is a module of the SDK."""
        key = (await rest.post("keys", {"name": "robots", "scope": "module"}, once=False))["key"]
        account = str(self._account("robots"))
        members: list[Member] = []
        for number in range(1, self._size.robot_workers + 1):
            name = f"robots-{number}"
            command, environment = [account, key], fleet.environment
            if number % 2:
                command = ["tests.faults.robot_worker", name, *command, f"{self._seed} {number}", *fleet.urls]
            else:
                command = ["tests.faults.sdk_module", *command, fleet.urls[-1]]
                environment = environment | {"AIWORKER_HOME": str(self._folder / name)}
            members.append(Member(name, command, environment, self._folder))
        return members

    def _account(self, name: str) -> Path:
        return self._folder / f"{name}.ledger"

    def _count_robots(self) -> int:
        """By the workers' own ledger; one that had to be done again counts again."""
        path = self._account("robots")
        if path.exists():
            self._robots_done = path.read_text().count('"sent"')
        return self._robots_done

    async def _judged(self, fleet: Fleet) -> Verdict:
        home = fleet.home
        url = self._database.url if self._database else f"sqlite:///{home / 'aiworker.db'}"
        account = ledger.read(self._account("robots")) + ledger.read(self._account("coders"))
        database = open_database(url)
        verdict = Verdict()

        async def at_rest() -> bool:
            """The relay may be behind by a moment."""
            nonlocal verdict
            verdict = await database.read(
                judge, account, robots_made=self._size.robots, tasks_made=self._size.tasks, home=home
            )
            return bool(verdict)

        with suppress(AssertionError):
            await eventually(at_rest, within=20, every=0.5)
        await database.close()
        return verdict


async def _surely(rest: Rest, path: str, body: Any) -> None:
    """Made once, also when the answer was lost on the way."""
    try:
        await rest.post(path, body)
    except Refused as refused:
        if refused.code != "answer_lost":
            raise


async def run(kind: Kind, size: Size, seed: int, folder: Path, redis: str | None = None) -> Outcome:
    """One run; it prints its seed before it begins."""
    sys.stderr.write(f"fault run on {kind}, seed {seed}\n")
    return await Run(kind, size, seed, folder, redis).go()


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "mariadb"], required=True)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--tasks", type=int, default=FULL.tasks)
    parser.add_argument("--robots", type=int, default=FULL.robots)
    parser.add_argument("--blows", type=int, default=FULL.blows)
    parser.add_argument("--folder", type=Path, help="Keep everything here.")
    given = parser.parse_args()
    size = Size(tasks=given.tasks, robots=given.robots, blows=given.blows)
    folder = given.folder or Path(tempfile.mkdtemp(prefix="aiworker-faults-"))
    folder.mkdir(parents=True, exist_ok=True)
    book = Book(BOOK)
    outcome = asyncio.run(run(given.database, size, given.seed, folder))
    sys.stdout.write("\n".join([*outcome.struck, *outcome.failed_releases, *outcome.crashes[:10], ""]))
    sys.stdout.write(f"{outcome.verdict}\n{book.add(*outcome.cells)}\n")
    return 0 if outcome.verdict else 1


if __name__ == "__main__":
    sys.exit(main())
