"""Where a project asks for it, nothing is handed in or approved that is not green at exactly that commit."""

from typing import Any

import pytest

from aiworker.core.errors import Conflict, Invalid
from aiworker.delivery.attempts import handin
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.wire.projects import Evidence, ProjectChanges
from aiworker.wire.tasks import CheckState, Task, TaskState
from tests.support.gitea_yard import GiteaYard
from tests.support.house import ADA, House, open_house


@pytest.fixture
async def strict(yard: GiteaYard, monkeypatch: pytest.MonkeyPatch) -> GiteaYard:
    """A project that asks for green, and whose agents do not wait long."""
    monkeypatch.setattr(handin, "_STATUS_SECONDS", 0.0)
    yard.project = await asked_for_green(yard.house, yard.project)
    return yard


async def asked_for_green(house: House, project: ProjectRecord, **fields: Any) -> ProjectRecord:
    changes = ProjectChanges(evidence=Evidence.COMMIT_STATUS, **fields)
    await house.delivery.projects.check(project.id, changes)
    return await house.write(house.delivery.projects.change, project.id, changes)


async def report(yard: GiteaYard, commit: str | None, state: str, context: str = "test") -> None:
    await yard.call("POST", f"statuses/{commit}", by="bob", state=state, context=context, target_url="https://ci/1")


async def view(yard: GiteaYard, key: str) -> Task:
    return await yard.house.delivery.reading.task(key)


async def test_an_agent_is_told_what_it_waits_for_and_what_failed(strict: GiteaYard) -> None:
    task, attempt = await strict.pushed()
    desk = strict.house.delivery.desk
    with pytest.raises(Conflict, match="no commit status has been reported yet") as pending:
        await desk.create_pull_request(strict.claude, attempt, summary="Done")
    assert pending.value.code == "status_pending"
    task = await strict.house.look(task)
    assert (task.state, task.pr_number) == (TaskState.IN_PROGRESS, 1)
    await report(strict, task.head_commit, "failure")
    with pytest.raises(Conflict, match=r"test \(https://ci/1\) failed") as failed:
        await desk.create_pull_request(strict.claude, attempt, summary="Done")
    assert failed.value.code == "status_failed"
    await report(strict, task.head_commit, "success")
    await desk.create_pull_request(strict.claude, attempt, summary="Done")
    assert (await strict.house.look(task)).state is TaskState.READY_TO_TEST


@pytest.mark.soak
async def test_an_earlier_commit_that_was_green_is_no_evidence(strict: GiteaYard) -> None:
    task, attempt = await strict.pushed()
    head = strict.repository.branches()[str(task.branch_name)]
    await report(strict, head, "success")
    await strict.push_by_hand(str(task.branch_name), by="aiworker", more__txt="more")
    with pytest.raises(Conflict, match="no commit status"):
        await strict.house.delivery.desk.create_pull_request(strict.claude, attempt, summary="Done")


async def test_an_approval_needs_green_at_that_moment_and_red_shows_afterwards(strict: GiteaYard) -> None:
    task, attempt = await strict.pushed()
    head = strict.repository.branches()[str(task.branch_name)]
    await report(strict, head, "success")
    await strict.house.delivery.desk.create_pull_request(strict.claude, attempt, summary="Done")
    await report(strict, head, "failure", "nightly")
    with pytest.raises(Conflict, match="nightly"):
        await strict.house.delivery.review.approve(ADA, task.id, head)
    await report(strict, head, "success", "nightly")
    await strict.house.delivery.review.approve(ADA, task.id, head)
    await report(strict, head, "failure", "nightly")
    await strict.reconcile()
    checks = (await view(strict, task.task_key)).checks
    assert checks is not None
    assert checks.state is CheckState.FAILURE
    assert {(check.context, check.state, check.url) for check in checks.checks} == {
        ("test", CheckState.SUCCESS, "https://ci/1"),
        ("nightly", CheckState.FAILURE, "https://ci/1"),
    }


@pytest.mark.soak
async def test_a_call_that_waits_is_answered_when_the_checks_end(yard: GiteaYard) -> None:
    yard.project = await asked_for_green(yard.house, yard.project, evidence_contexts=["test"])
    task, attempt = await yard.pushed()
    head = yard.repository.branches()[str(task.branch_name)]
    await report(yard, head, "failure", "that nobody asked for")
    await report(yard, head, "success")
    await yard.house.delivery.desk.create_pull_request(yard.claude, attempt, summary="Done")
    assert (await yard.house.look(task)).state is TaskState.READY_TO_TEST


async def test_the_built_in_forge_has_no_statuses_to_ask_for(tmp_path: Any) -> None:
    async with open_house(tmp_path) as house:
        project = await house.project(files={"a.txt": "a"})
        with pytest.raises(Invalid, match="SHOP lives in the built-in forge, which has no commit statuses"):
            await asked_for_green(house, project)
        with pytest.raises(Invalid, match="which has no issues"):
            await house.delivery.projects.check(project.id, ProjectChanges(close_issues=True))
        with pytest.raises(Invalid, match="commit statuses"):
            await house.project("NEW", files={"a.txt": "a"}, evidence="commit_status")
