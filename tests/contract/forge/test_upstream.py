from pathlib import Path

import pytest

from aiworker.core.errors import Invalid, NotFound
from aiworker.delivery.ports.forge import BranchMoved, Fetched, PushedUpstream, RefusedRef
from tests.contract.forge.conftest import AnyForge, Branch
from tests.support.checkouts import Checkout, everything, git

# A project in Gitea has no upstream: people and AiWorker meet there.
pytestmark = pytest.mark.parametrize("forge", ["local"], indirect=True)


async def test_a_branch_is_fast_forwarded_to_the_upstream(forge: AnyForge, upstream: Checkout, shop: str):
    before = upstream.head()
    later = upstream.commit("Later")

    assert await forge.fetch_upstream(shop, source=upstream.source, branch="main") == Fetched(before, later, later)
    assert await forge.head(shop, "main") == later
    assert await forge.fetch_upstream(shop, source=upstream.source, branch="main") == Fetched(later, later, later)


async def test_a_branch_that_is_ahead_of_the_upstream_stays(
    forge: AnyForge, upstream: Checkout, shop: str, branch: Branch
):
    ahead = await branch("task")
    start = upstream.head("main")
    await forge.move_branch(shop, "main", to=ahead, expected=start)

    assert await forge.fetch_upstream(shop, source=upstream.source, branch="main") == Fetched(ahead, ahead, start)


async def test_a_divergence_from_the_upstream_is_told_and_nothing_moves(
    forge: AnyForge, upstream: Checkout, shop: str, branch: Branch
):
    ours = await branch("task", message="Ours")
    await forge.move_branch(shop, "main", to=ours, expected=upstream.head("main"))
    upstream.commit("Theirs")

    with pytest.raises(BranchMoved, match="main"):
        await forge.fetch_upstream(shop, source=upstream.source, branch="main")
    assert await forge.head(shop, "main") == ours


async def test_the_pull_that_is_advised_mends_a_divergence(
    forge: AnyForge, upstream: Checkout, shop: str, branch: Branch
):
    ours = await branch("task", message="Ours", ours__txt="ours\n")
    await forge.move_branch(shop, "main", to=ours, expected=upstream.head("main"))
    upstream.commit("Theirs", theirs__txt="theirs\n")
    with pytest.raises(BranchMoved):
        await forge.fetch_upstream(shop, source=upstream.source, branch="main")

    upstream.run(forge.pull_command(shop, source=upstream.source, branch="main"))

    fetched = await forge.fetch_upstream(shop, source=upstream.source, branch="main")
    assert fetched == Fetched(ours, upstream.head(), upstream.head())
    assert upstream.git("status", "--porcelain") == ""


async def test_a_branch_that_neither_side_has_is_none(forge: AnyForge, upstream: Checkout, shop: str):
    fetched = await forge.fetch_upstream(shop, source=upstream.source, branch="nobody")
    assert fetched == Fetched(None, None, None)


async def test_a_branch_that_only_the_upstream_lacks_is_told(forge: AnyForge, upstream: Checkout, shop: str):
    upstream.git("branch", "--move", "main", "trunk")

    with pytest.raises(NotFound, match="has no branch main"):
        await forge.fetch_upstream(shop, source=upstream.source, branch="main")
    assert await forge.head(shop, "main") == upstream.head("trunk")


async def test_fetching_from_an_upstream_that_is_gone_is_refused(forge: AnyForge, shop: str, tmp_path: Path):
    with pytest.raises(Invalid, match="moved-away"):
        await forge.fetch_upstream(shop, source=str(tmp_path / "moved-away"), branch="main")


async def test_a_branch_and_a_tag_are_pushed_to_the_upstream(
    forge: AnyForge, upstream: Checkout, shop: str, branch: Branch, tmp_path: Path
):
    git(tmp_path, "clone", "--quiet", "--bare", upstream.source, "bare.git")
    bare = tmp_path / "bare.git"
    shipped = await branch("task")
    await forge.move_branch(shop, "main", to=shipped, expected=upstream.head("main"))
    await forge.tag(shop, "release-1", at=shipped, message="Release 1")
    refs = ("refs/heads/main", "refs/tags/release-1")

    assert await forge.push_upstream(shop, source=str(bare), refs=refs) == PushedUpstream(moved=refs)
    assert await forge.push_upstream(shop, source=str(bare), refs=refs) == PushedUpstream()

    assert git(bare, "rev-parse", "main", "release-1^{commit}").split() == [shipped, shipped]
    assert git(bare, "for-each-ref", "--format=%(refname)").split() == ["refs/heads/main", "refs/tags/release-1"]


