"""The stand-in of a model, asked as a coding CLI asks."""

import json
from threading import Event, Thread
from typing import Any

import httpx2
import pytest

from tests.support.scenario import Call, Failure, Script, ScriptedModel, Step, Turn
from tests.support.scripted_model import scripted_model
from tests.support.talk import Json

HELLO: Json = {"role": "user", "content": "Hello"}


def ask(model: ScriptedModel, *messages: Json, stream: bool = False, **fields: Any) -> httpx2.Response:
    body = {"model": "some", "tools": [{"name": "Bash"}], "messages": list(messages), "stream": stream, **fields}
    headers = {"x-api-key": "k", "x-claude-code-session-id": "s"}
    return httpx2.post(f"{model.url}/v1/messages", json=body, headers=headers, trust_env=False, timeout=20)


def reply(model: ScriptedModel, *messages: Json) -> Json:
    answer = ask(model, *messages).json()
    return {"role": answer["role"], "content": answer["content"]}


def events(answer: httpx2.Response) -> list[Json]:
    return [json.loads(line.removeprefix("data: ")) for line in answer.text.splitlines() if line.startswith("data: ")]


def test_the_next_turn_is_read_from_the_conversation_however_often_it_is_asked() -> None:
    with scripted_model(Turn("first"), Turn("second")) as model:
        first = reply(model, HELLO)
        assert reply(model, HELLO)["content"] == first["content"] == [{"type": "text", "text": "first"}]
        more: Json = {"role": "user", "content": "Go on"}
        second = reply(model, HELLO, first, more)
        assert second["content"][0]["text"] == "second"
        assert reply(model, HELLO, first, more, second, more)["content"][0]["text"] == "That is all."


def test_a_resumed_session_goes_on_where_it_was() -> None:
    with scripted_model(Turn("first"), Turn("second")) as model:
        resumed: Json = {"role": "assistant", "content": [{"type": "text", "text": "No response requested."}]}
        first = reply(model, HELLO)
        assert reply(model, HELLO, first, HELLO, resumed, HELLO)["content"][0]["text"] == "second"


def test_a_turn_may_depend_on_what_a_tool_answered() -> None:
    turns: tuple[Step, ...] = (
        Turn("I look.", [Call("mcp__aiworker__get_task", {"taskId": "SHOP-1"})]),
        lambda talk: Turn(f"It is called {talk.result('get_task').json['title']}."),
    )
    with scripted_model(*turns) as model:
        called = reply(model, HELLO)
        text, use = called["content"]
        assert (text["text"], use["name"], use["input"]) == ("I look.", "mcp__aiworker__get_task", {"taskId": "SHOP-1"})
        told = {"type": "tool_result", "tool_use_id": use["id"], "content": '{"title": "Prices"}'}
        after = reply(model, HELLO, called, {"role": "user", "content": [told]})
        assert after["content"][0]["text"] == "It is called Prices."


def test_a_stream_brings_the_same_in_pieces() -> None:
    words, command = "much to say " * 20, "echo " + "x" * 200
    with scripted_model(Turn(words, [Call("Bash", {"command": command})], tokens_in=7, tokens_out=3)) as model:
        told = events(ask(model, HELLO, stream=True))
    assert [told[0]["type"], told[-2]["type"], told[-1]["type"]] == ["message_start", "message_delta", "message_stop"]
    deltas = [event["delta"] for event in told if event["type"] == "content_block_delta"]
    assert "".join(delta.get("text", "") for delta in deltas) == words
    assert json.loads("".join(delta.get("partial_json", "") for delta in deltas)) == {"command": command}
    assert told[-2]["delta"]["stop_reason"] == "tool_use"
    assert (told[-2]["usage"]["input_tokens"], told[-2]["usage"]["output_tokens"]) == (7, 3)


@pytest.mark.parametrize(
    ("status", "kind"), [(401, "authentication_error"), (429, "rate_limit_error"), (529, "overloaded_error")]
)
def test_it_fails_as_often_as_it_should_and_then_answers(status: int, kind: str) -> None:
    with scripted_model(Turn("at last", fails=Failure(status, times=2, headers={"retry-after": "1"}))) as model:
        for _ in range(2):
            refused = ask(model, HELLO)
            assert (refused.status_code, refused.json()["error"]["type"]) == (status, kind)
            assert refused.headers["retry-after"] == "1"
        assert reply(model, HELLO)["content"][0]["text"] == "at last"


def test_a_turn_waits_until_it_may_begin() -> None:
    gate, answered = Event(), Event()
    with scripted_model(Turn("now", until=gate.is_set)) as model:
        asking = Thread(target=lambda: (ask(model, HELLO, stream=True), answered.set()))
        asking.start()
        while not model.asked:
            assert not answered.wait(0.01)
        assert not answered.wait(0.05)
        gate.set()
        asking.join(60)
        assert answered.is_set()


def test_several_scripts_are_told_apart_by_what_was_said() -> None:
    tea = Script([Turn("Tea it is.")], when=lambda talk: "tea" in talk.prompt)
    with scripted_model(tea, Turn("Coffee, then.")) as model:
        reminder: Json = {"type": "text", "text": "<system-reminder>there is tea</system-reminder>"}
        coffee: Json = {"role": "user", "content": [reminder, {"type": "text", "text": "coffee"}]}
        assert reply(model, {"role": "user", "content": "tea"})["content"][0]["text"] == "Tea it is."
        assert reply(model, coffee)["content"][0]["text"] == "Coffee, then."
    assert [(talk.key, talk.session) for talk in model.asked] == [("k", "s")] * 2


def test_a_script_that_cannot_go_on_fails_the_test() -> None:
    with (
        pytest.raises(AssertionError, match="turn 0: LookupError: Bash has not been called"),
        scripted_model(lambda talk: Turn(talk.result("Bash").text)) as model,
    ):
        assert "The script failed" in reply(model, HELLO)["content"][0]["text"]


def test_a_side_call_is_no_turn() -> None:
    with scripted_model(Turn("first")) as model:
        assert ask(model, HELLO, tools=[]).json()["content"][0]["text"] == "OK."
        assert model.asked == []
        counted = httpx2.post(f"{model.url}/v1/messages/count_tokens", json={}, trust_env=False, timeout=60)
        unknown = httpx2.post(f"{model.url}/v1/nothing", json={}, trust_env=False, timeout=60)
        assert (counted.status_code, unknown.status_code) == (200, 404)
