from datetime import UTC, datetime, timedelta

import pytest

from aiworker.core.errors import Conflict, Invalid, NotFound
from aiworker.delivery.ports.forge import BranchMoved, LineComment, PullRequest
from tests.contract.forge.conftest import AnyForge, Branch
from tests.support.checkouts import Checkout


async def opened(forge: AnyForge, shop: str, head: str, title: str = "A change") -> PullRequest:
    return await forge.open_pull_request(shop, head=head, base="main", title=title, body="Why")


async def test_a_pull_request_is_opened(forge: AnyForge, shop: str, branch: Branch):
    commit = await branch("task")

    pull = await opened(forge, shop, "task")

    assert (pull.number, pull.title, pull.body, pull.head, pull.base) == (1, "A change", "Why", "task", "main")
    assert (pull.head_commit, pull.state, pull.merge_commit) == (commit, "open", None)
    assert pull.url.startswith("http")
    assert await forge.get_pull_request(shop, 1) == pull


async def test_opening_again_updates_the_open_one(forge: AnyForge, shop: str, branch: Branch):
    await branch("task")
    await opened(forge, shop, "task")

    again = await opened(forge, shop, "task", title="A better title")

    assert (again.number, again.title) == (1, "A better title")
    assert [pull.number for pull in await forge.list_pull_requests(shop)] == [1]


async def test_an_open_pull_request_follows_its_branch(forge: AnyForge, shop: str, branch: Branch):
    await branch("task", message="One")
    await opened(forge, shop, "task")
    later = await branch("task", message="Two")

    assert (await forge.get_pull_request(shop, 1)).head_commit == later
    assert (await forge.list_pull_requests(shop, state="open"))[0].head_commit == later


async def test_a_closed_pull_request_stays_where_it_was(forge: AnyForge, shop: str, branch: Branch):
    commit = await branch("task", message="One")
    await opened(forge, shop, "task")

    for _ in range(2):
        await forge.close_pull_request(shop, 1)
    await branch("task", message="Two")

    pull = await forge.get_pull_request(shop, 1)
    assert (pull.state, pull.head_commit, pull.merge_commit) == ("closed", commit, None)


async def test_a_pull_request_is_merged_by_moving_its_base_to_its_head(forge: AnyForge, shop: str, branch: Branch):
    commit = await branch("task")
    await opened(forge, shop, "task")

    for _ in range(2):
        merged = await forge.merge_pull_request(shop, 1, expected=commit)
        assert (merged.state, merged.merge_commit, merged.merged_by) == (
            "merged",
            commit,
            await forge.account(shop),
        )

    assert await forge.head(shop, "main") == commit
    assert (await forge.get_pull_request(shop, 1)).state == "merged"


