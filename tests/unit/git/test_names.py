import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aiworker.core.errors import Invalid
from aiworker.git import names

TRICKY = st.text(alphabet="ab/.-@{}~^:?*[\\ \tñ", min_size=1, max_size=12)


def git_allows(branch: str) -> bool:
    return subprocess.run(["git", "check-ref-format", f"refs/heads/{branch}"], check=False).returncode == 0


def allowed(branch: str) -> bool:
    try:
        return names.check_branch(branch) == branch
    except Invalid:
        return False


@settings(max_examples=60, deadline=None)
@given(branch=TRICKY)
@example("a.lock/b")
@example("a@{b")
@example("a./b")
@example("a..b")
def test_every_branch_name_we_allow_is_one_that_git_allows(branch: str):
    if allowed(branch):
        assert git_allows(branch)
    elif not branch.startswith("-") and branch != "@":
        assert not git_allows(branch)


@pytest.mark.parametrize("branch", ["main", "task-shop-12-añadir-botón", "release/7", "a.b", "a@b", "a./b", "ñ" * 50])
def test_an_ordinary_branch_name_is_taken_as_it_is(branch: str):
    assert names.check_branch(branch) == branch
    assert names.branch_ref(branch) == f"refs/heads/{branch}"


@pytest.mark.parametrize("branch", ["-b", "HEAD", "@", "refs/heads/main", "f" * 40, "x" * 201, "ñ" * 101, "\udc80"])
def test_a_branch_name_that_could_mean_something_else_is_refused(branch: str):
    with pytest.raises(Invalid):
        names.check_branch(branch)


def test_a_refusal_tells_the_name_without_breaking_what_shows_it():
    with pytest.raises(Invalid) as refused:
        names.check_branch("a\x1b[31m\udc80")

    assert refused.value.code == "branch_name_invalid"
    refused.value.message.encode()
    assert "\x1b" not in refused.value.message


def test_only_branches_and_tags_are_refs_to_name():
    assert names.check_ref("refs/heads/main") == "refs/heads/main"
    assert names.check_ref("refs/tags/v1.0") == "refs/tags/v1.0"
    for ref in ("main", "refs/notes/x", "refs/heads/", "refs/heads/-x", "refs/tags/-d", "refs/tags/a b", "HEAD"):
        with pytest.raises(Invalid):
            names.check_ref(ref)


def test_a_commit_is_forty_lower_hex_digits():
    assert names.check_commit("0123456789abcdef" * 2 + "01234567")
    for commit in ("", "abc", "A" * 40, "g" * 40, "1" * 41, "1" * 64, "0" * 40, "1" * 40 + "\n", "HEAD"):
        with pytest.raises(Invalid):
            names.check_commit(commit)
