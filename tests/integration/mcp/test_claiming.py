"""Who gets which task, and who gets it once more."""

import asyncio

import pytest

from aiworker.delivery.agents import queries
from aiworker.wire.access import Scope
from aiworker.wire.projects import ProjectChanges, ProjectStatus
from aiworker.wire.tasks import TaskPriority, TaskState
from tests.support.agents import LEGACY, MODERN, Agent, agent
from tests.support.house import House
from tests.support.waiting import eventually


async def test_without_a_task_the_answer_says_what_to_do(house: House, claude: Agent) -> None:
    found = await claude.call("get_next_task")
    assert (found["task"], found["attempt"]) == (None, None)
    assert "waitSeconds" in found["message"]


async def test_the_most_urgent_task_comes_first_then_the_oldest(house: House) -> None:
    project = await house.project()
    for title, priority in (("old", "medium"), ("new", "medium"), ("urgent", "urgent")):
        await house.task(project, title, priority=TaskPriority(priority))
    taken: list[str] = []
    for name in ("one", "two", "three"):
        async with agent(house.url, (await house.key(name))[1]) as worker:
            taken.append((await worker.claim())["task"]["title"])
    assert taken == ["urgent", "old", "new"]


async def test_two_agents_never_get_the_same_task(house: House) -> None:
    project = await house.project()
    for number in range(4):
        await house.task(project, f"Task {number}")

    async def claim(name: str) -> str:
        async with agent(house.url, (await house.key(name))[1]) as worker:
            return (await worker.claim())["task"]["key"]

    taken = await asyncio.gather(*(claim(f"agent{number}") for number in range(4)))
    assert sorted(taken) == ["SHOP-1", "SHOP-2", "SHOP-3", "SHOP-4"]


@pytest.mark.parametrize("mode", [MODERN, LEGACY])
async def test_who_waits_gets_a_task_as_soon_as_it_is_written(house: House, key: str, mode: str) -> None:
    project = await house.project()
    async with agent(house.url, key, mode=mode) as claude:
        waiting = asyncio.create_task(claude.claim(waitSeconds=30))
        await eventually(lambda: house.read(queries.list_agents))
        await house.task(project)
        assert (await waiting)["task"]["key"] == "SHOP-1"


@pytest.mark.parametrize("mode", [MODERN, LEGACY])
async def test_who_stops_waiting_takes_no_task_away(house: House, key: str, mode: str) -> None:
    project = await house.project()
    async with agent(house.url, key, mode=mode) as gone:
        waiting = asyncio.create_task(gone.call("get_next_task", waitSeconds=30))
        await eventually(lambda: house.read(queries.list_agents))
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    async with agent(house.url, (await house.key("another"))[1]) as other:
        # Whoever has left must not stand in the line before us.
        there = asyncio.create_task(other.claim(waitSeconds=30))
        await eventually(lambda: house.read(lambda tx: len(queries.list_agents(tx)) == 2))
        task = await house.task(project)
        assert (await there)["task"]["key"] == "SHOP-1"
    assert (await house.look(task)).attempts == 1


async def test_a_lost_first_answer_is_given_again_with_a_new_token(house: House, claude: Agent) -> None:
    await house.task(await house.project())
    lost = await claude.claim()
    again = await claude.claim()
    assert again["task"]["id"] == lost["task"]["id"]
    assert again["attemptNumber"] == 1
    assert again["attempt"] != lost["attempt"]
    assert (await claude.refused("heartbeat", attempt=lost["attempt"])).code == "attempt_unknown"
    await claude.call("heartbeat", attempt=again["attempt"])


async def test_a_second_terminal_with_the_same_key_is_told_who_holds_the_task(house: House, key: str) -> None:
    project = await house.project()
    await house.task(project)
    await house.task(project, "Another")
    async with agent(house.url, key) as first, agent(house.url, key) as second:
        held = await first.claim()
        await first.call("heartbeat", attempt=held["attempt"])
        refused = await second.refused("get_next_task")
        assert refused.code == "task_held"
        assert "SHOP-1" in refused.text
        assert "resume: true" in refused.text
        resumed = await second.claim(resume=True)
        assert resumed["task"]["id"] == held["task"]["id"]
        stale = await first.refused("create_branch", attempt=held["attempt"])
        assert stale.code == "attempt_unknown"
        assert "Stop working" in stale.text
        await second.call("create_branch", attempt=resumed["attempt"])


async def test_resume_without_a_task_in_hand_is_a_plain_claim(house: House, claude: Agent) -> None:
    await house.task(await house.project())
    assert (await claude.claim(resume=True))["task"]["key"] == "SHOP-1"


async def test_a_claim_keeps_to_the_project_that_was_named(house: House, claude: Agent) -> None:
    shop, blog = await house.project(), await house.project("BLOG", files={"a.txt": "a"})
    await house.task(shop)
    assert (await claude.call("get_next_task", projectId="blog"))["task"] is None
    await house.task(blog, "Write")
    assert (await claude.claim(projectId="BLOG"))["task"]["key"] == "BLOG-1"


async def test_a_project_that_is_not_there_is_refused(house: House, claude: Agent) -> None:
    assert (await claude.refused("get_next_task", projectId="NOPE")).code == "project_not_found"


async def test_a_task_that_asks_for_a_capability_goes_to_who_has_it(house: House, claude: Agent) -> None:
    await house.task(await house.project(), capabilities=["react"])
    assert (await claude.call("get_next_task"))["task"] is None
    assert (await claude.claim(capabilities=["react", "css"]))["task"]["key"] == "SHOP-1"


async def test_a_paused_project_hands_nothing_out(house: House, claude: Agent) -> None:
    project = await house.project()
    await house.task(project)
    paused = ProjectChanges(status=ProjectStatus.PAUSED)
    await house.write(house.delivery.projects.change, project.id, paused)
    assert (await claude.call("get_next_task"))["task"] is None


async def test_the_next_agent_reads_the_whole_story(house: House, claude: Agent) -> None:
    task = await house.task(await house.project())
    first = await claude.claim()
    asked = await claude.call("ask_user_question", attempt=first["attempt"], question="Which rate?")
    await house.answer(task, "21 %", question_id=asked["questionId"])
    await claude.call("release_task", attempt=first["attempt"], reason="I have no compiler")
    second = await claude.claim()
    assert second["attemptNumber"] == 2
    assert second["earlierAttempts"] == [
        {"number": 1, "agent": "claude", "outcome": "released", "summary": None, "error": "I have no compiler"}
    ]
    assert second["answeredQuestions"] == [
        {"question": "Which rate?", "context": None, "response": "21 %", "status": "answered"}
    ]


@pytest.mark.parametrize("scope", [Scope.MEMBER, Scope.MAINTAINER, Scope.READ, Scope.MODULE])
async def test_only_keys_that_may_work_get_tasks(house: House, scope: Scope) -> None:
    task = await house.task(await house.project())
    async with agent(house.url, (await house.key("somebody", scope))[1]) as somebody:
        refused = await somebody.refused("get_next_task")
        assert refused.code == "permission_missing"
        assert "'work'" in refused.text
    assert (await house.look(task)).state is TaskState.BACKLOG
