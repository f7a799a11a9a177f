import pytest

from aiworker.core.errors import Conflict, Invalid, NotFound
from aiworker.delivery.ports.forge import Conflicted, Pick
from tests.contract.forge.conftest import GITS_OWN, AnyForge, Branch
from tests.support.checkouts import Checkout

pytestmark = pytest.mark.parametrize("forge", GITS_OWN, indirect=True)

SOME_COMMIT = "1" * 40


def pick(commit: str, label: str = "SHOP-1", carried: tuple[str, ...] = ()) -> Pick:
    return Pick(commit, f"{label}: a task\n\nTask: {label}\nApproved-Commit: {commit}", label, carried=carried)


async def paths(forge: AnyForge, shop: str, base: str, head: str) -> list[str]:
    return [file.path for file in (await forge.diff(shop, base=base, head=head)).files]


async def test_each_pick_becomes_one_commit_with_one_parent(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    start = upstream.head()
    await branch("one", message="First half", a__txt="a\n")
    one = await branch("one", message="Second half", b__txt="b\n")
    two = await branch("two", c__txt="c\n")

    made = await forge.integrate(shop, branch="try/1", onto=start, picks=[pick(one), pick(two, "SHOP-2")])

    first, second = [await forge.get_commit(shop, commit) for commit in made.commits]
    assert (first.parents, second.parents) == ((start,), (first.sha,))
    assert await forge.head(shop, "try/1") == made.head == second.sha
    assert first.message == f"SHOP-1: a task\n\nTask: SHOP-1\nApproved-Commit: {one}"
    assert await paths(forge, shop, start, first.sha) == ["a.txt", "b.txt"]
    assert await paths(forge, shop, first.sha, second.sha) == ["c.txt"]


async def test_integrating_moves_only_the_scratch_branch(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    start = upstream.head()
    one = await branch("one")

    await forge.integrate(shop, branch="try/1", onto=start, picks=[pick(one)])

    assert await forge.head(shop, "main") == start
    assert await forge.head(shop, "one") == one
    with pytest.raises(Invalid):
        await forge.integrate(shop, branch="main", onto=start, picks=[pick(one)])


async def test_the_author_is_kept_unless_another_is_named(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    upstream.switch("one")
    upstream.git("commit", "--quiet", "--allow-empty", "--author=Zoë Ünal <zoe@example.com>", "-m", "By Zoë")
    one = upstream.head()
    await forge.fetch_upstream(shop, source=upstream.source, branch="one")
    two = await branch("two", b__txt="b\n")

    made = await forge.integrate(
        shop,
        branch="try/1",
        onto=upstream.head("main"),
        picks=[pick(one), Pick(two, "Two", "SHOP-2", author="Grace <grace@example.com>")],
    )

    authors = [(await forge.get_commit(shop, commit)).author for commit in made.commits]
    assert authors == ["Zoë Ünal <zoe@example.com>", "Grace <grace@example.com>"]


async def test_the_same_integration_again_gives_the_same_commits(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    picks = [pick(await branch("one", a__txt="a\n")), pick(await branch("two", b__txt="b\n"), "SHOP-2")]

    first = await forge.integrate(shop, branch="try/1", onto=upstream.head(), picks=picks)
    again = await forge.integrate(shop, branch="try/1", onto=upstream.head(), picks=picks)
    elsewhere = await forge.integrate(shop, branch="try/2", onto=upstream.head(), picks=picks)

    assert first == again == elsewhere


async def test_a_scratch_branch_is_reset(forge: AnyForge, shop: str, branch: Branch, upstream: Checkout):
    one, two = await branch("one", a__txt="a\n"), await branch("two", b__txt="b\n")
    await forge.integrate(shop, branch="try/1", onto=upstream.head(), picks=[pick(one)])

    made = await forge.integrate(shop, branch="try/1", onto=upstream.head(), picks=[pick(two)])

    assert await forge.head(shop, "try/1") == made.head
    assert await paths(forge, shop, upstream.head(), made.head) == ["b.txt"]


async def test_no_pick_leaves_the_start(forge: AnyForge, shop: str, upstream: Checkout):
    made = await forge.integrate(shop, branch="try/1", onto=upstream.head(), picks=[])

    assert (made.head, made.commits) == (upstream.head(), ())
    assert await forge.head(shop, "try/1") == upstream.head()


async def test_a_pick_that_changes_nothing_still_gets_its_commit(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    one = await branch("one", a__txt="a\n")

    made = await forge.integrate(shop, branch="try/1", onto=upstream.head(), picks=[pick(one), pick(one, "SHOP-2")])

    assert len(made.commits) == 2
    assert await paths(forge, shop, *made.commits) == []


async def test_a_conflict_names_the_pick_and_its_files_and_moves_nothing(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    one = await branch("one", readme__md="ONE\ntwo\nthree\n", app__py="1\n")
    two = await branch("two", readme__md="UNO\ntwo\nthree\n", app__py="2\n")
    before = await forge.integrate(shop, branch="try/1", onto=upstream.head(), picks=[pick(one)])

    with pytest.raises(Conflicted) as conflict:
        await forge.integrate(shop, branch="try/1", onto=upstream.head(), picks=[pick(one), pick(two, "SHOP-2")])

    assert (conflict.value.label, conflict.value.files) == ("SHOP-2", ("app.py", "readme.md"))
    assert conflict.value.kind == "conflict"
    assert await forge.head(shop, "try/1") == before.head


async def test_a_changed_and_a_deleted_file_conflict(forge: AnyForge, shop: str, branch: Branch, upstream: Checkout):
    one = await branch("one", readme__md="changed\n")
    upstream.switch("two")
    upstream.git("rm", "--quiet", "readme.md")
    two = await branch("two")

    with pytest.raises(Conflicted) as conflict:
        await forge.integrate(shop, branch="try/1", onto=upstream.head(), picks=[pick(one), pick(two, "SHOP-2")])
    assert conflict.value.files == ("readme.md",)


async def test_changes_in_different_places_of_a_file_go_together(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    upstream.commit("Long", long__txt="".join(f"{n}\n" for n in range(50)))
    await forge.fetch_upstream(shop, source=upstream.source, branch="main")
    lines = [f"{n}\n" for n in range(50)]
    one = await branch("one", long__txt="".join(["first\n", *lines]))
    two = await branch("two", long__txt="".join([*lines, "last\n"]))

    made = await forge.integrate(shop, branch="try/1", onto=upstream.head(), picks=[pick(one), pick(two, "SHOP-2")])

    diff = await forge.diff(shop, base=upstream.head(), head=made.head)
    assert (diff.additions, diff.deletions) == (2, 0)


async def test_a_task_built_on_another_goes_in_after_it_though_it_changes_the_same_lines(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    one = await branch("one", readme__md="ONE\ntwo\nthree\n")
    two = await branch("two", at="one", readme__md="ONE!\ntwo\nthree\n")

    made = await forge.integrate(shop, branch="try/1", onto=upstream.head(), picks=[pick(one), pick(two, "SHOP-2")])

    diff = await forge.diff(shop, base=made.commits[0], head=made.head)
    assert "-ONE\n+ONE!\n" in str(diff.files[0].patch)


async def test_a_task_built_on_one_that_was_shipped_before_goes_in_when_that_is_told(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    one = await branch("one", readme__md="ONE\ntwo\nthree\n")
    two = await branch("two", at="one", readme__md="ONE!\ntwo\nthree\n")
    shipped = await forge.integrate(shop, branch="try/1", onto=upstream.head(), picks=[pick(one)])

    with pytest.raises(Conflicted):
        await forge.integrate(shop, branch="try/2", onto=shipped.head, picks=[pick(two)])
    made = await forge.integrate(shop, branch="try/2", onto=shipped.head, picks=[pick(two, carried=(one,))])

    assert (await forge.get_commit(shop, made.head)).parents == (shipped.head,)
    diff = await forge.diff(shop, base=shipped.head, head=made.head)
    assert "-ONE\n+ONE!\n" in str(diff.files[0].patch)


async def test_a_task_started_from_a_copy_of_its_dependency_goes_in_when_its_start_is_told(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    one = await branch("one", readme__md="ONE\ntwo\nthree\n")
    start = await forge.integrate(shop, branch="base/two", onto=upstream.head(), picks=[pick(one, "start")])
    await forge.push_upstream(shop, source=upstream.source, refs=["refs/heads/base/two"])
    two = await branch("two", at="base/two", readme__md="ONE!\ntwo\nthree\n")

    with pytest.raises(Conflicted):
        await forge.integrate(shop, branch="try/1", onto=upstream.head(), picks=[pick(one), pick(two)])
    made = await forge.integrate(
        shop, branch="try/1", onto=upstream.head(), picks=[pick(one), pick(two, carried=(start.head,))]
    )

    diff = await forge.diff(shop, base=made.commits[0], head=made.head)
    assert "-ONE\n+ONE!\n" in str(diff.files[0].patch)


async def test_a_task_built_on_two_others_goes_in_after_both(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    one = await branch("one", readme__md="ONE\ntwo\nthree\n")
    two = await branch("two", app__py="two\n")
    upstream.switch("three", at="one")
    upstream.git("merge", "--quiet", "--no-edit", "two")
    three = await branch("three", readme__md="ONE!\ntwo\nthree\n", app__py="three\n")

    made = await forge.integrate(
        shop,
        branch="try/1",
        onto=upstream.head("main"),
        picks=[pick(one), pick(two, "SHOP-2"), pick(three, "SHOP-3")],
    )

    assert await paths(forge, shop, made.commits[1], made.head) == ["app.py", "readme.md"]


async def test_what_has_nothing_in_common_does_not_go_in(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    start = upstream.head()
    upstream.git("switch", "--quiet", "--orphan", "island")
    upstream.commit("Island")
    island = await branch("island", island__txt="x")

    with pytest.raises(Invalid, match="in common"):
        await forge.integrate(shop, branch="try/1", onto=start, picks=[pick(island)])


async def test_a_commit_that_is_not_there_cannot_be_picked(forge: AnyForge, shop: str, upstream: Checkout):
    with pytest.raises(NotFound):
        await forge.integrate(shop, branch="try/1", onto=upstream.head(), picks=[pick(SOME_COMMIT)])
    with pytest.raises(NotFound):
        await forge.integrate(shop, branch="try/1", onto=SOME_COMMIT, picks=[])
    assert await forge.head(shop, "try/1") is None


async def test_a_pick_is_checked_before_anything_is_made(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    one = await branch("one")
    wrong = [
        Pick("main", "M", "L"),
        Pick("--all", "M", "L"),
        Pick(one, "", "L"),
        Pick(one, "a\0b", "L"),
        Pick(one, "M", "L", author="nobody"),
        Pick(one, "M", "L", author="A <b>\nparent " + one),
        Pick(one, "M", "L", carried=("HEAD",)),
    ]
    for bad in wrong:
        with pytest.raises(Invalid):
            await forge.integrate(shop, branch="try/1", onto=upstream.head(), picks=[bad])
    with pytest.raises(Invalid):
        await forge.integrate(shop, branch="try 1", onto=upstream.head(), picks=[pick(one)])
    with pytest.raises(Invalid):
        await forge.integrate(shop, branch="try/1", onto=upstream.head(), picks=[pick(one)] * 1_000)
    assert await forge.head(shop, "try/1") is None


async def test_a_group_is_taken_back_by_one_commit(forge: AnyForge, shop: str, branch: Branch, upstream: Checkout):
    start = upstream.head()
    one, two = await branch("one", readme__md="1\n"), await branch("two", at="one", readme__md="2\n", b__txt="b\n")
    shipped = await forge.integrate(shop, branch="try/1", onto=start, picks=[pick(one), pick(two, "SHOP-2")])

    back = await forge.revert(
        shop, branch="try/2", onto=shipped.head, commits=shipped.commits, message="Roll back release 7"
    )

    commit = await forge.get_commit(shop, back.head)
    assert (commit.parents, commit.message) == ((shipped.head,), "Roll back release 7")
    assert back.commits == (back.head,)
    assert await forge.head(shop, "try/2") == back.head
    assert await paths(forge, shop, start, back.head) == []


async def test_the_same_revert_again_gives_the_same_commit(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    shipped = await forge.integrate(
        shop, branch="try/1", onto=upstream.head(), picks=[pick(await branch("one", a__txt="a\n"))]
    )

    first, again = [
        await forge.revert(shop, branch="try/2", onto=shipped.head, commits=shipped.commits, message="Back")
        for _ in range(2)
    ]

    assert first == again


async def test_later_changes_stay_when_an_earlier_one_is_taken_back(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    one, two = await branch("one", a__txt="a\n"), await branch("two", b__txt="b\n")
    shipped = await forge.integrate(shop, branch="try/1", onto=upstream.head(), picks=[pick(one), pick(two, "SHOP-2")])

    back = await forge.revert(shop, branch="try/2", onto=shipped.head, commits=shipped.commits[:1], message="Back")

    assert await paths(forge, shop, upstream.head(), back.head) == ["b.txt"]


async def test_a_commit_is_taken_back_on_a_branch_that_has_its_changes_under_another_name(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    one, two = await branch("one", a__txt="a\n"), await branch("two", b__txt="b\n")
    production = await forge.integrate(shop, branch="try/1", onto=upstream.head(), picks=[pick(one)])
    staging = await forge.integrate(shop, branch="try/2", onto=upstream.head(), picks=[pick(two), pick(one)])

    back = await forge.revert(
        shop, branch="try/3", onto=staging.head, commits=production.commits, message="Back in staging too"
    )

    assert await paths(forge, shop, upstream.head(), back.head) == ["b.txt"]


async def test_a_change_that_others_built_on_cannot_be_taken_back(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    one = await branch("one", readme__md="1\n")
    two = await branch("two", at="one", readme__md="2\n")
    shipped = await forge.integrate(shop, branch="try/1", onto=upstream.head(), picks=[pick(one), pick(two, "SHOP-2")])

    with pytest.raises(Conflicted) as conflict:
        await forge.revert(shop, branch="try/2", onto=shipped.head, commits=shipped.commits[:1], message="Back")

    assert "SHOP-1: a task" in conflict.value.label
    assert conflict.value.files == ("readme.md",)
    assert await forge.head(shop, "try/2") is None


async def test_a_merge_cannot_be_taken_back(forge: AnyForge, shop: str, branch: Branch, upstream: Checkout):
    await branch("one", a__txt="a\n")
    await branch("two", b__txt="b\n")
    upstream.switch("one")
    upstream.git("merge", "--quiet", "--no-edit", "two")
    merge = upstream.head()
    await branch("one")

    with pytest.raises(Invalid, match="merge"):
        await forge.revert(shop, branch="try/1", onto=merge, commits=[merge], message="Back")


async def test_the_very_first_commit_can_be_taken_back(forge: AnyForge, shop: str, upstream: Checkout):
    back = await forge.revert(shop, branch="try/1", onto=upstream.head(), commits=[upstream.head()], message="All gone")

    diff = await forge.diff(shop, base=upstream.head(), head=back.head)
    assert [file.status for file in diff.files] == ["deleted", "deleted"]


async def test_a_revert_is_checked_before_anything_is_made(forge: AnyForge, shop: str, upstream: Checkout):
    start = upstream.head()
    with pytest.raises(NotFound):
        await forge.revert(shop, branch="try/1", onto=start, commits=[SOME_COMMIT], message="Back")
    for message in ("", "a\0b"):
        with pytest.raises(Invalid):
            await forge.revert(shop, branch="try/1", onto=start, commits=[start], message=message)
    with pytest.raises(Invalid):
        await forge.revert(shop, branch="main", onto=start, commits=[start], message="Back")
    assert await forge.head(shop, "try/1") is None


async def test_a_task_is_shipped_rolled_back_and_shipped_again(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    start = upstream.head()
    task = await branch("task", readme__md="one\ntwo, better\nthree\n", new__txt="new\n")
    await forge.create_branch(shop, "staging", at=start)
    at = start
    for round_ in range(3):
        shipped = await forge.integrate(shop, branch=f"try/ship-{round_}", onto=at, picks=[pick(task)])
        await forge.move_branch(shop, "staging", to=shipped.head, expected=at)
        assert await paths(forge, shop, start, "staging") == ["new.txt", "readme.md"]

        back = await forge.revert(
            shop, branch=f"try/back-{round_}", onto=shipped.head, commits=shipped.commits, message="Roll back"
        )
        await forge.move_branch(shop, "staging", to=back.head, expected=shipped.head)
        assert await paths(forge, shop, start, "staging") == []
        at = back.head


async def test_a_task_whose_round_went_on_is_shipped_again_after_its_rollback(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    start = upstream.head()
    task = await branch("task", new__txt="one\n")
    shipped = await forge.integrate(shop, branch="try/1", onto=start, picks=[pick(task)])
    back = await forge.revert(shop, branch="try/2", onto=shipped.head, commits=shipped.commits, message="Back")
    better = await branch("task", new__txt="better\n")

    again = await forge.integrate(shop, branch="try/3", onto=back.head, picks=[pick(better)])

    assert "+better" in str((await forge.diff(shop, base=start, head=again.head)).files[0].patch)


async def test_a_conflict_with_many_files_is_one_readable_sentence(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    one = await branch("one", **{f"f{n:02}__txt": "1\n" for n in range(12)})
    two = await branch("two", **{f"f{n:02}__txt": "2\n" for n in range(12)})

    with pytest.raises(Conflict, match=r"^SHOP-2 conflicts in f00\.txt, .* and 2 more\.$"):
        await forge.integrate(shop, branch="try/1", onto=upstream.head(), picks=[pick(one), pick(two, "SHOP-2")])
