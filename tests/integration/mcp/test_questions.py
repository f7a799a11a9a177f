"""Asking people, and hearing what they say."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aiworker.core.clock import utc_now
from aiworker.wire.tasks import Respond, TaskState
from tests.support.agents import LEGACY, MODERN, Agent, agent
from tests.support.house import ADA, House, open_house


@pytest.fixture
async def attempt(house: House, claude: Agent) -> str:
    await house.task(await house.project())
    return (await claude.claim())["attempt"]


async def test_a_question_shows_on_the_board_with_its_choices(claude: Agent, attempt: str) -> None:
    asked = await claude.call(
        "ask_user_question",
        attempt=attempt,
        question="Which rate?",
        context="Two apply.",
        choices=[{"label": "21 %", "description": "general"}, {"label": "10 %"}],
    )
    assert asked["state"] == "needs_input"
    assert "check_response" in asked["message"]
    shown = await claude.call("get_task", taskId=asked["taskId"])
    assert shown["questions"] == [
        {
            "id": asked["questionId"],
            "question": "Which rate?",
            "context": "Two apply.",
            "choices": [{"label": "21 %", "description": "general"}, {"label": "10 %", "description": None}],
            "status": "pending",
            "response": None,
        }
    ]


async def test_choices_may_come_as_json_in_a_text_as_some_models_send_them(claude: Agent, attempt: str) -> None:
    choices = json.dumps([{"label": "yes"}, {"label": "no"}])
    asked = await claude.call("ask_user_question", attempt=attempt, question="Really?", choices=choices)
    shown = await claude.call("get_task", taskId=asked["taskId"])
    assert [choice["label"] for choice in shown["questions"][0]["choices"]] == ["yes", "no"]


async def test_the_task_waits_until_the_last_question_is_settled(house: House, claude: Agent, attempt: str) -> None:
    first = await claude.call("ask_user_question", attempt=attempt, question="One?")
    second = await claude.call("ask_user_question", attempt=attempt, question="Two?")
    task = await house.write(
        house.delivery.questions.respond, ADA, "SHOP-1", Respond(question_id=first["questionId"], response="1")
    )
    assert task.state is TaskState.NEEDS_INPUT
    assert (await claude.call("heartbeat", attempt=attempt))["directive"] == "pause"
    task = await house.write(
        house.delivery.questions.respond, ADA, "SHOP-1", Respond(question_id=second["questionId"], skip=True)
    )
    assert task.state is TaskState.IN_PROGRESS
    assert (await claude.call("heartbeat", attempt=attempt))["directive"] == "continue"
    skipped = await claude.call("check_response", questionId=second["questionId"])
    assert (skipped["status"], skipped["response"]) == ("skipped", None)
    assert "without an answer" in skipped["message"]


async def test_without_an_answer_the_agent_is_told_to_ask_again(claude: Agent, attempt: str) -> None:
    asked = await claude.call("ask_user_question", attempt=attempt, question="One?")
    checked = await claude.call("check_response", questionId=asked["questionId"], waitSeconds=0.05)
    assert (checked["status"], checked["response"], checked["taskState"]) == ("pending", None, "needs_input")
    assert "waitSeconds" in checked["message"]


@pytest.mark.parametrize("mode", [MODERN, LEGACY])
async def test_waiting_for_an_answer_can_be_given_up(house: House, key: str, mode: str) -> None:
    task = await house.task(await house.project())
    async with agent(house.url, key, mode=mode) as claude:
        attempt = (await claude.claim())["attempt"]
        asked = await claude.call("ask_user_question", attempt=attempt, question="One?")
        waiting = asyncio.create_task(claude.call("check_response", questionId=asked["questionId"], waitSeconds=55))
        done, _ = await asyncio.wait({waiting}, timeout=0.3)
        assert not done
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await house.answer(task, "yes")
        assert (await claude.call("check_response", questionId=asked["questionId"]))["response"] == "yes"


async def test_waiting_for_an_answer_keeps_the_lease(tmp_path: Path) -> None:
    ahead = timedelta()

    def clock() -> Any:
        return utc_now() + ahead

    async with open_house(tmp_path, clock=clock) as house:
        task = await house.task(await house.project())
        async with agent(house.url, (await house.key("claude"))[1]) as claude:
            attempt = (await claude.claim())["attempt"]
            asked = await claude.call("ask_user_question", attempt=attempt, question="One?")
            ahead = timedelta(minutes=25)
            await claude.call("check_response", questionId=asked["questionId"])
            ahead = timedelta(minutes=50)
            await house.write(house.engine.tick)
            await house.answer(task, "yes")
            assert (await claude.call("heartbeat", attempt=attempt))["directive"] == "continue"


async def test_a_parked_attempt_still_hears_the_answer_and_goes_on(tmp_path: Path) -> None:
    ahead = timedelta()

    def clock() -> Any:
        return utc_now() + ahead

    async with open_house(tmp_path, clock=clock) as house:
        task = await house.task(await house.project())
        async with agent(house.url, (await house.key("claude"))[1]) as claude:
            attempt = (await claude.claim())["attempt"]
            asked = await claude.call("ask_user_question", attempt=attempt, question="One?")
            ahead = timedelta(hours=10)
            await house.write(house.engine.tick)
            assert (await house.look(task)).state is TaskState.NEEDS_INPUT
            assert (await claude.call("check_response", questionId=asked["questionId"]))["status"] == "pending"
            await claude.call("log", attempt=attempt, message="still here")
            await house.answer(task, "yes")
            assert (await house.look(task)).state is TaskState.IN_PROGRESS
            assert (await claude.call("heartbeat", attempt=attempt))["directive"] == "continue"


async def test_work_is_not_handed_in_while_people_owe_an_answer(house: House, claude: Agent, attempt: str) -> None:
    await claude.call("create_branch", attempt=attempt)
    asked = await claude.call("ask_user_question", attempt=attempt, question="One?")
    stands = await claude.call("update_task_status", attempt=attempt, status="in_progress")
    assert stands["state"] == "needs_input"
    branch = (await claude.call("create_branch", attempt=attempt))["branch"]
    head = await house.forge.head("shop", branch)
    assert head is not None
    assert (await claude.refused("create_pull_request", attempt=attempt)).code in {"no_commits", "question_pending"}
    assert (await claude.call("check_response", questionId=asked["questionId"]))["status"] == "pending"


async def test_a_question_that_cannot_be_put_is_refused_in_one_sentence(claude: Agent, attempt: str) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "question: is missing"),
        ({"question": ""}, "question: must not be empty"),
        ({"question": " \n\t "}, "question: must not be blank"),
        ({"question": "é" * 300_000}, "question: must have at most 64000 characters"),
        ({"question": "a\0b"}, "question: holds a control character"),
        ({"question": "a\x1bb"}, "question: holds a control character"),
        ({"question": 7}, "question: "),
        ({"question": None}, "question: "),
        ({"question": ["a"]}, "question: "),
        ({"question": "a", "context": "x" * 64_001}, "context: must have at most 64000 characters"),
        ({"question": "a", "choices": [{"label": ""}]}, "choices.0.label: must not be empty"),
        ({"question": "a", "choices": [{"text": "x"}]}, "choices.0.label: is missing"),
        ({"question": "a", "choices": ["x"]}, "choices.0: "),
        ({"question": "a", "choices": "not json"}, "choices: "),
        ({"question": "a", "choices": "[" * 100_000}, "choices: "),
        ({"question": "a", "choices": [{"label": "x"}] * 21}, "choices: must have at most 20 items"),
        ({"question": "a", "urgent": True}, "urgent: is not a known field"),
        ({"question": "a", "ur\ngent": True}, r"ur\ngent: is not a known field"),
    ]
    for wrong, words in cases:
        refused = await claude.refused("ask_user_question", attempt=attempt, **wrong)
        assert refused.code == "invalid", wrong
        assert words in refused.text
        assert len(refused.text) < 300
    assert (await claude.call("get_task", taskId="SHOP-1"))["questions"] == []


async def test_a_question_that_is_not_there_is_refused(claude: Agent) -> None:
    for unknown in ("nope", "0193a1c0-0000-7000-8000-000000000000", "../../etc/passwd", "' OR 1=1 --"):
        assert (await claude.refused("check_response", questionId=unknown)).code == "question_not_found"


async def test_waiting_has_bounds(claude: Agent) -> None:
    for seconds in (-1, 56, 1e9, "soon", None, [1]):
        for tool, more in (("check_response", {"questionId": "x"}), ("get_next_task", {})):
            refused = await claude.refused(tool, waitSeconds=seconds, **more)
            assert refused.code == "invalid"
            assert "waitSeconds" in refused.text
