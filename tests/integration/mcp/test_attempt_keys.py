"""The key that a runner hands to the program at work: it opens one attempt, and ends with it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from aiworker.delivery.projects.records import ProjectRecord
from aiworker.wire.tasks import TaskState
from tests.support.agents import Agent, Json, agent
from tests.support.checkouts import git, run_git
from tests.support.house import ADA, House
from tests.support.tasks import in_one_task
from tests.support.waiting import eventually


@dataclass
class Runner:
    """A process that has claimed a task, and holds a key for the program that works on it."""

    house: House
    http: httpx2.AsyncClient
    desk: Agent
    id: str
    held: Json

    async def ask(self, *path: str, **body: Any) -> httpx2.Response:
        address = "/".join((f"/api/agents/{self.id}/attempt", *path))
        return await self.http.post(address, json={"attempt": self.held["attempt"], **body})

    async def key(self) -> str:
        made = await self.ask("key")
        assert made.status_code == 200, made.text
        return made.json()["data"]["key"]

    async def standing(self) -> str:
        return (await self.ask()).json()["data"]["standing"]


@pytest.fixture
async def project(house: House) -> ProjectRecord:
    return await house.project()


@asynccontextmanager
async def claimed(house: House, key: str) -> AsyncGenerator[Runner]:
    """A process of the key's, with a task in hand."""
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(base_url=house.url, headers=headers, trust_env=False, timeout=60) as http:
        registered = (await http.post("/api/agents", json={})).json()["data"]["id"]
        async with agent(house.url, key, headers={"X-AiWorker-Agent": registered}) as desk:
            yield Runner(house, http, desk, registered, await desk.claim())


@pytest.fixture
async def runner(house: House, project: ProjectRecord, key: str) -> AsyncIterator[Runner]:
    await house.task(project)
    async with in_one_task(claimed(house, key)) as process:
        yield process


def clone(house: House, project: ProjectRecord, key: str, branch: str) -> Path:
    """A clone with the attempt's own key, on the task's branch, with a commit that its base lacks."""
    folder = house.folder / "clone"
    git(house.folder, "clone", "--quiet", "--branch", branch, house.address(key, project), str(folder))
    (folder / "note.txt").write_text("done")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "Done")
    return folder


async def refused(folder: Path, *arguments: str) -> str:
    """What git says when it is not let in."""
    ended = await asyncio.to_thread(run_git, folder, *arguments)
    assert ended.returncode != 0
    return ended.stderr.decode()


async def test_with_its_key_a_program_gets_its_task_and_names_no_token(house: House, runner: Runner) -> None:
    async with agent(house.url, await runner.key()) as program:
        got = await program.claim()
        assert got["task"]["id"] == runner.held["task"]["id"]
        assert (await program.claim())["attempt"] == got["attempt"]
        assert (await program.call("heartbeat"))["directive"] == "continue"
        asked = await program.call("ask_user_question", question="Which rate?")
        assert asked["taskId"] == runner.held["task"]["id"]
        assert await runner.standing() == "waiting"


async def test_a_program_is_the_runners_agent(house: House, runner: Runner) -> None:
    async with agent(house.url, await runner.key()) as program:
        await program.call("log", message="I look around")
    log = (await runner.http.get(f"/api/agents/{runner.id}/logs")).json()["data"]
    assert [line["message"] for line in log] == ["I look around"]
    assert len((await runner.http.get("/api/agents")).json()["data"]) == 1


async def test_a_token_from_before_a_restart_does_no_harm_beside_the_key(house: House, runner: Runner) -> None:
    before = runner.held["attempt"]
    runner.held = await runner.desk.claim(resume=True)
    async with agent(house.url, await runner.key()) as program:
        await program.call("report_progress", attempt=before, step="Going on")


async def test_a_new_key_ends_the_one_before(house: House, runner: Runner) -> None:
    first = await runner.key()
    second = await runner.key()
    async with httpx2.AsyncClient(base_url=house.url, trust_env=False, timeout=60) as http:
        for key, status in ((first, 401), (second, 200)):
            asked = await http.post("/mcp", headers=_mcp(key), content=_PING)
            assert asked.status_code == status


