from pathlib import Path

import pytest

from aiworker.core.errors import Invalid, NotFound
from aiworker.delivery.ports import BranchMoved, CheckedOut
from tests.contract.forge.conftest import AnyForge, Branch
from tests.support.checkouts import Checkout, git


async def test_a_branch_is_fast_forwarded_to_the_upstream(forge: AnyForge, upstream: Checkout, shop: str):
    later = upstream.commit("Later")

    assert await forge.fetch_upstream(shop, source=upstream.source, branch="main") == later
    assert await forge.head(shop, "main") == later


async def test_a_branch_that_is_ahead_of_the_upstream_stays(
    forge: AnyForge, upstream: Checkout, shop: str, branch: Branch
):
    ahead = await branch("task")
    start = upstream.head("main")
    await forge.move_branch(shop, "main", to=ahead, expected=start)

    assert await forge.fetch_upstream(shop, source=upstream.source, branch="main") == ahead


async def test_a_divergence_from_the_upstream_is_told_and_nothing_moves(
    forge: AnyForge, upstream: Checkout, shop: str, branch: Branch
):
    ours = await branch("task", message="Ours")
    await forge.move_branch(shop, "main", to=ours, expected=upstream.head("main"))
    upstream.commit("Theirs")

    with pytest.raises(BranchMoved, match="main"):
        await forge.fetch_upstream(shop, source=upstream.source, branch="main")
    assert await forge.head(shop, "main") == ours


async def test_a_branch_that_neither_side_has_is_none(forge: AnyForge, upstream: Checkout, shop: str):
    assert await forge.fetch_upstream(shop, source=upstream.source, branch="nobody") is None


async def test_fetching_from_an_upstream_that_is_gone_is_refused(forge: AnyForge, shop: str, tmp_path: Path):
    with pytest.raises(Invalid):
        await forge.fetch_upstream(shop, source=str(tmp_path / "moved-away"), branch="main")


async def test_a_branch_and_a_tag_are_pushed_to_the_upstream(
    forge: AnyForge, upstream: Checkout, shop: str, branch: Branch, tmp_path: Path
):
    git(tmp_path, "clone", "--quiet", "--bare", upstream.source, "bare.git")
    bare = tmp_path / "bare.git"
    shipped = await branch("task")
    await forge.move_branch(shop, "main", to=shipped, expected=upstream.head("main"))
    await forge.tag(shop, "release-1", at=shipped, message="Release 1")

    for _ in range(2):
        await forge.push_upstream(shop, source=str(bare), refs=["refs/heads/main", "refs/tags/release-1"])

    assert git(bare, "rev-parse", "main", "release-1^{commit}").split() == [shipped, shipped]
    assert git(bare, "for-each-ref", "--format=%(refname)").split() == ["refs/heads/main", "refs/tags/release-1"]


async def test_an_upstream_that_moved_is_not_overwritten(
    forge: AnyForge, upstream: Checkout, shop: str, branch: Branch, tmp_path: Path
):
    shipped = await branch("task")
    await forge.move_branch(shop, "main", to=shipped, expected=upstream.head("main"))
    theirs = upstream.commit("Theirs")
    upstream.switch("elsewhere")

    with pytest.raises(BranchMoved):
        await forge.push_upstream(shop, source=upstream.source, refs=["refs/heads/main"])
    assert upstream.head("main") == theirs


async def test_a_checked_out_branch_takes_no_push_but_the_tag_goes(
    forge: AnyForge, upstream: Checkout, shop: str, branch: Branch
):
    before = upstream.head("main")
    shipped = await branch("task")
    await forge.move_branch(shop, "main", to=shipped, expected=before)
    await forge.tag(shop, "release-1", at=shipped, message="Release 1")

    with pytest.raises(CheckedOut, match="git pull"):
        await forge.push_upstream(shop, source=upstream.source, refs=["refs/heads/main", "refs/tags/release-1"])
    assert upstream.head("main") == before
    assert upstream.head("release-1^{commit}") == shipped


@pytest.mark.parametrize("ref", ["main", "--force", "+refs/heads/main", "refs/heads/main:refs/heads/x", "refs/notes/x"])
async def test_only_full_names_of_branches_and_tags_are_pushed(
    forge: AnyForge, upstream: Checkout, shop: str, ref: str
):
    with pytest.raises(Invalid):
        await forge.push_upstream(shop, source=upstream.source, refs=[ref])


async def test_pushing_a_ref_that_is_not_there_is_not_found(forge: AnyForge, upstream: Checkout, shop: str):
    with pytest.raises(NotFound, match="refs/tags/never"):
        await forge.push_upstream(shop, source=upstream.source, refs=["refs/tags/never"])
