"""`agent` and `up --agents`: what is started, and what is refused."""

import pytest

from aiworker.cli.starters import AgentOptions, UpOptions
from tests.integration.cli.conftest import AiWorker, FakeStarters


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
