"""A task that is not taken says why in one line, and what only people can end is in their inbox."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from aiworker.delivery.projects.records import ProjectRecord
from aiworker.wire.tasks import Milestone
from tests.support.agents import Agent, agent
from tests.support.clocks import AheadClock
from tests.support.house import House
from tests.support.people import Person
from tests.support.tasks import in_one_task


@pytest.fixture
async def runner(house: House) -> AsyncIterator[tuple[httpx2.AsyncClient, str, Agent]]:
    """A process that heartbeats, and may fail an attempt."""
    _, key = await house.key("runner")
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(base_url=house.url, headers=headers, trust_env=False, timeout=60) as http:
        registered = (await http.post("/api/agents", json={})).json()["data"]["id"]
        async with in_one_task(agent(house.url, key, headers={"X-AiWorker-Agent": registered})) as desk:
            yield http, registered, desk


async def waiting(ada: Person, key: str = "SHOP-1") -> str | None:
    return (await ada.get(f"tasks/{key}"))["waiting"]


async def stuck(ada: Person) -> list[str]:
    return [task["key"] for task in await ada.get("tasks", waitsForPerson="true")]


async def test_every_gate_says_what_it_is(
    house: House, project: ProjectRecord, ada: Person, runner: tuple[httpx2.AsyncClient, str, Agent], clock: AheadClock
) -> None:
    _, _, desk = runner
    first = await house.task(project, "First")
    await house.task(project, "Second", depends_on=[first.task_key])
    await house.task(project, "Third", capabilities=["rust", "react"])
    await house.task(project, "Fourth")
    assert await waiting(ada, "SHOP-1") == "waits for a free agent"
    assert await waiting(ada, "SHOP-2") == "after SHOP-1"
    assert await waiting(ada, "SHOP-3") == "no agent with react, rust"
    await ada.patch("projects/SHOP", status="paused")
    assert await waiting(ada, "SHOP-1") == "project paused"
    await ada.patch("projects/SHOP", status="active", wipLimit=1)
    claimed = await desk.claim()
    assert await waiting(ada, "SHOP-4") == "limit of 1 at a time reached"
    async with agent(house.url, (await house.key("second"))[1]) as second:
        assert (await second.call("get_next_task"))["task"] is None
    assert await waiting(ada, "SHOP-1") is None
    await desk.call("release_task", attempt=claimed["attempt"])
    clock.let_pass(hours=1)
    await house.write(house.delivery.agents.sweep)
    assert await waiting(ada, "SHOP-1") == "no agent online"
    assert await stuck(ada) == []


async def test_what_a_plain_client_says_that_it_can_do_is_remembered(
    house: House, project: ProjectRecord, ada: Person
) -> None:
    async with agent(house.url, (await house.key("plain"))[1]) as plain:
        await plain.call("get_next_task")
        await house.task(project, capabilities=["rust"])
        assert await waiting(ada) == "no agent with rust"
        await house.task(project, "Other", priority="high")
        claimed = await plain.claim(capabilities=["rust", "react"])
        assert claimed["task"]["key"] == "SHOP-2"
        assert await waiting(ada) == "waits for a free agent"
        await plain.call("release_task", attempt=claimed["attempt"])
        await plain.call("get_next_task")
    (known,) = await ada.get("agents")
    assert known["capabilities"] == ["react", "rust"]


async def test_three_failed_attempts_hold_the_task_in_the_inbox_until_a_person_retries(
    house: House, project: ProjectRecord, ada: Person, runner: tuple[httpx2.AsyncClient, str, Agent], clock: AheadClock
) -> None:
    http, registered, desk = runner
    await house.task(project)

    async def fail() -> None:
        claimed = await desk.claim()
        await desk.call("report_progress", attempt=claimed["attempt"], step="running the tests", percentage=70)
        body: dict[str, Any] = {"attempt": claimed["attempt"], "message": "the tests are red"}
        assert (await http.post(f"/api/agents/{registered}/attempt/fail", json=body)).status_code == 200

    await fail()
    # The dice may have let it off at once.
    assert str(await waiting(ada)).startswith(("next try in ", "waits for a free agent"))
    assert (await ada.get("tasks/SHOP-1"))["waitsForPerson"] is False
    for _ in range(2):
        clock.let_pass(minutes=20)
        await http.post(f"/api/agents/{registered}/heartbeat")
        await house.write(house.engine.tick)
        await fail()
    assert await waiting(ada) == "3 attempts failed"
    assert await stuck(ada) == ["SHOP-1"]
    assert (await desk.call("get_next_task"))["task"] is None
    await ada.post("tasks/SHOP-1/retry")
    assert await stuck(ada) == []
    again = await desk.claim()
    assert again["attemptNumber"] == 4
    told = again["earlierAttempts"][-1]
    assert (told["outcome"], told["error"]) == ("failed", "the tests are red")
    assert told["summary"] == "It came as far as: running the tests (70 %)."


async def test_ten_that_gave_it_back_in_a_row_hold_the_task_as_well(
    house: House, project: ProjectRecord, claude: Agent, ada: Person
) -> None:
    await house.task(project)
    for _ in range(9):
        await claude.call("release_task", attempt=(await claude.claim())["attempt"], reason="rate limit")
    assert await waiting(ada) == "waits for a free agent"
    await claude.call("release_task", attempt=(await claude.claim())["attempt"])
    assert await waiting(ada) == "lost or given back 10 times in a row"
    assert await stuck(ada) == ["SHOP-1"]
    await ada.post("tasks/SHOP-1/retry")
    assert (await claude.claim())["attemptNumber"] == 11


async def test_a_cancelled_dependency_is_for_people_and_a_circle_is_refused(
    house: House, project: ProjectRecord, ada: Person
) -> None:
    first = await house.task(project, "First")
    await house.task(project, "Second", depends_on=[first.task_key])
    circle = await ada.refused("PATCH", "tasks/SHOP-1", dependsOn=["SHOP-2"])
    assert (circle.status, circle.code) == (409, "dependency_circle")
    await ada.post("tasks/SHOP-1/cancel")
    assert await waiting(ada, "SHOP-2") == "SHOP-1 was cancelled"
    assert await stuck(ada) == ["SHOP-2"]
    refused = await ada.refused("POST", "tasks/SHOP-2/retry")
    assert (refused.status, "SHOP-1 was cancelled" in refused.message) == (409, True)
    await ada.patch("tasks/SHOP-2", dependsOn=[])
    assert await stuck(ada) == []


async def test_how_far_a_dependency_has_to_be_can_be_said(house: House, project: ProjectRecord, ada: Person) -> None:
    first = await house.task(project, "First")
    await house.task(project, "Second", depends_on=[first.task_key], depends_until=Milestone.PRODUCTION)
    assert await waiting(ada, "SHOP-2") == "after SHOP-1 in production"
    await ada.patch("tasks/SHOP-2", dependsUntil="approved")
    assert await waiting(ada, "SHOP-2") == "after SHOP-1"
    refused = await ada.refused("PATCH", "tasks/SHOP-2", dependsUntil="backlog")
    assert refused.status == 422


async def test_an_attempt_that_a_person_stops_says_so_and_may_be_taken_again(
    house: House, project: ProjectRecord, claude: Agent, ada: Person
) -> None:
    await house.task(project)
    attempt = (await claude.claim())["attempt"]
    await ada.post("tasks/SHOP-1/stop", reason="it is the wrong way")
    over = await claude.refused("heartbeat", attempt=attempt)
    assert (over.code, "Stopped by somebody-admin: it is the wrong way" in over.text) == ("attempt_over", True)
    history = [line["message"] for line in await ada.get("tasks/SHOP-1/timeline")]
    assert history[-1] == "Stopped by somebody-admin: it is the wrong way."
    again = await claude.claim()
    assert again["earlierAttempts"][0]["outcome"] == "stopped"
    assert (await ada.refused("POST", "tasks/SHOP-1/retry")).code == "nothing_to_retry"
