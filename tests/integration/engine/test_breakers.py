"""A module whose robots fail in a row gets fewer at a time, and comes back step by step."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, event, insert

from aiworker.access.audit.service import list_changes
from aiworker.engine.breakers.records import Breaker
from aiworker.engine.breakers.service import breakers_of, reset
from aiworker.engine.trends.service import minute_of
from aiworker.engine.trends.tables import module_trends
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import BreakerState, ClaimedRobot, Complete, ErrorCategory, RobotStatus
from tests.support.engine import MODULE, Bench, new_module, new_robot

FAULTS = [ErrorCategory.APPLICATION, ErrorCategory.RESOURCE, ErrorCategory.TIMEOUT, ErrorCategory.EXTERNAL_API]


async def breaker(bench: Bench) -> Breaker | None:
    return (await bench.database.read(breakers_of, [MODULE])).get(MODULE)


async def state(bench: Bench) -> BreakerState:
    found = await breaker(bench)
    return BreakerState.CLOSED if found is None else found.state


async def fail_in_a_row(bench: Bench, number: int) -> None:
    for claimed in await bench.claim(limit=number):
        await bench.fail(claimed)


async def complete_all(bench: Bench, claimed: list[ClaimedRobot]) -> int:
    results = {one.execute_id: Complete(lease_token=one.lease_token) for one in claimed}
    assert await bench.database.write(bench.engine.complete_many, results) == {}
    return len(claimed)


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_after_five_failures_in_a_row_sixteen_may_be_under_way(bench: Bench) -> None:
    last = (await bench.submit_many(60))[-1]
    await fail_in_a_row(bench, 5)
    first = await bench.claim(limit=50)
    assert len(first) == 16
    assert await bench.claim(limit=50) == []
    assert await bench.waiting(last.robot_id) == "module reader gets 16 at a time: its robots failed in a row"
    await bench.release(first[0])
    assert len(await bench.claim(limit=50)) == 1


async def test_after_ten_one_is_tried_now_and_then_until_one_is_done_well(bench: Bench) -> None:
    last = (await bench.submit_many(60, retry_limit=0))[-1]
    await fail_in_a_row(bench, 10)
    assert await state(bench) is BreakerState.OPEN
    assert await bench.claim(limit=50) == []
    why = await bench.waiting(last.robot_id)
    assert why is not None
    assert why.startswith("module reader gets no robots: they failed in a row; one is tried at 2026-03-02T12:00:30")
    bench.clock.pass_seconds(30.001)
    (trial,) = await bench.claim(limit=50)
    assert await bench.claim(limit=50) == []
    await bench.fail(trial)
    bench.clock.pass_seconds(30.001)
    assert await bench.claim(limit=50) == []
    bench.clock.pass_seconds(30)
    (trial,) = await bench.claim(limit=50)
    await bench.complete(trial)
    steps = [await complete_all(bench, await bench.claim(limit=20)) for _ in range(6)]
    assert steps == [1, 1, 2, 4, 16, 20]
    assert await state(bench) is BreakerState.CLOSED


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_a_trial_that_is_lost_is_followed_by_another(bench: Bench) -> None:
    await bench.submit_many(12)
    await fail_in_a_row(bench, 10)
    bench.clock.pass_seconds(31)
    (lost,) = await bench.claim(limit=5, lease_seconds=5)
    await bench.tick_after(61)
    assert (await bench.execution(lost)).outcome == "lost"
    assert len(await bench.claim(limit=5)) == 1


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_a_trial_is_not_spent_where_there_is_nothing_to_try(bench: Bench) -> None:
    await bench.submit_many(10, retry_limit=0)
    await fail_in_a_row(bench, 10)
    bench.clock.pass_seconds(31)
    assert await bench.claim() == []
    await bench.submit()
    assert len(await bench.claim()) == 1


@pytest.mark.parametrize("category", FAULTS)
@pytest.mark.parametrize("backend", ["sqlite"])
async def test_each_error_that_may_be_the_modules_fault_counts(bench: Bench, category: ErrorCategory) -> None:
    await bench.submit_many(5)
    for claimed in await bench.claim(limit=5):
        await bench.fail(claimed, category)
    assert await state(bench) is BreakerState.FEWER


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_a_time_out_counts_and_neither_a_lost_nor_a_cancelled_nor_a_released_robot_does(bench: Bench) -> None:
    await bench.submit_many(5, timeout_seconds=10, retry_limit=0)
    await bench.claim(limit=5)
    await bench.tick_after(11)
    assert await state(bench) is BreakerState.FEWER
    await bench.database.write(reset, MODULE)
    lost, cancelled, released = [await bench.submit() for _ in range(3)]
    await bench.claim(limit=1, lease_seconds=5)
    await bench.tick_after(6)
    for claimed in await bench.claim(limit=3):
        if claimed.robot_id == cancelled.robot_id:
            await bench.database.write(bench.engine.cancel, claimed.robot_id, by="ana")
        else:
            await bench.release(claimed)
    found = await breaker(bench)
    assert found is not None
    assert found.failures == 0, (lost, released)


@pytest.mark.parametrize("category", [ErrorCategory.VALIDATION, ErrorCategory.BUSINESS])
@pytest.mark.parametrize("backend", ["sqlite"])
async def test_a_module_that_tells_what_is_wrong_with_its_input_is_well(bench: Bench, category: ErrorCategory) -> None:
    await bench.submit_many(20)
    await fail_in_a_row(bench, 4)
    for claimed in await bench.claim(limit=10):
        await bench.fail(claimed, category)
    await fail_in_a_row(bench, 4)
    assert await state(bench) is BreakerState.CLOSED


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_one_that_opens_and_closes_is_told_and_written_down(bench: Bench) -> None:
    await bench.submit_many(60, retry_limit=0)
    await fail_in_a_row(bench, 10)
    bench.clock.pass_seconds(31)
    for _ in range(6):
        await complete_all(bench, await bench.claim(limit=20))
    events = await bench.events("module:reader")
    told = [(one["oldState"], one["newState"]) for one in events if one["kind"] == "module:breaker"]
    assert told == [("CLOSED", "FEWER"), ("FEWER", "OPEN"), ("OPEN", "FEWER"), ("FEWER", "CLOSED")]
    audit = await bench.database.read(list_changes, subject=MODULE)
    written = [(line.actor, line.action, (line.details or {}).get("newState")) for line in audit]
    assert written == [("AiWorker", "module.breaker", "CLOSED"), ("AiWorker", "module.breaker", "OPEN")]


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_a_person_may_say_that_all_is_well_again(bench: Bench) -> None:
    await bench.submit_many(60)
    await bench.database.write(reset, MODULE)
    await fail_in_a_row(bench, 10)
    await bench.database.write(reset, MODULE)
    assert len(await bench.claim(limit=40)) == 40


async def test_a_breaker_holds_for_whoever_claims_and_goes_with_its_module(bench: Bench) -> None:
    await bench.submit_many(10, retry_limit=0)
    await fail_in_a_row(bench, 10)
    other = Bench(bench.database, bench.clock)
    assert await other.claim(limit=5) == []
    await bench.module("writer", types=["text.write"])
    await bench.submit("text.write")
    assert len(await other.claim("writer")) == 1


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_the_systems_own_modules_have_none(bench: Bench) -> None:
    await bench.database.write(bench.engine.register_module, new_module("control", ["deploy.preview"]), internal=True)
    await bench.submit_many(40, "deploy.preview", retry_limit=0)
    for claimed in await bench.claim("control", limit=20, internal=True):
        await bench.fail(claimed)
    assert len(await bench.claim("control", limit=20, internal=True)) == 20
    assert await bench.database.read(breakers_of, ["control"]) == {}


async def test_a_success_that_changes_nothing_costs_no_statement(bench: Bench) -> None:
    def statements(tx: Tx) -> list[str]:
        seen: list[str] = []

        def note(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(tx.connection, "before_cursor_execute", note)
        try:
            (claimed,) = bench.engine.claim(tx, MODULE, holder="worker-1")
            bench.engine.complete(tx, claimed.execute_id, Complete(lease_token=claimed.lease_token))
        finally:
            event.remove(tx.connection, "before_cursor_execute", note)
        return [statement for statement in seen if "breakers" in statement]

    await bench.submit_many(3)
    before = await bench.database.write(statements)
    await bench.fail(await bench.claim_one())
    assert len(await bench.database.write(statements)) > len(before)
    await bench.submit()
    assert await bench.database.write(statements) == before
    # Both ride along with what is read anyway.
    assert [statement.lstrip()[:6] for statement in before] == ["SELECT", "SELECT"]


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_retries_beyond_the_budget_stand_in_line(bench: Bench) -> None:
    robots = [new_robot(backoff_seconds=0) for _ in range(100)]
    await bench.database.write(bench.engine.submit_many, robots)
    for claimed in await bench.claim(limit=100):
        await bench.fail(claimed)
    stored, _ = await bench.database.read(bench.engine.list_robots, status=RobotStatus.RETRYING, limit=200)
    waits = sorted((robot.retry_at - bench.clock.now).total_seconds() for robot in stored if robot.retry_at)
    assert len(waits) == 100
    assert sum(wait < 1 for wait in waits) == 60
    assert 39 <= waits[-1] <= 41
    await bench.tick_after(10.5)
    ready, _ = await bench.database.read(bench.engine.list_robots, status=RobotStatus.RETRYING, limit=200)
    assert sum(robot.ready_lane is not None for robot in ready) == 70


async def test_a_module_that_does_much_may_retry_much(bench: Bench) -> None:
    def sampled(tx: Tx) -> None:
        minute = minute_of(tx.now) - 1
        figures = {"queued": 0, "running": 9, "utilisation": 0, "ended": 5_000, "failed": 100}
        tx.execute(insert(module_trends).values(module_name=MODULE, minute=minute, **figures))

    await bench.database.write(sampled)
    await bench.database.write(bench.engine.submit_many, [new_robot(backoff_seconds=0)] * 100)
    for claimed in await bench.claim(limit=100):
        await bench.fail(claimed)
    stored, _ = await bench.database.read(bench.engine.list_robots, status=RobotStatus.RETRYING, limit=200)
    assert all(robot.retry_at and robot.retry_at - bench.clock.now < timedelta(seconds=1) for robot in stored)
