import asyncio
import os
from collections.abc import Awaitable
from contextlib import suppress
from pathlib import Path

import pytest

from aiworker.core.errors import Conflict, Invalid, NotFound
from aiworker.delivery.ports import Pick
from tests.contract.forge.conftest import AnyForge
from tests.support.checkouts import Checkout, git

SOME_COMMIT = "1" * 40


async def test_a_repository_is_imported_with_its_branches_and_tags(forge: AnyForge, upstream: Checkout):
    upstream.git("tag", "v1")
    upstream.switch("feature")
    feature = upstream.commit("Feature")

    repository = await forge.import_repository("shop", source=upstream.source)

    assert (repository.name, repository.default_branch) == ("shop", "feature")
    assert await forge.head("shop", "main") == upstream.head("main")
    assert await forge.head("shop", "feature") == repository.head == feature
    await forge.tag("shop", "v1", at=upstream.head("main"), message="The same tag is already there")


async def test_importing_leaves_a_dirty_work_tree_alone(forge: AnyForge, upstream: Checkout):
    upstream.write("readme.md", "changed, not committed\n")
    upstream.write("new.txt", "not known to git\n")
    before = upstream.git("status", "--porcelain"), upstream.git("for-each-ref"), upstream.head()

    repository = await forge.import_repository("shop", source=upstream.source)

    assert repository.head == upstream.head()
    assert (upstream.git("status", "--porcelain"), upstream.git("for-each-ref"), upstream.head()) == before


async def test_importing_again_from_the_same_source_changes_nothing(forge: AnyForge, upstream: Checkout):
    first = await forge.import_repository("shop", source=upstream.source)
    upstream.commit("Later")

    assert await forge.import_repository("shop", source=upstream.source) == first


async def test_importing_under_a_name_that_another_source_has_is_refused(
    forge: AnyForge, upstream: Checkout, tmp_path: Path
):
    await forge.import_repository("shop", source=upstream.source)
    other = Checkout(tmp_path / "other")
    other.commit()

    with pytest.raises(Conflict, match="another source"):
        await forge.import_repository("shop", source=other.source)
    assert await forge.head("shop", "main") == upstream.head()


async def test_importing_twice_at_the_same_time_makes_one_repository(forge: AnyForge, upstream: Checkout):
    made = await asyncio.gather(*(forge.import_repository("shop", source=upstream.source) for _ in range(4)))

    assert len(set(made)) == 1


async def test_a_repository_without_a_source_is_empty(forge: AnyForge):
    repository = await forge.import_repository("shop", source=None)

    assert (repository.default_branch, repository.head) == ("main", None)
    assert await forge.head("shop", "main") is None
    assert await forge.import_repository("shop", source=None) == repository


async def test_a_source_without_a_commit_is_refused_and_nothing_is_left(forge: AnyForge, tmp_path: Path):
    empty = Checkout(tmp_path / "empty")

    with pytest.raises(Invalid, match="no commit"):
        await forge.import_repository("shop", source=empty.source)
    with pytest.raises(NotFound):
        await forge.get_repository("shop")


async def test_a_source_with_a_detached_head_is_imported_with_the_branch_it_stands_at(
    forge: AnyForge, upstream: Checkout
):
    upstream.git("branch", "aaa", upstream.commit("Second"))
    upstream.git("checkout", "--quiet", "--detach", "main")

    assert (await forge.import_repository("shop", source=upstream.source)).default_branch == "main"


async def test_a_shallow_source_is_refused_with_what_to_do(forge: AnyForge, upstream: Checkout, tmp_path: Path):
    upstream.commit("Second")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{upstream.path}", "shallow")

    with pytest.raises(Invalid, match="--unshallow"):
        await forge.import_repository("shop", source=str(tmp_path / "shallow"))


async def test_a_source_is_read_whoever_owns_it(forge: AnyForge, upstream: Checkout):
    for path in (upstream.path, upstream.path / ".git"):
        with suppress(OSError):  # only root can give files away
            os.chown(path, 12345, 12345)

    assert (await forge.import_repository("shop", source=upstream.source)).head is not None


BAD_SOURCES = [
    "",
    "relative/path",
    "../shop",
    "/nowhere/at/all",
    "/etc/passwd",
    "ext::sh -c 'touch /tmp/pwned'",
    "--upload-pack=touch /tmp/pwned",
    "-oProxyCommand=x",
    "fd::17",
    "https://",
    "ftp://example.com/x.git",
    "file:///nowhere/at/all",
    "/tmp/with\nnewline",
    "/tmp/with\0nul",
    "x" * 3_000,
]


async def test_a_source_that_is_no_repository_is_refused(forge: AnyForge):
    for source in BAD_SOURCES:
        with pytest.raises(Invalid):
            await forge.import_repository("shop", source=source)
        with pytest.raises(NotFound):
            await forge.get_repository("shop")


BAD_NAMES = [
    "",
    ".",
    "..",
    "../shop",
    "a/b",
    "Shop",
    "-shop",
    "shop-",
    "sh op",
    "shop;ls",
    "$(id)",
    "a..b",
    "shop.git",
    "x" * 101,
]


async def test_a_repository_name_that_is_a_trick_is_refused(forge: AnyForge, upstream: Checkout):
    for name in BAD_NAMES:
        with pytest.raises(Invalid):
            await forge.import_repository(name, source=upstream.source)
        with pytest.raises(Invalid):
            await forge.get_repository(name)
        with pytest.raises(Invalid):
            await forge.delete_repository(name)


async def test_a_repository_is_deleted_and_its_name_is_free_again(forge: AnyForge, upstream: Checkout, tmp_path: Path):
    await forge.import_repository("shop", source=upstream.source)

    await forge.delete_repository("shop")
    await forge.delete_repository("shop")

    with pytest.raises(NotFound):
        await forge.get_repository("shop")
    assert (await forge.import_repository("shop", source=None)).head is None


def calls(forge: AnyForge) -> list[Awaitable[object]]:
    """Every call that needs a repository, for one that is not there."""
    return [
        forge.get_repository("gone"),
        forge.head("gone", "main"),
        forge.create_branch("gone", "task", at=SOME_COMMIT),
        forge.move_branch("gone", "main", to=SOME_COMMIT, expected=None),
        forge.delete_branch("gone", "task"),
        forge.tag("gone", "v1", at=SOME_COMMIT, message="One"),
        forge.get_commit("gone", SOME_COMMIT),
        forge.compare("gone", base="main", head="task"),
        forge.diff("gone", base="main", head="task"),
        forge.open_pull_request("gone", head="task", base="main", title="T", body="B"),
        forge.get_pull_request("gone", 1),
        forge.list_pull_requests("gone"),
        forge.comment("gone", 1, "Words"),
        forge.close_pull_request("gone", 1),
        forge.integrate("gone", branch="try", onto=SOME_COMMIT, picks=[Pick(SOME_COMMIT, "M", "L")]),
        forge.revert("gone", branch="try", onto=SOME_COMMIT, commits=[SOME_COMMIT], message="M"),
        forge.export("gone", SOME_COMMIT, Path("/nowhere/files")),
        forge.fetch_upstream("gone", source="/nowhere", branch="main"),
        forge.push_upstream("gone", source="/nowhere", refs=["refs/heads/main"]),
    ]


async def test_a_repository_that_is_not_there_is_not_found(forge: AnyForge):
    for call in calls(forge):
        with pytest.raises(NotFound):
            await call


async def test_the_clone_address_names_the_repository(forge: AnyForge, shop: str):
    assert forge.clone_url(shop).endswith("/shop.git")
