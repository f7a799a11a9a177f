"""A server that is away for a while costs time, and nothing else."""

import asyncio
from pathlib import Path

from aiworker.delivery.agents import queries as agents
from aiworker.delivery.attempts import queries as attempts
from aiworker.wire.tasks import TaskState
from tests.support.flaky_door import flaky_door
from tests.support.house import House
from tests.support.runners import COMMIT, at_work, script
from tests.support.waiting import eventually

FILES = {"a.txt": "a"}


async def test_a_result_that_could_not_be_delivered_is_kept_and_sent_again(
    house: House, key: str, tmp_path: Path
) -> None:
    task = await house.task(await house.project(files=FILES))
    wait = f"touch {tmp_path}/there; while [ ! -e {tmp_path}/go ]; do sleep 0.05; done"
    async with (
        flaky_door(house.url) as door,
        at_work(house, key, script(f"{wait}; {COMMIT}; echo It is done."), url=door.url) as runner,
    ):
        await eventually((tmp_path / "there").exists)
        door.shut()
        (tmp_path / "go").touch()
        (kept,) = runner.home.rglob("attempt.json")
        await eventually(lambda: "usage" in kept.read_text())
        door.open()
        await runner.done()
    assert (await house.look(task)).state is TaskState.READY_TO_TEST
    (attempt,) = await house.read(attempts.of_task, task.id)
    assert (attempt.outcome, attempt.summary) == ("completed", "It is done.")


async def test_every_line_of_a_flood_reaches_the_log_once_and_in_order(house: House, key: str, tmp_path: Path) -> None:
    await house.task(await house.project(files=FILES))
    count = 3_000
    flood = f"seq 1 {count}; touch {tmp_path}/said; while [ ! -e {tmp_path}/go ]; do sleep 0.05; done"
    async with (
        flaky_door(house.url) as door,
        at_work(house, key, script(f"{flood}; {COMMIT}"), url=door.url) as runner,
    ):
        await eventually((tmp_path / "said").exists)
        door.shut()
        await asyncio.sleep(0)
        door.open()
        (tmp_path / "go").touch()
        await runner.done()
    lines = await house.read(lambda tx: agents.logs(tx, limit=count + 100))
    told = [int(line.message) for line in reversed(lines) if line.message.isdecimal()]
    assert told == list(range(1, count + 1))
