"""A server that is killed after git took a push and before anybody was told: the next one finds it."""

from aiworker.wire.tasks import TaskState
from tests.support.house import House
from tests.support.yard import static_yard


async def test_a_push_that_nobody_was_told_of_takes_the_approval_back(house: House) -> None:
    yard = await static_yard(house)
    task = await yard.approved("Say hello", {"index.html": "<h1>hello</h1>\n"})
    later = yard.push(str(task.branch_name), {"index.html": "<h1>hello again</h1>\n"})
    for _ in range(2):
        await house.delivery.missed.take_in()
        found = await house.look(task)
        assert (found.state, found.head_commit) == (TaskState.READY_TO_TEST, later)


async def test_a_merge_by_hand_that_nobody_was_told_of_is_taken_as_done(house: House) -> None:
    yard = await static_yard(house)
    task = await yard.approved("Say hello", {"index.html": "<h1>hello</h1>\n"})
    other = await yard.approved("Say five", {"notes.txt": "five\n"})
    yard.merge("main", str(task.branch_name))
    await house.delivery.missed.take_in()
    assert (await house.look(task)).state is TaskState.PRODUCTION
    assert (await house.look(other)).state is TaskState.APPROVED


async def test_a_repository_that_is_gone_does_not_keep_the_others_from_being_looked_at(house: House) -> None:
    blog = await static_yard(house, key="BLOG")
    lost = await blog.approved("Lost", {"a.txt": "a\n"})
    shop = await static_yard(house)
    task = await shop.approved("Say hello", {"index.html": "<h1>hello</h1>\n"})
    shop.push(str(task.branch_name), {"index.html": "<h1>hello again</h1>\n"})
    await house.forge.delete_repository("blog")
    await house.delivery.missed.take_in()
    assert (await house.look(task)).state is TaskState.READY_TO_TEST
    assert (await house.look(lost)).state is TaskState.APPROVED
