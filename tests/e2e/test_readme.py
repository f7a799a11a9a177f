"""The README's commands do what it says, on a clean clone."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# A newcomer has no settings of ours, and does not work inside a virtual environment, make or pytest.
STRANGERS = ("AIWORKER_", "VIRTUAL_ENV", "UV_PROJECT", "MAKE", "MFLAGS", "PYTEST_", "CI")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(tmp_path / "clone")], check=True)
    return tmp_path / "clone"


def test_the_first_screen_names_two_commands() -> None:
    first = re.search(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert first is not None
    assert [line.partition("#")[0].strip() for line in first[1].splitlines()] == ["make demo", "make test"]


# CI runs `make demo` itself, on a clean checkout, before the tests.
@pytest.mark.soak
@pytest.mark.timeout(900)
def test_make_demo_sets_everything_up_and_tells_the_whole_story(clone: Path) -> None:
    demo = run(clone, "make", "demo")
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "✗" not in demo.stdout
    assert re.search(r"The whole story came true: \d+ steps in [\d.]+ s\.\n$", demo.stdout)

    again = run(clone, "make", "setup")
    assert (again.returncode, again.stdout, again.stderr) == (0, "setup: ready\n", "")
    assert run(clone, "git", "status", "--porcelain").stdout == ""


def test_bare_make_lists_the_targets() -> None:
    listed = run(ROOT, "make").stdout
    assert [line.split()[1] for line in listed.splitlines()][:4] == ["help", "setup", "demo", "test"]


def test_what_guards_main_is_the_readmes_two_commands_with_the_checks_before(tmp_path: Path) -> None:
    guard = [line for line in (ROOT / ".ci/run").read_text().splitlines() if line.startswith("make ")]
    assert guard == ["make setup", "make check", "make demo", "make test"]
    planned = run(ROOT, "make", "-n", "test")
    assert planned.returncode == 0, planned.stderr
    commands = planned.stdout.splitlines()
    assert commands[0] == "scripts/setup --tests"
    assert any("web" in command and command.endswith(" test") for command in commands)
    assert any(command.startswith(".venv/bin/pytest") for command in commands)


def test_setup_refuses_an_option_that_it_does_not_know() -> None:
    refused = run(ROOT, "scripts/setup", "--everything")
    assert (refused.returncode, refused.stderr) == (2, "setup: unknown option --everything (there is --tests)\n")


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(STRANGERS)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
