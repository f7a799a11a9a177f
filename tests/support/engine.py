"""An engine on a database of its own, with the words that its tests are written in."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from aiworker.engine.executions.records import Execution
from aiworker.engine.robots.records import Robot
from aiworker.engine.service import Engine
from aiworker.storage.database import Database
from aiworker.storage.outbox.tables import outbox
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import (
    ClaimedRobot,
    Complete,
    ErrorCategory,
    Fail,
    NewModule,
    NewRobot,
    Report,
    ReportAnswer,
    RobotType,
)
from tests.support.clocks import ManualClock

MODULE = "reader"
TYPE: RobotType = "ocr.read"


def new_module(name: str = MODULE, types: Sequence[str] = (TYPE,), **fields: Any) -> NewModule:
    return NewModule(module_name=name, module_version="1.0", supported_robot_types=list(types), **fields)


def new_robot(robot_type: str = TYPE, **fields: Any) -> NewRobot:
    values: dict[str, Any] = {"input_data": {"page": 1}, **fields}
    return NewRobot(robot_type=robot_type, **values)


class Bench:
    """An engine and its database, each call a unit of work of its own."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database = database
        self.clock = clock
        self.engine = Engine()

    async def module(self, name: str = MODULE, types: Sequence[str] = (TYPE,), **fields: Any) -> None:
        await self.database.write(self.engine.register_module, new_module(name, types, **fields))

    async def submit(self, robot_type: str = TYPE, **fields: Any) -> Robot:
        return await self.database.write(self.engine.submit, new_robot(robot_type, **fields))

    async def submit_many(self, number: int, robot_type: str = TYPE, **fields: Any) -> list[Robot]:
        return await self.database.write(self.engine.submit_many, [new_robot(robot_type, **fields)] * number)

    async def claim(self, module: str = MODULE, *, holder: str = "worker-1", **options: Any) -> list[ClaimedRobot]:
        return await self.database.write_alone(self.engine.claim, module, holder=holder, **options)

    async def claim_one(self, module: str = MODULE, **options: Any) -> ClaimedRobot:
        (claimed,) = await self.claim(module, limit=1, **options)
        return claimed

    async def complete(self, claimed: ClaimedRobot, **result: Any) -> None:
        await self.database.write_alone(
            self.engine.complete, claimed.execute_id, Complete(lease_token=claimed.lease_token, **result)
        )

    async def fail(
        self, claimed: ClaimedRobot, category: ErrorCategory = ErrorCategory.APPLICATION, message: str = "broken"
    ) -> None:
        failure = Fail(lease_token=claimed.lease_token, error_category=category, error_message=message)
        await self.database.write(self.engine.fail, claimed.execute_id, failure)

    async def report(self, claimed: ClaimedRobot, **fields: Any) -> ReportAnswer:
        return await self.database.write(
            self.engine.report, claimed.execute_id, Report(lease_token=claimed.lease_token, **fields)
        )

    async def release(self, claimed: ClaimedRobot) -> None:
        await self.database.write(
            self.engine.release, claimed.execute_id, by="worker-1", lease_token=claimed.lease_token
        )

    async def robot(self, robot_id: str) -> Robot:
        return await self.database.read(self.engine.get_robot, robot_id)

    async def execution(self, claimed: ClaimedRobot) -> Execution:
        return await self.execution_of(claimed.execute_id)

    async def execution_of(self, execute_id: str) -> Execution:
        return await self.database.read(self.engine.get_execution, execute_id)

    async def waiting(self, robot_id: str) -> str | None:
        robot = await self.robot(robot_id)
        why = (await self.database.read(self.engine.waiting_reasons, [robot]))[robot_id]
        return None if why is None else why.words

    async def events(self, stream: str) -> list[dict[str, Any]]:
        """What was told about one stream, oldest first, each with its `position` and `kind`."""

        def read(tx: Tx) -> list[dict[str, Any]]:
            # A week of the simulation tells some ten thousands.
            rows = tx.rows(select(outbox).order_by(outbox.c.id).limit(1_000_000))
            told = [event for row in rows for event in row.events]
            return [
                {"position": event["position"], "kind": event["kind"], **event["data"]}
                for event in told
                if event["stream"] == stream
            ]

        return await self.database.read(read)

    async def tick_after(self, seconds: float) -> None:
        self.clock.pass_seconds(seconds)
        await self.database.write(self.engine.tick)
