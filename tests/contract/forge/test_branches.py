import pytest

from aiworker.core.errors import Conflict, Invalid, NotFound
from aiworker.delivery.ports.forge import BranchMoved
from tests.contract.forge.conftest import GITS_OWN, AnyForge, Branch
from tests.support.checkouts import Checkout

pytestmark = pytest.mark.parametrize("forge", GITS_OWN, indirect=True)

SOME_COMMIT = "1" * 40

BAD_BRANCHES = [
    "",
    "-d",
    "--force",
    "HEAD",
    "@",
    "a..b",
    "a b",
    "a~1",
    "a^",
    "a:b",
    "a?",
    "a*",
    "a[b",
    "a\\b",
    "/a",
    "a/",
    "a//b",
    ".a",
    "a/.b",
    "a.",
    "a.lock",
    "a.lock/b",
    "a@{1}",
    "a\nb",
    "a\0b",
    "a\x7f",
    "refs/heads/main",
    "\ud800",
    "x" * 300,
    SOME_COMMIT,
]


async def test_a_branch_is_made_at_a_commit(forge: AnyForge, shop: str, upstream: Checkout):
    first = upstream.head()

    assert await forge.create_branch(shop, "task-shop-12-añadir", at=first) == first
    assert await forge.head(shop, "task-shop-12-añadir") == first


async def test_making_a_branch_that_is_there_leaves_it(forge: AnyForge, shop: str, branch: Branch, upstream: Checkout):
    commit = await branch("task")

    assert await forge.create_branch(shop, "task", at=upstream.head()) == commit


async def test_a_branch_cannot_start_at_a_commit_that_is_not_there(forge: AnyForge, shop: str):
    with pytest.raises(NotFound):
        await forge.create_branch(shop, "task", at=SOME_COMMIT)


async def test_a_branch_starts_at_a_commit_named_in_full(forge: AnyForge, shop: str):
    for at in ["main", "HEAD", "", "abc123", "A" * 40, "0" * 40, "--all"]:
        with pytest.raises(Invalid):
            await forge.create_branch(shop, "task", at=at)


async def test_a_branch_name_that_git_does_not_allow_is_refused(forge: AnyForge, shop: str, upstream: Checkout):
    for name in BAD_BRANCHES:
        with pytest.raises(Invalid):
            await forge.create_branch(shop, name, at=upstream.head())
        with pytest.raises(Invalid):
            await forge.head(shop, name)


async def test_a_branch_name_with_characters_of_the_shell_is_only_a_name(
    forge: AnyForge, shop: str, upstream: Checkout
):
    for name in ["a;ls", "$(id)", "`id`", "a'b", 'a"b', "a|b", "a&b", "a>b", "%2e%2e", "{a}"]:
        await forge.create_branch(shop, name, at=upstream.head())
        assert await forge.head(shop, name) == upstream.head()
        assert (await forge.compare(shop, base="main", head=name)).ahead == 0


async def test_a_branch_below_another_branch_is_refused(forge: AnyForge, shop: str, upstream: Checkout):
    with pytest.raises(Conflict, match="main/below"):
        await forge.create_branch(shop, "main/below", at=upstream.head())


async def test_a_branch_moves_forward(forge: AnyForge, shop: str, branch: Branch, upstream: Checkout):
    commit = await branch("task")

    for _ in range(2):
        await forge.move_branch(shop, "main", to=commit, expected=upstream.head())

    assert await forge.head(shop, "main") == commit


async def test_moving_makes_a_branch_that_is_expected_to_be_missing(forge: AnyForge, shop: str, upstream: Checkout):
    await forge.move_branch(shop, "staging", to=upstream.head(), expected=None)

    assert await forge.head(shop, "staging") == upstream.head()


async def test_a_branch_that_is_elsewhere_does_not_move(forge: AnyForge, shop: str, branch: Branch, upstream: Checkout):
    one, other = await branch("one", message="One"), await branch("other", message="Other")

    for expected in (one, None):
        with pytest.raises(BranchMoved):
            await forge.move_branch(shop, "main", to=other, expected=expected)
    with pytest.raises(BranchMoved):
        await forge.move_branch(shop, "staging", to=other, expected=one)
    assert await forge.head(shop, "main") == upstream.head()
    assert await forge.head(shop, "staging") is None


async def test_a_branch_never_moves_sideways_or_back(forge: AnyForge, shop: str, branch: Branch, upstream: Checkout):
    one, other = await branch("one", message="One"), await branch("other", message="Other")

    for to in (other, upstream.head()):
        with pytest.raises(BranchMoved, match="forward"):
            await forge.move_branch(shop, "one", to=to, expected=one)
    assert await forge.head(shop, "one") == one


