"""What people commit to a branch where we commit, too: found, and laid on another branch."""

import pytest

from aiworker.core.errors import NotFound
from aiworker.delivery.ports.forge import ByHand, Clash, Conflicted, DoneByHand, Laid, Pick
from tests.contract.forge.conftest import GITS_OWN, AnyForge, Branch
from tests.support.checkouts import Checkout

pytestmark = pytest.mark.parametrize("forge", GITS_OWN, indirect=True)


def pick(commit: str, *carried: str) -> Pick:
    return Pick(commit, "SHOP-1: a task", "SHOP-1", carried=carried)


async def on_main(forge: AnyForge, shop: str, upstream: Checkout, message: str, **files: str) -> str:
    commit = upstream.commit(message, **files)
    await forge.fetch_upstream(shop, source=upstream.source, branch="main")
    return commit


def ours(upstream: Checkout, branch: str, at: str) -> str:
    """A commit that AiWorker made on a branch."""
    lines = f"commit refs/heads/{branch}\ncommitter AiWorker <aiworker@localhost> 1700000000 +0000\ndata 4\nOurs\n"
    lines += f"from {at}\nM 100644 inline ours.txt\ndata 2\no\n\n"
    upstream.git("fast-import", "--quiet", stdin=lines.encode())
    return upstream.head(branch)


async def test_what_people_did_is_told_in_runs_between_our_own_commits(
    forge: AnyForge, shop: str, upstream: Checkout
) -> None:
    start = upstream.head()
    first = upstream.commit("First by hand", b__txt="b\n")
    second = upstream.commit("Second by hand", b__txt="bb\n")
    own = ours(upstream, "main", second)
    upstream.git("reset", "--quiet", "--hard")
    third = await on_main(forge, shop, upstream, "Third by hand", c__txt="c\n")

    newest = ByHand(own, third, 1, "Ada", "Third by hand")
    assert await forge.by_hand(shop, "main", without=[start]) == DoneByHand(
        third, (ByHand(start, second, 2, "Ada", "Second by hand"), newest)
    )
    assert await forge.by_hand(shop, third, without=[start, first]) == DoneByHand(
        third, (ByHand(first, second, 1, "Ada", "Second by hand"), newest)
    )
    assert await forge.by_hand(shop, own, without=[second]) == DoneByHand(own)
    assert await forge.by_hand(shop, start, without=[third]) == DoneByHand(None)


async def test_a_run_becomes_one_commit_before_the_tasks(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
) -> None:
    start = upstream.head()
    task = await branch("task", a__txt="a\n")
    await on_main(forge, shop, upstream, "First by hand", b__txt="b\n")
    last = await on_main(forge, shop, upstream, "Second by hand", b__txt="bb\n")
    runs = (await forge.by_hand(shop, last, without=[start])).runs

    made = await forge.integrate(shop, branch="try/1", onto=start, picks=[pick(task)], by_hand=runs)
    again = await forge.integrate(shop, branch="try/1", onto=start, picks=[pick(task)], by_hand=runs)

    assert made == again
    (laid,) = made.by_hand
    commit = await forge.get_commit(shop, str(laid.commit))
    assert commit.parents == (start,)
    assert commit.message == f"By hand: 2 commits up to “Second by hand”\n\nBy-Hand: {start}..{last}"
    assert (await forge.get_commit(shop, made.commits[0])).parents == (commit.sha,)
    changed = await forge.diff(shop, base=start, head=made.head)
    assert [file.path for file in changed.files] == ["a.txt", "b.txt"]


async def test_a_run_that_does_not_fit_is_left_out_and_stops_nobody(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
) -> None:
    start = upstream.head()
    task = await branch("task", a__txt="a\n")
    staging = await branch("there", readme__md="UNO\ntwo\nthree\n")
    last = await on_main(forge, shop, upstream, "By hand", readme__md="ONE\ntwo\nthree\n")
    runs = (await forge.by_hand(shop, last, without=[start])).runs

    made = await forge.integrate(shop, branch="try/1", onto=staging, picks=[pick(task)], by_hand=runs)

    assert made.by_hand == (Laid(None, ("readme.md",)),)
    assert (await forge.get_commit(shop, made.head)).parents == (staging,)
    foreseen = await forge.foresee(shop, onto=staging, picks=[pick(task)], by_hand=runs)
    assert foreseen == [Clash(last, None, ("readme.md",))]


async def test_a_task_that_conflicts_with_what_people_did_is_foreseen_and_refused(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
) -> None:
    start = upstream.head()
    task = await branch("task", readme__md="UNO\ntwo\nthree\n")
    last = await on_main(forge, shop, upstream, "By hand", readme__md="ONE\ntwo\nthree\n")
    runs = (await forge.by_hand(shop, last, without=[start])).runs

    with pytest.raises(Conflicted, match=r"SHOP-1 conflicts in readme\.md"):
        await forge.integrate(shop, branch="try/1", onto=start, picks=[pick(task, last)], by_hand=runs)

    foreseen = await forge.foresee(shop, onto=start, picks=[pick(task, last)], by_hand=runs)
    assert foreseen == [Clash("SHOP-1", None, ("readme.md",))]


async def test_a_task_that_has_taken_over_what_people_did_goes_in_on_top_of_it(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
) -> None:
    start = upstream.head()
    last = await on_main(forge, shop, upstream, "By hand", readme__md="ONE\ntwo\nthree\n")
    task = await branch("task", readme__md="EINS\ntwo\nthree\n")
    runs = (await forge.by_hand(shop, last, without=[start])).runs

    made = await forge.integrate(shop, branch="try/1", onto=start, picks=[pick(task, last)], by_hand=runs)

    assert await forge.foresee(shop, onto=start, picks=[pick(task, last)], by_hand=runs) == []
    (changed,) = (await forge.diff(shop, base=str(made.by_hand[0].commit), head=made.head)).files
    assert "+EINS" in str(changed.patch)


async def test_what_people_merged_goes_along_as_one_change(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
) -> None:
    start = upstream.head()
    feature = await branch("feature", b__txt="b\n")
    upstream.git("merge", "--quiet", "--no-ff", "-m", "Merge the feature", feature)
    last = await on_main(forge, shop, upstream, "More", c__txt="c\n")

    (run,) = (await forge.by_hand(shop, last, without=[start])).runs

    assert (run.count, run.mixed) == (2, False)
    made = await forge.integrate(shop, branch="try/1", onto=start, picks=[], by_hand=[run])
    assert [file.path for file in (await forge.diff(shop, base=start, head=made.head)).files] == ["b.txt", "c.txt"]


async def test_a_merge_that_brings_our_own_commits_along_is_left_out_unless_staging_has_them(
    forge: AnyForge, shop: str, upstream: Checkout
) -> None:
    start = upstream.head()
    own = ours(upstream, "release", start)
    upstream.git("merge", "--quiet", "--no-ff", "-m", "Merge the release", own)
    last = await on_main(forge, shop, upstream, "More", c__txt="c\n")

    (mixed,) = (await forge.by_hand(shop, last, without=[start])).runs

    assert mixed.mixed
    made = await forge.integrate(shop, branch="try/1", onto=start, picks=[], by_hand=[mixed])
    assert (made.head, made.by_hand) == (start, (Laid(None),))
    assert not (await forge.by_hand(shop, last, without=[own])).runs[0].mixed


async def test_a_commit_that_is_not_there_is_not_found(forge: AnyForge, shop: str, upstream: Checkout) -> None:
    with pytest.raises(NotFound):
        await forge.by_hand(shop, "1" * 40, without=[upstream.head()])
