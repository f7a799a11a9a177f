"""`agent` and `up --agents`: what is started, and what is refused."""

import json

import pytest

from aiworker.cli.starters import AgentOptions, UpOptions
from tests.integration.cli.conftest import AiWorker, FakeStarters
from tests.support.stub_server import Stub, data, problem


def test_agent_starts_claude_code_unless_told_otherwise(aiworker: AiWorker, starters: FakeStarters) -> None:
    assert aiworker("agent").status == 0
    assert starters.started == [AgentOptions()]


def test_agent_takes_what_it_may_work_on(aiworker: AiWorker, starters: FakeStarters) -> None:
    words = "agent --count 3 --once --project SHOP --capability react --capability css --model opus --grace 5"
    assert aiworker(*words.split()).status == 0
    (options,) = starters.started
    assert options == AgentOptions(
        count=3, once=True, project="SHOP", capabilities=("react", "css"), model="opus", grace=5.0
    )


def test_a_command_is_taken_word_by_word(aiworker: AiWorker, starters: FakeStarters) -> None:
    assert aiworker("agent", "--driver", "command", "--", "./work", "--fast", "a b").status == 0
    assert starters.started == [AgentOptions(driver="command", program=("./work", "--fast", "a b"))]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("agent", "--count", "0"), "--count must be from 1 to 100."),
        (("agent", "--driver", "gpt"), "There is no driver 'gpt'; there are claude and command."),
        (("agent", "--driver", "command"), "Name the program after --"),
        (("agent", "--", "./work"), "Name the program after --"),
        (("agent", "--grace", "-1"), "--grace must not be negative."),
        (("up", "--agents", "101"), "--agents must be from 0 to 100."),
    ],
)
def test_wrong_use_is_refused_in_a_sentence(
    aiworker: AiWorker, starters: FakeStarters, words: tuple[str, ...], told: str
) -> None:
    result = aiworker(*words)
    assert (result.status, starters.started) == (2, [])
    assert told in result.err


def test_up_may_start_agents(aiworker: AiWorker, starters: FakeStarters) -> None:
    assert aiworker("up", "--agents", "2").status == 0
    assert starters.started == [UpOptions(agents=2)]


def test_one_agent_may_be_given_a_name(aiworker: AiWorker, starters: FakeStarters) -> None:
    assert aiworker("agent", "--name", "agent-7d4b9-x2x8z").status == 0
    assert starters.started == [AgentOptions(name="agent-7d4b9-x2x8z")]


@pytest.mark.parametrize("words", [("--name", "a b"), ("--name", "a", "--count", "2")])
def test_a_name_that_cannot_be_one_starts_nothing(
    aiworker: AiWorker, starters: FakeStarters, words: tuple[str, ...]
) -> None:
    assert (aiworker("agent", *words).status, starters.started) == (2, [])


def test_scale_sets_how_many_agents_run_in_the_cluster(aiworker: AiWorker, server: Stub) -> None:
    server.on("PATCH /api/agent-pool", data({"wanted": 5, "running": 2}))
    assert aiworker("agent", "scale", "5").out == "Agents wanted: 5, running: 2.\n"
    assert server.asked[0].body == {"wanted": 5}


def test_scale_without_a_number_only_looks(aiworker: AiWorker, server: Stub) -> None:
    server.on("GET /api/agent-pool", data({"wanted": 2, "running": 2}))
    assert aiworker("agent", "scale").out == "Agents wanted: 2, running: 2.\n"
    assert json.loads(aiworker("agent", "scale", "--json").out) == {"wanted": 2, "running": 2}


@pytest.mark.parametrize("count", ["-1", "many", "1001"])
def test_scale_takes_only_a_number_of_agents(aiworker: AiWorker, server: Stub, count: str) -> None:
    assert aiworker("agent", "scale", count).status == 2
    assert server.asked == []


def test_scale_without_a_cluster_says_what_the_server_says(aiworker: AiWorker, server: Stub) -> None:
    server.on("PATCH /api/agent-pool", problem(409, "no_agent_pool", "Start them where they should run."))
    result = aiworker("agent", "scale", "2")
    assert (result.status, result.err) == (1, "aiworker: Start them where they should run.\n")
