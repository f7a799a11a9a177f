import pytest

from tests.contract.forge.conftest import GITS_OWN, AnyForge, Branch
from tests.support.checkouts import Checkout

pytestmark = pytest.mark.parametrize("forge", GITS_OWN, indirect=True)


async def test_a_diff_shows_what_changed_since_the_branch_left(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    start = upstream.head()
    head = await branch("task", readme__md="one\n2\nthree\n", new__txt="new\n")
    upstream.commit("Meanwhile", readme__md="another\n")
    await forge.fetch_upstream(shop, source=upstream.source, branch="main")

    diff = await forge.diff(shop, base="main", head="task")

    assert (diff.base, diff.head, diff.additions, diff.deletions, diff.truncated) == (start, head, 2, 1, False)
    assert [(file.path, file.status, file.additions, file.deletions) for file in diff.files] == [
        ("new.txt", "added", 1, 0),
        ("readme.md", "modified", 1, 1),
    ]
    patch = diff.files[1].patch
    assert patch is not None
    assert patch.startswith("diff --git a/readme.md b/readme.md\n")
    assert patch.endswith("@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n")


async def test_nothing_changed_is_an_empty_diff(forge: AnyForge, shop: str):
    diff = await forge.diff(shop, base="main", head="main")

    assert (diff.files, diff.additions, diff.deletions, diff.truncated) == ((), 0, 0, False)


async def test_a_deleted_a_renamed_and_a_binary_file_are_told_apart(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    upstream.switch("task")
    upstream.git("rm", "--quiet", "app.py")
    upstream.git("mv", "readme.md", 'LÉEME: leer "esto".md')
    await branch("task", logo__png=bytes(range(256)))

    files = {file.path: file for file in (await forge.diff(shop, base="main", head="task")).files}

    assert files["app.py"].status == "deleted"
    renamed = files['LÉEME: leer "esto".md']
    assert (renamed.status, renamed.old_path) == ("renamed", "readme.md")
    logo = files["logo.png"]
    assert (logo.status, logo.binary, logo.patch, logo.truncated) == ("added", True, None, False)


async def test_a_file_that_becomes_a_link_does_not_shift_the_patches_of_others(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    upstream.switch("task")
    (upstream.path / "app.py").unlink()
    (upstream.path / "app.py").symlink_to("readme.md")
    upstream.git("update-index", "--chmod=+x", "readme.md")
    await branch("task", zebra__txt="stripes\n")

    files = {file.path: file for file in (await forge.diff(shop, base="main", head="task")).files}

    assert files["app.py"].status == "type_changed"
    assert "+readme.md" in str(files["app.py"].patch)
    assert "+stripes" in str(files["zebra.txt"].patch)


async def test_lines_that_look_like_a_patch_stay_content(forge: AnyForge, shop: str, branch: Branch):
    tricky = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n"
    await branch("task", a__txt=tricky, b__txt="b\n")

    files = (await forge.diff(shop, base="main", head="task")).files

    assert [(file.path, file.additions) for file in files] == [("a.txt", 4), ("b.txt", 1)]
    assert "+b" in str(files[1].patch)


async def test_text_that_is_not_utf8_is_still_shown(forge: AnyForge, shop: str, branch: Branch):
    await branch("task", latin__txt="caf\xe9\n".encode("latin-1"))

    assert "+caf\N{REPLACEMENT CHARACTER}\n" in str((await forge.diff(shop, base="main", head="task")).files[0].patch)


async def test_a_patch_that_is_too_long_is_left_out_and_said_so(forge: AnyForge, shop: str, branch: Branch):
    await branch("task", a__txt="a\n" * 400_000, b__txt="b\n")

    diff = await forge.diff(shop, base="main", head="task")

    assert diff.truncated
    assert [(file.path, file.additions, file.truncated, file.patch is None) for file in diff.files] == [
        ("a.txt", 400_000, True, True),
        ("b.txt", 1, False, False),
    ]


async def test_many_long_patches_are_cut_but_all_files_are_listed(forge: AnyForge, shop: str, branch: Branch):
    size = 100_000
    await branch("task", **{f"f{n:03}__txt": f"{n} words\n" * (size // 8) for n in range(60)})

    diff = await forge.diff(shop, base="main", head="task")

    assert diff.truncated
    assert len(diff.files) == 60
    assert diff.files[0].patch is not None
    assert (diff.files[-1].patch, diff.files[-1].truncated) == (None, True)
    assert diff.additions == 60 * (size // 8)


async def test_more_files_than_are_listed_are_counted(forge: AnyForge, shop: str, branch: Branch):
    await branch("task", **{f"f{n:04}__txt": f"{n}\n" for n in range(1_005)})

    diff = await forge.diff(shop, base="main", head="task")

    assert (len(diff.files), diff.additions, diff.truncated) == (1_000, 1_005, True)


async def test_a_file_of_three_thousand_lines_that_was_rewritten_is_shown_whole(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    old = "".join(f"{n:06} {'a' * 80}\n" for n in range(3_000))
    upstream.commit("Long", long__txt=old)
    await forge.fetch_upstream(shop, source=upstream.source, branch="main")
    await branch("task", long__txt=old.replace("a" * 80, "b" * 80))

    (file,) = (await forge.diff(shop, base="main", head="task")).files

    assert (file.additions, file.deletions, file.truncated) == (3_000, 3_000, False)
    assert file.patch is not None
    assert file.patch.count("\n+") == 3_000 + 1  # and the line that names the file


async def test_renamed_files_are_one_file_each_whatever_they_hold(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    text = "".join(f"line {n}\n" for n in range(100))
    upstream.commit("More", old__txt=text, image__png=b"\x89PNG\0\1")
    await forge.fetch_upstream(shop, source=upstream.source, branch="main")
    upstream.switch("task", at="main")
    upstream.git("mv", "old.txt", "new name.txt")
    upstream.git("mv", "image.png", "ïmage.png")
    await branch("task", **{"new name__txt": text.replace("line 50\n", "line fifty\n")})

    by_path = {file.path: file for file in (await forge.diff(shop, base="main", head="task")).files}

    renamed = by_path["new name.txt"]
    assert (renamed.status, renamed.old_path, renamed.additions, renamed.deletions) == ("renamed", "old.txt", 1, 1)
    assert "line fifty" in str(renamed.patch)
    image = by_path["ïmage.png"]
    assert (image.status, image.old_path, image.additions) == ("renamed", "image.png", 0)
