"""The tools explain themselves: an agent that only reads what they say gets a task done."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from aiworker.wire.tasks import QuestionStatus, TaskState
from tests.support.agents import LEGACY, MODERN, agent
from tests.support.checkouts import git
from tests.support.house import House
from tests.support.reader import Reader
from tests.support.waiting import eventually


class Hands:
    """Knows git."""

    def __init__(self, folder: Path) -> None:
        self._clone = folder / "by-hand"

    async def __call__(self, known: Mapping[str, Any]) -> None:
        await asyncio.to_thread(self._push, known["cloneUrl"], known["branch"], known["attempt"])

    def _push(self, url: str, branch: str, password: str) -> None:
        if not self._clone.exists():
            address = url.replace("://", f"://anyone:{password}@")
            git(self._clone.parent, "clone", "--quiet", "--branch", branch, address, str(self._clone))
        (self._clone / "note.txt").write_text("done")
        git(self._clone, "add", "--all")
        git(self._clone, "commit", "--quiet", "-m", "Note it")
        git(self._clone, "push", "--quiet", "origin", branch)


@pytest.mark.parametrize("mode", [MODERN, LEGACY])
async def test_an_agent_that_only_reads_gets_a_task_done(house: House, key: str, tmp_path: Path, mode: str) -> None:
    task = await house.task(await house.project())
    async with agent(house.url, key, mode=mode) as claude:
        reader = Reader(claude.client, Hands(tmp_path))
        await reader.work()
    assert reader.called == ["get_next_task", "create_branch", "create_pull_request", "get_next_task"]
    assert (await house.look(task)).state is TaskState.READY_TO_TEST


async def test_an_agent_that_only_reads_asks_and_waits_for_the_answer(house: House, key: str, tmp_path: Path) -> None:
    task = await house.task(await house.project())
    async with agent(house.url, key) as claude:
        reader = Reader(claude.client, Hands(tmp_path), doubt="Which rate?")
        working = asyncio.create_task(reader.work())
        await eventually(lambda: reader.called[-1:] == ["check_response"])
        await house.answer(task, "21 %")
        await working
    assert reader.called[2:5] == ["ask_user_question", "check_response", "create_pull_request"]
    assert (reader.known["response"], reader.known["status"]) == ("21 %", QuestionStatus.ANSWERED)
    assert (await house.look(task)).state is TaskState.READY_TO_TEST


async def test_a_careless_agent_is_brought_back_by_what_the_refusal_says(
    house: House, key: str, tmp_path: Path
) -> None:
    task = await house.task(await house.project())
    async with agent(house.url, key) as claude:
        reader = Reader(claude.client, Hands(tmp_path))
        await reader.work(first="create_pull_request")
    assert reader.called[:4] == ["get_next_task", "create_pull_request", "create_branch", "create_pull_request"]
    assert (await house.look(task)).state is TaskState.READY_TO_TEST
