"""Checking modules: all of them every few minutes, one at once when it is new, failed, or a person asks."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from aiworker.engine.health import queries, states
from aiworker.engine.health.probe import Probe
from aiworker.engine.health.records import Check, HealthSample
from aiworker.engine.modules.records import Module
from aiworker.engine.service import Engine
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import HealthStatus

HEALTH_CHECK: Final = "health.check"
HEALTH_CRON: Final = "*/5 * * * *"
_AT_ONCE: Final = 16
# Many failures at once lead to one check, as do two processes that ask at the same moment.
_NOT_SOONER: Final = timedelta(seconds=10)


class HealthChecks:
    """Looks at modules, each look a unit of work of its own; the network is asked outside of any."""

    def __init__(self, database: Database, engine: Engine, probe: Probe) -> None:
        self._database = database
        self._engine = engine
        self._probe = probe

    async def check(self, name: str) -> Module:
        """Look at one module now. Raises: ModuleNotFound."""
        module, seen = await self._database.read(self._read, name)
        check = await self._look(module, seen)
        if check is None:
            return module
        return await self._database.write(self._record, module, check)

    async def check_all(self) -> int:
        """Look at every module that is switched on and not the system's own; how many those were."""
        looked = await self._database.read(self._read_all)
        return await self._check_each(looked)

    async def check_urgent(self, since: datetime, now: datetime) -> int:
        """Look at the modules that an execution of theirs failed at since then, and at those that are new; how many."""
        names = await self._database.read(_urgent, since, checked_before=now - _NOT_SOONER)
        return await self._check_each([await self._database.read(self._read, name) for name in names])

    async def _check_each(self, looked: Iterable[tuple[Module, datetime | None]]) -> int:
        room = asyncio.Semaphore(_AT_ONCE)

        async def one(module: Module, seen: datetime | None) -> int:
            async with room:
                check = await self._look(module, seen)
            if check is None:
                return 0
            await self._database.write(self._record, module, check)
            return 1

        return sum(await asyncio.gather(*(one(module, seen) for module, seen in looked)))

    def _read(self, tx: Tx, name: str) -> tuple[Module, datetime | None]:
        module = self._engine.get_module(tx, name)
        return module, _latest(module.last_seen_at, queries.signs_of_life(tx).get(name))

    def _read_all(self, tx: Tx) -> list[tuple[Module, datetime | None]]:
        signs = queries.signs_of_life(tx)
        return [
            (module, _latest(module.last_seen_at, signs.get(module.module_name)))
            for module in self._engine.list_modules(tx)
            if module.is_active
            and not module.internal
            and (module.last_health_check is None or tx.now - module.last_health_check >= _NOT_SOONER)
        ]

    async def _look(self, module: Module, seen: datetime | None) -> Check | None:
        """None: there is nothing to look at."""
        if module.health_endpoint is not None:
            return await self._probe(module.health_endpoint)
        return await self._database.read(self._by_its_signs, module.module_name, seen)

    def _by_its_signs(self, tx: Tx, name: str, seen: datetime | None) -> Check | None:
        load = self._engine.module_load(tx, name)
        return states.by_its_signs(seen, tx.now, wanted=load.queued + load.running > 0)

    def _record(self, tx: Tx, looked_at: Module, check: Check) -> Module:
        """Unless it was looked at by somebody else meanwhile (one bad moment counts as one failure), or has moved."""
        module = self._engine.lock_module(tx, looked_at.module_name)
        if (module.last_health_check, module.health_endpoint) != (
            looked_at.last_health_check,
            looked_at.health_endpoint,
        ):
            return module
        return self._engine.record_health(tx, module.module_name, check)


def _urgent(tx: Tx, since: datetime, *, checked_before: datetime) -> list[str]:
    failed = queries.failed_since(tx, since, checked_before=checked_before)
    return sorted({*failed, *queries.never_checked(tx)})


def day_of(tx: Tx, name: str, *, pieces: int = 48, each: timedelta = timedelta(minutes=30)) -> list[HealthStatus]:
    """The worst that a module was in each half-hour of the last day, oldest first."""
    samples: list[HealthSample] = queries.of_module(tx, name, tx.now - pieces * each)
    return states.strip(samples, now=tx.now, pieces=pieces, each=each)


def _latest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)
