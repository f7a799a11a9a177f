from collections.abc import Callable
from typing import Any, Literal

import pytest

from aiworker.core.errors import Conflict
from aiworker.engine.executions.records import Execution
from aiworker.engine.owners import RobotChange
from aiworker.engine.robots.errors import OwnedRobot
from aiworker.engine.robots.records import Robot
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import ErrorCategory, RobotStatus
from tests.support.engine import Bench


class Ledger:
    outside_commands = "use the task's own commands (stop, cancel, retry)"

    def __init__(self) -> None:
        self.seen: list[tuple[str, RobotStatus, str, str | None]] = []
        self.when_expired: Literal["lose", "park"] = "lose"
        self.objects = False

    def on_change(self, tx: Tx, change: RobotChange) -> None:
        if self.objects:
            raise Conflict("the task may not move now")
        self.seen.append((change.transition, change.robot.status, change.by, change.reason))

    def on_lease_expired(self, tx: Tx, robot: Robot, execution: Execution) -> Literal["lose", "park"]:
        return self.when_expired

    @property
    def moves(self) -> list[str]:
        return [seen[0] for seen in self.seen]


@pytest.fixture
def ledger(bench: Bench) -> Ledger:
    made = Ledger()
    bench.engine.own("ocr.read", made)
    return made


async def test_the_owner_is_told_of_every_transition(bench: Bench, ledger: Ledger) -> None:
    robot = await bench.submit(retry_limit=1, backoff_seconds=0)
    write, engine = bench.database.write, bench.engine
    claimed = await bench.claim_one()
    await write(engine.pause, claimed.execute_id, by="ana", reason="question", as_owner=True)
    await write(engine.park, claimed.execute_id, by="ana", as_owner=True)
    await write(engine.resume, claimed.execute_id, by="ana", as_owner=True)
    await bench.release(claimed)
    await bench.claim_one()
    await bench.tick_after(61)
    await bench.fail(await bench.claim_one())
    await bench.tick_after(1)
    await bench.fail(await bench.claim_one())
    await write(engine.retry, robot.robot_id, by="ana", as_owner=True)
    await bench.complete(await bench.claim_one())
    assert ledger.moves == [
        "CLAIMED",
        "PAUSED",
        "PARKED",
        "RESUMED",
        "RELEASED",
        "CLAIMED",
        "LOST",
        "CLAIMED",
        "RETRYING",
        "CLAIMED",
        "FAILED",
        "REQUEUED",
        "CLAIMED",
        "COMPLETED",
    ]
    assert ledger.seen[1] == ("PAUSED", RobotStatus.PROCESSING, "ana", "question")
    assert ledger.seen[6] == ("LOST", RobotStatus.PENDING, "AiWorker", "worker-1 did not answer for 60 s")


async def test_an_owner_that_objects_takes_the_move_back(bench: Bench, ledger: Ledger) -> None:
    robot = await bench.submit()
    claimed = await bench.claim_one()
    ledger.objects = True
    with pytest.raises(Conflict):
        await bench.complete(claimed)
    assert (await bench.robot(robot.robot_id)).status is RobotStatus.PROCESSING
    assert (await bench.report(claimed)).directive == "continue"


async def test_an_owner_that_objects_to_the_clock_does_not_keep_other_leases_alive(
    bench: Bench, ledger: Ledger
) -> None:
    await bench.module("other", ["plain.work"])
    await bench.submit()
    plain = await bench.submit("plain.work")
    claimed = await bench.claim_one()
    await bench.claim_one("other")
    ledger.objects = True
    await bench.tick_after(61)
    assert (await bench.robot(plain.robot_id)).status is RobotStatus.PENDING
    assert (await bench.robot(claimed.robot_id)).status is RobotStatus.PROCESSING
    ledger.objects = False
    await bench.tick_after(31)
    assert (await bench.robot(claimed.robot_id)).status is RobotStatus.PENDING


async def test_an_owner_can_have_a_silent_attempt_parked(bench: Bench, ledger: Ledger) -> None:
    await bench.submit()
    claimed = await bench.claim_one()
    ledger.when_expired = "park"
    await bench.tick_after(61)
    execution = await bench.execution(claimed)
    assert (execution.execution_state, execution.parked_at is None) == ("PAUSED", False)
    assert (await bench.report(claimed)).directive == "pause"
    await bench.tick_after(100_000)
    assert ledger.moves == ["CLAIMED", "PARKED"]


async def test_a_cancelled_attempt_names_who_and_why(bench: Bench, ledger: Ledger) -> None:
    robot = await bench.submit()
    await bench.database.write(bench.engine.cancel, robot.robot_id, by="ana", reason="not needed", as_owner=True)
    assert ledger.seen == [("CANCELLED", RobotStatus.CANCELLED, "ana", "not needed")]


async def test_outside_moves_are_refused_and_name_the_owners_commands(bench: Bench, ledger: Ledger) -> None:
    robot = await bench.submit()
    claimed = await bench.claim_one()
    engine = bench.engine
    outside: list[tuple[Callable[..., Any], str]] = [
        (engine.cancel, robot.robot_id),
        (engine.retry, robot.robot_id),
        (engine.pause, claimed.execute_id),
        (engine.park, claimed.execute_id),
        (engine.resume, claimed.execute_id),
        (engine.release, claimed.execute_id),
    ]
    for move, subject in outside:
        with pytest.raises(OwnedRobot, match="use the task's own commands"):
            await bench.database.write(move, subject, by="ana")
    with pytest.raises(OwnedRobot):
        await bench.database.write(engine.claim_robot, robot.robot_id, holder="ana", lease_seconds=None)
    assert ledger.moves == ["CLAIMED"]


async def test_the_worker_with_its_token_is_no_outsider(bench: Bench, ledger: Ledger) -> None:
    await bench.submit()
    await bench.fail(await bench.claim_one(), ErrorCategory.VALIDATION)
    assert ledger.moves == ["CLAIMED", "FAILED"]
