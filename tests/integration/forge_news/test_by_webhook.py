"""What people do in Gitea reaches the task by signed webhooks, through the running server, once."""

import pytest

from aiworker.delivery.forge_news.service import FORGE_NEWS
from aiworker.wire.engine import RobotStatus
from aiworker.wire.projects import ProjectStatus
from aiworker.wire.tasks import TaskState
from tests.support.gitea import Answer
from tests.support.gitea_yard import REPOSITORY, GiteaYard
from tests.support.house import ADA


async def test_the_webhook_registers_itself_once(yard: GiteaYard) -> None:
    await yard.reconcile()
    (hook,) = yard.repository.hooks
    assert hook.url == f"{yard.house.url}/api/webhooks/gitea"
    assert hook.content_type == "json"


@pytest.mark.soak
async def test_what_we_do_there_ourselves_is_not_taken_for_a_persons(yard: GiteaYard) -> None:
    task = await yard.handed_in()
    before = await yard.history(task)
    sent = await yard.told()
    assert {delivery.event for delivery in sent} >= {"push", "pull_request"}
    assert {delivery.status for delivery in sent} == {202}
    assert await yard.history(task) == before
    assert (await yard.house.look(task)).state is TaskState.READY_TO_TEST


async def test_a_merge_by_hand_is_that_persons(yard: GiteaYard) -> None:
    task = await yard.handed_in()
    await yard.call("POST", f"pulls/{task.pr_number}/merge", Do="squash")
    task = await yard.until(task, TaskState.PRODUCTION)
    assert ("ada", "ada merged it into the default branch, outside AiWorker.") in await yard.history(task)
    before = await yard.history(task)
    await yard.told()
    assert await yard.history(task) == before


@pytest.mark.soak
async def test_a_closing_and_a_reopening_by_hand(yard: GiteaYard) -> None:
    task = await yard.handed_in()
    await yard.call("PATCH", f"pulls/{task.pr_number}", state="closed")
    task = await yard.until(task, TaskState.BACKLOG)
    assert task.held == f"pull request #{task.pr_number} was closed by ada"
    await yard.call("PATCH", f"pulls/{task.pr_number}", by="bob", state="open")
    await yard.told()
    assert (await yard.house.look(task)).held is None


async def test_a_push_by_hand_takes_the_approval_back(yard: GiteaYard) -> None:
    task = await yard.handed_in()
    await yard.house.delivery.review.approve(ADA, task.id, str(task.head_commit))
    pushed = await yard.push_by_hand(str(task.branch_name), prices__txt="pen 9\n")
    task = await yard.until(task, TaskState.READY_TO_TEST)
    assert task.head_commit == pushed
    assert "ada pushed" in (await yard.history(task))[-1][1]


@pytest.mark.soak
async def test_a_push_to_the_default_branch_merges_what_it_holds(yard: GiteaYard) -> None:
    task = await yard.handed_in()
    await yard.told()
    yard.repository.git("update-ref", "refs/heads/main", str(task.head_commit))
    await yard.push_by_hand("main", other__txt="one more commit")
    assert (await yard.until(task, TaskState.PRODUCTION)).deployed_production_at is not None


async def test_a_pull_request_opened_by_hand_is_the_tasks(yard: GiteaYard) -> None:
    task, _ = await yard.pushed()
    opened = await yard.call("POST", "pulls", head=task.branch_name, base="main", title="Mine")
    await yard.told()
    task = await yard.house.look(task)
    assert (task.pr_number, task.state) == (opened["number"], TaskState.IN_PROGRESS)
    assert ("ada", f"ada opened pull request #{opened['number']} for it.") in await yard.history(task)


@pytest.mark.soak
async def test_a_deleted_branch_closes_its_pull_request(yard: GiteaYard) -> None:
    task = await yard.handed_in()
    await yard.told()
    await yard.delete_branch(str(task.branch_name))
    task = await yard.until(task, TaskState.BACKLOG)
    assert task.held == f"pull request #{task.pr_number} was closed by ada"


async def test_a_doubled_webhook_is_worked_off_once(yard: GiteaYard) -> None:
    task = await yard.handed_in()
    await yard.told()
    before = len(await _news(yard))
    yard.gitea.deliveries.double = 1
    await yard.call("PATCH", f"pulls/{task.pr_number}", state="closed")
    await yard.told()
    assert len(await _news(yard)) == before + 1
    assert [line for _, line in await yard.history(task)].count("It waits: pull request #1 was closed by ada.") == 1


@pytest.mark.soak
async def test_an_old_webhook_sent_again_changes_nothing(yard: GiteaYard) -> None:
    """As somebody would who has seen one: the signature is good, the delivery's name is new."""
    task = await yard.handed_in()
    await yard.call("PATCH", f"pulls/{task.pr_number}", state="closed")
    closed = next(d for d in await yard.told() if d.payload.get("action") == "closed")
    await yard.call("PATCH", f"pulls/{task.pr_number}", state="open")
    await yard.told()
    before = await yard.history(task)
    closed.headers["X-Gitea-Delivery"] = "another-name"
    assert await yard.gitea.deliveries.again(closed) == 202
    await yard.told()
    assert await yard.history(task) == before


# It waits between its tries as it does in earnest.
@pytest.mark.soak
async def test_news_outlive_a_gitea_that_is_away(yard: GiteaYard) -> None:
    task = await yard.handed_in()
    await yard.told()
    yard.gitea.trouble("GET /repos/*/pulls/*", *[Answer(502)] * 12)
    await yard.call("PATCH", f"pulls/{task.pr_number}", state="closed")
    assert (await yard.until(task, TaskState.BACKLOG)).held is not None


@pytest.mark.soak
async def test_a_renamed_repository_keeps_working(yard: GiteaYard) -> None:
    task = await yard.handed_in()
    await yard.told()
    yard.gitea.world.rename(yard.repository, "store")
    async with yard.gitea.client("ada") as http:
        await http.patch(f"/repos/team/store/pulls/{task.pr_number}", json={"state": "closed"})
    task = await yard.until(task, TaskState.BACKLOG)
    project = await yard.house.read(lambda tx: yard.house.delivery.projects.get(tx, "SHOP"))
    assert project.repository == "team/store"


async def test_a_repository_that_is_gone_pauses_its_project(yard: GiteaYard) -> None:
    del yard.gitea.world.repositories[REPOSITORY]
    assert await yard.house.delivery.forge_news.look_at_repository(yard.project) is False
    project = await yard.house.read(lambda tx: yard.house.delivery.projects.get(tx, "SHOP"))
    assert project.status is ProjectStatus.PAUSED
    assert "gone from Gitea" in str(project.status_reason)


async def _news(yard: GiteaYard) -> list[str]:
    found, _ = await yard.house.read(
        yard.house.engine.list_robots, robot_type=FORGE_NEWS, status=RobotStatus.COMPLETED, limit=100
    )
    return [robot.robot_id for robot in found]
