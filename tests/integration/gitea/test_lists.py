"""Lists of a Gitea whose administrator allows a few at a time only (its setting MAX_RESPONSE_ITEMS)."""

import pytest

from aiworker.adapters.forge.gitea.client import Rest
from aiworker.delivery.ports.forge import LineComment
from tests.integration.gitea.conftest import NAME, World
from tests.support.gitea.world import Repository

_FEW, _MANY = 3, 8


@pytest.fixture
def few(world: World) -> Repository:
    world.gitea.world.max_response_items = _FEW
    return world.repository


async def test_every_issue_is_found_however_few_come_at_a_time(world: World, few: Repository):
    async with world.gitea.client("ada") as ada:
        for number in range(2 * _FEW):
            assert (await ada.post(f"/repos/{NAME}/issues", json={"title": f"Issue {number}"})).status_code == 201
    found: list[int] = []
    cursors: list[str | None] = [None]
    while len(cursors) == 1 or cursors[-1] is not None:
        page = await world.forge.list_issues(NAME, cursor=cursors[-1])
        found += [one.number for one in page.issues]
        cursors.append(page.next_cursor)

    assert found == [6, 5, 4, 3, 2, 1]
    assert cursors == [None, "2", None]


async def test_a_pull_request_beyond_the_first_page_is_found_and_not_opened_again(world: World, few: Repository):
    for number in range(_FEW + 1):
        await world.opened(f"task-{number}")

    again = await world.forge.open_pull_request(NAME, head="task-0", base="main", title="A change", body="Why")

    assert again.number == 1
    assert [one.number for one in await world.forge.list_pull_requests(NAME)] == [4, 3, 2, 1]


async def test_one_failing_check_beyond_the_first_page_is_seen(world: World, few: Repository):
    commit = await world.task()
    async with world.gitea.client("ada") as ada:
        for number in range(_MANY):
            state = "failure" if number == _MANY - 1 else "success"
            said = {"state": state, "context": f"check-{number}"}
            assert (await ada.post(f"/repos/{NAME}/statuses/{commit}", json=said)).status_code == 201

    status = await world.forge.commit_status(NAME, commit)

    assert (status.state, len(status.checks)) == ("failure", _MANY)


async def test_our_webhook_beyond_the_first_page_is_not_made_twice(world: World, few: Repository):
    async with world.gitea.client("ada") as ada:
        for number in range(_FEW):
            config = {"url": f"http://127.0.0.1:1/{number}", "content_type": "json"}
            await ada.post(f"/repos/{NAME}/hooks", json={"type": "gitea", "events": ["push"], "config": config})
    for _ in range(2):
        await world.forge.watch(NAME, url="http://127.0.0.1:1/ours", secret="secret")

    assert [hook.url[-1] for hook in few.hooks] == ["0", "1", "2", "s"]


async def test_reviews_beyond_the_first_page_are_read_and_not_said_again(world: World, few: Repository):
    commit = await world.opened()
    remarks = [LineComment(path="task.txt", line=1, body=f"Remark {number}") for number in range(_FEW + 2)]
    for _ in range(2):
        for remark in remarks:
            await world.forge.review(NAME, 1, commit=commit, body=f"On: {remark.body}", comments=[remark])

    said = [one.body for one in await world.forge.list_reviews(NAME, 1) if one.line is not None]
    assert said == [one.body for one in remarks]


@pytest.mark.parametrize(
    ("link", "total", "count", "follows"),
    [
        ('<x?page=3>; rel="next",<x?page=9>; rel="last"', "3", 3, True),
        ('<x?page=1>; rel="first",<x?page=1>; rel="prev"', "9", 3, False),
        (None, "7", 3, True),
        (None, "6", 3, False),
        (None, None, 3, True),
        (None, "many", 3, True),
        (None, None, 0, False),
    ],
)
def test_whether_a_page_follows_is_what_gitea_says(link: str | None, total: str | None, count: int, follows: bool):
    assert Rest(2, link, total).follows(count) is follows