async def test_a_branch_is_deleted_once(forge: AnyForge, shop: str, branch: Branch):
    await branch("task")

    for _ in range(2):
        await forge.delete_branch(shop, "task")

    assert await forge.head(shop, "task") is None


async def test_the_default_branch_stays(forge: AnyForge, shop: str, upstream: Checkout):
    with pytest.raises(Conflict):
        await forge.delete_branch(shop, "main")
    assert await forge.head(shop, "main") == upstream.head()


async def test_a_tag_is_made_once(forge: AnyForge, shop: str, branch: Branch, upstream: Checkout):
    commit = await branch("task")

    for _ in range(2):
        await forge.tag(shop, "release-7", at=commit, message="Release 7\n\nWith a second paragraph.")

    with pytest.raises(Conflict, match="another commit"):
        await forge.tag(shop, "release-7", at=upstream.head(), message="Release 7")


async def test_a_tag_needs_a_commit_a_name_and_a_message(forge: AnyForge, shop: str, upstream: Checkout):
    with pytest.raises(NotFound):
        await forge.tag(shop, "v1", at=SOME_COMMIT, message="One")
    for name in ("", "-d", "a b", "a..b"):
        with pytest.raises(Invalid):
            await forge.tag(shop, name, at=upstream.head(), message="One")
    for message in ("", " \n", "a\0b", "x" * 100_000):
        with pytest.raises(Invalid):
            await forge.tag(shop, "v1", at=upstream.head(), message=message)


async def test_a_commit_is_shown_in_full(forge: AnyForge, shop: str, branch: Branch, upstream: Checkout):
    sha = await branch("task", message="Añade el botón\n\nWith a body.\n\nTask: SHOP-12")

    commit = await forge.get_commit(shop, sha)

    assert (commit.sha, commit.parents) == (sha, (upstream.head(),))
    assert commit.author == "Ada <ada@example.com>"
    assert commit.subject == "Añade el botón"
    assert commit.message == "Añade el botón\n\nWith a body.\n\nTask: SHOP-12"
    assert int(commit.committed_at.timestamp()) == int(upstream.git("show", "-s", "--format=%ct", sha))


async def test_a_commit_that_is_not_there_is_not_found(forge: AnyForge, shop: str):
    with pytest.raises(NotFound):
        await forge.get_commit(shop, SOME_COMMIT)


async def test_a_tree_is_not_a_commit(forge: AnyForge, shop: str, upstream: Checkout):
    with pytest.raises(NotFound):
        await forge.get_commit(shop, upstream.head("HEAD^{tree}"))


async def test_a_commit_contains_itself_and_its_ancestors(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    commit = await branch("task")

    assert await forge.is_ancestor(shop, commit, commit)
    assert await forge.is_ancestor(shop, upstream.head(), commit)
    assert not await forge.is_ancestor(shop, commit, upstream.head())


async def test_two_branches_are_compared(forge: AnyForge, shop: str, branch: Branch, upstream: Checkout):
    start = upstream.head()
    first = await branch("task", message="One")
    second = await branch("task", message="Two")
    upstream.commit("Meanwhile")
    await forge.fetch_upstream(shop, source=upstream.source, branch="main")

    compared = await forge.compare(shop, base="main", head="task")

    assert (compared.merge_base, compared.ahead, compared.behind) == (start, 2, 1)
    assert [commit.sha for commit in compared.commits] == [second, first]


async def test_a_branch_is_no_step_ahead_of_itself(forge: AnyForge, shop: str):
    compared = await forge.compare(shop, base="main", head="main")

    assert (compared.ahead, compared.behind, compared.commits) == (0, 0, ())


async def test_histories_with_nothing_in_common_have_no_merge_base(forge: AnyForge, shop: str, upstream: Checkout):
    upstream.git("switch", "--quiet", "--orphan", "island")
    upstream.commit("Island", island__txt="x")
    await forge.fetch_upstream(shop, source=upstream.source, branch="island")

    compared = await forge.compare(shop, base="main", head="island")

    assert (compared.merge_base, compared.ahead, compared.behind) == (None, 1, 1)
    assert [file.path for file in (await forge.diff(shop, base="main", head="island")).files] == [
        "app.py",
        "island.txt",
        "readme.md",
    ]


async def test_comparing_with_a_branch_that_is_not_there_is_not_found(forge: AnyForge, shop: str):
    with pytest.raises(NotFound, match="nobody"):
        await forge.compare(shop, base="main", head="nobody")
    with pytest.raises(NotFound):
        await forge.diff(shop, base=SOME_COMMIT, head="main")
