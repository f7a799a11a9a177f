import pytest

from aiworker.core.errors import Invalid, NotFound
from aiworker.delivery.ports import PullRequest
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


async def test_a_pull_request_is_closed_as_merged(forge: AnyForge, shop: str, branch: Branch, upstream: Checkout):
    await branch("task")
    await opened(forge, shop, "task")

    for _ in range(2):
        await forge.close_pull_request(shop, 1, merge_commit=upstream.head())

    pull = await forge.get_pull_request(shop, 1)
    assert (pull.state, pull.merge_commit) == ("merged", upstream.head())


async def test_after_the_close_a_new_one_is_opened(forge: AnyForge, shop: str, branch: Branch):
    await branch("task")
    await opened(forge, shop, "task")
    await forge.close_pull_request(shop, 1)

    assert (await opened(forge, shop, "task")).number == 2


async def test_an_open_pull_request_survives_its_branch(forge: AnyForge, shop: str, branch: Branch):
    commit = await branch("task")
    await opened(forge, shop, "task")
    await forge.delete_branch(shop, "task")

    pull = await forge.get_pull_request(shop, 1)
    assert (pull.state, pull.head_commit) == ("open", commit)


async def test_pull_requests_are_listed_newest_first_and_by_state(
    forge: AnyForge, shop: str, branch: Branch, upstream: Checkout
):
    for name in ("one", "two", "three"):
        await branch(name)
        await opened(forge, shop, name)
    await forge.close_pull_request(shop, 1)
    await forge.close_pull_request(shop, 2, merge_commit=upstream.head())

    assert [pull.number for pull in await forge.list_pull_requests(shop)] == [3, 2, 1]
    assert [pull.head for pull in await forge.list_pull_requests(shop, state="open")] == ["three"]
    assert [pull.head for pull in await forge.list_pull_requests(shop, state="closed")] == ["one"]
    assert [pull.head for pull in await forge.list_pull_requests(shop, state="merged")] == ["two"]


async def test_comments_are_kept_in_order_and_not_repeated(forge: AnyForge, shop: str, branch: Branch):
    await branch("task")
    await opened(forge, shop, "task")

    for words in ("Shipped in release 7.", "Rolled back: ünïcode ✓", "Shipped in release 7."):
        await forge.comment(shop, 1, words)
    await forge.close_pull_request(shop, 1)
    await forge.comment(shop, 1, "After the close")

    assert await forge.list_comments(shop, 1) == [
        "Shipped in release 7.",
        "Rolled back: ünïcode ✓",
        "After the close",
    ]


async def test_a_pull_request_that_is_not_there_is_not_found(forge: AnyForge, shop: str):
    for number in (0, -1, 1, 10**12):
        with pytest.raises(NotFound):
            await forge.get_pull_request(shop, number)
        with pytest.raises(NotFound):
            await forge.comment(shop, number, "Words")
        with pytest.raises(NotFound):
            await forge.list_comments(shop, number)
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


async def test_a_merge_commit_must_be_there(forge: AnyForge, shop: str, branch: Branch):
    await branch("task")
    await opened(forge, shop, "task")

    with pytest.raises(NotFound):
        await forge.close_pull_request(shop, 1, merge_commit="1" * 40)
    assert (await forge.get_pull_request(shop, 1)).state == "open"
