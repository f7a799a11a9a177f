"""Reports of many executions at a time: as if they came one by one, at the price of a few."""

from typing import Any

import pytest

from aiworker.storage.transaction import Tx
from aiworker.wire.engine import ClaimedRobot, Report, ReportAnswer, StepCategory, StepReport
from tests.support.engine import Bench
from tests.support.plans import noted


def report(claimed: ClaimedRobot, **fields: Any) -> Report:
    return Report(lease_token=claimed.lease_token, **fields)


def step(name: str, status: str = "running", **fields: Any) -> StepReport:
    return StepReport.model_validate({"name": name, "category": StepCategory.PROCESSING, "status": status, **fields})


async def tell(bench: Bench, told: dict[str, list[Report]]) -> dict[str, ReportAnswer]:
    return await bench.database.write(bench.engine.report_many, told)


async def steps(bench: Bench, claimed: ClaimedRobot) -> list[tuple[int, str, str]]:
    found = await bench.database.read(bench.engine.steps_of, [claimed.execute_id])
    return [(one.position, one.name, one.status) for one in found]


async def test_what_is_told_of_an_execution_is_taken_in_its_order(bench: Bench) -> None:
    await bench.submit_many(2)
    first, second = await bench.claim(limit=2)
    await tell(bench, {first.execute_id: [report(first, step=step("read"))]})
    answers = await tell(
        bench,
        {
            first.execute_id: [
                report(first, step=step("read", "completed", duration_ms=20), progress_percentage=40),
                report(first, step=step("check")),
                report(first, step=step("check", "failed"), checkpoint={"page": 1}),
                report(first, step=step("check"), checkpoint={"page": 2}, progress_percentage=80),
            ],
            second.execute_id: [report(second, step=step("read", "completed"), checkpoint={"page": 9})],
        },
    )
    assert {answer.directive for answer in answers.values()} == {"continue"}
    assert await steps(bench, first) == [(0, "read", "completed"), (1, "check", "failed"), (2, "check", "running")]
    assert await steps(bench, second) == [(0, "read", "completed")]
    execution = await bench.execution(first)
    assert (execution.progress_percentage, execution.current_step, execution.completed_steps) == (80, "check", 1)
    for one in (first, second):
        await bench.release(one)
    saved = {one.execute_id: one.checkpoint for one in await bench.claim(limit=2)}
    assert sorted(str(checkpoint) for checkpoint in saved.values()) == ["{'page': 2}", "{'page': 9}"]


async def test_steps_that_were_gathered_stand_one_after_the_other(bench: Bench) -> None:
    await bench.submit()
    claimed = await bench.claim_one()
    bench.clock.pass_seconds(10)
    gathered = [
        step("read", "completed", duration_ms=300, ago_ms=600),
        step("check", "completed", duration_ms=400, ago_ms=200),
        step("write", ago_ms=200),
        step("guess", ago_ms=86_400_000),
    ]
    await tell(bench, {claimed.execute_id: [report(claimed, step=one) for one in gathered]})
    read, check, write, guess = await bench.database.read(bench.engine.steps_of, [claimed.execute_id])
    assert read.completed_at == check.started_at
    assert check.completed_at == write.started_at
    assert (read.duration_ms, check.duration_ms) == (300, 400)
    # No clock of a worker makes a step begin before its execution.
    assert guess.started_at == (await bench.execution(claimed)).started_at


async def test_telling_it_twice_changes_nothing(bench: Bench) -> None:
    await bench.submit()
    claimed = await bench.claim_one()
    told = {claimed.execute_id: [report(claimed, step=step("read")), report(claimed, step=step("read", "completed"))]}
    await tell(bench, told)
    await tell(bench, {claimed.execute_id: told[claimed.execute_id][1:]})
    assert await steps(bench, claimed) == [(0, "read", "completed")]
    assert (await bench.execution(claimed)).completed_steps == 1


async def test_one_that_was_lost_takes_nothing_and_the_others_are_heard(bench: Bench) -> None:
    await bench.submit_many(2)
    lost, kept = await bench.claim(limit=2)
    await bench.release(lost)
    answers = await tell(
        bench,
        {
            lost.execute_id: [report(lost, step=step("read"), checkpoint={"page": 1}, progress_percentage=50)],
            kept.execute_id: [report(kept, progress_percentage=50)],
            "nobody": [report(kept)],
        },
    )
    assert {key: answer.directive for key, answer in answers.items()} == {
        lost.execute_id: "lost",
        kept.execute_id: "continue",
        "nobody": "lost",
    }
    assert await steps(bench, lost) == []
    assert (await bench.execution(lost)).progress_percentage == 0
    assert (await bench.execution(kept)).progress_percentage == 50


@pytest.mark.parametrize("number", [2, 40])
async def test_many_cost_as_many_statements_as_few(bench: Bench, number: int) -> None:
    await bench.submit_many(number)
    claimed = await bench.claim(limit=number)
    told = {
        one.execute_id: [
            report(one, step=step("read"), progress_percentage=10),
            report(one, step=step("read", "completed"), checkpoint={"page": 1}),
        ]
        for one in claimed
    }

    def body(tx: Tx) -> int:
        with noted(tx) as statements:
            bench.engine.report_many(tx, told)
        return len(statements)

    assert await bench.database.write(body) <= 9
