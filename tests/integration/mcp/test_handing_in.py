"""From a branch to the review: branch, pull request, preview, status."""

import asyncio

import httpx2
import pytest

from aiworker.delivery.tasks import board
from aiworker.wire.access import Scope
from aiworker.wire.tasks import RequestChanges, ReviewComment, TaskState
from tests.support.agents import Agent, agent
from tests.support.checkouts import run_git
from tests.support.house import ADA, House
from tests.support.webapp import START, webapp
from tests.support.work import git, push_work


async def answer_of(house: House, url: str) -> str:
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
        return (await http.get(house.url, headers={"Host": url.removeprefix("http://").rstrip("/")})).text


async def test_a_branch_is_made_once_however_often_it_is_asked_for(house: House, claude: Agent) -> None:
    await house.task(await house.project())
    attempt = (await claude.claim())["attempt"]
    first = await claude.call("create_branch", attempt=attempt)
    assert await claude.call("create_branch", attempt=attempt) == first
    assert first["commit"] == await house.forge.head("shop", "main")
    shown = await claude.call("get_task", taskId="SHOP-1")
    assert shown["branch"] == first["branch"] == "task-shop-1-show-prices-with-tax"


async def test_a_title_that_is_no_branch_name_gives_one_all_the_same(house: House, claude: Agent) -> None:
    project = await house.project()
    for title in ("$(rm -rf /); `id` && ../../x", "日本語 🦆", "-" * 255):
        await house.task(project, title)
        claimed = await claude.claim()
        made = await claude.call("create_branch", attempt=claimed["attempt"])
        assert made["branch"].startswith(f"task-{claimed['task']['key'].lower()}")
        assert set(made["branch"]) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
        await claude.call("release_task", attempt=claimed["attempt"])
        await house.write(house.delivery.tasks.cancel, ADA, claimed["task"]["id"], None)


async def test_a_title_as_long_as_they_get_is_handed_in_all_the_same(house: House, key: str, claude: Agent) -> None:
    project = await house.project()
    await house.task(project, "ü" * 255)
    claimed = await claude.claim()
    await push_work(house, claude, claimed, key, project, notes__txt="a line\n")
    assert (await claude.call("create_pull_request", attempt=claimed["attempt"]))["state"] == "ready_to_test"


async def test_a_branch_starts_from_what_the_task_depends_on(house: House, key: str, claude: Agent) -> None:
    project = await house.project()
    first = await house.task(project, "First")
    await house.task(project, "Second", depends_on=["SHOP-1"])
    claimed = await claude.claim()
    head = await push_work(house, claude, claimed, key, project, notes__txt="from the first\n")
    await claude.call("create_pull_request", attempt=claimed["attempt"])
    assert (await claude.call("get_next_task"))["task"] is None
    await house.delivery.review.approve(ADA, first.id, head)
    second = await claude.claim()
    made = await claude.call("create_branch", attempt=second["attempt"])
    exported = house.folder / "second"
    await house.forge.export("shop", made["commit"], exported)
    assert (exported / "notes.txt").read_text() == "from the first\n"


async def test_without_a_branch_or_a_commit_nothing_is_handed_in(house: House, claude: Agent) -> None:
    task = await house.task(await house.project())
    attempt = (await claude.claim())["attempt"]
    for tool in ("create_pull_request", "trigger_preview"):
        assert (await claude.refused(tool, attempt=attempt)).code == "no_branch"
    assert (await claude.refused("trigger_preview", attempt=attempt, finish=False)).code == "no_branch"
    await claude.call("create_branch", attempt=attempt)
    for tool, more in (
        ("create_pull_request", {}),
        ("trigger_preview", {}),
        ("update_task_status", {"status": "ready_to_test"}),
    ):
        refused = await claude.refused(tool, attempt=attempt, **more)
        assert refused.code == "no_commits"
        assert "commit and push" in refused.text
    assert (await house.look(task)).state is TaskState.IN_PROGRESS


