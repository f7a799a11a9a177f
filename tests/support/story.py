"""The road of a task on a real server in a process of its own: for tests that kill it, or look at it from outside."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2

from aiworker.cli.client import Server
from aiworker.cli.demo.agent import demo_agent
from aiworker.cli.demo.sample import ANSWER, START_COMMAND, TASK_TITLE, apply_change, make_sample_repository
from aiworker.cli.demo.server import DemoServer
from aiworker.core.errors import Unavailable
from aiworker.wire.access import NewKey, Scope
from aiworker.wire.groups import NewGroup
from aiworker.wire.projects import NewProject
from aiworker.wire.tasks import Approve, NewTask

KEY = "SHOP"
TASK = "SHOP-1"
DEADLINE_SECONDS = 60.0


@dataclass(frozen=True)
class Settled:
    """A release that nothing is under way for."""

    status: str
    error: str | None


def api_of(server: DemoServer) -> Server:
    return Server(server.url, server.admin_key)


async def approve_a_task(folder: Path, settings: Mapping[str, str] | None = None) -> None:
    """A home below `folder` in which SHOP-1 is approved, with its preview up; no server runs at the end."""
    async with DemoServer(folder, settings=settings) as server:
        with api_of(server) as api:
            commit = await hand_in(server, api, folder)
            api.post("tasks", TASK, "approve", body=Approve(commit=commit))


async def hand_in(server: DemoServer, api: Server, folder: Path) -> str:
    """A project with SHOP-1 as an agent handed it in, its preview up; the commit."""
    source = folder / "source"
    make_sample_repository(source)
    api.post("projects", body=NewProject(name="Shop", key=KEY, repo=str(source), start_command=START_COMMAND))
    api.post("tasks", body=NewTask(project_id=KEY, title=TASK_TITLE))
    key = api.post("keys", body=NewKey(name="claude", scope=Scope.AGENT))["key"]
    (folder / "agent.key").write_text(key)
    async with demo_agent(server.url, key) as agent:
        given = await agent.call("get_next_task", waitSeconds=20)
        branch = await agent.call("create_branch", attempt=given["attempt"])
        clone = folder / "clone"
        await agent.clone(branch["cloneUrl"], branch["branch"], clone)
        apply_change(clone, ANSWER)
        commit = await agent.commit_and_push(clone, TASK_TITLE)
        await agent.call("create_pull_request", attempt=given["attempt"])
        preview = await agent.call("trigger_preview", attempt=given["attempt"], finish=False)
        assert preview["status"] == "running", preview
    return commit


def ship(api: Server) -> dict[str, Any]:
    return api.post("task-groups", body=NewGroup(task_ids=[TASK]))


async def page_of(server: DemoServer, environment: str) -> tuple[int, str]:
    """What an environment answers."""
    port = urlsplit(server.url).port
    host = f"{environment}-{KEY.lower()}.preview.localhost:{port}"
    async with httpx2.AsyncClient(trust_env=False, timeout=20) as http:
        answer = await http.get(server.url, headers={"Host": host})
        return answer.status_code, answer.text


async def until(look: Callable[[], Any], *, what: str) -> Any:
    """What `look` finds once it is true; a server that is away is asked again."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        try:
            if found := await asyncio.to_thread(look):
                return found
        except Unavailable:
            pass
        await asyncio.sleep(0.1)
    raise AssertionError(f"not within {DEADLINE_SECONDS} s: {what}")


async def settled(api: Server, group_id: str) -> Settled:
    """The release, once nothing is under way for it any more."""

    def look() -> Settled | None:
        group = api.get("task-groups", group_id)
        return None if group["underWay"] else Settled(group["status"], group["error"])

    return await until(look, what="the release has settled")
