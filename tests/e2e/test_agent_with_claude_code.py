"""`aiworker agent` with the real Claude Code: what becomes of a task, whatever happens meanwhile."""

import os
import signal
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from aiworker.delivery.attempts import queries as attempt_queries
from aiworker.delivery.attempts.records import AttemptRecord
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.wire.tasks import TaskState
from tests.support.claude_code import NEW, OLD, bash, tool
from tests.support.claude_runner import claude_runner
from tests.support.flaky_door import flaky_door
from tests.support.house import ADA, House, open_house
from tests.support.people import person
from tests.support.scenario import Call, Failure, Script, Step, Turn
from tests.support.scripted_model import scripted_model
from tests.support.talk import Talk
from tests.support.waiting import eventually


def write(talk: Talk) -> Turn:
    return Turn("I write.", [Call("Write", {"file_path": f"{talk.folder}/NOTE.md", "content": "Done.\n"})])


PUSH = Turn("I push.", [bash("git add . && git commit -qm 'Note it' && git push -q origin HEAD")])
HAND_IN = Turn("I hand it in.", [tool("create_pull_request", summary="A note.")])
WORK: Sequence[Step] = (write, PUSH, HAND_IN, Turn("It is with you now."))


async def reached(house: House, task: TaskRecord, state: TaskState) -> None:
    """Wait until the task is there."""

    async def is_there() -> bool:
        return (await house.look(task)).state is state

    await eventually(is_there, within=45)


async def attempts(house: House, task: TaskRecord) -> Sequence[AttemptRecord]:
    return await house.read(attempt_queries.of_task, task.id)


def running(command: str) -> list[psutil.Process]:
    """The processes with these words in their command line."""
    return [p for p in psutil.process_iter(["cmdline"]) if command in " ".join(p.info["cmdline"] or [])]


@pytest.mark.parametrize("version", [OLD, NEW])
async def test_a_task_goes_from_its_claim_to_the_review(house: House, key: str, version: str) -> None:
    task = await house.task(await house.project(), description="Customers see what they pay.")
    with scripted_model(*WORK) as model:
        async with claude_runner(house, key, model, version=version) as runner:
            await runner.start("--once")
            assert await runner.ended() == 0, runner.log
    done = await house.look(task)
    assert (done.state, done.attempts) == (TaskState.READY_TO_TEST, 1)
    first = model.asked[0]
    assert first.prompt.startswith("# SHOP-1: Show prices with tax\n\nCustomers see what they pay.")
    assert "mcp__aiworker__create_pull_request" in first.tools
    (attempt,) = await attempts(house, task)
    assert (attempt.outcome, attempt.summary) == ("completed", "A note.")
    assert (attempt.tokens_in, attempt.tokens_out) == (400, 80)
    assert attempt.cost_microdollars
    assert not list((runner.home / "agents").glob("*/*/attempts/*"))


async def test_a_question_is_answered_a_day_later_and_the_same_session_goes_on(tmp_path: Path) -> None:
    later = timedelta()
    async with open_house(tmp_path, clock=lambda: datetime.now(UTC) + later) as house:
        task = await house.task(await house.project())
        _, key = await house.key("claude")
        ask = Turn("I ask.", [tool("ask_user_question", question="Which rate?", choices=[{"label": "21 %"}])])
        with scripted_model(ask, Turn("I wait for people."), *WORK) as model:
            async with claude_runner(house, key, model) as runner:
                await runner.start()
                await runner.logged("attempt_parked")
                assert (await house.look(task)).state is TaskState.NEEDS_INPUT
                later = timedelta(days=1)
                await house.answer(task, "21 %")
                await reached(house, task, TaskState.READY_TO_TEST)
        assert len({talk.session for talk in model.asked}) == 1
        assert "21 %" in model.asked[-1].said[-1]
        (attempt,) = await attempts(house, task)
        assert attempt.outcome == "completed"


async def test_a_cancelled_task_leaves_no_process_behind(house: House, key: str) -> None:
    sleep = f"sleep 31337.{os.getpid()}"
    task = await house.task(await house.project(test_command=sleep))
    with scripted_model(Turn("I test.", [bash(sleep)])) as model:
        async with claude_runner(house, key, model) as runner:
            await runner.start("--once")
            await eventually(lambda: running(sleep), within=30)
            await house.write(house.delivery.tasks.cancel, ADA, task.id, None)
            assert await runner.ended() == 0, runner.log
    assert running(sleep) == []
    assert (await house.look(task)).state is TaskState.CANCELLED


async def test_a_server_that_is_away_when_claude_starts_costs_no_try(house: House, key: str) -> None:
    go, here = house.folder / "go", house.folder / "here"
    setup = f"sh -c 'touch {here}; while [ ! -e {go} ]; do sleep 0.02; done'"
    task = await house.task(await house.project(setup_command=setup))
    with scripted_model(*WORK) as model:
        async with flaky_door(house.url) as door, claude_runner(house, key, model, AIWORKER_URL=door.url) as runner:
            await runner.start()
            await eventually(here.exists, within=30)
            door.shut()
            go.touch()
            await runner.logged("server_awaited")
            door.open()
            await reached(house, task, TaskState.READY_TO_TEST)
    first, second = await attempts(house, task)
    assert (first.outcome, second.outcome) == ("released", "completed")
    assert "could not reach" in (first.error or "")


