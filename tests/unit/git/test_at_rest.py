"""Where a branch stands, read from the files of a repository as git leaves them."""

import subprocess
from pathlib import Path

import pytest

from aiworker.git.at_rest import commit_at

MAIN = "refs/heads/main"


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@localhost"]
    return subprocess.run(
        ["git", "-C", str(folder), *who, *words], check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "commit", "-q", "--allow-empty", "-m", "Begin")
    return folder


def test_it_says_what_git_says_before_and_after_refs_are_packed(checkout: Path) -> None:
    assert commit_at(checkout, MAIN) == git(checkout, "rev-parse", "main")
    git(checkout, "pack-refs", "--all")
    assert commit_at(checkout, MAIN) == git(checkout, "rev-parse", "main")
    git(checkout, "commit", "-q", "--allow-empty", "-m", "Later")
    assert commit_at(checkout, MAIN) == git(checkout, "rev-parse", "main")


def test_a_bare_repository_is_read_as_well(checkout: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(checkout), "bare.git")
    assert commit_at(tmp_path / "bare.git", MAIN) == git(checkout, "rev-parse", "main")


def test_what_the_files_do_not_tell_is_left_to_git(checkout: Path, tmp_path: Path) -> None:
    git(checkout, "symbolic-ref", "refs/heads/alias", MAIN)
    git(checkout, "worktree", "add", "-q", "-b", "beside", str(tmp_path / "beside"))
    assert commit_at(checkout, "refs/heads/none") is None
    assert commit_at(checkout, "refs/heads/alias") is None
    assert commit_at(tmp_path / "beside", MAIN) is None
    assert commit_at(tmp_path / "nowhere", MAIN) is None
