"""What agents' logs cost the others: claims while 20 agents log 2,000 lines a second, and while 10,000 come at once.

`python -m benchmarks.logs [sqlite|postgresql|mariadb]`, half a minute.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from tests.support.workshop import Hand, Workshop, agent_actor

from aiworker.core.clock import utc_now
from aiworker.delivery.agents.tables import agent_logs
from aiworker.storage.database import open_database
from aiworker.storage.migrate import upgrade
from aiworker.wire.agents import NewLogLine
from benchmarks import machine
from benchmarks.servers import servers
from benchmarks.tables import bullets, table

AGENTS = 20
SUSTAINED = 2_000
BURST = 10_000
BATCH = 100
SECONDS = 5
CLAIMS = 100
_LINE = NewLogLine(message="PASS tests/test_prices.py::test_a_price_has_two_decimals " * 2)


@dataclass(frozen=True, slots=True)
class Figures:
    """Claims in milliseconds, lines by the second."""

    claims: list[float]
    lines: float

    @property
    def row(self) -> list[str]:
        """Median, p99, and the rate."""
        ordered = sorted(self.claims)
        worst = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
        return [f"{statistics.median(ordered):.1f} ms", f"{worst:.1f} ms", f"{self.lines:,.0f}" if self.lines else ""]


class Crowd:
    """Agents that log, and others that claim."""

    def __init__(self, shop: Workshop) -> None:
        self._shop = shop
        self._hands: list[Hand] = []
        self._ids: dict[str, str] = {}
        self._claimers = 0

    async def gather(self) -> None:
        """Give each agent a task, and leave enough for those who claim."""
        project = await self._shop.project()
        for number in range(AGENTS + 3 * CLAIMS):
            await self._shop.task(project, f"Task {number}")
        for number in range(AGENTS):
            name = f"agent-{number}"
            self._ids[name] = (await self._shop.process(name)).id
            self._hands.append(await self._shop.claim_one(name))

    async def alone(self) -> Figures:
        """Claims while nobody logs."""
        return Figures([await self._claim() for _ in range(CLAIMS)], 0)

    async def sustained(self) -> Figures:
        """Claims while every agent logs its share, batch by batch."""
        every = BATCH * AGENTS / SUSTAINED

        async def steadily(hand: Hand) -> None:
            for turn in range(int(SECONDS / every)):
                began = time.monotonic()
                await self._log(hand, BATCH)
                await asyncio.sleep(max(0, every - (time.monotonic() - began)))
                del turn

        return await self._beside(steadily(hand) for hand in self._hands)

    async def burst(self) -> Figures:
        """Claims while all the lines come at once."""

        async def at_once(hand: Hand) -> None:
            for _ in range(BURST // AGENTS // BATCH):
                await self._log(hand, BATCH)

        return await self._beside(at_once(hand) for hand in self._hands)

    async def _beside(self, logging: Any) -> Figures:
        before, began = await self._count(), time.monotonic()
        work: list[Coroutine[Any, Any, None]] = list(logging)
        together = asyncio.gather(*work)
        claims: list[float] = []
        while not together.done() and len(claims) < CLAIMS:
            claims.append(await self._claim())
        await together
        took = time.monotonic() - began
        return Figures(claims, (await self._count() - before) / took)

    async def _claim(self) -> float:
        self._claimers += 1
        began = time.perf_counter()
        await self._shop.claim_one(f"claimer-{self._claimers}")
        return (time.perf_counter() - began) * 1000

    async def _log(self, hand: Hand, lines: int) -> None:
        running, actor = self._shop.delivery.running, agent_actor(hand.agent)
        agent = self._ids[hand.agent]
        await self._shop.delivery.log_book.write(lambda tx: running.log(tx, actor, agent, hand.token, [_LINE] * lines))

    async def _count(self) -> int:
        return await self._shop.read(lambda tx: tx.scalar(select(func.count()).select_from(agent_logs)))


async def measure(url: str, folder: Path) -> str:
    """The figures as a table."""
    await upgrade(url)
    shop = Workshop(folder, database=open_database(url, clock=utc_now))
    await shop.open()
    crowd = Crowd(shop)
    await crowd.gather()
    rows = [
        ["nobody logs", *(await crowd.alone()).row],
        [f"{AGENTS} agents log {SUSTAINED:,} lines a second", *(await crowd.sustained()).row],
        [f"{AGENTS} agents log {BURST:,} lines at once", *(await crowd.burst()).row],
    ]
    await shop.database.close()
    return table(["while", "a claim takes", "p99", "lines a second"], rows)


def main() -> None:
    """Measure, and print."""
    kind = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    with servers() as started, tempfile.TemporaryDirectory(prefix="aiworker-bench-") as folder:
        url = asyncio.run(started.fresh(kind))
        said = asyncio.run(measure(url, Path(folder)))
    sys.stdout.write(f"{bullets([*machine.describe(), f'on {kind}'])}\n\n{said}\n")


if __name__ == "__main__":
    main()
