"""PostgreSQL: a claim or a completion in one statement writes what several in a transaction write."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.util import await_

from aiworker.engine.completions import queries
from aiworker.engine.completions.records import Running
from aiworker.engine.completions.states import ending
from aiworker.engine.executions.errors import LeaseLost
from aiworker.storage.outbox.events import SYSTEM_FEED, Event
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import ClaimedRobot, Complete, ExecutionState, RobotStatus, StepReport
from tests.support.databases import beside
from tests.support.engine import MODULE, Bench

pytestmark = pytest.mark.parametrize("backend", ["postgresql"])

# What is another for each robot and each try.
OWN = {"robot_id", "execute_id", "lease_token", "created_at", "age", "position", "robotId", "executeId"}


def alike(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is each one's own; times to the second, because each unit of work has its own microsecond."""
    return {
        name: value.replace(microsecond=0) if isinstance(value, datetime) else value
        for name, value in values.items()
        if name not in OWN
    }


async def known_of(bench: Bench, claimed: ClaimedRobot) -> list[dict[str, Any]]:
    """Everything that is kept of a robot, its try and its events, but what is each one's own."""
    robot, execution = await bench.robot(claimed.robot_id), await bench.execution(claimed)
    return [alike(asdict(robot)), alike(asdict(execution)), *map(alike, await bench.events(claimed.robot_id))]


async def in_several(bench: Bench, limit: int) -> list[ClaimedRobot]:
    return await bench.database.write(bench.engine.claim, MODULE, holder="worker-1", limit=limit)


async def complete_in_several(bench: Bench, claimed: ClaimedRobot, result: Complete) -> None:
    await bench.database.write(bench.engine.complete, claimed.execute_id, result)


def done(claimed: ClaimedRobot) -> Complete:
    return Complete(lease_token=claimed.lease_token, output_data={"pages": 3}, confidence_score=0.5)


async def test_a_claim_in_one_statement_writes_the_same_as_one_in_several(bench: Bench) -> None:
    await bench.submit_many(4, correlation_id="batch", timeout_seconds=20)
    plain = await in_several(bench, 2)
    quick = await bench.claim(limit=5)
    assert [one.robot_id for one in quick] == sorted(one.robot_id for one in quick)
    assert len({one.lease_token for one in (*plain, *quick)}) == 4
    assert [alike(one.model_dump()) for one in quick] == [alike(one.model_dump()) for one in plain]
    for ours, theirs in zip(quick, plain, strict=True):
        assert await known_of(bench, ours) == await known_of(bench, theirs)


async def test_a_completion_in_one_statement_writes_the_same_as_one_in_several(bench: Bench) -> None:
    await bench.submit_many(2, estimated_duration_minutes=2)
    plain, quick = await bench.claim(limit=2)
    bench.clock.pass_seconds(3.0005)
    await complete_in_several(bench, plain, done(plain))
    await bench.database.write_alone(bench.engine.complete, quick.execute_id, done(quick))
    assert (await bench.robot(quick.robot_id)).status is RobotStatus.COMPLETED
    assert await known_of(bench, quick) == await known_of(bench, plain)


async def test_more_than_a_few_are_claimed_in_several_statements_all_of_them(bench: Bench) -> None:
    await bench.submit_many(40)
    claimed = await bench.claim(limit=100)
    assert len({one.execute_id for one in claimed}) == 40
    assert await bench.claim(limit=100) == []


async def test_what_others_are_taking_just_now_is_passed_over(bench: Bench) -> None:
    await bench.claim()
    first, second = await bench.submit(), await bench.submit()
    other = Bench(beside(bench.database, clock=bench.clock), bench.clock)

    def while_one_is_locked(tx: Tx) -> list[ClaimedRobot]:
        bench.engine.lock_robot(tx, first.robot_id)
        return await_(other.claim(limit=5))

    assert [one.robot_id for one in await bench.database.write(while_one_is_locked)] == [second.robot_id]
    assert [one.robot_id for one in await other.claim(limit=5)] == [first.robot_id]
    await other.database.close()


async def test_what_was_told_since_it_was_looked_at_is_not_overwritten(bench: Bench) -> None:
    await bench.submit()
    claimed = await bench.claim_one()
    seen = await bench.database.write(lambda tx: queries.look(tx, claimed.execute_id))
    assert seen is not None
    await bench.report(claimed, step=StepReport(name="read"))
    assert not await bench.database.write_alone(ended_as_seen, seen)
    assert (await bench.execution(claimed)).execution_state is ExecutionState.RUNNING
    assert (await bench.robot(claimed.robot_id)).status is RobotStatus.PROCESSING
    await bench.complete(claimed)
    assert (await bench.execution(claimed)).completed_steps == 1


def ended_as_seen(tx: Tx, seen: Running) -> bool:
    end = ending(seen, Complete(lease_token=seen.lease_token), tx.now, by=None, steps=0)
    return queries.write_alone(tx, seen, end, Event(SYSTEM_FEED, seen.robot_id, "robot:status", {}))


async def test_a_stale_token_completes_nothing(bench: Bench) -> None:
    await bench.submit()
    claimed = await bench.claim_one()
    forged = Complete(lease_token=f"{claimed.execute_id}.forged")
    with pytest.raises(LeaseLost):
        await bench.database.write_alone(bench.engine.complete, claimed.execute_id, forged)
    assert (await bench.robot(claimed.robot_id)).status is RobotStatus.PROCESSING