async def test_a_server_that_goes_away_meanwhile_is_found_again(house: House, key: str) -> None:
    task = await house.task(await house.project())
    async with flaky_door(house.url) as door:
        turns: Sequence[Step] = (
            write,
            Turn("I push.", PUSH.calls),
            Turn("I hand it in.", HAND_IN.calls, until=door.shut),
            Turn("It failed; I try again.", HAND_IN.calls, until=door.open),
        )
        with scripted_model(*turns) as model:
            async with claude_runner(house, key, model, AIWORKER_URL=door.url) as runner:
                await runner.start("--once")
                await reached(house, task, TaskState.READY_TO_TEST)
                assert await runner.ended() == 0, runner.log
    assert [result.is_error for result in model.asked[-1].results if result.tool == "create_pull_request"] == [
        True,
        False,
    ]


async def test_a_runner_that_was_killed_goes_on_with_what_it_was_at(house: House, key: str) -> None:
    task = await house.task(await house.project())
    with scripted_model() as model:

        def asked_by_another() -> bool:
            return len(model.asked) > 2

        model.scripts = [Script([write, Turn("I push.", PUSH.calls, until=asked_by_another), HAND_IN])]
        async with claude_runner(house, key, model) as runner:
            await runner.start("--once")
            await eventually(lambda: len(model.asked) == 2, within=30)
            await runner.stop(signal.SIGKILL)
            await runner.start("--once")
            await reached(house, task, TaskState.READY_TO_TEST)
            assert await runner.ended() == 0, runner.log
    assert len({talk.session for talk in model.asked}) == 1
    assert model.asked[-1].said[-1].startswith("You were interrupted in the middle of SHOP-1")
    (attempt,) = await attempts(house, task)
    assert attempt.outcome == "completed"


async def test_a_model_that_is_overloaded_is_asked_again(house: House, key: str) -> None:
    task = await house.task(await house.project())
    turns: Sequence[Step] = (Turn("I look.", [bash("git status")], fails=Failure(529)), *WORK)
    with scripted_model(*turns) as model:
        async with claude_runner(house, key, model) as runner:
            await runner.start("--once")
            assert await runner.ended() == 0, runner.log
    assert (await house.look(task)).state is TaskState.READY_TO_TEST


# The first rest is a minute long.
@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_a_rate_limit_of_the_model_is_waited_out_in_the_same_session(house: House, key: str) -> None:
    task = await house.task(await house.project())
    refused = Failure(429, times=2, headers={"x-should-retry": "false"})
    with scripted_model(Turn("I look.", [bash("git status")], fails=refused), *WORK) as model:
        async with claude_runner(house, key, model) as runner:
            await runner.start("--once")
            assert await runner.ended(within=400) == 0, runner.log
    assert (await house.look(task)).state is TaskState.READY_TO_TEST
    (attempt,) = await attempts(house, task)
    assert attempt.outcome == "completed"


async def test_a_used_up_budget_ends_the_attempt_and_says_so(house: House, key: str) -> None:
    task = await house.task(await house.project(attempt_cost_limit_usd=0.5))
    dear = Turn("I think hard.", [bash("git status")], tokens_in=200_000, tokens_out=50_000)
    with scripted_model(dear, *WORK) as model:
        async with claude_runner(house, key, model) as runner:
            await runner.start("--once")
            assert await runner.ended() == 0, runner.log
    (attempt,) = await attempts(house, task)
    assert (attempt.outcome, attempt.error) == ("stopped", "cost limit of $0.50 for an attempt reached")
    assert (attempt.cost_microdollars or 0) > 500_000
    held = await house.look(task)
    assert (held.state, held.held) == (TaskState.BACKLOG, attempt.error)
    assert len(model.asked) == 1


async def test_a_denied_tool_is_shown_and_can_be_allowed(house: House, key: str) -> None:
    lint = Turn("I lint.", [bash("npm run lint")])
    project = await house.project()
    await house.task(project)
    with scripted_model(lint, *WORK) as model:
        async with claude_runner(house, key, model) as runner, person(house) as ada:
            await runner.start("--once")
            assert await runner.ended() == 0, runner.log
            (shown,) = await ada.get("tasks/SHOP-1/attempts")
            (denied,) = shown["permissionDenials"]
            assert (shown["outcome"], denied["rule"]) == ("completed", "Bash(npm run lint)")
            await ada.post(f"tasks/SHOP-1/attempts/{shown['executionId']}/allow", rule=denied["rule"])

            await house.task(project)
            await runner.start("--once")
            assert await runner.ended() == 0, runner.log
            (shown,) = await ada.get("tasks/SHOP-2/attempts")
            assert (shown["outcome"], shown["permissionDenials"]) == ("completed", [])
