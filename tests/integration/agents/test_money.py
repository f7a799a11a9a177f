"""Money: what attempts cost, and limits that stop the work and say so."""

import pytest

from aiworker.delivery.projects.records import ProjectRecord
from aiworker.storage.transaction import Tx
from tests.support.agents import Agent, Json, agent
from tests.support.clocks import AheadClock
from tests.support.house import House
from tests.support.people import Person


async def spend(claude: Agent, attempt: str, dollars: float) -> Json:
    usage = {"tokensIn": int(dollars * 1000), "tokensOut": 10, "costUsd": dollars}
    return await claude.call("report_progress", attempt=attempt, usage=usage)


async def test_an_attempt_that_reaches_its_limit_is_stopped_and_waits_for_a_person(
    house: House, project: ProjectRecord, claude: Agent, ada: Person
) -> None:
    await ada.patch(f"projects/{project.key}", attemptCostLimitUsd=2)
    await house.task(project)
    claimed = await claude.claim()
    assert claimed["limits"] == {"minutes": 240, "costUsd": 2.0}
    assert (await spend(claude, claimed["attempt"], 1.99))["directive"] == "continue"
    told = await spend(claude, claimed["attempt"], 2.0)
    assert told["directive"] == "cancel"
    assert "cost limit of $2.00 for an attempt" in told["message"]
    assert "Stop working" in told["message"]
    over = await claude.refused("heartbeat", attempt=claimed["attempt"])
    assert (over.code, "cost limit of $2.00" in over.text) == ("attempt_over", True)
    task = await ada.get("tasks/SHOP-1")
    assert (task["state"], task["waitsForPerson"], task["costUsd"]) == ("backlog", True, 2.0)
    assert task["waiting"] == "cost limit of $2.00 for an attempt reached"
    assert (await claude.call("get_next_task"))["task"] is None
    await ada.post("tasks/SHOP-1/retry")
    again = await claude.claim()
    assert (again["attemptNumber"], again["limits"]["costUsd"]) == (2, 2.0)


async def test_a_task_that_reaches_its_limit_goes_on_only_after_the_limit_was_raised(
    house: House, project: ProjectRecord, claude: Agent, ada: Person
) -> None:
    await ada.patch(f"projects/{project.key}", taskCostLimitUsd=3)
    await house.task(project)
    first = await claude.claim()
    await spend(claude, first["attempt"], 2)
    await claude.call("release_task", attempt=first["attempt"])
    second = await claude.claim()
    assert second["limits"]["costUsd"] == 1.0
    assert (await spend(claude, second["attempt"], 1.5))["directive"] == "cancel"
    refused = await ada.refused("POST", "tasks/SHOP-1/retry")
    assert (refused.status, refused.code) == (409, "cost_limit_reached")
    assert "raise that limit" in refused.message
    await ada.patch(f"projects/{project.key}", taskCostLimitUsd=10)
    await ada.post("tasks/SHOP-1/retry")
    assert (await claude.claim())["limits"]["costUsd"] == 6.5


async def test_a_day_that_is_spent_closes_the_project_until_midnight(
    house: House, project: ProjectRecord, claude: Agent, ada: Person, clock: AheadClock
) -> None:
    await ada.patch(f"projects/{project.key}", dayCostLimitUsd=5)
    await house.task(project)
    await house.task(project, "Another")
    async with agent(house.url, (await house.key("second"))[1]) as second:
        other = await second.claim()
        claimed = await claude.claim()
        told = await spend(claude, claimed["attempt"], 5)
        assert "cost limit of $5.00 a day" in told["message"]
        assert (await spend(second, other["attempt"], 0.1))["directive"] == "cancel"
    shown = await ada.get(f"projects/{project.key}")
    assert shown["overspent"] == "cost limit of $5.00 a day reached"
    waiting = (await ada.get("tasks/SHOP-1"))["waiting"]
    assert waiting.startswith("cost limit of $5.00 a day reached; goes on at ")
    assert (await claude.call("get_next_task"))["task"] is None
    assert (await ada.get(f"projects/{project.key}/metrics"))["costTodayUsd"] == 5.1
    clock.let_pass(days=1)
    await house.write(house.delivery.projects.spending.reopen)
    assert (await claude.claim())["limits"]["costUsd"] == 5.0
    numbers = await ada.get(f"projects/{project.key}/metrics")
    assert (numbers["costUsd"], numbers["costTodayUsd"]) == (5.1, 0)


