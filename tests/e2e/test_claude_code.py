"""The real Claude Code, started by a person's own hand, on the MCP server of a real house."""

from pathlib import Path

import pytest

from aiworker.wire.tasks import TaskState
from tests.support.claude_code import (
    NEW,
    OLD,
    bash,
    claude_environment,
    claude_program,
    run_claude,
    tool,
)
from tests.support.house import House
from tests.support.scenario import Call, Turn
from tests.support.scripted_model import scripted_model
from tests.support.talk import Talk


def attempt(talk: Talk) -> str:
    return talk.result("get_next_task").json["attempt"]


def make_branch(talk: Talk) -> Turn:
    return Turn("I need a branch.", [tool("create_branch", attempt=attempt(talk))])


def clone(talk: Talk) -> Turn:
    made = talk.result("create_branch").json
    address = made["cloneUrl"].replace("://", f"://agent:{attempt(talk)}@")
    return Turn(calls=[bash(f"git clone --quiet --branch {made['branch']} {address} work")])


def write_note(talk: Talk) -> Turn:
    return Turn("I write it down.", [Call("Write", {"file_path": f"{talk.folder}/work/NOTE.md", "content": "Done.\n"})])


def push(_talk: Talk) -> Turn:
    return Turn(
        calls=[bash("git -C work add . && git -C work commit -qm 'Note it' && git -C work push -q origin HEAD")]
    )


def hand_in(talk: Talk) -> Turn:
    return Turn("I hand it in.", [tool("create_pull_request", attempt=attempt(talk), summary="A note.")])


@pytest.mark.parametrize("version", [OLD, NEW])
async def test_it_takes_a_task_and_hands_it_in(house: House, key: str, tmp_path: Path, version: str) -> None:
    task = await house.task(await house.project())
    turns = [Turn("I look for work.", [tool("get_next_task")]), make_branch, clone, write_note, push, hand_in]
    with scripted_model(*turns, Turn("It is with you now.")) as model:
        ran = await run_claude(
            "Work on the next AiWorker task.",
            program=claude_program(version),
            folder=tmp_path,
            environment=claude_environment(tmp_path / "home", model),
            url=house.url,
            key=key,
        )
    (server,) = ran.event("system", "init")["mcp_servers"]
    assert (server["name"], server["status"]) == ("aiworker", "connected")
    result = ran.event("result")
    assert (ran.status, result["is_error"], result["permission_denials"]) == (0, False, [])
    assert result["result"] == "It is with you now."
    done = await house.look(task)
    assert (done.state, done.attempts) == (TaskState.READY_TO_TEST, 1)
