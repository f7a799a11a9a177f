"""`aiworker demo`, run as a person runs it: what it says, how it ends, and what it leaves behind."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.support.checkouts import Checkout

STEPS = (
    "A repository with a history",
    "The server starts: one process, SQLite, no other service",
    "A project is made from the repository",
    "A person writes a task on the board",
    "An agent (an MCP client over HTTP) claims it",
    "It asks a question; a person answers",
    "It branches, commits and pushes with git",
    "It opens a pull request; the task waits for review",
    "The preview answers with the change",
    "A person looks at the change and approves that commit",
    "Ship it: merged to staging as release 1, staging answers with the change",
    "Promote it: production answers with the change",
    "Roll it back: production answers as it did before",
    "Ship the same task again: release 2 is in staging",
    "Promote it: production answers with the change again",
)
PATIENCE_SECONDS = 120


class Person:
    """Somebody at a terminal, whose temporary files are all below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self.environment = {**os.environ, "TMPDIR": str(self.temporary), "HOME": str(folder), "COLUMNS": "200"}

    def start(self, *arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "aiworker", "demo", *arguments],
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, environment: Mapping[str, str] | None = None) -> tuple[int, str, str]:
        """Exit status, standard output, standard error."""
        with self.start(*arguments, environment=environment) as process:
            said, complained = process.communicate(timeout=PATIENCE_SECONDS)
        return process.returncode, said, complained

    def processes(self) -> list[str]:
        """Whatever still runs of what was started below the temporary folder, and does not end by itself in a moment:
        what a server was about to start when it ended has its name until then."""
        deadline = time.monotonic() + 10
        while (running := self._running()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return running

    def _running(self) -> list[str]:
        return [
            " ".join(process.info["cmdline"] or [])
            for process in psutil.process_iter(["cmdline", "cwd", "environ"])
            if str(self.temporary) in f"{process.info['cmdline']} {process.info['cwd']} {process.info['environ']}"
        ]

    def files(self) -> list[str]:
        return [path.name for path in self.temporary.iterdir()]


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path)


def steps_of(said: str) -> list[str]:
    return re.findall(r"^ +[\d.]+ s ✓ (.*)$", said, re.MULTILINE)


# CI runs `make demo` itself, and the next test tells the same story.
@pytest.mark.soak
def test_the_whole_story_comes_true_and_leaves_nothing_behind(person: Person) -> None:
    status, said, complained = person.run()
    assert (status, complained) == (0, "")
    assert tuple(steps_of(said)) == STEPS
    told = re.search(r"The whole story came true: 15 steps in ([\d.]+) s\.", said)
    assert told is not None
    assert float(told[1]) < 60
    assert person.processes() == []
    assert person.files() == []


def test_ones_own_repository_is_only_read(person: Person, tmp_path: Path) -> None:
    own = Checkout(tmp_path / "Größe & $(touch gone)")
    own.commit("First", index__html="<h1>One</h1>", notes__txt="a")
    own.commit("Second", index__html="<h1>Two</h1>")
    own.write("notes.txt", "staged")
    own.git("add", "notes.txt")
    own.write("index.html", "<h1>Not committed yet</h1>")
    own.write("new.txt", "never added")
    before, state = fingerprint(own.path), own.git("status", "--porcelain=v2", "--branch")

    status, said, complained = person.run("--repo", str(own.path))
    assert (status, complained) == (0, "")
    assert tuple(steps_of(said)) == STEPS
    assert own.git("status", "--porcelain=v2", "--branch") == state
    assert fingerprint(own.path) == before
    assert (person.processes(), person.files()) == ([], [])


def test_a_step_that_fails_is_named_with_its_reason(person: Person, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("git", "sh", "env"):
        found = shutil.which(name)
        assert found is not None
        (programs / name).symlink_to(found)

    status, said, complained = person.run(environment={"PATH": str(programs)})
    assert status == 1
    assert tuple(steps_of(said)) == STEPS[:8]
    assert f"✗ {STEPS[8]}" in said
    assert complained.startswith(f"aiworker: The demo failed at the step '{STEPS[8]}'")
    assert "python3" in complained
    assert person.processes() == []
    (kept,) = person.files()
    assert f"The server's log is at {person.temporary / kept / 'server.log'}" in said


def test_a_folder_that_is_not_there_is_named(person: Person, tmp_path: Path) -> None:
    refused(person, tmp_path / "own", "There is no folder")


@pytest.mark.soak
def test_a_folder_without_a_repository_is_named(person: Person, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    refused(person, tmp_path / "own", "is no git repository")


@pytest.mark.soak
def test_a_repository_without_a_commit_is_named(person: Person, tmp_path: Path) -> None:
    refused(person, Checkout(tmp_path / "own").path, "no commit")


def refused(person: Person, repository: Path, reason: str) -> None:
    status, _, complained = person.run("--repo", str(repository))
    assert status == 1
    assert "The demo failed at the step" in complained
    assert reason in complained
    assert len(complained.splitlines()) == 1
    assert person.processes() == []


@pytest.mark.parametrize(
    "after", [STEPS[1], pytest.param(STEPS[10], marks=pytest.mark.soak)], ids=["server", "staging"]
)
def test_ctrl_c_in_the_middle_takes_everything_away(person: Person, after: str) -> None:
    with person.start() as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            if after in line:
                break
        # As the terminal does it: to every process of the group.
        os.killpg(process.pid, signal.SIGINT)
        said, complained = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130
    assert "Traceback" not in said + complained
    assert person.processes() == []
    assert person.files() == []


def test_keep_leaves_the_server_up_until_it_is_stopped(person: Person) -> None:
    with person.start("--keep") as process:
        assert process.stdout is not None
        links = (re.search(r"(http://\S+)/sign-in\?code=\S+", line) for line in process.stdout)
        url = next(link[1] for link in links if link)
        answer = httpx2.get(f"{url}/api/health", trust_env=False, timeout=60)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_SECONDS)
    assert answer.status_code == 200
    assert person.processes() == []
    assert person.files() == []


def fingerprint(folder: Path) -> dict[str, str]:
    """Every file below, and what is in it."""
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
