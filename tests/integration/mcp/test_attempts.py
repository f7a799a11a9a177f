"""Every write names its attempt, and a wrong one is refused in words that tell the agent what to do."""

from typing import Any

from aiworker.wire.tasks import TaskState
from tests.support.agents import Agent, agent
from tests.support.house import ADA, House

WRITES: list[tuple[str, dict[str, Any]]] = [
    ("create_branch", {}),
    ("ask_user_question", {"question": "Why?"}),
    ("report_progress", {"step": "thinking"}),
    ("log", {"message": "hello"}),
    ("create_pull_request", {}),
    ("trigger_preview", {}),
    ("update_task_status", {"status": "ready_to_test"}),
    ("update_task_status", {"status": "backlog"}),
    ("release_task", {}),
]
FORGED = ("nonsense", "0193.abc", "'; DROP TABLE tasks; --", "🦆", "." * 150)


async def test_a_write_without_its_attempt_says_where_to_get_it(claude: Agent) -> None:
    for tool, arguments in WRITES:
        refused = await claude.refused(tool, **arguments)
        assert refused.code == "attempt_missing", tool
        assert "get_next_task" in refused.text


async def test_a_forged_attempt_is_refused(claude: Agent) -> None:
    for tool, arguments in WRITES:
        for token in FORGED:
            assert (await claude.refused(tool, attempt=token, **arguments)).code == "attempt_unknown", (tool, token)


async def test_an_attempt_of_another_agent_is_refused(house: House, claude: Agent) -> None:
    task = await house.task(await house.project())
    attempt = (await claude.claim())["attempt"]
    async with agent(house.url, (await house.key("thief"))[1]) as thief:
        for tool, arguments in WRITES:
            refused = await thief.refused(tool, attempt=attempt, **arguments)
            assert refused.code == "attempt_of_another_agent", tool
    assert (await house.look(task)).state is TaskState.IN_PROGRESS
    # The token was not used up by it: its owner gets the lost answer again.
    await claude.claim()


async def test_an_attempt_that_is_over_is_refused(house: House, claude: Agent) -> None:
    await house.task(await house.project())
    attempt = (await claude.claim())["attempt"]
    await claude.call("release_task", attempt=attempt)
    for tool, arguments in WRITES:
        refused = await claude.refused(tool, attempt=attempt, **arguments)
        assert refused.code == "attempt_over", tool
        assert "(released)" in refused.text


async def test_an_attempt_at_another_task_than_the_one_named_is_refused(house: House, claude: Agent) -> None:
    project = await house.project()
    await house.task(project)
    other = await house.task(project, "Another")
    attempt = (await claude.claim())["attempt"]
    for tool, arguments in WRITES:
        for name in (other.id, other.task_key, other.task_key.lower()):
            refused = await claude.refused(tool, attempt=attempt, taskId=name, **arguments)
            assert refused.code == "attempt_of_another_task", tool
            assert "SHOP-1" in refused.text
        assert (await claude.refused(tool, attempt=attempt, taskId="SHOP-99", **arguments)).code == "task_not_found"


async def test_the_attempts_own_task_may_be_named_too(house: House, claude: Agent) -> None:
    task = await house.task(await house.project())
    attempt = (await claude.claim())["attempt"]
    for name in (task.id, "shop-1"):
        assert (await claude.call("heartbeat", attempt=attempt, taskId=name))["directive"] == "continue"


async def test_a_task_that_is_cancelled_stops_its_agent(house: House, claude: Agent) -> None:
    task = await house.task(await house.project())
    attempt = (await claude.claim())["attempt"]
    await house.write(house.delivery.tasks.cancel, ADA, task.id, "not needed")
    for tool in ("heartbeat", "report_progress"):
        refused = await claude.refused(tool, attempt=attempt)
        assert refused.code == "attempt_over"
        assert "cancelled" in refused.text
        assert "Stop working" in refused.text


async def test_a_tool_that_the_project_does_not_allow_is_refused(house: House, claude: Agent) -> None:
    project = await house.project(mcp_tools=["get_next_task", "create_branch"])
    task = await house.task(project)
    attempt = (await claude.claim())["attempt"]
    await claude.call("create_branch", attempt=attempt)
    refused = await claude.refused("ask_user_question", attempt=attempt, question="Why?")
    assert refused.code == "tool_not_allowed"
    assert "SHOP" in refused.text
    assert (await house.look(task)).state is TaskState.IN_PROGRESS
