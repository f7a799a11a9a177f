"""What people say and do in Gitea, as the forge tells it."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from aiworker.core.errors import Denied, Invalid, NotFound
from aiworker.delivery.ports.forge import LineComment
from tests.integration.gitea.conftest import NAME, World
from tests.support.gitea.world import Entry

_OURS = "http://127.0.0.1:3000/api/webhooks/gitea"


async def test_reviews_come_in_with_their_verdict_and_their_lines(world: World):
    commit = await world.opened()
    async with world.gitea.client("ada") as ada:
        line = {"path": "task.txt", "body": "Why this?", "new_position": 1}
        old = {"path": "readme.md", "body": "Why gone?", "old_position": 1}
        await ada.post(
            f"/repos/{NAME}/pulls/1/reviews",
            json={"event": "REQUEST_CHANGES", "body": "Not yet.", "commit_id": commit, "comments": [line, old]},
        )
        await ada.post(f"/repos/{NAME}/pulls/1/reviews", json={"event": "APPROVED", "body": ""})
        await ada.post(f"/repos/{NAME}/issues/1/comments", json={"body": "Well done."})

    said = {(one.path, one.line, one.body, one.verdict) for one in await world.forge.list_reviews(NAME, 1)}
    assert said == {
        (None, None, "Not yet.", "changes_requested"),
        ("task.txt", 1, "Why this?", "changes_requested"),
        ("readme.md", None, "Why gone?", "changes_requested"),
        (None, None, "", "approved"),
        (None, None, "Well done.", "commented"),
    }
    assert {one.author for one in await world.forge.list_reviews(NAME, 1)} == {"ada"}


async def test_an_approval_that_was_taken_back_is_none(world: World):
    await world.opened()
    async with world.gitea.client("ada") as ada:
        await ada.post(f"/repos/{NAME}/pulls/1/reviews", json={"event": "APPROVED", "body": "Fine."})
    world.repository.entries[1].reviews[0].dismissed = True

    assert [(one.body, one.verdict) for one in await world.forge.list_reviews(NAME, 1)] == [("Fine.", "commented")]


async def test_a_pull_request_without_a_branch_is_one_like_others(world: World):
    """As `git push origin HEAD:refs/for/main` makes them."""
    commit = await world.opened()
    world.repository.entries[2] = Entry(2, "ada", "By AGit", "", head="", base="main", sha=commit)

    by_number = {one.number: (one.state, one.head_commit) for one in await world.forge.list_pull_requests(NAME)}
    assert by_number == {1: ("open", commit), 2: ("open", commit)}


async def test_what_a_person_said_is_not_taken_for_ours(world: World):
    commit = await world.opened()
    async with world.gitea.client("ada") as ada:
        await ada.post(f"/repos/{NAME}/issues/1/comments", json={"body": "Shipped."})
    await world.forge.comment(NAME, 1, "Shipped.")
    await world.forge.review(NAME, 1, commit=commit, body="", comments=[LineComment("task.txt", 1, "Look.")])

    assert [one.author for one in world.repository.entries[1].comments] == ["ada", "aiworker"]


async def test_checks_of_a_commit_are_the_latest_word_of_each(world: World):
    commit = await world.task()
    assert (await world.forge.commit_status(NAME, commit)).state == "none"
    async with world.gitea.client("ada") as ada:
        for context, state in (("build", "failure"), ("test", "success"), ("build", "pending")):
            body = {"context": context, "state": state, "target_url": "http://ci/1", "description": "CI"}
            await ada.post(f"/repos/{NAME}/statuses/{commit}", json=body)

        status = await world.forge.commit_status(NAME, commit)
        assert status.state == "pending"
        assert {(check.context, check.state) for check in status.checks} == {("build", "pending"), ("test", "success")}
        for context, state, together in (("build", "success", "success"), ("lint", "warning", "failure")):
            await ada.post(f"/repos/{NAME}/statuses/{commit}", json={"context": context, "state": state})
            assert (await world.forge.commit_status(NAME, commit)).state == together


async def test_more_checks_than_a_page_are_all_heard(world: World):
    commit = await world.task()
    world.repository.statuses[commit] = [
        {"id": number, "context": f"job {number}", "status": "failure" if number == 50 else "success"}
        for number in range(51)
    ]

    status = await world.forge.commit_status(NAME, commit)
    assert (status.state, len(status.checks)) == ("failure", 51)


async def test_issues_are_listed_page_by_page_without_pull_requests(world: World):
    await world.opened()
    for number in range(2, 54):
        world.repository.entries[number] = Entry(number, "ada", f"Issue {number}", "Please")

    first = await world.forge.list_issues(NAME)
    rest = await world.forge.list_issues(NAME, cursor=first.next_cursor)

    assert (len(first.issues), len(rest.issues), rest.next_cursor) == (50, 2, None)
    assert [issue.number for issue in (*first.issues, *rest.issues)] == list(range(53, 1, -1))
    assert (first.issues[0].title, first.issues[0].author, first.issues[0].state) == ("Issue 53", "ada", "open")
    assert (await world.forge.list_issues(NAME, since=datetime.now(UTC) + timedelta(hours=1))).issues == ()
    for cursor in ("", "x", "-1", "0", "9" * 30):
        with pytest.raises(Invalid):
            await world.forge.list_issues(NAME, cursor=cursor)


async def test_an_issue_is_closed_with_words_that_are_said_once(world: World):
    async with world.gitea.client("ada") as ada:
        await ada.post(f"/repos/{NAME}/issues", json={"title": "Broken"})

    for _ in range(2):
        await world.forge.comment_issue(NAME, 1, "Shipped with release 7.")
        await world.forge.close_issue(NAME, 1)

    assert [one.body for one in world.repository.entries[1].comments] == ["Shipped with release 7."]
    assert (await world.forge.list_issues(NAME)).issues == ()
    assert [issue.number for issue in (await world.forge.list_issues(NAME, state="closed")).issues] == [1]
    with pytest.raises(NotFound):
        await world.forge.close_issue(NAME, 2)


async def test_the_webhook_is_registered_once_and_a_new_secret_takes_its_place(world: World):
    for _ in range(2):
        await world.forge.watch(NAME, url=_OURS, secret="one")
    (hook,) = world.repository.hooks
    assert (hook.secret, hook.active, hook.content_type) == ("one", True, "json")

    await world.forge.watch(NAME, url=_OURS, secret="two")
    (other,) = world.repository.hooks
    assert (other.id != hook.id, other.secret) == (True, "two")
    note = (world.forge.store.own(NAME) / "webhook").read_bytes()
    assert note == hashlib.sha256(f"{other.id}:two".encode()).hexdigest().encode()


async def test_a_webhook_that_somebody_crippled_is_repaired_and_others_stay(world: World):
    world.repository.hooks.append(world.gitea.changes.hook("http://ci/", "", "json", ["push"], active=True))
    await world.forge.watch(NAME, url=_OURS, secret="one")
    world.repository.hooks[-1].events = ["push"]

    await world.forge.watch(NAME, url=_OURS, secret="one")

    assert [hook.url for hook in world.repository.hooks] == ["http://ci/", _OURS]
    assert "pull_request" in world.repository.hooks[-1].events


async def test_an_account_that_is_no_administrator_may_not_watch(world: World):
    world.repository.may["aiworker"] = "write"

    with pytest.raises(Denied):
        await world.forge.watch(NAME, url=_OURS, secret="one")
