"""What people say on a pull request reaches the next round, once; a review counts as far as its person may."""

import pytest

from aiworker.core.sayings import Saying
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.records import CommentRecord, TaskRecord
from aiworker.wire.tasks import TaskState
from tests.support.databases import SERVERS, Backend
from tests.support.forge_people import ForgePeople, forge_people
from tests.support.workshop import Workshop, commit


# What is decided here no database changes; the servers' turn is `make soak`.
@pytest.fixture(params=["sqlite", *(pytest.param(server, marks=pytest.mark.soak) for server in SERVERS)])
def backend(request: pytest.FixtureRequest) -> Backend:
    return request.param


@pytest.fixture
async def people(shop: Workshop) -> ForgePeople:
    return await forge_people(shop)


@pytest.fixture
async def task(people: ForgePeople) -> TaskRecord:
    """A task in review, at commit 1."""
    return await people.shop.work(await people.shop.task(people.project))


async def kept(people: ForgePeople, task: TaskRecord) -> list[CommentRecord]:
    return await people.shop.read(task_queries.comments, task.id)


async def test_comments_on_lines_are_kept_for_the_next_round(people: ForgePeople, task: TaskRecord) -> None:
    line = people.remark("Use the general rate.", path="tax.py", line=7)
    task = await people.say(task, line, people.remark("Nice otherwise."))
    assert task.state is TaskState.READY_TO_TEST
    assert [(c.path, c.line, c.body, c.author) for c in await kept(people, task)] == [
        ("tax.py", 7, "Use the general rate.", "ada"),
        (None, None, "Nice otherwise.", "ada"),
    ]
    assert await people.last(task) == "ada commented on pull request #1."


async def test_what_was_heard_once_is_not_heard_again(people: ForgePeople, task: TaskRecord) -> None:
    said = [people.remark("Rename it.", "changes_requested"), people.remark("Please.")]
    await people.say(task, *said)
    again = await people.say(task, *said)
    assert (again.state, again.round) == (TaskState.BACKLOG, 2)
    assert len(await kept(people, task)) == 2


async def test_changes_requested_there_send_the_task_back_with_the_words(people: ForgePeople, task: TaskRecord) -> None:
    task = await people.say(
        task,
        people.remark("Not yet.", "changes_requested"),
        people.remark("Off by one.", "changes_requested", path="tax.py", line=3),
    )
    assert (task.state, task.round) == (TaskState.BACKLOG, 2)
    assert [c.body for c in await kept(people, task)] == ["Not yet.", "Off by one."]
    assert (await people.shop.claim_one()).task_id == task.id


async def test_whoever_was_linked_to_look_only_sends_nothing_back(people: ForgePeople, task: TaskRecord) -> None:
    await people.link("ada", "read")
    task = await people.say(task, people.remark("Not yet.", "changes_requested"))
    assert task.state is TaskState.READY_TO_TEST
    assert [c.body for c in await kept(people, task)] == ["Not yet."]


async def test_changes_requested_while_an_agent_works_reach_the_next_one(people: ForgePeople) -> None:
    task = await people.shop.task(people.project)
    await people.shop.claim_one()
    task = await people.say(task, people.remark("Wrong way.", "changes_requested"))
    assert task.state is TaskState.IN_PROGRESS
    assert [c.body for c in await kept(people, task)] == ["Wrong way."]


async def test_nothing_sends_a_task_back_that_is_in_a_release(people: ForgePeople, task: TaskRecord) -> None:
    await people.shop.ship(await people.shop.approve(task))
    task = await people.say(task, people.remark("Stop!", "changes_requested"))
    assert task.state is TaskState.APPROVED


async def test_an_approval_by_somebody_who_is_not_linked_is_only_told(people: ForgePeople, task: TaskRecord) -> None:
    task = await people.say(task, people.remark("", "approved"))
    assert task.state is TaskState.READY_TO_TEST
    assert "their login is not linked to anybody who may approve here" in await people.last(task)


async def test_a_member_may_send_back_but_not_approve(people: ForgePeople, task: TaskRecord) -> None:
    await people.link("ada", "member")
    assert (await people.say(task, people.remark("", "approved"))).state is TaskState.READY_TO_TEST
    assert (await people.say(task, people.remark("No.", "changes_requested"))).state is TaskState.BACKLOG


async def test_an_approval_by_a_linked_maintainer_counts(people: ForgePeople, task: TaskRecord) -> None:
    await people.link("Ada", "maintainer")
    task = await people.say(task, people.remark("Well done.", "approved", author="ada"))
    assert (task.state, task.approved_commit, task.approved_by) == (TaskState.APPROVED, commit(1), "Ada")


async def test_an_approval_of_an_older_commit_does_not_count(people: ForgePeople, task: TaskRecord) -> None:
    await people.link("ada", "maintainer")
    await people.shop.push(task, commit(2))
    task = await people.say(task, people.remark("", "approved", commit=commit(1)), head=commit(2))
    assert task.state is TaskState.READY_TO_TEST
    assert "the branch has moved on to 0000000" in await people.last(task)


async def test_an_approval_of_a_commit_that_is_not_green_does_not_count(people: ForgePeople, task: TaskRecord) -> None:
    await people.link("ada", "maintainer")
    task = await people.say(task, people.remark("", "approved"), refusal=Saying("test failed"))
    assert task.state is TaskState.READY_TO_TEST
    assert await people.last(task) == "ada approved pull request #1; it does not count here: test failed."


async def test_words_that_no_database_would_take_are_cut_not_refused(people: ForgePeople, task: TaskRecord) -> None:
    task = await people.say(task, people.remark("x" * 100_000))
    assert len((await kept(people, task))[0].body) == 64_000
