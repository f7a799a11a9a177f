"""What Claude Code writes, as a runner understands it."""

import json
from typing import Any

from aiworker.runner.drivers.driver import Usage
from aiworker.runner.drivers.stream import Began, Ended, Said, Waits, events
from aiworker.wire.agents import LogLevel


def read(**told: Any) -> list[Any]:
    return list(events(json.dumps(told)))


def assistant(*blocks: dict[str, Any]) -> list[Any]:
    return read(type="assistant", message={"content": list(blocks)})


def ended(**told: Any) -> Ended:
    (event,) = read(type="result", **{"subtype": "success", "is_error": False, **told})
    return event


def test_the_beginning_names_the_session_and_how_its_servers_are() -> None:
    servers = [{"name": "aiworker", "status": "failed"}]
    (began,) = read(type="system", subtype="init", session_id="s", model="m", mcp_servers=servers)
    assert began == Began("s", "m", {"aiworker": "failed"})


def test_words_and_calls_are_lines_of_the_log() -> None:
    told = assistant(
        {"type": "thinking", "thinking": "hm"},
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "name": "Bash", "input": {"description": "Look", "command": "ls"}},
        {"type": "tool_use", "name": "mcp__aiworker__create_branch", "input": {}},
    )
    assert told == [Said("I look."), Said("→ Bash: ls"), Said("→ create_branch")]


def test_results_are_shortened_and_refusals_stand_out() -> None:
    content = [
        {"type": "tool_result", "content": "x" * 5_000},
        {"type": "tool_result", "is_error": True, "content": [{"type": "text", "text": "denied"}]},
    ]
    long, denied = read(type="user", message={"content": content})
    assert (long.level, len(long.text) < 700, "5000 characters" in long.text) == (LogLevel.DEBUG, True, True)
    assert denied == Said("✗ denied", LogLevel.WARN)


def test_success_that_is_an_error_is_an_error() -> None:
    end = ended(is_error=True, result="API Error: 400", api_error_status=400)
    assert (end.failed, end.limited, end.words) == (True, False, "API Error: 400")


def test_all_tokens_that_were_read_count() -> None:
    usage = {
        "input_tokens": 1,
        "cache_creation_input_tokens": 20,
        "cache_read_input_tokens": 300,
        "output_tokens": 7,
    }
    end = ended(usage=usage, total_cost_usd=0.5)
    assert (end.tokens, end.cost_usd) == (Usage(321, 7), 0.5)


def test_a_service_that_wants_a_rest_is_no_failure_of_the_work() -> None:
    for told in ({"api_error_status": 429}, {"api_error_status": 529}, {"result": "Claude AI usage limit reached|1"}):
        assert ended(is_error=True, **told).limited
    assert read(type="rate_limit_event", rate_limit_info={"status": "rejected", "resetsAt": 17}) == [Waits(17.0)]
    assert read(type="rate_limit_event", rate_limit_info={"status": "allowed"}) == []


def test_a_budget_that_is_used_up_is_known_by_its_name() -> None:
    end = ended(subtype="error_max_budget_usd", is_error=True, errors=["Reached maximum budget ($1)"])
    assert (end.spent, end.words) == (True, "Reached maximum budget ($1)")


def test_what_is_no_event_says_nothing_or_is_shown_as_it_is() -> None:
    assert list(events("")) == list(events("[1]")) == list(events("null")) == read(type="later", content="x") == []
    assert list(events("Warning: old Node")) == [Said("Warning: old Node", LogLevel.WARN)]
    (deep,) = events("[" * 100_000)
    assert isinstance(deep, Said)


def test_events_of_unexpected_shape_break_nothing() -> None:
    for value in (None, 1, "x", [], {}, [None], [[1]], {"content": 3}, {"content": [None, 1, {"type": "text"}]}):
        for kind in ("assistant", "user", "result", "rate_limit_event"):
            read(type=kind, message=value, usage=value, permission_denials=value, rate_limit_info=value)
        read(type="system", subtype="init", mcp_servers=value, session_id=value)
