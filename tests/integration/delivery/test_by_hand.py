"""What people do in the forge is taken as done by them, in every state of a task, once; ours is not taken at all."""

import pytest

from aiworker.delivery.groups import queries as group_queries
from aiworker.delivery.groups.records import GroupRecord
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.seen import queries as seen_queries
from aiworker.delivery.tasks import board
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.storage.transaction import Tx
from aiworker.wire.groups import GroupStatus
from aiworker.wire.projects import ProjectStatus
from aiworker.wire.tasks import TaskState
from tests.support.databases import SERVERS, Backend
from tests.support.forge_people import ForgePeople, forge_people
from tests.support.workshop import ADA, Workshop, commit

BEFORE_STAGING = ["backlog", "in_progress", "needs_input", "ready_to_test", "approved"]


# What is decided here no database changes; the servers' turn is `make soak`.
@pytest.fixture(params=["sqlite", *(pytest.param(server, marks=pytest.mark.soak) for server in SERVERS)])
def backend(request: pytest.FixtureRequest) -> Backend:
    return request.param


@pytest.fixture
async def people(shop: Workshop) -> ForgePeople:
    return await forge_people(shop)


async def task_in(people: ForgePeople, state: str) -> TaskRecord:
    """A task with a branch and pull request 1, in a state before staging."""
    shop = people.shop
    task = await shop.task(people.project)
    if state in {"ready_to_test", "approved"}:
        done = await shop.work(task)
        return await shop.approve(done) if state == "approved" else done
    hand = await shop.claim_one()

    def begun(tx: Tx) -> None:
        board.change(tx, board.lock(tx, task.id), branch_name="task-shop-1-x", head_commit=commit(1), pr_number=1)

    await shop.write(begun)
    if state == "needs_input":
        await shop.ask(hand)
    if state == "backlog":
        await shop.give_back(hand)
    found = await shop.look(task)
    assert found.state == state
    return found


async def shipped(people: ForgePeople, task: TaskRecord, *, numbered: int | None = None) -> str:
    """A release of the task; with its pull request open, it is on the move."""
    group_id = await people.shop.ship(task)
    if numbered is not None:

        def opened(tx: Tx) -> None:
            found = group_queries.lock(tx, group_id)
            assert found is not None
            group_queries.change(tx, found, {"staging_pr_number": numbered, "under_way": "merge.group"})

        await people.shop.write(opened)
    return group_id


async def group_of(people: ForgePeople, group_id: str) -> GroupRecord:
    found = await people.shop.read(group_queries.find, group_id)
    assert found is not None
    return found


@pytest.mark.parametrize("state", BEFORE_STAGING)
async def test_a_merge_by_hand_takes_the_task_to_production_in_that_persons_name(
    people: ForgePeople, state: str
) -> None:
    task = await people.pull_request(await task_in(people, state), "merged")
    assert task.state is TaskState.PRODUCTION
    assert task.deployed_production_at is not None
    moved = [line for line in await people.history(task) if line.to_state == TaskState.PRODUCTION]
    assert [line.actor for line in moved] == ["ada"]
    assert "outside AiWorker" in moved[0].message
    assert await people.shop.claim() is None


@pytest.mark.parametrize("state", BEFORE_STAGING)
async def test_a_closing_by_hand_holds_the_task_in_the_backlog_until_somebody_says_go(
    people: ForgePeople, state: str
) -> None:
    shop = people.shop
    task = await people.pull_request(await task_in(people, state), "closed")
    assert task.state is TaskState.BACKLOG
    assert task.held == "pull request #1 was closed by ada"
    assert task.approved_commit is None
    assert (await shop.view(task)).waits_for_person
    assert await shop.claim() is None
    await shop.write(shop.delivery.tasks.retry, ADA, task.id)
    if state == "needs_input":
        assert (await shop.look(task)).held == "a question waits for an answer"
    else:
        assert (await shop.claim_one()).task_id == task.id


@pytest.mark.parametrize("state", BEFORE_STAGING)
async def test_a_reopening_lets_it_go_on(people: ForgePeople, state: str) -> None:
    task = await people.pull_request(await task_in(people, state), "closed")
    task = await people.pull_request(task, "open", by="bob")
    assert task.held != "pull request #1 was closed by ada"
    assert "bob reopened pull request #1" in [line.message[:28] for line in await people.history(task)]


@pytest.mark.parametrize("what", ["merged", "closed", "open"])
async def test_what_is_told_again_has_no_effect_again(people: ForgePeople, what: str) -> None:
    task = await task_in(people, "approved")
    await people.pull_request(task, what)
    before = await people.history(task)
    for _ in range(3):
        await people.pull_request(task, what)
    assert await people.history(task) == before


async def test_a_closing_that_was_told_too_late_does_not_undo_the_merge(people: ForgePeople) -> None:
    """Whoever works news off looks at how things stand by then, so only the order of looks counts."""
    task = await people.pull_request(await task_in(people, "approved"), "merged")
    task = await people.pull_request(task, "merged", by="bob")
    assert task.state is TaskState.PRODUCTION
    assert "bob" not in {line.actor for line in await people.history(task)}


async def test_who_did_it_may_be_unknown(people: ForgePeople) -> None:
    task = await people.pull_request(await task_in(people, "ready_to_test"), "closed", by=None)
    assert task.held == "pull request #1 was closed by somebody in Gitea"


