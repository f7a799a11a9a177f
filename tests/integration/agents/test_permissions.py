"""Tools that an agent was not allowed to use, and how people allow them."""

from typing import Any

import pytest

from aiworker.delivery.projects import queries
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.wire.access import Scope
from tests.support.agents import Agent
from tests.support.house import House
from tests.support.people import Person, person

DENIED: list[dict[str, Any]] = [
    {"tool": "Bash", "input": {"command": "npm run lint", "description": "Lint"}},
    {"tool": "WebFetch", "input": {"url": "https://docs.example.com/a/b?c=d"}},
    {"tool": "NotebookEdit"},
]


@pytest.fixture
async def attempt(house: House, project: ProjectRecord, claude: Agent) -> str:
    await house.task(project)
    claimed = await claude.claim()
    assert claimed["project"]["agentAllow"] == ["edits", "git", "setup", "test", "start"]
    return claimed["attempt"]


async def deny(claude: Agent, attempt: str, *denials: dict[str, Any]) -> None:
    usage = {"permissionDenials": list(denials)}
    await claude.call("report_progress", attempt=attempt, usage=usage)


async def test_what_was_denied_shows_on_the_attempt_once_with_the_rule_that_allows_it(
    claude: Agent, attempt: str, ada: Person
) -> None:
    await deny(claude, attempt, *DENIED)
    await deny(claude, attempt, *DENIED[:1])
    (shown,) = await ada.get("tasks/SHOP-1/attempts")
    assert [(one["tool"], one["rule"], one["allowed"]) for one in shown["permissionDenials"]] == [
        ("Bash", "Bash(npm run lint)", False),
        ("WebFetch", "WebFetch(domain:docs.example.com)", False),
        ("NotebookEdit", "NotebookEdit", False),
    ]
    assert shown["permissionDenials"][0]["input"]["command"] == "npm run lint"


async def test_a_person_allows_it_in_the_project_and_the_next_agent_is_told(
    claude: Agent, attempt: str, ada: Person
) -> None:
    await deny(claude, attempt, *DENIED)
    (shown,) = await ada.get("tasks/SHOP-1/attempts")
    path = f"tasks/SHOP-1/attempts/{shown['executionId']}/allow"
    allowed = await ada.post(path, rule="Bash(npm run lint)")
    assert [one["allowed"] for one in allowed["permissionDenials"]] == [True, False, False]
    # Twice is no error, and adds nothing.
    await ada.post(path, rule="Bash(npm run lint)")
    project = await ada.get("projects/SHOP")
    assert project["agentAllow"] == ["edits", "git", "setup", "test", "start", "Bash(npm run lint)"]
    history = [line["message"] for line in await ada.get("tasks/SHOP-1/timeline")]
    assert history.count("somebody-admin allowed Bash(npm run lint) to agents of SHOP.") == 1
    await claude.call("release_task", attempt=attempt)
    assert "Bash(npm run lint)" in (await claude.claim())["project"]["agentAllow"]


async def test_only_what_was_denied_can_be_allowed_from_an_attempt(claude: Agent, attempt: str, ada: Person) -> None:
    await deny(claude, attempt, DENIED[0])
    (shown,) = await ada.get("tasks/SHOP-1/attempts")
    path = f"tasks/SHOP-1/attempts/{shown['executionId']}/allow"
    refused = await ada.refused("POST", path, rule="WebFetch")
    assert (refused.status, refused.code) == (422, "not_denied")
    assert "Bash(npm run lint)" in refused.message
    assert (await ada.refused("POST", path, rule="")).status == 422
    assert (await ada.refused("POST", path, rule="--dangerously-skip-permissions")).status == 422
    assert (await ada.refused("POST", "tasks/SHOP-1/attempts/nope/allow", rule="Bash")).code == "attempt_not_found"
    # A wider rule for the tool that was denied is a person's own choice.
    assert (await ada.post(path, rule="Bash(npm run *)"))["permissionDenials"][0]["allowed"] is False


async def test_allowing_takes_the_right_to_change_the_project(
    house: House, claude: Agent, attempt: str, ada: Person
) -> None:
    await deny(claude, attempt, DENIED[0])
    (shown,) = await ada.get("tasks/SHOP-1/attempts")
    async with person(house, Scope.MEMBER) as bob:
        path = f"tasks/SHOP-1/attempts/{shown['executionId']}/allow"
        assert (await bob.refused("POST", path, rule="Bash(npm run lint)")).status == 403
    assert "Bash(npm run lint)" not in (await ada.get("projects/SHOP"))["agentAllow"]


async def test_a_rule_from_before_it_was_refused_reaches_no_agent(
    house: House, project: ProjectRecord, claude: Agent, ada: Person
) -> None:
    stored = ["edits", "--dangerously-skip-permissions"]
    assert await house.write(queries.change, project, {"agent_allow": stored})
    await house.task(project)
    claimed = await claude.claim()
    assert claimed["project"]["agentAllow"] == ["edits"]
    await deny(claude, claimed["attempt"], DENIED[0])
    (shown,) = await ada.get("tasks/SHOP-1/attempts")
    await ada.post(f"tasks/SHOP-1/attempts/{shown['executionId']}/allow", rule="Bash(npm run lint)")
    assert (await ada.get("projects/SHOP"))["agentAllow"] == ["edits", "Bash(npm run lint)"]
