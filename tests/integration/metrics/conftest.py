from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from aiworker.adapters.bus.memory import MemoryBus
from aiworker.edge.metrics import Metrics, Standing
from aiworker.storage.cache import Cache
from aiworker.storage.commits import CommitTeller
from tests.support.clocks import ManualClock
from tests.support.databases import Backend, fresh_database
from tests.support.engine import Bench


class Watched:
    """An engine whose commits are counted, and what Prometheus reads of it."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.seconds = 0.0
        self.metrics = Metrics("1.2.3")
        self.standing = Standing(bench.database, Cache(), monotonic=lambda: self.seconds, patience=60)
        self.metrics.add(self.standing)
        teller = CommitTeller(MemoryBus())
        teller.on_events(self.metrics.committed)
        bench.database.on_commit = teller

    async def read(self) -> dict[str, float]:
        """Every series with its value."""
        await self.standing.look()
        return series(generate_latest(self.metrics.registry).decode())


def series(text: str) -> dict[str, float]:
    """Prometheus' text format, taken apart."""
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@pytest.fixture
async def watched(tmp_path: Path, backend: Backend) -> AsyncIterator[Watched]:
    clock = ManualClock()
    database = fresh_database(tmp_path, backend=backend, clock=clock)
    yield Watched(Bench(database, clock))
    await database.close()
