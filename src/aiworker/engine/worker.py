"""The Worker protocol, filled in this process: for the control module, and for the edge that serves it to others."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from aiworker.core.errors import AiWorkerError, Conflict, NotFound
from aiworker.core.sayings import Sentence
from aiworker.engine.queues.service import claim_topic
from aiworker.engine.service import Engine
from aiworker.engine.wakeups import Wakeups
from aiworker.storage.bus import Bus
from aiworker.storage.database import Database
from aiworker.wire.engine import Claim, ClaimedRobot, Complete, Fail, Release, Report, ReportAnswer
from aiworker.wire.telling import telling

ASKER_GONE = Sentence("asker_gone", "whoever asked for it had gone")


class EngineWorker:
    """Fetches work and gives it back, each call one unit of work. `internal`: may also claim for internal modules."""

    def __init__(self, database: Database, engine: Engine, bus: Bus, *, internal: bool = False) -> None:
        self._database = database
        self._engine = engine
        self._wakeups = Wakeups(bus)
        self._internal = internal

    def let_go(self) -> None:
        """The process stops: claims that wait are answered at once, with nothing."""
        self._wakeups.let_go()

    async def claim(self, module_name: str, claim: Claim) -> list[ClaimedRobot]:
        """Up to `limit` robots, most urgent first; empty if none came within `wait_seconds`.

        Raises: ModuleNotFound, InternalModule.
        """

        async def attempt() -> list[ClaimedRobot] | None:
            claimed = await self._database.write_alone(
                self._engine.claim,
                module_name,
                holder=claim.holder,
                limit=claim.limit,
                lease_seconds=claim.lease_seconds,
                capabilities=claim.capabilities,
                internal=self._internal,
            )
            return claimed or None

        found = await self._wakeups.wait(
            claim_topic(module_name),
            attempt,
            self._give_back,
            seconds=claim.wait_seconds,
            kind=frozenset(claim.capabilities),
        )
        return found or []

    async def report(self, execute_id: str, report: Report) -> ReportAnswer:
        """Progress and heartbeat; a lost lease is an answer, not an error."""
        return await self._database.write(self._engine.report, execute_id, report)

    async def complete(self, execute_id: str, result: Complete) -> None:
        """Raises: ExecutionNotFound, LeaseLost."""
        await self._database.write_alone(self._engine.complete, execute_id, result)

    async def complete_many(self, results: Mapping[str, Complete]) -> Mapping[str, AiWorkerError]:
        """What was refused, with why; the others are done."""
        return await self._database.write_alone(self._engine.complete_many, results)

    async def fail(self, execute_id: str, failure: Fail) -> None:
        """Raises: ExecutionNotFound, LeaseLost."""
        await self._database.write(self._engine.fail, execute_id, failure)

    async def release(self, execute_id: str, release: Release) -> None:
        """Raises: ExecutionNotFound, LeaseLost."""
        await self._database.write(
            self._engine.release,
            execute_id,
            reason=release.why,
            lease_token=release.lease_token,
        )

    async def _give_back(self, claimed: list[ClaimedRobot]) -> None:
        async def one(robot: ClaimedRobot) -> None:
            release = Release(lease_token=robot.lease_token, reason=ASKER_GONE.english, told=telling(ASKER_GONE().told))
            with suppress(Conflict, NotFound):
                await self.release(robot.execute_id, release)

        await asyncio.gather(*(one(robot) for robot in claimed))
