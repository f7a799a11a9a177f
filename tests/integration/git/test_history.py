from pathlib import Path

import pytest

from aiworker.git import Git, history, refs, transfer
from aiworker.git.refs import RefMove, RefMoved
from tests.support.checkouts import Checkout, git


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "work")


@pytest.fixture
def opened(checkout: Checkout) -> Git:
    return Git(checkout.path / ".git")


def odd_commit(checkout: Checkout, head: bytes, message: bytes) -> str:
    """A commit that some old program wrote."""
    tree = checkout.git("mktree", stdin=b"")
    raw = f"tree {tree}\n".encode() + head + b"\n" + message
    return checkout.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=raw)


@pytest.mark.parametrize(
    ("head", "name", "authored"),
    [
        (b"author A <a@b> 1700000000 +0530\ncommitter C <c@d> 1700000001 +0000\n", "A", "1700000000 +0530"),
        (b"author  <a@b> 1700000000 +0000\ncommitter C <c@d> 1700000001 +0000\n", "", "1700000000 +0000"),
        (b"author A <a@b>\ncommitter C <c@d> 1700000001 +0000\n", "A", "0 +0000"),
        (b"author A <a@b> 99999999999999999999 +0000\ncommitter C <c@d> 1700000001 +0000\n", "A", "0 +0000"),
        (b"author \xff <a@b> 1700000000 +0000\ncommitter C <c@d> 1700000001 +0000\n", "�", "1700000000 +0000"),
    ],
)
async def test_commits_of_odd_programs_are_read(checkout: Checkout, opened: Git, head: bytes, name: str, authored: str):
    sha = odd_commit(checkout, head, b"Subject\n")

    (found,) = await history.show(opened, [sha])

    assert (found.sha, found.author_name, found.authored) == (sha, name, authored)
    assert (found.committed, found.subject, found.parents) == (1_700_000_001, "Subject", ())


@pytest.mark.parametrize("message", [b"", b"\n\n", b"one\ntwo\n\n\n", "ünïcode ✓".encode(), b"latin \xe9"])
async def test_messages_of_all_kinds_are_read(checkout: Checkout, opened: Git, message: bytes):
    sha = odd_commit(checkout, b"author A <a@b> 1 +0000\ncommitter C <c@d> 1 +0000\n", message)

    (found,) = await history.show(opened, [sha])

    assert found.message == message.decode(errors="replace").rstrip("\n")


async def test_commits_come_in_the_order_that_was_asked_for(checkout: Checkout, opened: Git):
    first, second, third = [checkout.commit(str(n)) for n in range(3)]

    asked = [second, third, first, second]
    assert [one.sha for one in await history.show(opened, asked)] == asked
    assert await history.show(opened, []) == []


async def test_a_tag_stands_for_its_commit(checkout: Checkout, opened: Git):
    commit = checkout.commit()
    checkout.git("tag", "-a", "v1", "-m", "One")

    assert await refs.commits_of(opened, ("refs/tags/v1", "refs/heads/main", "refs/heads/x", commit, "1" * 40)) == [
        commit,
        commit,
        None,
        commit,
        None,
    ]


async def test_all_refs_move_or_none(checkout: Checkout, opened: Git):
    first, second = checkout.commit("One"), checkout.commit("Two")

    with pytest.raises(RefMoved):
        await refs.move(opened, [RefMove("refs/heads/new", None, second), RefMove("refs/heads/main", first, second)])
    assert await refs.values(opened, ["refs/heads/new", "refs/heads/main"]) == {"refs/heads/main": second}

    await refs.move(opened, [RefMove("refs/heads/new", None, second), RefMove("refs/heads/main", second, first)])
    await refs.move(opened, [RefMove("refs/heads/new", second, None)])
    assert await refs.branches(opened) == {"main": first}


async def test_a_name_does_not_stand_for_what_is_below_it(checkout: Checkout, opened: Git):
    commit = checkout.commit()
    checkout.git("update-ref", "refs/heads/a/b", commit)

    assert await refs.values(opened, ["refs/heads/a"]) == {}


async def test_a_bare_repository_is_empty_and_without_hooks(tmp_path: Path):
    made = await transfer.init(tmp_path / "shop.git", default_branch="trunk")

    assert await refs.default_branch(made) == "trunk"
    assert await refs.branches(made) == {}
    assert not (tmp_path / "shop.git/hooks").exists()
    assert git(tmp_path / "shop.git", "config", "core.bare") == "true"
