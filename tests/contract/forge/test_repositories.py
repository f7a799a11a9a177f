import asyncio
import os
from collections.abc import Awaitable
from contextlib import suppress
from pathlib import Path

import pytest

from aiworker.core.errors import Conflict, Invalid, NotFound
from aiworker.delivery.ports.forge import Pick
from tests.contract.forge.conftest import AnyForge
from tests.support.checkouts import Checkout, everything, git

SOME_COMMIT = "1" * 40

# In Gitea people make, name and remove repositories by themselves.
pytestmark = pytest.mark.parametrize("forge", ["local"], indirect=True)


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
    before = everything(upstream.path)

    repository = await forge.import_repository("shop", source=upstream.source)

    assert everything(upstream.path) == before
    assert repository.head == upstream.head()


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


async def test_a_source_that_names_its_commits_by_sha256_is_refused(forge: AnyForge, tmp_path: Path):
    git(tmp_path, "init", "--quiet", "--object-format=sha256", "modern")
    git(tmp_path / "modern", "commit", "--quiet", "--allow-empty", "-m", "First")

    with pytest.raises(Invalid, match="SHA-256"):
        await forge.import_repository("shop", source=str(tmp_path / "modern"))
    with pytest.raises(NotFound):
        await forge.get_repository("shop")


async def test_a_source_may_be_bare_or_a_worktree_and_its_path_may_hold_anything(
    forge: AnyForge, upstream: Checkout, tmp_path: Path
):
    git(tmp_path, "clone", "--quiet", "--bare", upstream.source, "a bare one; ñandú 'ß'.git")
    upstream.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "worktree $(id)"))

    bare = await forge.import_repository("bare", source=str(tmp_path / "a bare one; ñandú 'ß'.git"))
    side = await forge.import_repository("side", source=str(tmp_path / "worktree $(id)"))

    assert (bare.default_branch, side.default_branch) == ("main", "side")
    assert bare.head == side.head == upstream.head()


async def test_submodules_are_kept_as_links_and_told(forge: AnyForge, upstream: Checkout, tmp_path: Path):
    library = Checkout(tmp_path / "library")
    pinned = library.commit("Library", lib__py="x = 1\n")
    upstream.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library.source, "vendor/lib")
    commit = upstream.commit("With a library")

    repository = await forge.import_repository("shop", source=upstream.source)
    await forge.export("shop", commit, tmp_path / "files")

    assert len(repository.remarks) == 1
    assert "submodules" in repository.remarks[0]
    assert list((tmp_path / "files/vendor/lib").iterdir()) == []
    assert (await forge.diff("shop", base=upstream.head("HEAD~1"), head=commit)).files[-1].path == "vendor/lib"
    library.path.rename(tmp_path / "gone")
    upstream.commit("Later")
    assert (await forge.fetch_upstream("shop", source=upstream.source, branch="main")).head == upstream.head()
    assert upstream.git("ls-tree", "HEAD", "vendor/lib").split()[:3] == ["160000", "commit", pinned]


async def test_files_in_lfs_stay_pointers_and_that_is_told(forge: AnyForge, upstream: Checkout, tmp_path: Path):
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 12345\n"
    # Without its program git keeps the files as they are, which is what a clone without LFS has, too.
    upstream.write("logo.bin", pointer)
    commit = upstream.commit("A large file", **{".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n"})

    repository = await forge.import_repository("shop", source=upstream.source)
    await forge.export("shop", commit, tmp_path / "files")

    assert len(repository.remarks) == 1
    assert "LFS" in repository.remarks[0]
    assert (tmp_path / "files/logo.bin").read_text() == pointer


async def test_an_import_tells_how_far_it_is(forge: AnyForge, upstream: Checkout):
    heard: list[str] = []

    await forge.import_repository("shop", source=upstream.source, told=heard.append)

    assert any("100%" in line for line in heard)


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
