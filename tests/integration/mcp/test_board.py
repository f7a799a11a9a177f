"""Reading the board and writing on it, with agents' keys and with people's."""

from typing import Any

import pytest

from aiworker.delivery.agents.queries import list_agents
from aiworker.delivery.tasks import board
from aiworker.wire.access import Scope
from aiworker.wire.tasks import TaskPriority
from tests.support.agents import Agent, agent
from tests.support.house import House


async def test_a_task_is_read_by_id_and_by_key(house: House, claude: Agent) -> None:
    task = await house.task(await house.project(), description="All prices.", priority=TaskPriority.HIGH)
    for name in (task.id, "SHOP-1", "shop-1"):
        shown = await claude.call("get_task", taskId=name)
        assert shown == {
            "id": task.id,
            "key": "SHOP-1",
            "projectKey": "SHOP",
            "title": "Show prices with tax",
            "description": "All prices.",
            "priority": "high",
            "state": "backlog",
            "waiting": "no agent online",
            "branch": None,
            "prUrl": None,
            "previewUrl": None,
            "questions": [],
        }


async def test_a_task_that_is_not_there_is_refused(claude: Agent) -> None:
    for unknown in ("SHOP-99", "nope", "0193a1c0-0000-7000-8000-000000000000", "../../etc/passwd", "%", "' OR 1=1"):
        refused = await claude.refused("get_task", taskId=unknown)
        assert refused.code == "task_not_found"
    for wrong in ({}, {"taskId": ""}, {"taskId": "x" * 101}, {"taskId": "a\0b"}, {"taskId": 5}, {"taskId": {"a": 1}}):
        assert (await claude.refused("get_task", **wrong)).code == "invalid"


async def test_the_list_is_sorted_filtered_and_paged(house: House, claude: Agent) -> None:
    shop, blog = await house.project(), await house.project("BLOG", files={"a.txt": "a"})
    for number in range(5):
        await house.task(shop, f"Task {number}")
    await house.task(shop, "Urgent one", priority=TaskPriority.URGENT)
    await house.task(blog, "Write 100% of it", description="x" * 1000)
    everything = await claude.call("list_tasks")
    assert everything["count"] == 7
    assert everything["tasks"][0]["title"] == "Urgent one"
    assert len(everything["tasks"][-1]["description"]) < 400
    keys: list[str] = []
    cursor: str | None = None
    while True:
        page = await claude.call("list_tasks", projectId="SHOP", limit=4, **({"cursor": cursor} if cursor else {}))
        keys += [task["key"] for task in page["tasks"]]
        if (cursor := page["nextCursor"]) is None:
            break
    assert keys == ["SHOP-6", "SHOP-1", "SHOP-2", "SHOP-3", "SHOP-4", "SHOP-5"]
    for query, found in (("100%", ["BLOG-1"]), ("urgent", ["SHOP-6"]), ("shop-3", ["SHOP-3"]), ("_", [])):
        assert [task["key"] for task in (await claude.call("list_tasks", query=query))["tasks"]] == found
    await claude.claim(projectId="BLOG")
    moving = await claude.call("list_tasks", states=["in_progress", "needs_input"])
    assert [task["key"] for task in moving["tasks"]] == ["BLOG-1"]


async def test_wrong_wishes_for_a_list_are_refused(house: House, claude: Agent) -> None:
    await house.project()
    cases: list[tuple[dict[str, Any], str]] = [
        ({"projectId": "NOPE"}, "project_not_found"),
        ({"states": ["done"]}, "invalid"),
        ({"limit": 0}, "invalid"),
        ({"limit": 101}, "invalid"),
        ({"limit": "many"}, "invalid"),
        ({"cursor": "nonsense"}, "bad_cursor"),
        ({"cursor": "x" * 401}, "invalid"),
        ({"query": "x" * 201}, "invalid"),
        ({"query": "a\nb"}, "invalid"),
    ]
    for wrong, code in cases:
        assert (await claude.refused("list_tasks", **wrong)).code == code, wrong


@pytest.mark.parametrize("scope", [Scope.MEMBER, Scope.MAINTAINER, Scope.ADMIN])
async def test_a_person_writes_a_task_by_mcp(house: House, scope: Scope) -> None:
    await house.project()
    async with agent(house.url, (await house.key("grace", scope))[1]) as grace:
        first = await grace.call("create_task", projectId="SHOP", title="  First  ", priority="high")
        assert (first["key"], first["title"], first["state"], first["waiting"]) == (
            "SHOP-1",
            "First",
            "backlog",
            "no agent online",
        )
        second = await grace.call("create_task", projectId="shop", title="Second", dependsOn=["SHOP-1"])
        assert second["waiting"] == "after SHOP-1"
        assert (await grace.call("list_tasks"))["count"] == 2
    (written, *_) = await house.read(lambda tx: house.delivery.task_views.timeline(tx, board.get(tx, "SHOP-1")))
    assert (written.kind, written.actor) == ("created", "grace")
    assert await house.read(list_agents) == []


async def test_agents_write_tasks_only_where_the_project_lets_them(house: House, claude: Agent) -> None:
    await house.project()
    await house.project("BLOG", files={"a.txt": "a"}, mcp_permissions={"createTask": True})
    assert (await claude.refused("create_task", projectId="SHOP", title="More")).code == "create_task_not_permitted"
    assert (await claude.call("create_task", projectId="BLOG", title="More"))["key"] == "BLOG-1"
    assert (await claude.call("list_tasks"))["count"] == 1


@pytest.mark.parametrize("scope", [Scope.READ, Scope.MODULE])
async def test_who_may_only_read_writes_nothing(house: House, scope: Scope) -> None:
    await house.task(await house.project())
    async with agent(house.url, (await house.key("reader", scope))[1]) as reader:
        assert (await reader.call("get_task", taskId="SHOP-1"))["key"] == "SHOP-1"
        assert (await reader.refused("create_task", projectId="SHOP", title="More")).code == "permission_missing"
        assert (await reader.call("list_tasks"))["count"] == 1


async def test_a_task_that_makes_no_sense_is_refused(house: House) -> None:
    await house.project()
    cases: list[tuple[dict[str, Any], str]] = [
        ({"title": "a"}, "invalid"),
        ({"projectId": "NOPE", "title": "a"}, "project_not_found"),
        ({"projectId": "SHOP"}, "invalid"),
        ({"projectId": "SHOP", "title": ""}, "invalid"),
        ({"projectId": "SHOP", "title": "   "}, "invalid"),
        ({"projectId": "SHOP", "title": "x" * 256}, "invalid"),
        ({"projectId": "SHOP", "title": "two\nlines"}, "invalid"),
        ({"projectId": "SHOP", "title": "a", "description": "x" * 64_001}, "invalid"),
        ({"projectId": "SHOP", "title": "a", "priority": "asap"}, "invalid"),
        ({"projectId": "SHOP", "title": "a", "dependsOn": ["SHOP-7"]}, "task_not_found"),
        ({"projectId": "SHOP", "title": "a", "dependsOn": "SHOP-7"}, "invalid"),
        ({"projectId": "SHOP", "title": "a", "capabilities": ["a b"]}, "invalid"),
        ({"projectId": "SHOP", "title": "a", "state": "approved"}, "invalid"),
    ]
    async with agent(house.url, (await house.key("grace", Scope.MEMBER))[1]) as grace:
        for wrong, code in cases:
            assert (await grace.refused("create_task", **wrong)).code == code, wrong
        assert (await grace.call("list_tasks"))["count"] == 0
