"""The whole way of a task through an agent's hands, by both generations of the protocol."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest

from aiworker.access.audit.service import list_changes
from aiworker.wire.tasks import TaskState
from tests.support.agents import LEGACY, MODERN, agent
from tests.support.checkouts import run_git
from tests.support.house import House
from tests.support.webapp import webapp


async def git(folder: Path, *arguments: str) -> str:
    done = await asyncio.to_thread(run_git, folder, *arguments)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


async def get(house: House, url: str) -> str:
    """What answers at a preview's address."""
    host = url.removeprefix("http://").rstrip("/")
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
        return (await http.get(house.url, headers={"Host": host})).text


@pytest.mark.parametrize("mode", [MODERN, LEGACY])
async def test_a_task_goes_from_its_claim_to_the_review(house: House, mode: str, tmp_path: Path) -> None:
    project = await house.project()
    task = await house.task(project, description="All prices, please.")
    _, key = await house.key("claude")
    async with agent(house.url, key, mode=mode) as claude:
        claimed = await claude.claim()
        assert claimed["task"]["key"] == "SHOP-1"
        assert claimed["task"]["description"] == "All prices, please."
        assert claimed["project"]["cloneUrl"] == f"{house.url}/git/shop.git"
        attempt = claimed["attempt"]

        made = await claude.call("create_branch", attempt=attempt)
        assert made["branch"] == claimed["branch"] == "task-shop-1-show-prices-with-tax"
        clone = tmp_path / "clone"
        await git(tmp_path, "clone", "--quiet", "--branch", made["branch"], house.address(key, project), str(clone))

        asked = await claude.call(
            "ask_user_question",
            attempt=attempt,
            question="Which rate?",
            context="There are two.",
            choices=[{"label": "21 %", "description": "general"}, {"label": "10 %"}],
        )
        assert (await house.look(task)).state is TaskState.NEEDS_INPUT
        waiting = asyncio.create_task(claude.call("check_response", questionId=asked["questionId"], waitSeconds=20))
        await house.answer(task, "21 %")
        answered = await waiting
        assert (answered["status"], answered["response"], answered["taskState"]) == ("answered", "21 %", "in_progress")

        (clone / "app.py").write_text(webapp("two")["app.py"])
        await git(clone, "commit", "--quiet", "--all", "-m", "Show 21 %")
        await git(clone, "push", "--quiet", "origin", made["branch"])
        head = await git(clone, "rev-parse", "HEAD")
        await claude.call("report_progress", attempt=attempt, step="testing", percentage=90)
        await claude.call("log", attempt=attempt, message="I took the general rate.")
        opened = await claude.call("create_pull_request", attempt=attempt, summary="Prices with 21 % tax.")
        assert (opened["state"], opened["commit"], opened["prNumber"]) == ("ready_to_test", head, 1)

        preview = await claude.call("trigger_preview", attempt=attempt, waitSeconds=30)
        assert preview["status"] == "running"
        assert preview["previewUrl"] == opened["previewUrl"]
        assert await get(house, preview["previewUrl"]) == "two"

        done = await house.look(task)
        assert (done.state, done.head_commit, done.attempts) == (TaskState.READY_TO_TEST, head, 1)
        assert (await claude.call("get_next_task"))["task"] is None


async def test_every_change_by_an_agent_is_in_the_audit_log(house: House, key: str, tmp_path: Path) -> None:
    project = await house.project()
    await house.task(project)
    async with agent(house.url, key) as claude:
        attempt = (await claude.claim())["attempt"]
        await claude.call("create_branch", attempt=attempt)
        await claude.call("ask_user_question", attempt=attempt, question="Why?")
        await claude.call("release_task", attempt=attempt, reason="no answer")
    lines: list[Any] = await house.read(list_changes, subject="SHOP-1")
    assert [line.action for line in reversed(lines)] == ["task.claim", "task.branch", "task.ask", "task.release"]
    assert {(line.actor, line.address) for line in lines} == {("claude", "127.0.0.1")}
