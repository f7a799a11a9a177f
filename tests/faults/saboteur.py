"""Breaks things, in an order that its seed decides, when the work has come to points that its seed decides."""

import asyncio
import math
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from tests.faults.databases import DatabaseServer
from tests.faults.fleet import Fleet
from tests.support.waiting import eventually

_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Blow:
    """What is done once the work has advanced so far (0 to 1)."""

    at: float
    what: str


def plan(seed: int, count: int, targets: list[str]) -> list[Blow]:
    """`count` blows in the order of their moments; every target has its turn before one comes again."""
    choose = random.Random(seed)
    chosen: list[str] = []
    while len(chosen) < count:
        chosen += choose.sample(targets, len(targets))
    moments = sorted(choose.uniform(0.02, 0.9) for _ in range(count))
    return [Blow(at, what) for at, what in zip(moments, chosen[:count], strict=True)]


class Saboteur:
    """Carries out a plan. `struck` tells what was done, and how far the work was."""

    def __init__(
        self, fleet: Fleet, database: DatabaseServer | None, blows: list[Blow], advance: Callable[[], float]
    ) -> None:
        self._blows = blows
        self._advance = advance
        self.struck: list[str] = []
        self._ways: dict[str, Callable[[], Awaitable[None]]] = {
            f"kill {member.name}": _killing(member.kill) for member in fleet.members
        }
        if database is not None:
            self._ways["cut connections"] = _cutting(database)
            self._ways["restart database"] = database.restart

    @staticmethod
    def targets(fleet: Fleet, *, database: bool) -> list[str]:
        """What can be broken."""
        more = ["cut connections", "restart database"] if database else []
        return [*(f"kill {member.name}" for member in fleet.members), *more]

    @property
    def kills(self) -> int:
        return sum("kill" in what for what in self.struck)

    async def run(self) -> None:
        """Until every blow has been struck."""
        for blow in self._blows:
            moment = partial(self._has_come, blow.at)
            await eventually(moment, within=math.inf, every=_LOOK_SECONDS)
            await self._ways[blow.what]()
            self.struck.append(f"{blow.what} at {self._advance():.0%}")

    def _has_come(self, moment: float) -> bool:
        return self._advance() >= moment


def _killing(kill: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    async def strike() -> None:
        await asyncio.to_thread(kill)

    return strike


def _cutting(database: DatabaseServer) -> Callable[[], Awaitable[None]]:
    async def strike() -> None:
        await database.cut_connections()

    return strike
