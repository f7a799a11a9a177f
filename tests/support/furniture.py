"""Installations to look at: an empty one, one as people live in, and one that is more than full."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiworker.cli.client import Server
from aiworker.cli.demo.agent import DemoAgent, demo_agent
from aiworker.cli.demo.sample import ANSWER, START_COMMAND, apply_change, make_sample_repository
from aiworker.cli.demo.server import DemoServer
from aiworker.wire.access import NewKey, Scope
from aiworker.wire.groups import NewGroup
from aiworker.wire.imports import ImportTasks
from aiworker.wire.projects import NewProject
from aiworker.wire.tasks import Approve, NewTask, TaskPriority
from tests.support.story import KEY, api_of, settled

LONGEST_TITLE = ("Donaudampfschifffahrtsgesellschaft must accept every valid postal code " * 4)[:255]
LONG_NAME = "an-agent-with-a-name-that-goes-on-and-on"
MANY_TASKS = 5_000
MANY_LINES = 100_000
_AT_ONCE = 500
_DESCRIPTION = """\
Customers see net prices (`€8.50 plus tax`) and have to do the sum themselves.

- Show what they pay
- Say **which tax** is in it
- A test should hold the sum
"""
_LINES_OF_DIFF = 3_000


@dataclass(frozen=True)
class Furnished:
    """Tasks by what one goes to see in them."""

    changed: str
    asking: str
    working: str


async def furnish(server: DemoServer, folder: Path) -> Furnished:
    """A shop with tasks in every state, an agent at work and one that asks; a release in production, one in staging."""
    source = folder / "source"
    make_sample_repository(source)
    with api_of(server) as api:
        api.post("projects", body=NewProject(name="Shop", key=KEY, repo=str(source), start_command=START_COMMAND))
        api.post("projects", body=NewProject(name="Warehouse", key="WARE"))
        agents = [api.post("keys", body=NewKey(name=name, scope=Scope.AGENT))["key"] for name in ("ada-1", "ben-2")]
        async with demo_agent(server.url, agents[0]) as one, demo_agent(server.url, agents[1]) as two:
            shown = await _work(api, one, folder / "tax", "Show prices with tax", _prices_with_tax)
            await _ship(api, shown, promote=True)
            shipped = await _work(api, two, folder / "readme", "Say how returns work", _file("RETURNS.md", 12))
            await _ship(api, shipped)
            await _work(api, one, folder / "terms", "Terms as a page", _file("terms.html", 30))
            api.post("tasks", "SHOP-3", "approve", body=Approve(commit=api.get("tasks", "SHOP-3")["headCommit"]))
            changed = await _work(api, two, folder / "stock", "Show what is in stock", _file("stock.py", 40))
            working = await _begin(api, one, "Faster search over all makers")
            await one.call(
                "report_progress", attempt=working["attempt"], step="running the tests of the search", percentage=62
            )
            for line in ("reading search.py", "41 tests found", "40 passed, 1 failed: makers with an umlaut"):
                await one.call("log", attempt=working["attempt"], message=line)
            asking = await _begin(api, two, "Checkout rejects valid postal codes", TaskPriority.URGENT)
            choices = [
                {"label": "All 27", "description": "Rules for each; a day more"},
                {"label": "The neighbours", "description": "Austria and Switzerland; the others pass unchecked"},
            ]
            await two.call(
                "ask_user_question",
                attempt=asking["attempt"],
                question="Which countries must the check know?",
                context="`postal.py` knows **Germany** only; the order form offers 27 countries.",
                choices=choices,
            )
        wait = NewTask(project_id=KEY, title="Gift cards", depends_on=[changed])
        api.post("tasks", body=wait)
        api.post("tasks", body=NewTask(project_id=KEY, title="Receipts by e-mail", priority=TaskPriority.HIGH))
        api.post("tasks", body=NewTask(project_id="WARE", title="Count the shelves", capabilities=["robotics"]))
        gone = api.post("tasks", body=NewTask(project_id=KEY, title="Fax orders"))
        api.post("tasks", gone["key"], "cancel")
        return Furnished(changed, asking["task"]["key"], working["task"]["key"])


async def overfill(server: DemoServer, folder: Path) -> Furnished:
    """5,000 tasks, a title of 255 characters, a diff of 3,000 lines and a log of 100,000."""
    source = folder / "source"
    make_sample_repository(source)
    with api_of(server) as api:
        api.post("projects", body=NewProject(name="Shop", key=KEY, repo=str(source), start_command=START_COMMAND))
        key = api.post("keys", body=NewKey(name=LONG_NAME, scope=Scope.AGENT))["key"]
        async with demo_agent(server.url, key) as agent:
            change = _file("shop/generated/a/rather/long/path/to/the/products_of_the_catalogue.py", _LINES_OF_DIFF)
            changed = await _work(api, agent, folder / "clone", LONGEST_TITLE, change)
            asking = await _begin(api, agent, LONGEST_TITLE, TaskPriority.URGENT)
            await agent.call("log", attempt=asking["attempt"], message="line")
            await agent.call("ask_user_question", attempt=asking["attempt"], question="Which " + "address" * 40 + "?")
        fill_board(api, MANY_TASKS)
    await asyncio.to_thread(_repeat_log, server.home)
    return Furnished(changed, asking["task"]["key"], asking["task"]["key"])


def fill_board(api: Server, count: int) -> None:
    """So many more tasks in the backlog."""
    for begin in range(0, count, _AT_ONCE):
        numbers = range(begin, min(begin + _AT_ONCE, count))
        rows = [{"title": f"Task {number} of very many", "priority": _priority(number)} for number in numbers]
        api.post("projects", KEY, "import", body=ImportTasks(source="json", content=json.dumps(rows)))


def _priority(number: int) -> str:
    return list(TaskPriority)[number % len(TaskPriority)]


def _repeat_log(home: Path) -> None:
    """The agent's one line, many times; beside the server, as nobody else could say so much so quickly."""
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY_LINES})"
    said = "'reading file ' || i || ' of the catalogue, and what it imports: ' || hex(randomblob(12))"
    level = "CASE WHEN i % 97 = 0 THEN 'error' WHEN i % 31 = 0 THEN 'warn' ELSE 'info' END"
    with sqlite3.connect(home / "aiworker.db", timeout=30) as database:
        database.execute(
            f"{numbers} INSERT INTO agent_logs (agent_id, task_id, level, message, execute_id, created_at)"
            f" SELECT agent_id, task_id, {level}, {said}, execute_id, created_at FROM n,"
            " (SELECT * FROM agent_logs WHERE message = 'line' LIMIT 1)"
        )


