"""What a release would come to, over the services, before anybody ships it."""

import pytest

from aiworker.delivery.tasks.errors import TaskNotFound
from aiworker.wire.groups import GroupConflict, GroupProblem, GroupStatus
from aiworker.wire.telling import Telling
from tests.support.house import House
from tests.support.yard import static_yard


async def test_what_tasks_lack_and_where_they_conflict_is_told_before_they_are_shipped(house: House) -> None:
    yard = await static_yard(house)
    shipped = await yard.approved("Raise ink", {"prices.txt": "pen 1\nink 4\nbook 3\n"})
    late = await yard.approved("Say five", {"notes.txt": "five\n", "index.html": "<h1>5</h1>\n"})
    clash = await yard.approved("Lower ink", {"prices.txt": "pen 1\nink 1\nbook 3\n"})
    other = await yard.approved("Say so", {"index.html": "<h1>hello</h1>\n"})
    assert (await yard.ship(shipped)).status is GroupStatus.STAGING
    waiting = await house.task(yard.project, "Later")

    check = house.delivery.foresight.check
    found = await check([waiting.task_key, late.id, clash.task_key, other.id])

    assert not found.shippable
    told = Telling(code="lacks_approval", values={"state": "backlog"})
    assert found.missing == [GroupProblem(task="SHOP-5", problem="is in backlog, not approved", told=told)]
    assert found.conflicts == [
        GroupConflict(task="SHOP-3", beside=None, files=["prices.txt"]),
        GroupConflict(task="SHOP-4", beside="SHOP-2", files=["index.html"]),
    ]
    assert found.staging_commit == yard.head("staging")

    alone = await check([other.task_key])
    assert alone.shippable
    assert alone.tasks == ["SHOP-4"]
    assert (await yard.ship(other)).status is GroupStatus.STAGING


async def test_a_task_that_is_not_there_cannot_be_looked_at(house: House) -> None:
    yard = await static_yard(house)
    task = await yard.approved("Say hello", {"index.html": "<h1>hello</h1>\n"})
    with pytest.raises(TaskNotFound):
        await house.delivery.foresight.check([task.id, "SHOP-9"])


async def test_before_the_first_release_tasks_are_held_against_the_default_branch(house: House) -> None:
    yard = await static_yard(house)
    task = await yard.approved("Say hello", {"index.html": "<h1>hello</h1>\n"})
    found = await house.delivery.foresight.check([task.task_key.lower()])
    assert (found.shippable, found.staging_commit) == (True, yard.head("main"))
    assert yard.log("staging") == [], "looking makes no branch"
