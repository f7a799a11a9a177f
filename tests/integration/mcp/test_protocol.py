"""What a client learns by listing: tools, schemas, resources, prompts, instructions. By both protocol generations."""

import json
from typing import get_args

import pytest
from jsonschema import Draft202012Validator
from mcp.shared.exceptions import MCPError
from mcp_types import TextContent, TextResourceContents

from aiworker.wire.projects import TaskTool
from tests.support.agents import LEGACY, MODERN, Agent, agent
from tests.support.house import House

TOOLS = {
    "get_next_task",
    "get_task",
    "list_tasks",
    "create_task",
    "update_task_status",
    "ask_user_question",
    "check_response",
    "create_branch",
    "create_pull_request",
    "trigger_preview",
    "report_progress",
    "log",
    "heartbeat",
    "release_task",
}
FIRST_DESIGN = {
    "ask_user_question": ({"taskId", "question"}, {"taskId"}),
    "check_response": ({"questionId"}, {"response"}),
    "create_branch": ({"taskId"}, {"branch", "taskId"}),
    "create_pull_request": ({"taskId"}, {"prUrl", "previewUrl"}),
    "trigger_preview": ({"taskId"}, {"previewUrl"}),
}


@pytest.mark.parametrize("mode", [MODERN, LEGACY])
async def test_every_tool_says_in_a_sentence_when_to_use_it_and_what_goes_in_and_out(
    house: House, key: str, mode: str
) -> None:
    async with agent(house.url, key, mode=mode) as claude:
        tools = {tool.name: tool for tool in (await claude.client.list_tools()).tools}
        assert set(tools) == TOOLS == set(get_args(TaskTool))
        for tool in tools.values():
            assert tool.title
            assert tool.description
            assert tool.description.startswith("Use it ")
            assert tool.description.count(". ") == 0
            assert len(tool.description) < 300
            Draft202012Validator.check_schema(tool.input_schema)
            assert tool.output_schema is not None
            Draft202012Validator.check_schema(tool.output_schema)
            assert (tool.input_schema["type"], tool.output_schema["type"]) == ("object", "object")
            assert tool.input_schema["additionalProperties"] is False
            assert "anyOf" not in json.dumps(tool.input_schema)
        for name, (takes, gives) in FIRST_DESIGN.items():
            assert takes <= set(tools[name].input_schema["properties"])
            assert gives <= set((tools[name].output_schema or {})["properties"])


async def test_the_hints_are_true(claude: Agent) -> None:
    tools = {tool.name: tool.annotations for tool in (await claude.client.list_tools()).tools}
    hints = {name: hint for name, hint in tools.items() if hint is not None}
    assert {name for name, hint in hints.items() if hint.read_only_hint} == {"get_task", "list_tasks", "check_response"}
    assert {name for name, hint in hints.items() if hint.destructive_hint} == {"release_task", "update_task_status"}
    assert not any(hint.open_world_hint for hint in hints.values())
    assert {"get_next_task", "ask_user_question", "log", "create_task"} <= {
        name for name, hint in hints.items() if not hint.idempotent_hint
    }


@pytest.mark.parametrize(("mode", "version"), [(MODERN, "2026-07-28"), (LEGACY, "2025-11-25")])
async def test_the_server_introduces_itself(house: House, key: str, mode: str, version: str) -> None:
    async with agent(house.url, key, mode=mode) as claude:
        assert claude.client.protocol_version == version
        info = claude.client.server_info
        assert info is not None
        assert (info.name, info.title, info.version) == ("aiworker", "AiWorker", "test")
        told = claude.client.instructions or ""
        assert all(tool in told for tool in ("get_next_task", "create_branch", "create_pull_request", "release_task"))
        assert len(told) < 2_000


async def test_tasks_projects_and_logs_are_resources(house: House, claude: Agent) -> None:
    project = await house.project(env_vars={"TOKEN": "very secret"})
    task = await house.task(project)
    attempt = (await claude.claim())["attempt"]
    await claude.call("log", attempt=attempt, message="first")
    await claude.call("log", attempt=attempt, message="second", level="error")
    assert [str(r.uri) for r in (await claude.client.list_resources()).resources] == ["aiworker://projects/SHOP"]
    templates = (await claude.client.list_resource_templates()).resource_templates
    assert {template.uri_template for template in templates} == {
        "aiworker://tasks/{key}",
        "aiworker://tasks/{key}/log",
        "aiworker://projects/{key}",
    }
    for name in ("SHOP-1", "shop-1", task.id):
        assert json.loads(await read(claude, f"aiworker://tasks/{name}"))["id"] == task.id
    shown = await read(claude, "aiworker://projects/SHOP")
    assert json.loads(shown)["envVars"] == ["TOKEN"]
    assert "secret" not in shown
    first, second = (await read(claude, "aiworker://tasks/SHOP-1/log")).splitlines()
    assert first.endswith("INFO  first")
    assert second.endswith("ERROR second")


async def test_a_resource_that_is_not_there_is_refused(house: House, claude: Agent) -> None:
    await house.project()
    for address in (
        "aiworker://tasks/SHOP-99",
        "aiworker://projects/NOPE",
        "aiworker://projects/SHOP/log",
        "aiworker://tasks/",
        "aiworker://tasks/../projects/SHOP",
        "aiworker://tasks/a%2Fb",
        "aiworker://users/1",
        "file:///etc/passwd",
        "x",
    ):
        with pytest.raises(MCPError) as refused:
            await claude.client.read_resource(address)
        assert "There is no" in refused.value.error.message


async def test_a_prompt_tells_any_client_how_to_work(house: House, claude: Agent) -> None:
    (prompt,) = (await claude.client.list_prompts()).prompts
    assert prompt.name == "work_on_next_task"
    for arguments, words in ((None, "get_next_task."), ({"project": "SHOP"}, 'projectId: "SHOP"')):
        told = await claude.client.get_prompt("work_on_next_task", arguments)
        (message,) = told.messages
        assert isinstance(message.content, TextContent)
        assert words in message.content.text
        assert all(
            tool in message.content.text for tool in ("create_branch", "ask_user_question", "create_pull_request")
        )


async def test_a_wrong_prompt_is_refused(claude: Agent) -> None:
    for name, arguments in (
        ("nope", None),
        ("work_on_next_task", {"project": "a\nb"}),
        ("work_on_next_task", {"x": "y"}),
    ):
        with pytest.raises(MCPError):
            await claude.client.get_prompt(name, arguments)


async def read(claude: Agent, address: str) -> str:
    (content,) = (await claude.client.read_resource(address)).contents
    assert isinstance(content, TextResourceContents)
    return content.text