async def test_a_projects_limit_closes_it_until_somebody_raises_it(
    house: House, project: ProjectRecord, claude: Agent, ada: Person
) -> None:
    await ada.patch(f"projects/{project.key}", projectCostLimitUsd=1)
    await house.task(project)
    claimed = await claude.claim()
    assert (await spend(claude, claimed["attempt"], 1))["directive"] == "cancel"
    assert (await ada.get("tasks/SHOP-1"))["waiting"] == "cost limit of $1.00 for the project reached"
    assert (await claude.call("get_next_task"))["task"] is None
    raised = await ada.patch(f"projects/{project.key}", projectCostLimitUsd=20)
    assert raised["overspent"] is None
    assert (await claude.claim())["limits"]["costUsd"] == 19.0


async def test_work_that_was_handed_in_may_cost_more_than_its_limit_without_being_undone(
    house: House, project: ProjectRecord, claude: Agent, ada: Person
) -> None:
    await ada.patch(f"projects/{project.key}", attemptCostLimitUsd=1, taskCostLimitUsd=1)
    task = await house.task(project)
    claimed = await claude.claim()
    made = await claude.call("create_branch", attempt=claimed["attempt"])
    head = await house.forge.head("shop", made["branch"])
    assert head is not None

    def hand_in(tx: Tx) -> None:
        current = house.delivery.tasks.lock(tx, task.id)
        execution = house.delivery.tasks.active_execution(tx, current)
        assert execution is not None
        house.delivery.work.hand_in(tx, current, execution.execute_id, claimed["attempt"], summary="Done.")

    await house.write(hand_in)
    assert (await spend(claude, claimed["attempt"], 1.5))["directive"] == "continue"
    shown = await ada.get("tasks/SHOP-1")
    assert (shown["state"], shown["costUsd"]) == ("ready_to_test", 1.5)
    # The next round would cost still more: it waits for a person.
    await ada.post("tasks/SHOP-1/request-changes", body="Not yet.")
    assert (await ada.get("tasks/SHOP-1"))["waiting"] == "cost limit of $1.00 for a task reached"
    assert (await claude.call("get_next_task"))["task"] is None


async def test_an_agent_that_tells_no_cost_is_stopped_by_time_alone_and_the_attempt_says_so(
    house: House, project: ProjectRecord, claude: Agent, ada: Person
) -> None:
    await ada.patch(f"projects/{project.key}", attemptCostLimitUsd=2, attemptMinutes=30)
    await house.task(project)
    claimed = await claude.claim()
    assert claimed["limits"] == {"minutes": 30, "costUsd": 2.0}
    (shown,) = await ada.get("tasks/SHOP-1/attempts")
    assert shown["limits"] == "0.5 h of work; no cost is reported, so cost limits do not stop it"
    await spend(claude, claimed["attempt"], 0.5)
    (shown,) = await ada.get("tasks/SHOP-1/attempts")
    assert (shown["limits"], shown["costUsd"]) == ("0.5 h of work, $2.00 for an attempt", 0.5)


async def test_an_attempt_ends_when_its_time_is_up_and_counts_as_a_try(
    house: House, project: ProjectRecord, claude: Agent, ada: Person, clock: AheadClock
) -> None:
    await ada.patch(f"projects/{project.key}", attemptMinutes=10)
    await house.task(project)
    attempt = (await claude.claim())["attempt"]
    clock.let_pass(minutes=11)
    await house.write(house.engine.tick)
    assert (await claude.refused("heartbeat", attempt=attempt)).code == "attempt_over"
    (shown,) = await ada.get("tasks/SHOP-1/attempts")
    assert (shown["outcome"], shown["error"]) == ("failed", "It took longer than 600 s.")
    assert shown["errorTold"] == {"code": "robot_timed_out", "values": {"seconds": 600}}


async def test_costs_never_go_down(house: House, project: ProjectRecord, claude: Agent) -> None:
    await house.task(project)
    attempt = (await claude.claim())["attempt"]
    await spend(claude, attempt, 1)
    less = {"tokensIn": 2000, "tokensOut": 10, "costUsd": 0.5}
    assert (await claude.refused("report_progress", attempt=attempt, usage=less)).code == "usage_not_total"


@pytest.mark.parametrize("limit", [0, -1, "much", 1e12])
async def test_a_limit_that_is_none_is_refused(project: ProjectRecord, ada: Person, limit: object) -> None:
    refused = await ada.refused("PATCH", f"projects/{project.key}", attemptCostLimitUsd=limit)
    assert (refused.status, "attemptCostLimitUsd" in refused.message) == (422, True)
