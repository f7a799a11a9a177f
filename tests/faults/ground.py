"""A server, a module of the SDK in processes that die, and the account that is made afterwards.

The server stands in the test, and leases end when the test lets time pass, so that what may happen twice is known
exactly: an effect whose ending was neither on the module's disk nor at the server when its process died, and no other.
"""

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.access import Scope as KeyScope
from aiworker.wire.batches import Ending
from aiworker.wire.engine import NewModule, NewRobot, RobotStatus
from tests.faults.ledger import read
from tests.faults.nursery import Born, Child, Nursery
from tests.faults.robot_worker import MODULE, ROBOT_TYPE
from tests.faults.verdict import Verdict, completed_tries, judge_robots
from tests.support.api import House, make_house
from tests.support.clocks import AheadClock
from tests.support.flaky_door import FlakyDoor, flaky_door
from tests.support.http_server import free_socket, serving
from tests.support.waiting import eventually

CLAIM, REPORT, END = "/claim", "/executions/report", "/executions/end"
_LEASE_SECONDS = 60
_WITHIN = 60.0


class Watched:
    """A server that something happens to, once, when it is asked for `path`: before it does that, or after."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._path: str | None = None
        self._strike: Callable[[], object] = lambda: None
        self._after = False

    def plan(self, path: str, strike: Callable[[], object], *, after: bool) -> None:
        """What happens at a request whose path ends so; after it: what it does is done, its answer is still here."""
        self._path, self._strike, self._after = path, strike, after

    @property
    def struck(self) -> bool:
        return self._path is None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = self._path
        if path is None or not scope.get("path", "").endswith(path):
            await self._app(scope, receive, send)
            return
        if not self._after:
            self._happens()
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        await self._app(scope, receive, keep)
        # A claim that got nothing is no loss.
        if not self.struck and not (path == CLAIM and _holds_nothing(answer)):
            self._happens()
        for message in answer:
            await send(message)

    def _happens(self) -> None:
        self._path = None
        self._strike()


def _holds_nothing(answer: Sequence[Message]) -> bool:
    return b'"data":[]' in b"".join(message.get("body", b"") for message in answer)


class Ground:
    """`kept`: executions whose ending was safe when a process died; their robots must not be done again."""

    def __init__(
        self, house: House, clock: AheadClock, nursery: Nursery, server: Watched, door: FlakyDoor, folder: Path
    ) -> None:
        self.kept: set[str] = set()
        self.server = server
        self._house = house
        self._clock = clock
        self._nursery = nursery
        self._door = door
        self._folder = folder
        self._ledger = folder / "ledger"
        self._home = folder / "module"
        self._made = 0
        self._http = httpx2.AsyncClient(trust_env=False, timeout=60)

    async def submit(self, number: int, **fields: Any) -> None:
        """Robots, numbered as they are made."""
        new = NewModule(module_name=MODULE, module_version="1", supported_robot_types=[ROBOT_TYPE])
        await self._house.database.write(self._house.engine.register_module, new)
        numbers = range(self._made, self._made + number)
        robots = [NewRobot(robot_type=ROBOT_TYPE, input_data={"n": n, **fields}) for n in numbers]
        await self._house.database.write(self._house.engine.submit_many, robots)
        self._made += number

    async def start(self, fault: str | None = None) -> Child:
        """A module process; it dies at the point that `fault` names."""
        return await self._nursery.start(
            Born(
                ledger=str(self._ledger),
                key=self._house.keys[KeyScope.MODULE],
                url=self._door.url,
                home=str(self._home),
                log=str(self._folder / "module.log"),
                fault=None if fault is None else f"{fault}={self.marker(fault)}",
                door=True,
            )
        )

    def marker(self, point: str) -> Path:
        """The file that is there once the fault has struck."""
        return self._folder / f"struck.{point}"

    async def dies_at(self, point: str) -> None:
        """Start a module, and wait until it is dead of that; note what is safe."""
        self.marker(point).unlink(missing_ok=True)
        module = await self.start(point)
        await eventually(lambda: not module.lives, within=_WITHIN)
        assert self.marker(point).exists(), f"it never came to {point}: {self._said}"
        self.kept |= self._on_disk() | await self._ended()

    def cut(self) -> None:
        """Whoever is connected to the server is cut off, and may come again."""
        self._door.shut()
        self._door.open()

    async def leases_end(self) -> None:
        """Time passes, and the server notices."""
        self._clock.let_pass(seconds=_LEASE_SECONDS)
        await self._house.database.write(self._house.engine.tick)

    async def work_to_the_end(self) -> None:
        """Modules that nothing happens to do what is left."""
        for _ in range(5):
            module = await self.start()
            await eventually(self._is_idle, within=_WITHIN, every=0.05)
            await module.stop()
            if await self._count(RobotStatus.COMPLETED) == self._made:
                return
            await self.leases_end()
        raise AssertionError(f"{self._made} robots were made, and some are never done: {self._said}")

    async def verdict(self) -> Verdict:
        """The database against the ledger."""
        account = read(self._ledger)
        verdict = await self._house.database.read(judge_account, account, self._made)
        robots: dict[str, list[str]] = {}
        for line in account:
            robots.setdefault(line["robot"], []).append(line["execution"])
        for robot, executions in robots.items():
            if again := self.kept.intersection(executions[:-1]):
                verdict.twice.append(f"robot {robot} was done again, though the ending of {again} was safe")
        return verdict

    async def close(self) -> None:
        """Ask nobody any more."""
        await self._http.aclose()

    @property
    def effects(self) -> int:
        """How often a handler has worked."""
        return len(read(self._ledger))

    @property
    def robots(self) -> int:
        return self._made

    @property
    def left_on_disk(self) -> list[Path]:
        """Files of endings; none, once every module has ended well."""
        return list(self._home.rglob("endings-*.jsonl"))

    @property
    def _said(self) -> str:
        return (self._folder / "module.log").read_text(errors="replace")[-2000:]

    def _on_disk(self) -> set[str]:
        """What a next process can read."""
        found: set[str] = set()
        for line in (line for path in self.left_on_disk for line in path.read_bytes().split(b"\n")):
            try:
                found.add(Ending.model_validate_json(line).execute_id)
            except ValueError:
                continue
        return found

    async def _ended(self) -> set[str]:
        by_robot = await self._house.database.read(completed_tries, ROBOT_TYPE)
        return {execution for executions in by_robot.values() for execution in executions}

    async def _is_idle(self) -> bool:
        """Nothing waits, and the module that runs has nothing in hand and nothing to tell."""
        if await self._count(RobotStatus.PENDING) or any(path.stat().st_size for path in self.left_on_disk):
            return False
        module = await self._house.database.read(self._house.engine.get_module, MODULE)
        if module.health_endpoint is None:
            return False
        try:
            state = (await self._http.get(module.health_endpoint)).json()
        except httpx2.HTTPError:
            return False
        return (state["running"], state["waiting"]) == (0, 0)

    async def _count(self, status: RobotStatus) -> int:
        read = self._house.engine.list_robots
        found, _ = await self._house.database.read(read, robot_type=ROBOT_TYPE, status=status, limit=500)
        return len(found)


def judge_account(tx: Tx, account: Sequence[dict[str, Any]], made: int) -> Verdict:
    """As the large run judges its robots; and no try was made by two hands."""
    verdict = Verdict()
    judge_robots(tx, verdict, account, made)
    tries = Counter(line["execution"] for line in account)
    verdict.twice += [f"execution {one} was worked on {times} times" for one, times in tries.items() if times > 1]
    return verdict


@asynccontextmanager
async def ground(database: Database, clock: AheadClock, folder: Path) -> AsyncGenerator[Ground]:
    """A server with nothing to do yet."""
    house = await make_house(database)
    server = Watched(house.app)
    async with serving(server, free_socket()) as url, flaky_door(url) as door, Nursery() as nursery:
        made = Ground(house, clock, nursery, server, door, folder)
        yield made
        await made.close()
    await house.access.close()
