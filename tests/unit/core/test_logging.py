import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from aiworker.core.ids import new_token
from aiworker.core.logging import configure_logging, get_logger, log_context, redact, without_secrets


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    before = logging.getLogger().handlers[:]
    stream = io.StringIO()
    configure_logging(level="info", stream=stream)
    yield stream
    logging.getLogger().handlers[:] = before
    logging.getLogger().setLevel(logging.WARNING)
    structlog.reset_defaults()


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_each_line_is_one_json_object_with_time_level_and_logger(out: io.StringIO) -> None:
    get_logger("aiworker.test").info("robot_claimed", queue="shop\nnext line")
    # A thread that an earlier test left may say its last word here.
    (line,) = (line for line in lines(out) if line["logger"] == "aiworker.test")
    assert line["message"] == "robot_claimed"
    assert line["level"] == "info"
    assert line["logger"] == "aiworker.test"
    assert line["queue"] == "shop\nnext line"
    assert line["time"].endswith("Z")


def test_lines_carry_the_ids_of_what_is_going_on(out: io.StringIO) -> None:
    with log_context(request_id="r1", task_id=None), log_context(robot_id="task_1_2"):
        get_logger("test").info("inside")
    get_logger("test").info("outside")
    inside, outside = lines(out)
    assert (inside["request_id"], inside["robot_id"]) == ("r1", "task_1_2")
    assert "task_id" not in inside
    assert "request_id" not in outside


def test_lines_of_libraries_take_the_same_way(out: io.StringIO) -> None:
    with log_context(request_id="r1"):
        logging.getLogger("a.library").info("Started %s", "http://u:hunter2@h")
    (line,) = lines(out)
    assert line["message"] == "Started http://u:***@h"
    assert line["request_id"] == "r1"


def test_lines_below_the_level_are_left_out(out: io.StringIO) -> None:
    get_logger("test").debug("too_quiet")
    logging.getLogger("any.library").debug("too quiet")
    assert out.getvalue() == ""


def test_a_traceback_is_part_of_its_line_and_shows_no_secret(out: io.StringIO) -> None:
    try:
        int("https://bot:hunter2@git.example/shop")
    except ValueError:
        get_logger("test").exception("clone_failed")
    (line,) = lines(out)
    assert "ValueError" in line["exception"]
    assert "hunter2" not in out.getvalue()


def test_text_is_for_reading(capsys: pytest.CaptureFixture[str], out: io.StringIO) -> None:
    stream = io.StringIO()
    configure_logging(format="text", stream=stream)
    get_logger("test").info("robot_claimed", robot="r1")
    assert "robot_claimed" in stream.getvalue()
    assert "robot=r1" in stream.getvalue()


@pytest.mark.parametrize(
    "name", ["password", "DB_PASSWORD", "token", "giteaToken", "lease_token", "secret", "Authorization", "cookie"]
)
def test_a_secret_is_hidden_by_its_name_at_any_depth(name: str) -> None:
    line = redact(None, "info", {"event": "x", "settings": [{"inner": {name: "hunter2"}}]})
    assert "hunter2" not in repr(line)


def test_what_only_sounds_like_a_secret_stays() -> None:
    line = {"event": "x", "tokens_in": 120, "project_key": "SHOP", "monkey": "see"}
    assert redact(None, "info", dict(line)) == line


@given(before=st.text(max_size=20), scope=st.sampled_from(["admin", "agent", "read"]))
def test_a_key_of_ours_is_hidden_wherever_it_stands(before: str, scope: str) -> None:
    key = new_token(f"aiw_{scope}_")
    assert key not in without_secrets(f"{before} {key} is here")


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer hunter2hunter2",
        "postgresql://ana:hunter2@db/aiworker",
        "mysql://ana:p@hunter2@db/aiworker",
        "http://127.0.0.1:3000/#code=hunter2",
        "http://h/?a=1&token=hunter2&b=2",
    ],
)
def test_a_secret_is_hidden_by_its_looks(text: str) -> None:
    assert "hunter2" not in without_secrets(text)


def test_odd_values_never_break_a_line(out: io.StringIO) -> None:
    loop: list[Any] = []
    loop.append(loop)
    get_logger("test").info("odd", thing=object(), raw=b"\xff", loop=loop)
    assert lines(out)[0]["message"] == "odd"
