"""git with an attempt's token as its password: an agent over plain MCP does not see its client's key."""

import asyncio
from pathlib import Path

import httpx2
import pytest

from aiworker.delivery.projects.records import ProjectRecord
from tests.support.agents import Agent, agent
from tests.support.checkouts import git, run_git
from tests.support.house import ADA, House


@pytest.fixture
async def project(house: House) -> ProjectRecord:
    return await house.project()


async def claimed(house: House, project: ProjectRecord, claude: Agent) -> str:
    """The token of an attempt whose branch there is."""
    await house.task(project)
    attempt = (await claude.claim())["attempt"]
    await claude.call("create_branch", attempt=attempt)
    return attempt


async def refused(house: House, project: ProjectRecord, password: str) -> str:
    """What git says when it is not let in."""
    ended = await asyncio.to_thread(run_git, house.folder, "ls-remote", house.address(password, project))
    assert ended.returncode != 0
    return ended.stderr.decode()


async def test_it_clones_the_repository_and_pushes_the_tasks_branch_only(
    house: House, project: ProjectRecord, claude: Agent, tmp_path: Path
) -> None:
    attempt = await claimed(house, project, claude)

    def work() -> bytes:
        clone = tmp_path / "clone"
        git(tmp_path, "clone", "--quiet", house.address(attempt, project), str(clone))
        git(clone, "commit", "--quiet", "--allow-empty", "-m", "More")
        git(clone, "push", "--quiet", "origin", "HEAD:task-shop-1-show-prices-with-tax")
        return run_git(clone, "push", "origin", "HEAD:main").stderr

    assert b"main" in await asyncio.to_thread(work)


async def test_it_opens_no_other_repository(house: House, project: ProjectRecord, claude: Agent) -> None:
    attempt = await claimed(house, project, claude)
    other = await house.project("BLOG", files={"a.txt": "a"})
    assert "no project" in await refused(house, other, attempt)


async def test_a_token_that_opens_nothing_any_more_is_no_password(
    house: House, project: ProjectRecord, claude: Agent
) -> None:
    first = await claimed(house, project, claude)
    second = (await claude.claim(resume=True))["attempt"]
    await claude.call("release_task", attempt=second)
    for password in (first, second, "nonsense", second[:-1], f"{second}.x"):
        assert "Authentication failed" in await refused(house, project, password)


async def test_it_ends_with_the_key_of_its_agent(house: House, project: ProjectRecord) -> None:
    record, key = await house.key("gone")
    async with agent(house.url, key) as gone:
        attempt = await claimed(house, project, gone)
    await house.access.revoke_key(ADA, record.id)
    assert "Authentication failed" in await refused(house, project, attempt)


async def test_mcp_takes_keys_only(house: House, project: ProjectRecord, claude: Agent) -> None:
    attempt = await claimed(house, project, claude)
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
        answer = await http.post(f"{house.url}/mcp", headers={"Authorization": f"Bearer {attempt}"}, json={})
    assert answer.status_code == 401