async def test_a_pull_request_whose_base_has_gone_elsewhere_is_not_merged(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    commit = await branch("task")
    await opened(forge, shop, "task")
    elsewhere = upstream.commit("Elsewhere", other__txt="other\n")
    await forge.fetch_upstream(shop, source=upstream.source, branch="main")

    with pytest.raises(BranchMoved):
        await forge.merge_pull_request(shop, 1, expected=commit)
    assert await forge.head(shop, "main") == elsewhere
    assert (await forge.get_pull_request(shop, 1)).state == "open"


async def test_a_pull_request_is_merged_only_at_the_commit_that_was_expected(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    first = await branch("task", message="One")
    await opened(forge, shop, "task")
    await branch("task", message="Two")

    with pytest.raises(BranchMoved):
        await forge.merge_pull_request(shop, 1, expected=first)
    with pytest.raises(NotFound):
        await forge.merge_pull_request(shop, 1, expected="1" * 40)
    assert await forge.head(shop, "main") == upstream.head("main")


async def test_a_pull_request_that_somebody_closed_is_not_merged(forge: AnyForge, shop: str, branch: Branch):
    commit = await branch("task")
    await opened(forge, shop, "task")
    await forge.close_pull_request(shop, 1)

    with pytest.raises(Conflict) as refused:
        await forge.merge_pull_request(shop, 1, expected=commit)
    assert refused.value.code == "pull_request_closed"


async def test_a_merge_that_was_cut_short_is_finished(forge: AnyForge, shop: str, branch: Branch, upstream: Checkout):
    commit = await branch("task")
    await opened(forge, shop, "task")
    await forge.move_branch(shop, "main", to=commit, expected=upstream.head("main"))

    assert (await forge.merge_pull_request(shop, 1, expected=commit)).number == 1
    assert await forge.list_pull_requests(shop, state="open") == []


async def test_after_the_close_a_new_one_is_opened(forge: AnyForge, shop: str, branch: Branch):
    await branch("task")
    await opened(forge, shop, "task")
    await forge.close_pull_request(shop, 1)

    assert (await opened(forge, shop, "task")).number == 2


async def test_a_pull_request_survives_its_branch(forge: AnyForge, shop: str, branch: Branch):
    commit = await branch("task")
    await opened(forge, shop, "task")
    await forge.delete_branch(shop, "task")

    pull = await forge.get_pull_request(shop, 1)
    assert (pull.head, pull.head_commit) == ("task", commit)
    assert pull.state in {"open", "closed"}  # Gitea closes it


async def test_pull_requests_are_listed_newest_first_and_by_state(forge: AnyForge, shop: str, branch: Branch):
    heads = {name: await branch(name) for name in ("one", "two", "three")}
    for name in heads:
        await opened(forge, shop, name)
    await forge.close_pull_request(shop, 1)
    await forge.merge_pull_request(shop, 2, expected=heads["two"])

    assert [pull.number for pull in await forge.list_pull_requests(shop)] == [3, 2, 1]
    assert [pull.head for pull in await forge.list_pull_requests(shop, state="open")] == ["three"]
    assert [pull.head for pull in await forge.list_pull_requests(shop, state="closed")] == ["one"]
    assert [pull.head for pull in await forge.list_pull_requests(shop, state="merged")] == ["two"]


async def test_pull_requests_are_listed_by_when_they_changed(forge: AnyForge, shop: str, branch: Branch):
    for name in ("one", "two"):
        await branch(name)
        await opened(forge, shop, name)
    long_ago, soon = datetime.now(UTC) - timedelta(days=1), datetime.now(UTC) + timedelta(days=1)

    assert {pull.number for pull in await forge.list_pull_requests(shop, since=long_ago)} == {1, 2}
    assert await forge.list_pull_requests(shop, since=soon) == []


async def test_comments_are_kept_in_order_and_not_repeated(forge: AnyForge, shop: str, branch: Branch):
    await branch("task")
    await opened(forge, shop, "task")

    for words in ("Shipped in release 7.", "Rolled back: ünïcode ✓", "Shipped in release 7."):
        await forge.comment(shop, 1, words)
    await forge.close_pull_request(shop, 1)
    await forge.comment(shop, 1, "After the close")

    said = await forge.list_reviews(shop, 1)
    assert [one.body for one in said] == ["Shipped in release 7.", "Rolled back: ünïcode ✓", "After the close"]
    assert {one.author for one in said} == {await forge.account(shop)}
    assert {(one.path, one.verdict) for one in said} == {(None, "commented")}
    assert [one.body for one in await forge.list_reviews(shop, 1, limit=1)] == ["After the close"]


async def test_a_review_says_something_on_lines_and_is_not_repeated(forge: AnyForge, shop: str, branch: Branch):
    commit = await branch("task", app__py="print('bye')\nprint('again')\n")
    await opened(forge, shop, "task")
    lines = [LineComment("app.py", 2, "Why again?"), LineComment("app.py", 1, "Say hello.")]

    for _ in range(2):
        await forge.review(shop, 1, commit=commit, body="Two things.", comments=lines)
    await forge.review(shop, 1, commit=commit, body="", comments=[*lines, LineComment("app.py", 2, "Really?")])

    said = await forge.list_reviews(shop, 1)
    assert {(one.path, one.line, one.body) for one in said} == {
        (None, None, "Two things."),
        ("app.py", 2, "Why again?"),
        ("app.py", 1, "Say hello."),
        ("app.py", 2, "Really?"),
    }
    assert len(said) == len({one.id for one in said}) == 4
    assert {one.commit for one in said if one.path} == {commit}


@pytest.mark.parametrize(
    ("body", "comments"),
    [("", []), ("x" * 70_000, []), ("B", [LineComment("app.py", 0, "Words")]), ("B", [LineComment("app.py", 1, "")])],
)
async def test_a_review_says_something_within_limits(
    forge: AnyForge, shop: str, branch: Branch, body: str, comments: list[LineComment]
):
    commit = await branch("task")
    await opened(forge, shop, "task")

    with pytest.raises(Invalid):
        await forge.review(shop, 1, commit=commit, body=body, comments=comments)
    assert await forge.list_reviews(shop, 1) == []


async def test_a_commit_of_which_nobody_says_anything_has_no_status(forge: AnyForge, shop: str, branch: Branch):
    assert (await forge.commit_status(shop, await branch("task"))).state == "none"


async def test_a_pull_request_that_is_not_there_is_not_found(forge: AnyForge, shop: str):
    for number in (0, -1, 1, 10**12):
        with pytest.raises(NotFound):
            await forge.get_pull_request(shop, number)
        with pytest.raises(NotFound):
            await forge.comment(shop, number, "Words")
        with pytest.raises(NotFound):
            await forge.list_reviews(shop, number)
        with pytest.raises(NotFound):
            await forge.close_pull_request(shop, number)


async def test_a_pull_request_needs_two_branches_that_are_there(forge: AnyForge, shop: str, branch: Branch):
    await branch("task")

    with pytest.raises(NotFound, match="nobody"):
        await forge.open_pull_request(shop, head="nobody", base="main", title="T", body="B")
    with pytest.raises(NotFound, match="nowhere"):
        await forge.open_pull_request(shop, head="task", base="nowhere", title="T", body="B")
    with pytest.raises(Invalid):
        await forge.open_pull_request(shop, head="main", base="main", title="T", body="B")


@pytest.mark.parametrize(
    ("title", "body"), [("", "B"), ("x" * 300, "B"), ("T", "x" * 100_000), ("T\0", "B"), ("T", "\0")]
)
async def test_a_title_and_a_body_have_limits(forge: AnyForge, shop: str, branch: Branch, title: str, body: str):
    await branch("task")

    with pytest.raises(Invalid):
        await forge.open_pull_request(shop, head="task", base="main", title=title, body=body)


async def test_a_pull_request_may_have_no_body(forge: AnyForge, shop: str, branch: Branch):
    await branch("task")

    assert (await forge.open_pull_request(shop, head="task", base="main", title="T", body="")).body == ""
