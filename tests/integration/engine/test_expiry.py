"""Executions that ended long ago go, a few at a time; what is under way and the robots stay."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from aiworker.core.ids import first_id, new_id
from aiworker.engine.executions.errors import ExecutionNotFound
from aiworker.engine.executions.tables import execution_steps
from tests.support.engine import Bench

LATER = datetime.now(UTC) + timedelta(days=1)


async def test_ended_executions_go_with_their_steps_in_small_deletes(bench: Bench) -> None:
    ended = []
    for _ in range(5):
        await bench.submit()
        claimed = await bench.claim_one()
        await bench.report(claimed, current_step="reading")
        await bench.complete(claimed)
        ended.append(claimed)

    async def forget() -> int:
        return await bench.database.write(bench.engine.forget_executions, LATER, limit=2)

    assert [await forget() for _ in range(4)] == [2, 2, 1, 0]
    with pytest.raises(ExecutionNotFound):
        await bench.execution(ended[0])
    steps = await bench.database.read(lambda tx: tx.scalar(select(func.count()).select_from(execution_steps)))
    assert steps == 0
    assert (await bench.robot(ended[0].robot_id)).status == "COMPLETED"


async def test_what_is_under_way_or_ended_lately_stays(bench: Bench) -> None:
    await bench.submit()
    running = await bench.claim_one()
    await bench.submit()
    fresh = await bench.claim_one()
    await bench.complete(fresh)
    assert await bench.database.write(bench.engine.forget_executions, bench.clock.now) == 0
    assert await bench.database.write(bench.engine.forget_executions, LATER) == 1
    assert (await bench.execution(running)).completed_at is None


def test_an_id_sorts_between_the_first_of_its_moment_and_the_first_of_the_next() -> None:
    before = datetime.now(UTC)
    assert first_id(before) <= new_id() < first_id(before + timedelta(hours=1))
