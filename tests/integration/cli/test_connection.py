"""Which server commands talk to, with which key, and what they say when it does not go well."""

import json
from pathlib import Path

import pytest

from tests.integration.cli.conftest import AiWorker
from tests.support import samples
from tests.support.keeper import free_port
from tests.support.stub_server import Reply, Stub, data, problem, stub_server


def test_the_key_of_the_environment_goes_with_every_request(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/projects", data([]))
    assert aiworker("project", "list").status == 0
    assert server.asked[0].headers["authorization"] == "Bearer aiw_test"


def test_without_settings_the_server_of_this_machine_is_asked_with_its_admin_key(
    aiworker: AiWorker, home: Path
) -> None:
    with stub_server() as stub:
        stub.on("GET /api/projects", data([]))
        (home / "server.json").write_text(json.dumps({"url": stub.url}))
        (home / "admin.key").write_text("aiw_admin\n")
        assert aiworker("project", "list").status == 0
        assert stub.asked[0].headers["authorization"] == "Bearer aiw_admin"


def test_the_admin_key_of_this_machine_never_goes_to_another(
    aiworker: AiWorker, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "admin.key").write_text("aiw_admin\n")
    monkeypatch.setenv("AIWORKER_URL", "https://aiworker.example.com")
    result = aiworker("project", "list")
    assert result.status == 1
    assert result.err == "aiworker: Set AIWORKER_TOKEN to a key of the server at https://aiworker.example.com.\n"


def test_a_machine_without_a_server_says_how_to_start_one(aiworker: AiWorker) -> None:
    result = aiworker("task", "list")
    assert result.status == 1
    assert "start one with `aiworker up`" in result.err
    assert result.out == ""


@pytest.mark.parametrize("content", ["", "{", "[]", '{"address": 1}'])
def test_a_broken_note_about_the_server_counts_as_none(aiworker: AiWorker, home: Path, content: str) -> None:
    (home / "server.json").write_text(content)
    assert "start one with `aiworker up`" in aiworker("task", "list").err


def test_a_server_that_is_gone_is_named(aiworker: AiWorker, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("AIWORKER_URL", url)
    monkeypatch.setenv("AIWORKER_TOKEN", "aiw_test")
    result = aiworker("task", "list")
    assert (result.status, result.err) == (1, f"aiworker: No server at {url}; start one with `aiworker up`.\n")


@pytest.mark.parametrize("reply", [Reply("<html>"), Reply("[]"), Reply("{}"), Reply("null", 502)])
def test_something_else_that_answers_is_told_apart(aiworker: AiWorker, server: Stub, reply: Reply) -> None:
    server.on("GET /api/projects", reply)
    result = aiworker("project", "list")
    assert result.status == 1
    assert f"What answers at {server.url} is not AiWorker (status {reply.status})." in result.err


def test_a_refusal_is_shown_as_the_servers_own_sentence(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/tasks/SHOP-9", problem(404, "task_not_found", "There is no task SHOP-9."))
    result = aiworker("task", "show", "SHOP-9")
    assert (result.status, result.out, result.err) == (1, "", "aiworker: There is no task SHOP-9.\n")


def test_an_internal_error_names_the_request_for_the_log(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/projects", problem(500, "internal", "Something broke.", requestId="r-17"))
    assert aiworker("project", "list").err == "aiworker: Something broke. (request r-17)\n"


def test_a_wrong_setting_is_named(aiworker: AiWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIWORKER_URL", "ftp://nowhere")
    result = aiworker("project", "list")
    assert result.status == 1
    assert "AIWORKER_URL" in result.err


def test_a_list_is_read_page_by_page(aiworker: AiWorker, server: Stub) -> None:
    pages = [
        data([samples.project(key="A")], nextCursor="two"),
        data([samples.project(key="B")], nextCursor=None),
    ]
    server.on("GET /api/projects", *pages)
    result = aiworker("project", "list", "--json")
    assert [project["key"] for project in json.loads(result.out)] == ["A", "B"]
    assert [asked.query.get("cursor") for asked in server.asked] == [None, "two"]
