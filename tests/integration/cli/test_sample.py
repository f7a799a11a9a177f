"""The demonstration's shop is a real program with a real history."""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aiworker.cli.demo.sample import (
    ANSWER,
    CHOICES,
    NEW_MARKER,
    OLD_MARKER,
    START_COMMAND,
    TEST_COMMAND,
    apply_change,
    make_sample_repository,
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    make_sample_repository(tmp_path / "shop")
    return tmp_path / "shop"


def git(repository: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=repository, capture_output=True, text=True, check=True
    ).stdout.strip()


@contextmanager
def served(shop: Path) -> Generator[str]:
    command = START_COMMAND.replace("python3", sys.executable).split()
    environment = {**os.environ, "HOST": "127.0.0.1", "PORT": "0"}
    with subprocess.Popen(command, cwd=shop, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[-1]
        finally:
            process.kill()


def page(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.read().decode()


def test_the_repository_is_clean_on_main_with_several_commits_by_several_people(shop: Path) -> None:
    assert git(shop, "branch", "--show-current") == "main"
    assert git(shop, "status", "--porcelain") == ""
    authors = git(shop, "log", "--format=%an").splitlines()
    assert len(authors) == 5
    assert len(set(authors)) == 2


def test_the_repository_is_the_same_every_time(shop: Path, tmp_path: Path) -> None:
    make_sample_repository(tmp_path / "again")
    assert git(shop, "rev-parse", "HEAD") == git(tmp_path / "again", "rev-parse", "HEAD")


def test_a_folder_that_exists_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        make_sample_repository(tmp_path)


def test_every_commit_with_tests_passes_them(shop: Path) -> None:
    for commit in git(shop, "rev-list", "HEAD", "--", "*.py").splitlines():
        git(shop, "checkout", "--quiet", commit)
        run_tests(shop)


def test_the_page_shows_net_prices_before_the_change_and_prices_with_tax_after_it(shop: Path) -> None:
    with served(shop) as address:
        assert OLD_MARKER in page(address)
        assert NEW_MARKER not in page(address)
    apply_change(shop, ANSWER)
    with served(shop) as address:
        assert OLD_MARKER not in page(address)
        assert f"€10.29 {NEW_MARKER}" in page(address)
        assert "light-dark" in page(f"{address}/style.css")


@pytest.mark.parametrize("answer", [*CHOICES, "10 please", "7%"])
def test_the_change_follows_the_answer_and_brings_a_test_that_passes(shop: Path, answer: str) -> None:
    apply_change(shop, answer)
    run_tests(shop)
    assert {"catalogue.py", "test_catalogue.py"} == set(git(shop, "diff", "--name-only").splitlines())


def test_an_answer_without_a_rate_changes_nothing(shop: Path) -> None:
    with pytest.raises(ValueError, match="names no tax rate"):
        apply_change(shop, "as you like")
    assert git(shop, "status", "--porcelain") == ""


def test_the_change_does_not_go_in_twice(shop: Path) -> None:
    apply_change(shop, ANSWER)
    with pytest.raises(ValueError, match=r"catalogue\.py is not the sample's any more"):
        apply_change(shop, ANSWER)


def run_tests(shop: Path) -> None:
    subprocess.run(TEST_COMMAND.replace("python3", sys.executable).split(), cwd=shop, check=True, capture_output=True)