async def test_a_push_needs_the_task_in_hand(house: House, key: str, claude: Agent) -> None:
    project = await house.project()
    await house.task(project)
    claimed = await claude.claim()
    await push_work(house, claude, claimed, key, project, a__txt="a")
    await claude.call("release_task", attempt=claimed["attempt"])
    clone = house.folder / "clone-SHOP-1-1"
    (clone / "b.txt").write_text("b")
    await git(clone, "add", "--all")
    await git(clone, "commit", "-m", "Late")
    pushed = await asyncio.to_thread(run_git, clone, "push", "origin", "HEAD")
    assert pushed.returncode != 0


async def test_handing_in_twice_moves_the_task_once(house: House, key: str, claude: Agent) -> None:
    project = await house.project()
    task = await house.task(project)
    claimed = await claude.claim()
    await push_work(house, claude, claimed, key, project, a__txt="a")
    first = await claude.call("create_pull_request", attempt=claimed["attempt"], summary="Done.")
    again = await claude.call("create_pull_request", attempt=claimed["attempt"], summary="Done, really.")
    assert (again["prNumber"], again["commit"]) == (first["prNumber"], first["commit"])
    moves = [
        entry.to_state
        for entry in await house.read(lambda tx: house.delivery.task_views.timeline(tx, task))
        if entry.kind == "moved"
    ]
    assert moves == [TaskState.IN_PROGRESS, TaskState.READY_TO_TEST]


async def test_after_handing_in_there_is_time_for_last_words_but_not_for_work(
    house: House, key: str, claude: Agent
) -> None:
    project = await house.project()
    await house.task(project)
    claimed = await claude.claim()
    attempt = claimed["attempt"]
    await push_work(house, claude, claimed, key, project, a__txt="a")
    await claude.call("create_pull_request", attempt=attempt)
    await claude.call("log", attempt=attempt, message="That was it.")
    await claude.call("report_progress", attempt=attempt, usage={"tokensIn": 10, "tokensOut": 2, "costUsd": 0.5})
    for tool, more in (("create_branch", {}), ("ask_user_question", {"question": "?"}), ("release_task", {})):
        assert (await claude.refused(tool, attempt=attempt, **more)).code == "attempt_over"
    (done,) = await house.read(lambda tx: house.delivery.task_views.attempts(tx, board.get(tx, "SHOP-1")))
    assert (done.outcome, done.tokens_in, done.cost_usd) == ("completed", 10, 0.5)


async def test_a_preview_can_be_had_before_the_work_is_done(house: House, key: str, claude: Agent) -> None:
    project = await house.project()
    task = await house.task(project)
    claimed = await claude.claim()
    attempt = claimed["attempt"]
    await push_work(house, claude, claimed, key, project, app__py=webapp("two")["app.py"])
    preview = await claude.call("trigger_preview", attempt=attempt, finish=False, waitSeconds=30)
    assert (preview["status"], preview["state"]) == ("running", "in_progress")
    assert await answer_of(house, preview["previewUrl"]) == "two"
    await push_work(house, claude, claimed, key, project, app__py=webapp("three")["app.py"])
    preview = await claude.call("trigger_preview", attempt=attempt, waitSeconds=30)
    assert (preview["status"], preview["state"]) == ("running", "ready_to_test")
    assert await answer_of(house, preview["previewUrl"]) == "three"
    assert (await house.look(task)).pr_number == 1


async def test_a_preview_that_does_not_start_says_why(house: House, key: str, claude: Agent) -> None:
    project = await house.project(start_command=f"{START} fail")
    await house.task(project)
    claimed = await claude.claim()
    await push_work(house, claude, claimed, key, project, a__txt="a")
    preview = await claude.call("trigger_preview", attempt=claimed["attempt"], finish=False, waitSeconds=50)
    assert preview["status"] == "failed"
    assert preview["error"]
    assert "no database here" in preview["log"]
    assert (await claude.call("heartbeat", attempt=claimed["attempt"]))["directive"] == "continue"


