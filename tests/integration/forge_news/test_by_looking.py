"""What no webhook told is found by looking, every few minutes: the same facts, by the same functions."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aiworker.delivery.forge_news.reconcile import FORGE_LOOK, FORGE_RECONCILE
from aiworker.wire.engine import NewRobot
from aiworker.wire.tasks import TaskState
from tests.support.gitea import Answer
from tests.support.gitea_yard import GiteaYard, gitea_yard
from tests.support.house import ADA
from tests.support.tasks import in_one_task
from tests.support.waiting import eventually


@pytest.fixture
async def deaf(tmp_path: Path) -> AsyncIterator[GiteaYard]:
    """A project in Gitea from which no webhook comes."""
    async with in_one_task(gitea_yard(tmp_path, watched=False)) as opened:
        opened.repository.may["aiworker"] = "write"
        yield opened


async def test_a_merge_a_push_and_a_closing_that_nobody_told_of(deaf: GiteaYard) -> None:
    merged, pushed, closed = [await deaf.handed_in(title, **{f"{title}__txt": title}) for title in ("a", "b", "c")]
    await deaf.house.delivery.review.approve(ADA, pushed.id, str(pushed.head_commit))
    await deaf.call("POST", f"pulls/{merged.pr_number}/merge", Do="rebase")
    commit = await deaf.push_by_hand(str(pushed.branch_name), b__txt="other")
    await deaf.call("PATCH", f"pulls/{closed.pr_number}", state="closed")
    await deaf.reconcile()
    assert deaf.gitea.deliveries.sent == []
    assert (await deaf.house.look(merged)).state is TaskState.PRODUCTION
    assert ("ada", "ada merged it into the default branch, outside AiWorker.") in await deaf.history(merged)
    found = await deaf.house.look(pushed)
    assert (found.state, found.head_commit) == (TaskState.READY_TO_TEST, commit)
    found = await deaf.house.look(closed)
    assert found.held == f"pull request #{closed.pr_number} was closed by somebody in Gitea"


@pytest.mark.soak
async def test_looking_again_changes_nothing(deaf: GiteaYard) -> None:
    task = await deaf.handed_in()
    await deaf.call("PATCH", f"pulls/{task.pr_number}", state="closed")
    await deaf.reconcile()
    before = await deaf.history(task)
    asked = len(deaf.gitea.asked)
    await deaf.reconcile()
    assert await deaf.history(task) == before
    assert len(deaf.gitea.asked) - asked <= 10, deaf.gitea.asked[asked:]


@pytest.mark.soak
async def test_what_webhooks_lost_and_what_they_told_is_the_same(yard: GiteaYard) -> None:
    task = await yard.handed_in()
    await yard.told()
    yard.gitea.deliveries.lose = 5
    await yard.review(task, "REQUEST_CHANGES", "Not yet.")
    await yard.reconcile()
    task = await yard.house.look(task)
    assert (task.state, task.round) == (TaskState.BACKLOG, 2)
    yard.gitea.deliveries.lose = 0
    for lost in [one for one in yard.gitea.deliveries.sent if one.status == 0]:
        await yard.gitea.deliveries.again(lost)
    await yard.told()
    assert (await yard.house.look(task)).round == 2


@pytest.mark.soak
async def test_one_robot_has_every_project_looked_through_and_none_twice_at_a_time(deaf: GiteaYard) -> None:
    house = deaf.house
    task = await deaf.handed_in()
    await deaf.call("PATCH", f"pulls/{task.pr_number}", state="closed")
    await house.write(house.engine.submit, NewRobot(robot_type=FORGE_RECONCILE, input_data={}))
    await deaf.until(task, TaskState.BACKLOG)
    found, _ = await house.read(house.engine.list_robots, robot_type=FORGE_LOOK)
    assert len(found) == 1


@pytest.mark.soak
async def test_a_gitea_that_is_away_is_looked_at_the_next_time(deaf: GiteaYard) -> None:
    house = deaf.house
    task = await deaf.handed_in()
    await deaf.call("PATCH", f"pulls/{task.pr_number}", state="closed")
    deaf.gitea.trouble("GET /repos/*", *[Answer(503)] * 30)
    await house.write(house.engine.submit, NewRobot(robot_type=FORGE_RECONCILE, input_data={}))

    async def failed() -> bool:
        found, _ = await house.read(house.engine.list_robots, robot_type=FORGE_LOOK)
        return any(robot.status.value == "FAILED" for robot in found)

    await eventually(failed, within=60)
    deaf.gitea.calm()
    await deaf.reconcile()
    assert (await house.look(task)).state is TaskState.BACKLOG
