import os
from pathlib import Path

import pytest

from aiworker.core.errors import Conflict, Invalid, NotFound
from tests.contract.forge.conftest import GITS_OWN, AnyForge, Branch
from tests.support.checkouts import Checkout

pytestmark = pytest.mark.parametrize("forge", GITS_OWN, indirect=True)


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


async def test_the_files_of_a_commit_are_written(forge: AnyForge, shop: str, branch: Branch, tmp_path: Path):
    commit = await branch("task", **{"run__sh": "#!/bin/sh\n", "deep/er/ñandú__txt": b"\0\xff\r\n"})

    await forge.export(shop, commit, tmp_path / "not/yet/there")

    to = tmp_path / "not/yet/there"
    assert names(to) == ["app.py", "deep/er/ñandú.txt", "readme.md", "run.sh"]
    assert (to / "deep/er/ñandú.txt").read_bytes() == b"\0\xff\r\n"
    assert [path.name for path in to.parent.iterdir()] == ["there"]


async def test_an_older_commit_is_written_as_it_was(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout, tmp_path: Path
):
    first = upstream.head()
    await branch("task", readme__md="later\n")

    await forge.export(shop, first, tmp_path / "files")

    assert (tmp_path / "files/readme.md").read_text() == "one\ntwo\nthree\n"


async def test_a_program_stays_executable(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout, tmp_path: Path
):
    upstream.switch("task")
    upstream.write("run.sh", "#!/bin/sh\n")
    (upstream.path / "run.sh").chmod(0o755)

    await forge.export(shop, await branch("task"), tmp_path / "files")

    assert os.access(tmp_path / "files/run.sh", os.X_OK)
    assert not (tmp_path / "files/readme.md").stat().st_mode & 0o111


async def test_a_folder_that_is_there_is_left_alone(forge: AnyForge, shop: str, upstream: Checkout, tmp_path: Path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files/mine.txt").write_text("mine")
    (tmp_path / "link").symlink_to("/nowhere")

    for name in ("files", "link"):
        with pytest.raises(Conflict):
            await forge.export(shop, upstream.head(), tmp_path / name)

    assert names(tmp_path / "files") == ["mine.txt"]


async def test_a_commit_that_is_not_there_writes_nothing(forge: AnyForge, shop: str, tmp_path: Path):
    with pytest.raises(NotFound):
        await forge.export(shop, "1" * 40, tmp_path / "files")
    with pytest.raises(Invalid):
        await forge.export(shop, "main", tmp_path / "files")
    assert not (tmp_path / "files").exists()


async def test_a_link_is_written_as_a_link_and_nothing_goes_through_it(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout, tmp_path: Path
):
    outside = tmp_path / "outside"
    outside.mkdir()
    upstream.switch("task")
    (upstream.path / "away").symlink_to(outside)
    commit = await branch("task", a__txt="a\n")

    await forge.export(shop, commit, tmp_path / "files")

    assert (tmp_path / "files/away").is_symlink()
    assert list(outside.iterdir()) == []


async def crafted(forge: AnyForge, shop: str, upstream: Checkout, entries: list[tuple[str, str, bytes]]) -> str:
    """A commit whose tree no honest git would write: entries of mode, name and content in one folder."""
    raw = b""
    for mode, name, content in entries:
        kind = "tree" if mode == "40000" else "blob"
        made = upstream.git("hash-object", "-w", "-t", kind, "--literally", "--stdin", stdin=content)
        raw += f"{mode} {name}\0".encode() + bytes.fromhex(made)
    tree = upstream.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", stdin=raw)
    commit = upstream.git("commit-tree", "-m", "Crafted", "-p", "main", tree)
    upstream.git("update-ref", "refs/heads/crafted", commit)
    await forge.fetch_upstream(shop, source=upstream.source, branch="crafted")
    return commit


@pytest.mark.parametrize("name", ["..", ".git", "../escaped", "a/../../escaped", "/escaped", ".GIT", "git~1"])
async def test_a_path_that_leads_out_of_the_folder_is_refused(
    forge: AnyForge, shop: str, upstream: Checkout, tmp_path: Path, name: str
):
    commit = await crafted(forge, shop, upstream, [("100644", "ok.txt", b"ok\n"), ("100644", name, b"bad\n")])

    with pytest.raises(Invalid):
        await forge.export(shop, commit, tmp_path / "room/files")

    assert names(tmp_path / "room") == []
    assert not [found for found in names(tmp_path) if found.endswith("escaped")]


async def test_a_folder_hidden_behind_a_link_of_the_same_name_does_not_lead_out(
    forge: AnyForge, shop: str, upstream: Checkout, tmp_path: Path
):
    outside = tmp_path / "outside"
    outside.mkdir()
    blob = upstream.git("hash-object", "-w", "--stdin", stdin=b"bad\n")
    folder = b"100644 planted.txt\0" + bytes.fromhex(blob)
    commit = await crafted(forge, shop, upstream, [("120000", "way", str(outside).encode()), ("40000", "way", folder)])

    try:
        await forge.export(shop, commit, tmp_path / "files")
    except Invalid:
        assert not (tmp_path / "files").exists()

    assert list(outside.iterdir()) == []


async def test_a_submodule_is_an_empty_folder(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout, tmp_path: Path
):
    upstream.switch("task")
    upstream.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    upstream.git("commit", "--quiet", "-m", "With a submodule")
    commit = upstream.head()
    await forge.fetch_upstream(shop, source=upstream.source, branch="task")

    await forge.export(shop, commit, tmp_path / "files")

    assert names(tmp_path / "files") == ["app.py", "readme.md"]