async def test_the_closing_by_our_own_release_is_no_news(people: ForgePeople) -> None:
    task = await task_in(people, "approved")
    await shipped(people, task, numbered=9)
    await people.shop.write(seen_queries.set_known_state, people.project.id, [1], "closed")
    task = await people.pull_request(task, "closed")
    assert task.state is TaskState.APPROVED
    assert task.held is None


async def test_a_closing_before_the_release_moves_withdraws_it(people: ForgePeople) -> None:
    task = await task_in(people, "approved")
    group_id = await shipped(people, task)
    task = await people.pull_request(task, "closed")
    assert (await group_of(people, group_id)).status is GroupStatus.WITHDRAWN
    assert (task.state, task.group_id) == (TaskState.BACKLOG, None)


async def test_a_merge_by_hand_before_the_release_moves_withdraws_it_with_its_other_tasks_free(
    people: ForgePeople,
) -> None:
    task, other = await task_in(people, "approved"), await people.shop.approved(people.project, "Other")
    await people.shop.write(lambda tx: board.change(tx, board.lock(tx, other.id), pr_number=2))
    group_id = await people.shop.ship(task, other)
    await people.pull_request(task, "merged")
    assert (await group_of(people, group_id)).status is GroupStatus.WITHDRAWN
    assert (await people.shop.look(other)).group_id is None


async def test_once_the_release_is_on_the_move_its_commits_are_frozen(people: ForgePeople) -> None:
    task = await task_in(people, "approved")
    group_id = await shipped(people, task, numbered=9)
    for what in ("closed", "merged"):
        assert (await people.pull_request(task, what)).state is TaskState.APPROVED
    task = await people.branch(task, commit(2), before=commit(1))
    assert (task.state, task.approved_commit) == (TaskState.APPROVED, commit(1))
    assert (await group_of(people, group_id)).status is GroupStatus.PENDING


async def test_a_cancelled_task_stays_cancelled(people: ForgePeople) -> None:
    task = await task_in(people, "ready_to_test")
    await people.shop.write(people.shop.delivery.tasks.cancel, ADA, task.id, None)
    for what in ("closed", "open", "merged"):
        assert (await people.pull_request(task, what)).state is TaskState.CANCELLED


async def test_a_pull_request_opened_by_hand_is_taken_as_the_tasks(people: ForgePeople) -> None:
    task = await task_in(people, "in_progress")
    task = await people.pull_request(task, "open", number=4)
    assert (task.pr_number, task.pr_url) == (4, "https://git.test/pulls/4")
    assert await people.last(task) == "ada opened pull request #4 for it."
    assert (await people.pull_request(task, "open", number=4)).version == task.version


async def test_pull_requests_into_other_branches_and_of_strangers_are_left_alone(people: ForgePeople) -> None:
    task = await task_in(people, "in_progress")
    before = await people.history(task)
    await people.pull_request(task, "open", number=4, base="staging")
    await people.pull_request(task, "merged", number=5, head="somebodys-branch")
    assert await people.history(task) == before


async def test_an_older_pull_request_of_the_same_branch_is_history(people: ForgePeople) -> None:
    task = await people.pull_request(await task_in(people, "ready_to_test"), "open", number=4)
    assert (await people.pull_request(task, "open", number=2)).pr_number == 4
    assert (await people.pull_request(task, "closed", number=2)).state is TaskState.READY_TO_TEST


async def test_a_push_by_hand_takes_the_approval_back(people: ForgePeople) -> None:
    task = await people.branch(await task_in(people, "approved"), commit(2), before=commit(1))
    assert (task.state, task.head_commit, task.approved_commit) == (TaskState.READY_TO_TEST, commit(2), None)
    assert "ada pushed" in await people.last(task)


async def test_a_push_that_we_know_of_already_is_no_news(people: ForgePeople) -> None:
    task = await task_in(people, "approved")
    before = await people.history(task)
    await people.branch(task, commit(1), before=commit(1))
    assert await people.history(task) == before


async def test_a_look_that_was_overtaken_by_a_push_through_our_own_door_changes_nothing(people: ForgePeople) -> None:
    task = await people.shop.push(await task_in(people, "ready_to_test"), commit(3))
    task = await people.branch(task, commit(2), before=commit(1))
    assert task.head_commit == commit(3)


async def test_a_deleted_branch_is_told_and_the_next_attempt_begins_anew(people: ForgePeople) -> None:
    task = await people.branch(await task_in(people, "backlog"), None, before=commit(1))
    assert task.head_commit is None
    assert await people.last(task) == "ada deleted the branch task-shop-1-x."
    before = await people.history(task)
    await people.branch(task, None, before=None)
    assert await people.history(task) == before


async def test_a_repository_that_is_gone_pauses_its_project(people: ForgePeople) -> None:
    await people.shop.task(people.project)
    await people.shop.write(people.facts.gone, people.project, "Its repository team/shop is gone from Gitea.")
    project = await people.shop.read(project_queries.find, people.project.id)
    assert project is not None
    assert (project.status, project.status_reason) == (
        ProjectStatus.PAUSED,
        "Its repository team/shop is gone from Gitea.",
    )
    assert await people.shop.claim() is None


async def test_a_renamed_repository_keeps_its_project(people: ForgePeople) -> None:
    await people.shop.write(people.facts.renamed, people.project, "other", "store", "https://git.test/other/store")
    found = await people.shop.read(project_queries.of_repository, 7, "other/store")
    assert [(project.id, project.gitea_owner, project.gitea_repo_name) for project in found] == [
        (people.project.id, "other", "store")
    ]
