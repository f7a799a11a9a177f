import json

import pytest

from aiworker.cli import follow
from tests.integration.cli.conftest import AiWorker
from tests.support import samples
from tests.support.samples import HEAD
from tests.support.stub_server import Stub, data, problem


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    def at_once(_seconds: float) -> None: ...

    monkeypatch.setattr(follow.time, "sleep", at_once)


def test_add_tells_the_key_and_why_it_waits(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/tasks", data(samples.task()))
    words = ("SHOP", "Show prices with tax", "--priority", "urgent", "--after", "SHOP-9", "--needs", "react")
    assert aiworker("task", "add", *words).out == "SHOP-1  Show prices with tax\nWaits: no agent online\n"
    body = server.asked[0].body
    assert (body["projectId"], body["priority"]) == ("SHOP", "urgent")
    assert (body["dependsOn"], body["capabilities"]) == (["SHOP-9"], ["react"])


def test_list_sends_the_filters(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/tasks", data([samples.task()]))
    words = ("--project", "SHOP", "--state", "backlog", "--priority", "high", "--search", "tax", "--limit", "5")
    out = aiworker("task", "list", *words).out
    assert "SHOP-1" in out
    assert server.asked[0].query == {
        "projectId": "SHOP",
        "state": "backlog",
        "priority": "high",
        "q": "tax",
        "limit": "5",
    }


def test_a_piped_list_is_not_cut_to_a_width(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/tasks", data([samples.task(title="t" * 255)]))
    assert "t" * 255 in aiworker("task", "list").out


def test_show_tells_the_question_its_choices_and_the_next_command(aiworker: AiWorker, server: Stub) -> None:
    asking = samples.task(state="needs_input", questions=[samples.question()], waiting=None)
    server.on("GET /api/tasks/SHOP-1", data(asking))
    server.on("GET /api/tasks/SHOP-1/timeline", data([samples.entry(1, "Ana wrote it.")]))
    out = aiworker("task", "show", "SHOP-1").out
    for words in ("? Which tax rate?", "21 %: The general rate", "Ana wrote it.", 'aiworker task answer SHOP-1 "…"'):
        assert words in out
    assert json.loads(aiworker("task", "show", "SHOP-1", "--json").out)["timeline"][0]["position"] == 1


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"state": "ready_to_test", "headCommit": HEAD}, "aiworker task approve SHOP-1 --commit 3f2a91c"),
        ({"state": "approved"}, "aiworker ship SHOP-1"),
        (
            {"state": "backlog", "held": "3 attempts failed", "waitsForPerson": True},
            "aiworker task retry SHOP-1",
        ),
        ({"state": "staging", "groupNumber": 7}, "aiworker promote 7"),
    ],
)
def test_show_ends_with_the_next_step(aiworker: AiWorker, server: Stub, changes: dict[str, object], hint: str) -> None:
    server.on("GET /api/tasks/SHOP-1", data(samples.task(**changes)))
    server.on("GET /api/tasks/SHOP-1/timeline", data([]))
    assert aiworker("task", "show", "SHOP-1").out.splitlines()[-1] == hint


def test_retry_and_stop_say_where_the_task_is(aiworker: AiWorker, server: Stub) -> None:
    for command in ("retry", "stop"):
        server.on(f"POST /api/tasks/SHOP-1/{command}", data(samples.task(state="backlog")))
        assert aiworker("task", command, "SHOP-1").out == "SHOP-1 is backlog.\n"


