"""Signs of life: progress, log lines, heartbeats, what an attempt has used."""

from collections.abc import Callable
from typing import Any

import pytest

from aiworker.delivery.agents import queries
from aiworker.delivery.tasks import board
from aiworker.storage.transaction import Tx
from tests.support.agents import Agent
from tests.support.house import House
from tests.support.plans import noted


@pytest.fixture
async def attempt(house: House, claude: Agent) -> str:
    await house.task(await house.project())
    return (await claude.claim())["attempt"]


async def test_progress_shows_on_the_task(house: House, claude: Agent, attempt: str) -> None:
    told = await claude.call("report_progress", attempt=attempt, step="running the tests", percentage=40)
    assert (told["directive"], told["message"]) == ("continue", "Go on.")
    view = await house.read(lambda tx: house.delivery.task_views.one(tx, board.get(tx, "SHOP-1")))
    assert (view.current_step, view.progress) == ("running the tests", 40)


async def test_a_report_reads_what_it_is_about_in_one_go(
    house: House, claude: Agent, attempt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, asked = house.database.write, list[list[str]]()

    async def noting(body: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        def noted_body(tx: Tx) -> Any:
            with noted(tx) as statements:
                result = body(tx, *arguments, **named)
            asked.append([statement for statement, _ in statements])
            return result

        return await write(noted_body)

    await claude.call("report_progress", attempt=attempt, step="reading", percentage=1)
    monkeypatch.setattr(house.database, "write", noting)
    await claude.call("report_progress", attempt=attempt, step="writing", percentage=2)
    (report,) = [statements for statements in asked if any("UPDATE robot_execute" in each for each in statements)]
    assert [statement.split()[0] for statement in report] == ["SELECT", "SELECT", "UPDATE"]


async def test_what_an_attempt_used_adds_up_and_never_goes_down(house: House, claude: Agent, attempt: str) -> None:
    usage = {"tokensIn": 1000, "tokensOut": 50, "costUsd": 0.25}
    await claude.call("report_progress", attempt=attempt, usage=usage)
    (shown,) = await house.read(lambda tx: house.delivery.task_views.attempts(tx, board.get(tx, "SHOP-1")))
    assert (shown.tokens_in, shown.tokens_out, shown.cost_usd) == (1000, 50, 0.25)
    less = {**usage, "tokensIn": 999}
    assert (await claude.refused("report_progress", attempt=attempt, usage=less)).code == "usage_not_total"


async def test_log_lines_are_kept_in_order(house: House, claude: Agent, attempt: str) -> None:
    for number in range(3):
        await claude.call(
            "log", attempt=attempt, message=f"line {number}\nand more", level="warn", metadata={"n": number}
        )
    lines = await house.read(lambda tx: queries.logs(tx, task_id=board.get(tx, "SHOP-1").id))
    assert [(line.message, line.level.value, line.metadata) for line in reversed(lines)] == [
        (f"line {number}\nand more", "warn", {"n": number}) for number in range(3)
    ]


async def test_a_heartbeat_needs_no_task(house: House, claude: Agent) -> None:
    assert (await claude.call("heartbeat"))["directive"] == "continue"
    (agent,) = await house.read(queries.list_agents)
    assert (agent.pod_name, agent.kind, agent.status) == ("claude", "client", "idle")


async def test_signs_of_life_have_bounds(claude: Agent, attempt: str) -> None:
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("report_progress", {"percentage": 101}, "percentage"),
        ("report_progress", {"percentage": -1}, "percentage"),
        ("report_progress", {"percentage": "half"}, "percentage"),
        ("report_progress", {"step": "x" * 101}, "step"),
        ("report_progress", {"step": "two\nlines"}, "step"),
        ("report_progress", {"usage": {"tokensIn": -1}}, "usage.tokensIn"),
        ("report_progress", {"usage": {"tokensIn": 2**40}}, "usage.tokensIn"),
        ("report_progress", {"usage": {"costUsd": 1e12}}, "usage.costUsd"),
        ("report_progress", {"usage": {"dollars": 1}}, "usage.dollars"),
        ("report_progress", {"usage": 3}, "usage"),
        ("log", {"message": ""}, "message"),
        ("log", {"message": "x" * 16_001}, "message"),
        ("log", {"message": "a\0b"}, "message"),
        ("log", {"message": "a", "level": "loud"}, "level"),
        ("log", {"message": "a", "metadata": [1]}, "metadata"),
        ("log", {"message": "a", "metadata": {"a": "x\0"}}, "metadata"),
        ("heartbeat", {"attempt": "x" * 201}, "attempt"),
        ("release_task", {"reason": "x" * 2_001}, "reason"),
        ("create_pull_request", {"summary": "x" * 16_001}, "summary"),
        ("trigger_preview", {"waitSeconds": 90}, "waitSeconds"),
        ("trigger_preview", {"finish": "maybe"}, "finish"),
    ]
    for tool, wrong, field in cases:
        refused = await claude.refused(tool, **{"attempt": attempt, **wrong})
        assert refused.code == "invalid", (tool, wrong)
        assert f" {field}: " in refused.text, refused.text
    assert (await claude.call("heartbeat", attempt=attempt))["directive"] == "continue"