async def test_an_upstream_that_moved_is_not_overwritten(
    forge: AnyForge, upstream: Checkout, shop: str, branch: Branch, tmp_path: Path
):
    shipped = await branch("task")
    await forge.move_branch(shop, "main", to=shipped, expected=upstream.head("main"))
    theirs = upstream.commit("Theirs")
    upstream.switch("elsewhere")

    done = await forge.push_upstream(shop, source=upstream.source, refs=["refs/heads/main"])
    assert done.moved == ()
    assert [(one.ref, one.checked_out) for one in done.refused] == [("refs/heads/main", False)]
    assert upstream.head("main") == theirs


async def test_a_tag_that_the_upstream_has_elsewhere_is_not_overwritten(
    forge: AnyForge, upstream: Checkout, shop: str, branch: Branch
):
    shipped = await branch("task")
    await forge.tag(shop, "release-1", at=shipped, message="Release 1")
    upstream.git("tag", "release-1", "main")

    done = await forge.push_upstream(shop, source=upstream.source, refs=["refs/tags/release-1"])
    assert done.refused[0].reason == "already exists"
    assert upstream.head("release-1") == upstream.head("main")


async def test_a_checked_out_branch_takes_no_push_but_the_tag_goes(
    forge: AnyForge, upstream: Checkout, shop: str, branch: Branch
):
    before = upstream.head("main")
    shipped = await branch("task")
    await forge.move_branch(shop, "main", to=shipped, expected=before)
    await forge.tag(shop, "release-1", at=shipped, message="Release 1")
    refs = ["refs/heads/main", "refs/tags/release-1"]

    done = await forge.push_upstream(shop, source=upstream.source, refs=refs)
    assert done.moved == ("refs/tags/release-1",)
    assert done.refused == (RefusedRef("refs/heads/main", "it is checked out there", checked_out=True),)
    assert upstream.head("main") == before
    assert upstream.head("release-1^{commit}") == shipped

    upstream.run(forge.pull_command(shop, source=upstream.source, branch="main"))
    assert upstream.head("main") == shipped


async def test_where_somebody_works_a_push_touches_nothing_but_the_ref(
    forge: AnyForge, upstream: Checkout, shop: str, branch: Branch, tmp_path: Path
):
    """Not even where their own settings would let a push change the files, or run something."""
    shipped = await branch("task")
    await forge.move_branch(shop, "main", to=shipped, expected=upstream.head("main"))
    await forge.tag(shop, "release-1", at=shipped, message="Release 1")
    upstream.git("config", "receive.denyCurrentBranch", "updateInstead")
    for hook in ("pre-receive", "update", "post-receive", "post-update", "push-to-checkout", "reference-transaction"):
        upstream.hook(hook, f"touch {tmp_path}/ran")
    upstream.write("readme.md", "changed, not committed\n")
    upstream.write("staged.txt", "staged\n")
    upstream.git("add", "staged.txt")
    upstream.write("new.txt", "not known to git\n")
    before = everything(upstream.path)

    done = await forge.push_upstream(shop, source=upstream.source, refs=["refs/heads/main", "refs/tags/release-1"])

    assert done.moved == ("refs/tags/release-1",)
    after = everything(upstream.path)
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert {path for path in changed if not path.startswith(".git/objects/")} == {".git/refs/tags/release-1"}
    assert not (tmp_path / "ran").exists()


async def test_a_branch_that_is_checked_out_in_another_worktree_takes_no_push(
    forge: AnyForge, upstream: Checkout, shop: str, branch: Branch, tmp_path: Path
):
    before = upstream.head("main")
    shipped = await branch("task")
    await forge.move_branch(shop, "main", to=shipped, expected=before)
    upstream.switch("elsewhere")
    upstream.git("worktree", "add", "--quiet", str(tmp_path / "second"), "main")

    done = await forge.push_upstream(shop, source=upstream.source, refs=["refs/heads/main"])

    assert [one.checked_out for one in done.refused] == [True]
    assert upstream.head("main") == before


async def test_a_fetch_tells_how_far_it_is(forge: AnyForge, upstream: Checkout, shop: str):
    upstream.commit("Later", more__txt="more\n")
    heard: list[str] = []

    await forge.fetch_upstream(shop, source=upstream.source, branch="main", told=heard.append)

    assert any("100%" in line for line in heard)
    assert not any(line.startswith("remote:") or "\r" in line for line in heard)


@pytest.mark.parametrize("ref", ["main", "--force", "+refs/heads/main", "refs/heads/main:refs/heads/x", "refs/notes/x"])
async def test_only_full_names_of_branches_and_tags_are_pushed(
    forge: AnyForge, upstream: Checkout, shop: str, ref: str
):
    with pytest.raises(Invalid):
        await forge.push_upstream(shop, source=upstream.source, refs=[ref])


async def test_pushing_a_ref_that_is_not_there_is_not_found(forge: AnyForge, upstream: Checkout, shop: str):
    with pytest.raises(NotFound, match="refs/tags/never"):
        await forge.push_upstream(shop, source=upstream.source, refs=["refs/tags/never"])
