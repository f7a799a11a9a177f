"""Any program as an agent, from the board to the review."""

import json

from aiworker.delivery.agents import queries as agents
from aiworker.delivery.attempts import queries as attempts
from aiworker.delivery.attempts.records import AttemptRecord
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.wire.tasks import TaskState
from tests.support.house import House
from tests.support.runners import COMMIT, at_work, script

FILES = {"a.txt": "a"}


async def tried(house: House, task: TaskRecord) -> AttemptRecord:
    """The last attempt at a task."""
    return (await house.read(attempts.of_task, task.id))[-1]


async def log_of(house: House, attempt: AttemptRecord) -> list[str]:
    """What the agent's log says, oldest first."""
    assert attempt.agent_id is not None
    lines = await house.read(lambda tx: agents.logs(tx, agent_id=attempt.agent_id, limit=500))
    return [line.message for line in reversed(lines)]


async def test_what_a_program_commits_is_handed_in_with_its_last_words(house: House, key: str) -> None:
    task = await house.task(await house.project(files=FILES))
    async with at_work(house, key, script(f"{COMMIT} && echo It is done.")) as runner:
        await runner.done()
    done = await house.look(task)
    assert done.state is TaskState.READY_TO_TEST
    assert done.branch_name == "task-shop-1-show-prices-with-tax"
    attempt = await tried(house, task)
    assert (attempt.outcome, attempt.summary, attempt.agent_name) == ("completed", "It is done.", "runner-1")
    assert "It is done." in await log_of(house, attempt)
    assert not list((runner.home / "agents").rglob("attempt.json"))


async def test_a_program_reads_its_task_from_its_environment_and_standard_input(house: House, key: str) -> None:
    project = await house.project(files=FILES)
    await house.task(project, "Say «no»", description="Twice.\n" + "x" * 60_000)
    seen = house.folder / "seen"
    look = f'cat > {seen}.json; echo "$AIWORKER_TASK_KEY $AIWORKER_BRANCH $AIWORKER_TASK_TITLE" > {seen}.txt'
    async with at_work(house, key, script(look)) as runner:
        await runner.done()
    told = json.loads((house.folder / "seen.json").read_text())
    assert told["task"]["description"].startswith("Twice.")
    assert "attempt" not in told
    assert "# SHOP-1: Say «no»" in told["prompt"]
    assert (house.folder / "seen.txt").read_text() == "SHOP-1 task-shop-1-say-no Say «no»\n"


async def test_a_program_that_fails_fails_the_attempt_with_its_words(house: House, key: str) -> None:
    task = await house.task(await house.project(files=FILES))
    async with at_work(house, key, script("echo no compiler here >&2; exit 3")) as runner:
        await runner.done()
    assert (await house.look(task)).state is TaskState.BACKLOG
    attempt = await tried(house, task)
    assert (attempt.outcome, attempt.error) == ("failed", "/bin/sh ended with exit status 3. no compiler here")


async def test_a_program_that_commits_nothing_has_failed(house: House, key: str) -> None:
    task = await house.task(await house.project(files=FILES))
    async with at_work(house, key, script("echo I have looked")) as runner:
        await runner.done()
    attempt = await tried(house, task)
    assert attempt.outcome == "failed"
    assert attempt.error is not None
    assert "without committing" in attempt.error
