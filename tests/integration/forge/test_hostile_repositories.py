"""A repository of somebody who means harm: nothing of it runs here, leads out of here, or takes the machine along."""

from pathlib import Path

import pytest

from aiworker.adapters.forge import LocalForge
from aiworker.core.errors import AiWorkerError, Invalid
from aiworker.delivery.ports.forge import Pick
from tests.support.checkouts import Checkout, git, run_git

NAMES = [
    "-rf",
    "--upload-pack=touch${IFS}pwned",
    "refs/heads/main",
    "HEAD",
    "a..b",
    "a.lock",
    "a b",
    "a\nb",
    "a:b",
    "~a",
    "@{u}",
    "a//b",
    ".a",
    "\0",
    "a" * 300,
    "0" * 39 + "1",
    "\ud800",
]


async def test_hooks_and_settings_of_a_source_stay_there(root: Path, upstream: Checkout, tmp_path: Path):
    for hook in ("post-checkout", "post-merge", "pre-receive", "post-update", "reference-transaction"):
        upstream.hook(hook, f"touch {tmp_path}/pwned")
    upstream.git("config", "core.worktree", str(tmp_path))
    upstream.git("config", "core.hooksPath", str(upstream.path / ".git/hooks"))
    upstream.git("config", "alias.ls-remote", f"!touch {tmp_path}/pwned")

    forge = LocalForge(root, "http://127.0.0.1:3000")
    await forge.import_repository("shop", source=upstream.source)

    assert not (tmp_path / "pwned").exists()
    assert list((root / "shop.git").glob("hooks/*")) == []
    assert "worktree" not in (root / "shop.git/config").read_text()


async def test_a_source_that_borrows_its_objects_is_copied_whole(root: Path, upstream: Checkout, tmp_path: Path):
    git(tmp_path, "clone", "--quiet", "--shared", upstream.source, "borrowing")
    borrowing = Checkout(tmp_path / "borrowing", made=True)
    commit = borrowing.commit("Own", own__txt="own\n")

    forge = LocalForge(root, "http://127.0.0.1:3000")
    await forge.import_repository("shop", source=borrowing.source)
    (upstream.path / ".git").rename(tmp_path / "gone")

    assert not (root / "shop.git/objects/info/alternates").exists()
    assert await forge.head("shop", "main") == commit
    assert run_git(root / "shop.git", "fsck", "--full").returncode == 0


async def test_a_source_whose_borrowed_objects_are_gone_is_refused_and_leaves_nothing(
    root: Path, upstream: Checkout, tmp_path: Path
):
    git(tmp_path, "clone", "--quiet", "--shared", upstream.source, "borrowing")
    (upstream.path / ".git").rename(tmp_path / "gone")

    forge = LocalForge(root, "http://127.0.0.1:3000")
    with pytest.raises(AiWorkerError):
        await forge.import_repository("shop", source=str(tmp_path / "borrowing"))

    assert not (root / "shop.git").exists()


async def test_a_module_whose_address_is_a_command_is_a_link_like_any_other(
    forge: LocalForge, upstream: Checkout, tmp_path: Path
):
    upstream.switch("task")
    upstream.write(".gitmodules", f'[submodule "x"]\n\tpath = ../x\n\turl = --upload-pack=touch {tmp_path}/pwned\n')
    upstream.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},x")
    task = upstream.commit("With a module")
    await forge.fetch_upstream("shop", source=upstream.source, branch="task")

    base = str(await forge.head("shop", "main"))
    made = await forge.integrate("shop", branch="try/1", onto=base, picks=[Pick(task, "Ship", "SHOP-1")])
    await forge.export("shop", made.head, tmp_path / "files")

    assert not (tmp_path / "pwned").exists()
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("name", NAMES)
async def test_a_branch_name_that_is_a_trick_is_refused_by_every_call(
    forge: LocalForge, upstream: Checkout, tmp_path: Path, name: str
):
    head = upstream.head()
    calls = (
        forge.create_branch("shop", name, at=head),
        forge.move_branch("shop", name, to=head, expected=None),
        forge.delete_branch("shop", name),
        forge.open_pull_request("shop", head=name, base="main", title="T", body=""),
        forge.integrate("shop", branch=name, onto=head, picks=[]),
        forge.fetch_upstream("shop", source=upstream.source, branch=name),
    )
    for call in calls:
        with pytest.raises(Invalid):
            await call
    assert not (tmp_path / "pwned").exists()


async def test_a_folder_of_very_many_files_is_compared_and_written_within_limits(
    forge: LocalForge, upstream: Checkout, tmp_path: Path
):
    blob = upstream.git("hash-object", "-w", "--stdin", stdin=b"x\n")
    entries = "".join(f"100644 blob {blob}\tf{n}\n" for n in range(20_000)).encode()
    tree = upstream.git("mktree", stdin=entries)
    commit = upstream.git("commit-tree", "-m", "Many", "-p", "main", tree)
    upstream.git("update-ref", "refs/heads/many", commit)
    await forge.fetch_upstream("shop", source=upstream.source, branch="many")

    diff = await forge.diff("shop", base="main", head="many")

    assert (len(diff.files), diff.additions, diff.truncated) == (1_000, 20_000, True)
    assert sum(len(file.patch or "") for file in diff.files) < 5 * 2**20


@pytest.mark.soak
async def test_a_tree_within_a_tree_within_a_tree_does_not_take_the_disk(
    forge: LocalForge, upstream: Checkout, tmp_path: Path
):
    """Ten entries, each the same folder, ten deep: ten billion files out of eleven objects."""
    tree = upstream.git("mktree", stdin=f"100644 blob {upstream.git('hash-object', '-w', '--stdin')}\tf\n".encode())
    for _ in range(10):
        tree = upstream.git("mktree", stdin="".join(f"040000 tree {tree}\td{n}\n" for n in range(10)).encode())
    commit = upstream.git("commit-tree", "-m", "Bomb", "-p", "main", tree)
    upstream.git("update-ref", "refs/heads/bomb", commit)
    await forge.fetch_upstream("shop", source=upstream.source, branch="bomb")

    with pytest.raises(AiWorkerError):
        await forge.diff("shop", base="main", head="bomb")
    with pytest.raises(AiWorkerError):
        await forge.export("shop", commit, tmp_path / "room/files")
    assert not (tmp_path / "room/files").exists()
