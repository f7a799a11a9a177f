"""Issues become tasks and stay linked: told what becomes of them, followed while nobody has begun."""

from typing import Any

import pytest

from aiworker.core.errors import Invalid
from aiworker.delivery.imports.issues import FORGE_ISSUES
from aiworker.delivery.people.pushes import Pushes
from aiworker.wire.imports import Imported, ImportTasks
from aiworker.wire.projects import ProjectChanges
from aiworker.wire.tasks import TaskChanges, TaskState
from tests.support.gitea import Answer
from tests.support.gitea_yard import GiteaYard
from tests.support.house import ADA
from tests.support.waiting import eventually


async def bring(yard: GiteaYard, **wish: Any) -> Imported:
    return await yard.house.delivery.imports.run(ADA, "SHOP", ImportTasks(source="gitea", **wish))


async def comments(yard: GiteaYard, number: int) -> list[str]:
    return [one.body for one in yard.repository.entries[number].comments]


async def test_open_issues_become_tasks_once_and_hear_of_it(yard: GiteaYard) -> None:
    for title in ("Tax", "Ink"):
        await yard.call("POST", "issues", title=title, body="Please.\r\n\r\nThanks.")
    await yard.call("PATCH", "issues/2", state="closed")
    done = await bring(yard)
    assert [(task.place, task.outcome, task.key) for task in done.tasks] == [("issue #1", "created", "SHOP-1")]
    task = await yard.task("SHOP-1")
    assert task.title == "Tax"
    assert str(task.description).startswith("Please.\n\nThanks.\n\nIssue #1: http")
    await eventually(lambda: comments(yard, 1))
    assert (await bring(yard, issues=[1, 2])).created == 1
    await yard.told()
    url = f"{yard.house.url}/tasks"
    assert await comments(yard, 1) == [f"SHOP-1 is the task for this in AiWorker: {url}/SHOP-1"]
    assert await comments(yard, 2) == [f"SHOP-2 is the task for this in AiWorker: {url}/SHOP-2"]


async def test_issues_are_told_while_nobody_looks_at_them(yard: GiteaYard) -> None:
    await yard.call("POST", "issues", title="Tax")
    await bring(yard)
    engine, queue = yard.house.engine, f"forge:{yard.project.id}"
    (telling,), _ = await yard.house.read(engine.list_robots, robot_type=FORGE_ISSUES)
    known = await yard.house.read(engine.queues, [queue])
    assert (telling.queue, known[queue].max_running) == (queue, 1)


@pytest.mark.soak
async def test_a_comment_that_could_not_be_made_is_made_later_and_once(yard: GiteaYard) -> None:
    await yard.call("POST", "issues", title="Tax")
    yard.gitea.trouble("POST /repos/*/issues/*/comments", Answer(500), Answer(502))
    await bring(yard)
    await yard.told()
    await yard.reconcile()
    assert len(await comments(yard, 1)) == 1


async def test_issues_are_chosen_by_number_and_one_that_is_not_there_is_named(yard: GiteaYard) -> None:
    await yard.call("POST", "issues", title="Tax")
    with pytest.raises(Invalid, match="There is no issue #9 in team/shop"):
        await bring(yard, issues=[1, 9])
    assert (await bring(yard, issues=[1], dry_run=True)).tasks[0].outcome == "would_create"
    assert (await bring(yard, label="agent")).tasks == []


@pytest.mark.soak
async def test_an_edited_issue_edits_its_task_until_somebody_edits_it_here(yard: GiteaYard) -> None:
    await yard.call("POST", "issues", title="Tax")
    await bring(yard)
    await yard.told()
    await yard.call("PATCH", "issues/1", title="Show tax", body="In every price.")
    await yard.told()
    task = await yard.task("SHOP-1")
    assert (task.title, str(task.description).split("\n")[0]) == ("Show tax", "In every price.")
    assert ("ada", "ada edited issue #1, and the task with it.") in await yard.history(task)
    await yard.house.write(yard.house.delivery.tasks.change, ADA, task.id, TaskChanges(title="Show VAT"))
    await yard.call("PATCH", "issues/1", by="bob", title="Show taxes")
    await yard.told()
    assert (await yard.house.look(task)).title == "Show VAT"
    assert ("bob", "bob edited issue #1; the task stays as it is.") in await yard.history(task)


@pytest.mark.soak
async def test_an_issue_closed_by_hand_is_told_and_cancels_nothing(yard: GiteaYard) -> None:
    await yard.call("POST", "issues", title="Tax")
    await bring(yard)
    await yard.told()
    await yard.call("PATCH", "issues/1", state="closed")
    await yard.told()
    task = await yard.task("SHOP-1")
    assert task.state is TaskState.BACKLOG
    assert ("ada", "ada closed issue #1; the task stays as it is.") in await yard.history(task)


@pytest.mark.parametrize("agreed", [True, pytest.param(False, marks=pytest.mark.soak)])
async def test_an_issue_hears_of_production_and_is_closed_if_that_was_agreed(yard: GiteaYard, agreed: bool) -> None:
    yard.project = await yard.house.write(
        yard.house.delivery.projects.change, yard.project.id, ProjectChanges(close_issues=agreed)
    )
    await yard.call("POST", "issues", title="Tax")
    await bring(yard)
    # Those who look and those who tell take turns.
    await yard.told()
    pushes: Pushes = yard.house.delivery.pushes
    await yard.house.write(pushes.merged_outside, ADA, "SHOP-1")
    await yard.reconcile()
    await yard.reconcile()
    await yard.told()
    issue = yard.repository.entries[1]
    assert [one.body for one in issue.comments][1:] == ["SHOP-1 is in production."]
    assert issue.state == ("closed" if agreed else "open")
    task = await yard.task("SHOP-1")
    assert not [line for _, line in await yard.history(task) if "closed issue" in line]
