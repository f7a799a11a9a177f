import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiworker.wire import running
from aiworker.wire.rules import RuleBroken


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("npm start", ["npm", "start"]),
        ("python 'my app.py' --title \"a b\"", ["python", "my app.py", "--title", "a b"]),
        ("serve --port $PORT --at ${HOST}:$PORT", ["serve", "--port", "8000", "--at", "127.0.0.1:8000"]),
        ("echo $HOME $ 100$ *.py", ["echo", "$HOME", "$", "100$", "*.py"]),
        ("python -c 'print(1); print(2);'", ["python", "-c", "print(1); print(2);"]),
        ("curl 'http://localhost/?a=1&b=2' a\\;b", ["curl", "http://localhost/?a=1&b=2", "a;b"]),
        ("sh -c 'npm ci && npm start -- --port $PORT'", ["sh", "-c", "npm ci && npm start -- --port 8000"]),
    ],
)
def test_a_command_is_split_as_people_mean_it(text: str, words: list[str]) -> None:
    assert running.command(text, PORT="8000", HOST="127.0.0.1") == words


@pytest.mark.parametrize("text", ["", "   ", "''", "'unclosed", 'a "b', "a\0b", "\\"])
def test_what_is_no_command_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken):
        running.command(text)


@pytest.mark.parametrize(
    "text",
    [
        *("npm ci && npm start", "a&&b", "a || b", "a | b", "a|b", "a; b", "a;b", "a > log", "a 2>&1", "a <in", "a &"),
        *("echo $(id)", "echo `id`", "serve --port ${PORT:-80}", "cd web", "export A=1", "NODE_ENV=production node ."),
    ],
)
def test_a_command_that_needs_a_shell_is_told_how_to_get_one(text: str) -> None:
    with pytest.raises(RuleBroken, match="sh -c"):
        running.command(text)


@given(st.text())
def test_any_text_is_a_command_or_refused(text: str) -> None:
    try:
        words = running.command(text, PORT="1", HOST="h")
    except RuleBroken:
        return
    assert words
    assert not any("\0" in word for word in words)


@pytest.mark.parametrize(
    ("text", "count"), [("512Mi", 512 * 2**20), ("1G", 10**9), ("2Gi", 2**31), ("64K", 64_000), ("1000", 1000)]
)
def test_a_memory_limit_is_read_as_kubernetes_does(text: str, count: int) -> None:
    assert running.memory(text) == count


@pytest.mark.parametrize("text", ["", "0", "0Mi", "-1Mi", "1.5Gi", "512 Mi", "512mb", "Mi", "9" * 13, "512Mi\n"])
def test_what_is_no_memory_limit_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken, match="512Mi"):
        running.memory(text)


@pytest.mark.parametrize(("text", "cores"), [("500m", 0.5), ("2", 2.0), ("0.25", 0.25), ("1500m", 1.5)])
def test_a_cpu_limit_is_a_number_of_cores(text: str, cores: float) -> None:
    assert running.cpu(text) == cores


@pytest.mark.parametrize("text", ["", "0", "0m", "-1", "1.5m", "two", "1e3", "500 m"])
def test_a_cpu_limit_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken, match="500m"):
        running.cpu(text)


@pytest.mark.parametrize("text", [".", "", "public", "web/dist", "./public", "a//b", "a..b", "~"])
def test_a_folder_is_named_from_the_root_of_the_repository(text: str) -> None:
    assert not running.folder(text).is_absolute()


@pytest.mark.parametrize("text", ["/", "/etc", "..", "../../etc", "public/../..", "a/..", "a\\..\\b", "a\0"])
def test_a_folder_outside_of_the_repository_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken, match="folder of the repository"):
        running.folder(text)


def test_the_folder_of_the_manifests_is_filled_in() -> None:
    assert str(running.manifests("deploy/{environment}", "staging")) == "deploy/staging"
    assert [str(running.manifests(text, "staging")) for text in ("/", "/deploy/")] == [".", "deploy"]


@pytest.mark.parametrize("text", ["../x", "deploy/{environment}/../..", "deploy/{place}", "deploy/{environment"])
def test_what_is_no_folder_of_manifests_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken):
        running.manifests(text, "staging")


@pytest.mark.parametrize("text", ["", "health", "/a b", "/é", "/a\r\nX: y", "/" + "a" * 2001])
def test_what_is_no_path_of_a_url_is_refused(text: str) -> None:
    assert running.url_path("/health?x=1") == "/health?x=1"
    with pytest.raises(RuleBroken):
        running.url_path(text)


@pytest.mark.parametrize("text", ["0", "-1", "65536", "http", "", "٣", "8" * 5_000])
def test_what_is_no_port_is_refused(text: str) -> None:
    assert running.port("8080") == 8080
    with pytest.raises(RuleBroken):
        running.port(text)


def test_an_image_may_hold_the_commit_and_the_branch() -> None:
    found = running.image("registry.test:5000/shop:{branch}-{commit}", commit="c0ffee", branch="main")
    assert (found["repository"], found["tag"]) == ("registry.test:5000/shop", "main-c0ffee")


@pytest.mark.parametrize(
    "text", ["", "--privileged", "a b", "shop:{tag}", "{commit.__class__}", "Shop", "shop@sha256:1"]
)
def test_what_is_no_image_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken):
        running.image(text, commit="c0ffee", branch="main")
