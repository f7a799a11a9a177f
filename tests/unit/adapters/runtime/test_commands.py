import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiworker.adapters.runtime.commands import parse_command, parse_cpu, parse_memory
from aiworker.core.errors import Invalid


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("npm start", ["npm", "start"]),
        ("python 'my app.py' --title \"a b\"", ["python", "my app.py", "--title", "a b"]),
        ("serve --port $PORT --at ${HOST}:$PORT", ["serve", "--port", "8000", "--at", "127.0.0.1:8000"]),
        ("echo $HOME $(id) `id` $ 100$", ["echo", "$HOME", "$(id)", "`id`", "$", "100$"]),
        ("sh -c 'npm ci && npm start -- --port $PORT'", ["sh", "-c", "npm ci && npm start -- --port 8000"]),
    ],
)
def test_a_command_is_split_as_people_mean_it(text: str, words: list[str]) -> None:
    assert parse_command(text, PORT="8000", HOST="127.0.0.1") == words


@pytest.mark.parametrize("text", ["", "   ", "'unclosed", 'a "b', "a\0b", "\\"])
def test_what_is_no_command_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_command(text)
    assert caught.value.code == "invalid_command"


@pytest.mark.parametrize(
    "text", ["npm ci && npm start", "a || b", "a | b", "a; b", "a > log", "a 2>&1", "a &", "NODE_ENV=production node ."]
)
def test_a_command_that_needs_a_shell_is_told_how_to_get_one(text: str) -> None:
    with pytest.raises(Invalid, match="sh -c"):
        parse_command(text)


@given(st.text())
def test_any_text_is_a_command_or_refused(text: str) -> None:
    try:
        words = parse_command(text, PORT="1", HOST="h")
    except Invalid:
        return
    assert words
    assert not any("\0" in word for word in words)


@pytest.mark.parametrize(
    ("text", "count"), [("512Mi", 512 * 2**20), ("1G", 10**9), ("2Gi", 2**31), ("64K", 64_000), ("1000", 1000)]
)
def test_a_memory_limit_is_read_as_kubernetes_does(text: str, count: int) -> None:
    assert parse_memory(text) == count


@pytest.mark.parametrize("text", ["", "0", "0Mi", "-1Mi", "1.5Gi", "512 Mi", "512mb", "Mi", "9" * 13, "512Mi\n"])
def test_what_is_no_memory_limit_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="memory limit"):
        parse_memory(text)


@pytest.mark.parametrize(("text", "cores"), [("500m", 0.5), ("2", 2.0), ("0.25", 0.25), ("1500m", 1.5)])
def test_a_cpu_limit_is_a_number_of_cores(text: str, cores: float) -> None:
    assert parse_cpu(text) == cores


@pytest.mark.parametrize("text", ["", "0", "0m", "-1", "1.5m", "two", "1e3", "500 m"])
def test_a_cpu_limit_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="CPU limit"):
        parse_cpu(text)