async def test_a_preview_that_takes_longer_than_one_waits_is_told_to_be_starting(
    house: House, key: str, claude: Agent
) -> None:
    project = await house.project()
    await house.task(project)
    claimed = await claude.claim()
    await push_work(house, claude, claimed, key, project, a__txt="a")
    preview = await claude.call("trigger_preview", attempt=claimed["attempt"], waitSeconds=0)
    assert preview["status"] == "starting"
    assert "trigger_preview again" in preview["message"]
    preview = await claude.call("trigger_preview", attempt=claimed["attempt"], waitSeconds=30)
    assert preview["status"] == "running"


async def test_status_hands_in_and_gives_back(house: House, key: str, claude: Agent) -> None:
    project = await house.project()
    task = await house.task(project)
    claimed = await claude.claim()
    back = await claude.call("update_task_status", attempt=claimed["attempt"], status="backlog", reason="tired")
    assert back["state"] == "backlog"
    claimed = await claude.claim()
    await push_work(house, claude, claimed, key, project, a__txt="a")
    stands = await claude.call("update_task_status", attempt=claimed["attempt"], status="in_progress")
    assert stands["state"] == "in_progress"
    done = await claude.call("update_task_status", attempt=claimed["attempt"], status="ready_to_test")
    assert done["state"] == "ready_to_test"
    assert (await house.look(task)).pr_number == 1


@pytest.mark.parametrize("status", ["staging", "production", "cancelled", "needs_input"])
async def test_an_agent_does_not_move_a_task_elsewhere(house: House, claude: Agent, status: str) -> None:
    await house.task(await house.project())
    attempt = (await claude.claim())["attempt"]
    refused = await claude.refused("update_task_status", attempt=attempt, status=status)
    assert refused.code == "not_for_agents"
    assert "ready_to_test" in refused.text
    assert (await claude.refused("update_task_status", attempt=attempt, status="done")).code == "invalid"


async def test_an_agent_approves_only_where_the_project_lets_it(house: House, key: str, claude: Agent) -> None:
    for name, permissions, code in (("SHOP", {}, "approve_not_permitted"), ("BLOG", {"approve": True}, None)):
        project = await house.project(name, mcp_permissions=permissions)
        task = await house.task(project)
        claimed = await claude.claim()
        head = await push_work(house, claude, claimed, key, project, a__txt="a")
        await claude.call("create_pull_request", attempt=claimed["attempt"])
        wish = {"taskId": task.task_key, "status": "approved"}
        if code is not None:
            assert (await claude.refused("update_task_status", **wish)).code == code
            assert (await house.look(task)).state is TaskState.READY_TO_TEST
        else:
            assert (await claude.call("update_task_status", **wish))["state"] == "approved"
            assert (await house.look(task)).approved_commit == head
    assert (await claude.refused("update_task_status", status="approved")).code == "task_missing"


async def test_review_comments_reach_the_next_round(house: House, key: str, claude: Agent) -> None:
    project = await house.project()
    task = await house.task(project)
    claimed = await claude.claim()
    await push_work(house, claude, claimed, key, project, a__txt="a")
    await claude.call("create_pull_request", attempt=claimed["attempt"], summary="First try.")
    wanted = RequestChanges(body="Not yet.", comments=[ReviewComment(path="a.txt", line=1, body="b, please")])
    await house.write(house.delivery.tasks.request_changes, ADA, task.id, wanted)
    second = await claude.claim()
    assert (second["task"]["round"], second["branch"]) == (2, claimed["branch"])
    assert [(c["path"], c["line"], c["body"], c["author"]) for c in second["reviewComments"]] == [
        (None, None, "Not yet.", "ada"),
        ("a.txt", 1, "b, please", "ada"),
    ]
    assert second["earlierAttempts"][0]["summary"] == "First try."


async def test_an_admins_key_may_do_an_agents_work(house: House) -> None:
    await house.task(await house.project())
    async with agent(house.url, (await house.key("boss", Scope.ADMIN))[1]) as boss:
        attempt = (await boss.claim())["attempt"]
        await boss.call("create_branch", attempt=attempt)