async def test_the_key_opens_one_repository_and_pushes_one_branch(
    house: House, project: ProjectRecord, runner: Runner
) -> None:
    other = await house.project("BLOG", files={"a.txt": "a"})
    key = await runner.key()
    made = await runner.desk.call("create_branch", attempt=runner.held["attempt"])
    folder = await asyncio.to_thread(clone, house, project, key, made["branch"])
    await asyncio.to_thread(git, folder, "push", "--quiet", "origin", "HEAD")
    assert "main" in await refused(folder, "push", "origin", "HEAD:main")
    assert "no project" in await refused(folder, "ls-remote", house.address(key, other))


async def test_the_key_opens_nothing_of_rest(house: House, runner: Runner) -> None:
    headers = {"Authorization": f"Bearer {await runner.key()}"}
    async with httpx2.AsyncClient(base_url=house.url, headers=headers, trust_env=False, timeout=60) as http:
        for path in ("/api/tasks", "/api/projects", f"/api/agents/{runner.id}"):
            answer = await http.get(path)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "key_of_attempt")


async def test_after_the_hand_in_the_key_logs_and_pushes_nothing(
    house: House, project: ProjectRecord, runner: Runner
) -> None:
    key = await runner.key()
    async with agent(house.url, key) as program:
        branch = (await program.call("create_branch"))["branch"]
        folder = await asyncio.to_thread(clone, house, project, key, branch)
        await asyncio.to_thread(git, folder, "push", "--quiet", "origin", "HEAD")
        await program.call("create_pull_request", summary="Done")
        assert await runner.standing() == "handed_in"
        await program.call("log", message="The preview answers")
        await asyncio.to_thread(git, folder, "commit", "--quiet", "--allow-empty", "-m", "More")
        assert "handed in" in await refused(folder, "push", "origin", "HEAD")


async def test_a_failed_attempt_ends_its_key_and_tells_why(house: House, runner: Runner) -> None:
    key = await runner.key()
    failed = await runner.ask("fail", message="The model is not known", category="EXTERNAL_API")
    assert failed.json()["data"]["standing"] == "over"
    task = (await runner.http.get(f"/api/tasks/{runner.held['task']['id']}")).json()["data"]
    assert task["state"] == TaskState.BACKLOG
    attempts = (await runner.http.get(f"/api/tasks/{task['id']}/attempts")).json()["data"]
    assert [(one["outcome"], one["error"]) for one in attempts] == [("failed", "The model is not known")]
    async with httpx2.AsyncClient(base_url=house.url, trust_env=False, timeout=60) as http:
        answer = await http.post("/mcp", headers=_mcp(key), content=_PING)
    assert answer.status_code == 401
    again = await runner.ask("fail", message="Once more")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "attempt_over")
    assert await runner.standing() == "over"


async def test_an_attempt_is_parked_only_while_a_question_is_open(house: House, runner: Runner) -> None:
    assert (await runner.ask("park")).json()["data"]["standing"] == "working"
    await runner.desk.call("ask_user_question", attempt=runner.held["attempt"], question="Which rate?")
    assert (await runner.ask("park")).json()["data"]["standing"] == "parked"


async def test_lines_of_the_log_come_in_one_go(house: House, runner: Runner) -> None:
    written = await runner.ask("log", lines=[{"message": f"Line {number}"} for number in range(500)])
    assert written.json()["data"] == {"lines": 500}
    too_many = await runner.ask("log", lines=[{"message": "x"}] * 501)
    assert too_many.status_code == 422


async def test_the_attempt_of_another_agent_is_over_for_whoever_asks(house: House, runner: Runner) -> None:
    other = (await house.key("other"))[1]
    async with httpx2.AsyncClient(
        base_url=house.url, headers={"Authorization": f"Bearer {other}"}, trust_env=False, timeout=60
    ) as http:
        theirs = (await http.post("/api/agents", json={})).json()["data"]["id"]
        body = {"attempt": runner.held["attempt"]}
        looked = await http.post(f"/api/agents/{theirs}/attempt", json=body)
        assert looked.json()["data"]["standing"] == "over"
        denied = await http.post(f"/api/agents/{theirs}/attempt/key", json=body)
        assert denied.json()["error"]["code"] == "attempt_of_another_agent"
        foreign = await http.post(f"/api/agents/{runner.id}/attempt/key", json=body)
        assert foreign.json()["error"]["code"] == "agent_of_another_key"


async def test_a_cancelled_task_is_over_for_the_runner(house: House, runner: Runner) -> None:
    task = runner.held["task"]["id"]

    async def over() -> bool:
        return await runner.standing() == "over"

    await house.write(house.delivery.tasks.cancel, ADA, task, None)
    await eventually(over)


_PING = '{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}'


def _mcp(key: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
    }