def test_answer_sends_the_answer(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/tasks/SHOP-1/respond", data(samples.task(state="in_progress")))
    assert aiworker("task", "answer", "SHOP-1", "21 %").out == "SHOP-1 is in progress.\n"
    assert server.asked[0].body == {"response": "21 %", "skip": False}


def test_answer_can_let_the_agent_go_on_without(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/tasks/SHOP-1/respond", data(samples.task(state="in_progress")))
    aiworker("task", "answer", "SHOP-1", "--skip", "--question", "q-1")
    assert server.asked[0].body == {"questionId": "q-1", "skip": True}


@pytest.mark.parametrize("words", [["SHOP-1"], ["SHOP-1", "21 %", "--skip"]])
def test_answer_wants_an_answer_or_a_skip(aiworker: AiWorker, server: Stub, words: list[str]) -> None:
    result = aiworker("task", "answer", *words)
    assert result.status == 2
    assert "Give an answer, or --skip" in result.err
    assert server.asked == []


@pytest.mark.parametrize("commit", [[], ["--commit", "3f2a91c"], ["--commit", HEAD]])
def test_approve_names_the_commit(aiworker: AiWorker, server: Stub, commit: list[str]) -> None:
    server.on("GET /api/tasks/SHOP-1", data(samples.task(state="ready_to_test", headCommit=HEAD)))
    server.on("POST /api/tasks/SHOP-1/approve", data(samples.task(state="approved")))
    assert aiworker("task", "approve", "SHOP-1", *commit).out == "SHOP-1 is approved at 3f2a91c.\n"
    assert server.asked[-1].body == {"commit": HEAD}


@pytest.mark.parametrize("commit", ["abcdef0", "3f2a9", HEAD + "0"])
def test_approve_refuses_a_commit_that_is_not_the_newest(aiworker: AiWorker, server: Stub, commit: str) -> None:
    server.on("GET /api/tasks/SHOP-1", data(samples.task(state="ready_to_test", headCommit=HEAD)))
    result = aiworker("task", "approve", "SHOP-1", "--commit", commit)
    assert (result.status, result.err) == (1, f"aiworker: SHOP-1 is at 3f2a91c, not at {commit}; look again.\n")
    assert [asked.method for asked in server.asked] == ["GET"]


def test_approve_refuses_a_task_without_a_commit(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/tasks/SHOP-1", data(samples.task()))
    assert aiworker("task", "approve", "SHOP-1").err == "aiworker: SHOP-1 has no commit that could be approved.\n"


def test_request_changes_and_cancel_send_the_words(aiworker: AiWorker, server: Stub) -> None:
    server.on("POST /api/tasks/SHOP-1/request-changes", data(samples.task()))
    server.on("POST /api/tasks/SHOP-1/cancel", data(samples.task(state="cancelled")))
    assert aiworker("task", "request-changes", "SHOP-1", "Round it.").out == "SHOP-1 is backlog.\n"
    assert aiworker("task", "cancel", "SHOP-1", "--reason", "no time").out == "SHOP-1 is cancelled.\n"
    assert [asked.body.get("body", asked.body.get("reason")) for asked in server.asked] == ["Round it.", "no time"]


def test_a_name_cannot_lead_to_another_end_point(aiworker: AiWorker, server: Stub) -> None:
    aiworker("task", "show", "../keys?x=1")
    assert [asked.path for asked in server.asked] == ["/api/tasks/..%2Fkeys%3Fx%3D1"]


def test_watch_prints_each_line_once_until_the_end(aiworker: AiWorker, server: Stub) -> None:
    first, second = samples.entry(1, "Ana wrote it."), samples.entry(2, "Shipped.", toState="production")
    server.on("GET /api/tasks/SHOP-1", data(samples.task()), data(samples.task(state="production")))
    server.on("GET /api/tasks/SHOP-1/timeline", data([first]), data([second]))
    result = aiworker("task", "watch", "SHOP-1")
    assert result.status == 0
    assert [line.split("  ")[-1] for line in result.out.splitlines()] == ["Ana wrote it.", "Shipped."]
    assert [asked.query["after"] for asked in server.asked if "after" in asked.query] == ["-1", "1"]


def test_watch_until_a_state_sees_a_state_that_has_passed(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/tasks/SHOP-1", data(samples.task(state="in_progress")))
    server.on("GET /api/tasks/SHOP-1/timeline", data([samples.entry(1, "Asked.", toState="needs_input")]))
    assert aiworker("task", "watch", "SHOP-1", "--until", "needs_input").status == 0


def test_watch_until_a_state_fails_when_the_task_is_cancelled(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/tasks/SHOP-1", data(samples.task(state="cancelled")))
    server.on("GET /api/tasks/SHOP-1/timeline", data([]))
    result = aiworker("task", "watch", "SHOP-1", "--until", "staging")
    assert (result.status, result.err) == (1, "aiworker: SHOP-1 was cancelled before it was staging.\n")


def test_watch_ends_when_the_server_goes(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/tasks/SHOP-1", data(samples.task()), problem(503, "stopping", "The server is stopping."))
    server.on("GET /api/tasks/SHOP-1/timeline", data([]))
    assert aiworker("task", "watch", "SHOP-1").err == "aiworker: The server is stopping.\n"


def _denied(*, allowed: bool) -> dict[str, object]:
    denial = {"tool": "Bash", "input": {"command": "npm publish"}, "rule": "Bash(npm publish)", "allowed": allowed}
    return samples.attempt(permissionDenials=[denial])


def test_allow_lists_what_was_denied_and_allows_it(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/tasks/SHOP-1/attempts", data([_denied(allowed=False)]))
    assert "Bash(npm publish)  no" in " ".join(aiworker("task", "allow", "SHOP-1").out.splitlines()).replace("   ", "")
    server.on("POST /api/tasks/SHOP-1/attempts/x-1/allow", data(_denied(allowed=True)))
    assert "yes" in aiworker("task", "allow", "SHOP-1", "Bash(npm publish)").out
    assert server.asked[-1].body == {"rule": "Bash(npm publish)"}


def test_allow_says_that_nothing_was_denied(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/tasks/SHOP-1/attempts", data([]))
    assert aiworker("task", "allow", "SHOP-1").out == "No attempt at this task was denied anything.\n"
    refused = aiworker("task", "allow", "SHOP-1", "Bash(npm publish)")
    assert (refused.status, refused.out) == (1, "")
    assert refused.err == "aiworker: No attempt at SHOP-1 was denied anything, so Bash(npm publish) is not added.\n"
