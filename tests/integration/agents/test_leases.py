"""Who holds a task for how long, and what becomes of it when they fall silent, wait, or come back."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from aiworker.delivery.projects.records import ProjectRecord
from tests.support.agents import Agent, Json, agent
from tests.support.checkouts import run_git
from tests.support.clocks import AheadClock
from tests.support.house import House
from tests.support.people import Person
from tests.support.tasks import in_one_task
from tests.support.work import git


class Process:
    """An agent that heartbeats by itself, as the runner does."""

    def __init__(self, house: House, http: httpx2.AsyncClient, agent_id: str, desk: Agent) -> None:
        self.house = house
        self.id = agent_id
        self.desk = desk
        self._http = http

    async def beat(self) -> Json:
        return (await self._http.post(f"/api/agents/{self.id}/heartbeat")).json()["data"]

    async def park(self, attempt: str) -> Json:
        return (await self._http.post(f"/api/agents/{self.id}/attempt/park", json={"attempt": attempt})).json()["data"]


@pytest.fixture
async def runner(house: House) -> AsyncIterator[Process]:
    _, key = await house.key("runner")
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(base_url=house.url, headers=headers, trust_env=False, timeout=60) as http:
        registered = (await http.post("/api/agents", json={})).json()["data"]["id"]
        async with in_one_task(agent(house.url, key, headers={"X-AiWorker-Agent": registered})) as desk:
            yield Process(house, http, registered, desk)


class Clone:
    """The task's branch, cloned with the agent's key."""

    def __init__(self, folder: Path, branch: str) -> None:
        self._folder = folder
        self._branch = branch

    async def commit(self, name: str) -> None:
        (self._folder / name).write_text(name)
        await git(self._folder, "add", "--all")
        await git(self._folder, "commit", "-q", "-m", name)

    async def push(self) -> bool:
        """Whether the server took it."""
        pushed = await asyncio.to_thread(run_git, self._folder, "push", "-q", "origin", self._branch)
        return pushed.returncode == 0


async def clone_of(house: House, project: ProjectRecord, key: str, branch: str) -> Clone:
    folder = house.folder / "clone"
    await git(house.folder, "clone", "-q", "-b", branch, house.address(key, project), str(folder))
    return Clone(folder, branch)


async def pass_by(house: House, clock: AheadClock, **time: float) -> None:
    """Let time pass, and let the server notice."""
    clock.let_pass(**time)
    await house.write(house.engine.tick)
    await house.write(house.delivery.agents.sweep)
    await house.write(house.delivery.questions.resume_answered)


async def test_a_minute_of_silence_ends_the_lease_of_an_agent_that_heartbeats(
    house: House, project: ProjectRecord, runner: Process, ada: Person, clock: AheadClock
) -> None:
    await house.task(project)
    attempt = (await runner.desk.claim())["attempt"]
    await runner.desk.call("create_branch", attempt=attempt)
    for _ in range(3):
        await pass_by(house, clock, seconds=45)
        await runner.beat()
    assert (await ada.get("tasks/SHOP-1"))["state"] == "in_progress"
    await pass_by(house, clock, seconds=61)
    task = await ada.get("tasks/SHOP-1")
    assert (task["state"], task["held"], task["branchName"][:11]) == ("backlog", None, "task-shop-1")
    assert (await ada.get(f"agents/{runner.id}"))["status"] == "offline"
    history = [line["message"] for line in await ada.get("tasks/SHOP-1/timeline")]
    assert "The agent went silent: " in history[-1]
    # It heartbeats again, but its task is not its own any more.
    assert (await runner.beat())["status"] == "idle"
    refused = await runner.desk.refused("create_branch", attempt=attempt)
    assert (refused.code, "Stop working" in refused.text) == ("attempt_over", True)


async def test_a_plain_client_that_comes_back_late_to_an_untaken_task_simply_goes_on(
    house: House, project: ProjectRecord, claude: Agent, ada: Person, clock: AheadClock
) -> None:
    await house.task(project)
    attempt = (await claude.claim())["attempt"]
    await claude.call("heartbeat", attempt=attempt)
    await pass_by(house, clock, minutes=29)
    assert (await claude.call("heartbeat", attempt=attempt))["directive"] == "continue"
    await pass_by(house, clock, minutes=31)
    assert (await ada.get("tasks/SHOP-1"))["state"] == "backlog"
    await claude.call("create_branch", attempt=attempt)
    task = await ada.get("tasks/SHOP-1")
    assert (task["state"], task["assignedAgent"]["name"], task["attempts"]) == ("in_progress", "claude", 1)
    (shown,) = await ada.get("tasks/SHOP-1/attempts")
    assert (shown["outcome"], shown["completedAt"]) == (None, None)
    history = [line["message"] for line in await ada.get("tasks/SHOP-1/timeline")]
    assert "claude came back late and goes on." in history
    # And again, as often as it takes.
    await pass_by(house, clock, minutes=31)
    assert (await claude.call("heartbeat", attempt=attempt))["directive"] == "continue"
    await claude.call("release_task", attempt=attempt)
    assert (await claude.refused("heartbeat", attempt=attempt)).code == "attempt_over"


async def test_a_plain_client_that_comes_back_late_may_push(
    house: House, project: ProjectRecord, clock: AheadClock, ada: Person
) -> None:
    await house.task(project)
    _, key = await house.key("late")
    async with agent(house.url, key) as late:
        attempt = (await late.claim())["attempt"]
        branch = (await late.call("create_branch", attempt=attempt))["branch"]
        clone = await clone_of(house, project, key, branch)
        await clone.commit("b.txt")
        await pass_by(house, clock, minutes=40)
        assert (await ada.get("tasks/SHOP-1"))["state"] == "backlog"
        assert await clone.push()
        assert (await late.call("create_pull_request", attempt=attempt))["state"] == "ready_to_test"


async def test_a_task_that_somebody_else_took_meanwhile_is_not_given_back_to_who_comes_late(
    house: House, project: ProjectRecord, claude: Agent, clock: AheadClock
) -> None:
    await house.task(project)
    attempt = (await claude.claim())["attempt"]
    await claude.call("heartbeat", attempt=attempt)
    await pass_by(house, clock, minutes=31)
    async with agent(house.url, (await house.key("second"))[1]) as second:
        taken = await second.claim()
        assert (taken["attemptNumber"], taken["earlierAttempts"][0]["outcome"]) == (2, "lost")
        late = await claude.refused("create_branch", attempt=attempt)
        assert (late.code, "Stop working" in late.text) == ("attempt_over", True)
        await second.call("release_task", attempt=taken["attempt"])
    # Its own attempt was not the last one.
    assert (await claude.refused("create_branch", attempt=attempt)).code == "attempt_over"


async def test_a_parked_attempt_may_ask_check_log_push_and_release_but_nothing_else(
    house: House, project: ProjectRecord, ada: Person, clock: AheadClock
) -> None:
    await house.task(project)
    _, key = await house.key("claude")
    async with agent(house.url, key) as claude:
        await parked_and_alive(house, project, key, claude, ada, clock)


async def parked_and_alive(
    house: House, project: ProjectRecord, key: str, claude: Agent, ada: Person, clock: AheadClock
) -> None:
    attempt = (await claude.claim())["attempt"]
    clone = await clone_of(house, project, key, (await claude.call("create_branch", attempt=attempt))["branch"])
    await clone.commit("b.txt")
    asked = await claude.call("ask_user_question", attempt=attempt, question="One?")
    await pass_by(house, clock, minutes=31)
    history = [line["message"] for line in await ada.get("tasks/SHOP-1/timeline")]
    assert history[-1] == "claude has left; the attempt waits for the answer without it."
    for tool, arguments in (
        ("create_branch", {}),
        ("create_pull_request", {}),
        ("trigger_preview", {}),
        ("report_progress", {"step": "guessing"}),
        ("update_task_status", {"status": "ready_to_test"}),
    ):
        refused = await claude.refused(tool, attempt=attempt, **arguments)
        assert refused.code == "attempt_parked", tool
        assert "check_response" in refused.text
    assert (await claude.call("check_response", questionId=asked["questionId"]))["status"] == "pending"
    assert (await claude.call("heartbeat", attempt=attempt))["directive"] == "pause"
    await claude.call("log", attempt=attempt, message="still here")
    usage = {"tokensIn": 5, "tokensOut": 5}
    assert (await claude.call("report_progress", attempt=attempt, usage=usage))["directive"] == "pause"
    await claude.call("ask_user_question", attempt=attempt, question="Two?")
    assert await clone.push()
    assert (await claude.call("release_task", attempt=attempt))["state"] == "backlog"
    # The questions stay to be answered; nobody starts before that.
    assert (await ada.get("tasks/SHOP-1"))["waiting"] == "a question waits for an answer"


async def test_what_is_parked_takes_no_slot_and_is_resumed_before_anything_new(
    house: House, project: ProjectRecord, runner: Process, ada: Person, clock: AheadClock
) -> None:
    for title in ("First", "Second", "Third"):
        await house.task(project, title)
    first = await runner.desk.claim()
    asked = await runner.desk.call("ask_user_question", attempt=first["attempt"], question="Which?")
    assert (await runner.park(first["attempt"]))["standing"] == "parked"
    assert (await ada.get(f"agents/{runner.id}"))["status"] == "idle"
    second = await runner.desk.claim()
    assert second["task"]["key"] == "SHOP-2"
    await runner.desk.call("heartbeat", attempt=second["attempt"])
    for _ in range(20):
        await pass_by(house, clock, seconds=45)
        await runner.beat()
    await ada.post("tasks/SHOP-1/respond", response="This one")
    await runner.desk.call("release_task", attempt=second["attempt"])
    again = await runner.desk.claim()
    assert (again["task"]["key"], again["attemptNumber"]) == ("SHOP-1", 1)
    assert again["answeredQuestions"][0]["response"] == "This one"
    stale = await runner.desk.refused("create_branch", attempt=first["attempt"])
    assert stale.code == "attempt_unknown"
    await runner.desk.call("create_branch", attempt=again["attempt"])
    assert (await runner.desk.call("check_response", questionId=asked["questionId"]))["response"] == "This one"


async def test_the_resume_lease_is_kept_by_the_heartbeat_and_lasts_ten_minutes_without(
    house: House, project: ProjectRecord, runner: Process, ada: Person, clock: AheadClock
) -> None:
    await house.task(project)
    first = await runner.desk.claim()
    await runner.desk.call("ask_user_question", attempt=first["attempt"], question="Which?")
    await runner.park(first["attempt"])
    await pass_by(house, clock, hours=30)
    await ada.post("tasks/SHOP-1/respond", response="This one")
    await pass_by(house, clock, minutes=9)
    assert (await ada.get("tasks/SHOP-1"))["state"] == "in_progress"
    await pass_by(house, clock, minutes=2)
    # Nobody resumed it: the answer goes to the next attempt.
    assert (await ada.get("tasks/SHOP-1"))["state"] == "backlog"
    again = await runner.desk.claim()
    assert again["attemptNumber"] == 2
    assert again["answeredQuestions"] == [
        {"question": "Which?", "context": None, "response": "This one", "status": "answered"}
    ]


async def test_a_paused_project_resumes_nothing_until_it_is_open_again(
    house: House, project: ProjectRecord, runner: Process, ada: Person, clock: AheadClock
) -> None:
    await house.task(project)
    first = await runner.desk.claim()
    await runner.desk.call("ask_user_question", attempt=first["attempt"], question="Which?")
    await runner.park(first["attempt"])
    await ada.patch("projects/SHOP", status="paused")
    await ada.post("tasks/SHOP-1/respond", response="This one")
    await pass_by(house, clock, hours=1)
    task = await ada.get("tasks/SHOP-1")
    assert (task["state"], task["questions"]) == ("needs_input", [])
    assert task["waiting"] == "answered; goes on when the project is not paused any more"
    assert (await runner.desk.call("get_next_task"))["task"] is None
    await ada.patch("projects/SHOP", status="active")
    await pass_by(house, clock, seconds=5)
    assert (await runner.desk.claim())["attemptNumber"] == 1


async def test_an_agent_lost_while_people_owe_an_answer_leaves_the_task_held_until_they_give_it(
    house: House, project: ProjectRecord, runner: Process, ada: Person, clock: AheadClock
) -> None:
    await house.task(project)
    first = await runner.desk.claim()
    await runner.desk.call("ask_user_question", attempt=first["attempt"], question="Which?", context="Two fit.")
    await pass_by(house, clock, seconds=90)
    task = await ada.get("tasks/SHOP-1")
    assert (task["state"], task["waiting"]) == ("backlog", "a question waits for an answer")
    (asked,) = await ada.get("questions")
    assert (asked["question"], asked["context"], asked["taskKey"]) == ("Which?", "Two fit.", "SHOP-1")
    assert (await runner.desk.call("get_next_task"))["task"] is None
    await ada.post("tasks/SHOP-1/respond", skip=True)
    assert (await runner.desk.claim())["answeredQuestions"][0]["status"] == "skipped"


async def test_at_its_limit_an_agent_gets_the_task_whose_answer_was_lost_not_the_one_it_works_on(
    house: House, project: ProjectRecord, runner: Process, ada: Person
) -> None:
    await ada.patch(f"agents/{runner.id}", maxConcurrentTasks=2)
    await house.task(project)
    await house.task(project, "Second")
    first = await runner.desk.claim()
    await runner.desk.call("heartbeat", attempt=first["attempt"])
    lost = await runner.desk.claim()
    again = await runner.desk.claim()
    assert (again["task"]["key"], again["attempt"] != lost["attempt"]) == ("SHOP-2", True)
    await runner.desk.call("heartbeat", attempt=again["attempt"])
    assert (await runner.desk.refused("get_next_task")).code == "task_held"


async def test_what_was_handed_in_may_report_for_a_quarter_of_an_hour_but_not_push(
    house: House, project: ProjectRecord, ada: Person, clock: AheadClock
) -> None:
    await house.task(project)
    _, key = await house.key("worker")
    async with agent(house.url, key) as worker:
        attempt = (await worker.claim())["attempt"]
        branch = (await worker.call("create_branch", attempt=attempt))["branch"]
        clone = await clone_of(house, project, key, branch)
        await clone.commit("b.txt")
        assert await clone.push()
        await worker.call("create_pull_request", attempt=attempt, summary="Done.")
        await clone.commit("c.txt")
        assert not await clone.push()
        clock.let_pass(minutes=14)
        await worker.call("log", attempt=attempt, message="the end")
        await worker.call("report_progress", attempt=attempt, usage={"tokensIn": 9, "tokensOut": 9, "costUsd": 0.1})
        await worker.call("trigger_preview", attempt=attempt, finish=False, waitSeconds=0)
        clock.let_pass(minutes=2)
        assert (await worker.refused("log", attempt=attempt, message="too late")).code == "attempt_over"
    assert (await ada.get("tasks/SHOP-1"))["costUsd"] == 0.1