async def _begin(
    api: Server, agent: DemoAgent, title: str, priority: TaskPriority = TaskPriority.MEDIUM
) -> dict[str, Any]:
    new = NewTask(project_id=KEY, title=title, description=_DESCRIPTION, priority=priority)
    made = api.post("tasks", body=new)
    given = await agent.call("get_next_task", waitSeconds=20)
    assert given["task"]["key"] == made["key"]
    return given


async def _work(api: Server, agent: DemoAgent, clone: Path, title: str, change: Callable[[Path], None]) -> str:
    """From a new task to one that is ready to test, with its preview up; its key."""
    given = await _begin(api, agent, title)
    attempt = given["attempt"]
    branch = await agent.call("create_branch", attempt=attempt)
    await agent.clone(branch["cloneUrl"], branch["branch"], clone)
    change(clone)
    await agent.commit_and_push(clone, title)
    usage = {"tokensIn": 48_200, "tokensOut": 3_100, "costUsd": 0.42}
    await agent.call("report_progress", attempt=attempt, step="handing in", usage=usage)
    await agent.call("create_pull_request", attempt=attempt, summary="Done as asked; the tests pass.")
    preview = await agent.call("trigger_preview", attempt=attempt, finish=False)
    assert preview["status"] == "running", preview
    return given["task"]["key"]


async def _ship(api: Server, task: str, *, promote: bool = False) -> None:
    api.post("tasks", task, "approve", body=Approve(commit=api.get("tasks", task)["headCommit"]))
    group = api.post("task-groups", body=NewGroup(task_ids=[task]))
    assert (await settled(api, group["id"])).status == "staging"
    if promote:
        api.post("task-groups", group["id"], "promote")
        assert (await settled(api, group["id"])).status == "production"


def _prices_with_tax(clone: Path) -> None:
    apply_change(clone, ANSWER)


def _file(name: str, lines: int) -> Callable[[Path], None]:
    def change(clone: Path) -> None:
        path = clone / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(
            f'PRODUCT_{n} = product("Tea {n}", cents={n * 7 % 900})  # shelf {n % 40}\n' for n in range(lines)
        )
        path.write_text(text, encoding="utf-8")

    return change
