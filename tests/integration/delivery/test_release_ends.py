"""How releases end that do not go well: nothing is half merged or left behind, and what runs is what is told."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from aiworker.core.errors import Conflict
from aiworker.delivery.deployments.queries import list_deployments
from aiworker.delivery.deployments.records import DeploymentRecord
from aiworker.delivery.groups.errors import Busy, NotShippable, OutOfOrder
from aiworker.delivery.groups.records import GroupRecord
from aiworker.delivery.groups.robots import tidy_again
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.wire.groups import DeploymentStatus, GroupStatus
from aiworker.wire.tasks import TaskState
from tests.support.dock import Dock, content
from tests.support.workshop import ADA, BOB

# Where a merge stands after so many of its reports: two for each of its steps, and one for its progress.
INTEGRATED, OPENED, MERGED = 9, 12, 15
# And a roll-out to staging, when the runtime has said something.
TOLD = 3


def anywhere(reports: range, *usual: int) -> list[ParameterSet]:
    """A few places each day; the others are `make soak`'s."""
    return [pytest.param(number, marks=[] if number in usual else [pytest.mark.soak]) for number in reports]


@pytest.fixture
async def dock(tmp_path: Path) -> AsyncIterator[Dock]:
    made = Dock(tmp_path)
    yield made
    await made.database.close()


@pytest.fixture
async def shop(dock: Dock) -> ProjectRecord:
    return await dock.start({"a.txt": content("a"), "b.txt": content("b")})


async def approved(dock: Dock, project: ProjectRecord, title: str, *paths: str, **fields: object) -> TaskRecord:
    task = await dock.task(project, title, **fields)
    task = await dock.finished(task, {path: content(f"{title} {path}") for path in paths or ("a.txt",)})
    return await dock.approve(task, str(task.head_commit))


async def look(dock: Dock, group_id: str) -> GroupRecord:
    return await dock.read(dock.delivery.groups.get, group_id)


async def command(dock: Dock, name: str, group_id: str) -> None:
    group = await look(dock, group_id)
    await dock.write(getattr(dock.delivery.groups, name), ADA, group)


async def shipped(dock: Dock, project: ProjectRecord, *tasks: TaskRecord) -> str:
    group_id = await dock.ship(*tasks)
    await dock.settle(project)
    assert (await look(dock, group_id)).status is GroupStatus.STAGING
    return group_id


async def promoted(dock: Dock, project: ProjectRecord, group_id: str) -> None:
    await command(dock, "promote", group_id)
    await dock.settle(project)
    assert (await look(dock, group_id)).status is GroupStatus.PRODUCTION


async def only_branches(dock: Dock) -> None:
    assert {name for name in dock.branches() if not name.startswith("task-")} <= {"main", "staging"}
    pulls = await dock.delivery.forge.list_pull_requests("shop", state="open")
    assert [pull.title for pull in pulls if pull.base == "staging"] == []


# --- withdrawn ---


@pytest.mark.parametrize("reports", [0, INTEGRATED])
async def test_a_release_can_be_withdrawn_until_its_pull_request_is_open(
    dock: Dock, shop: ProjectRecord, reports: int
) -> None:
    task = await approved(dock, shop, "One")
    group_id = await dock.ship(task)
    await dock.run_one(shop, killed_after=reports)
    with pytest.raises(Conflict, match="withdraw release 1 first"):
        await dock.write(dock.delivery.tasks.cancel, ADA, task.id, None)
    await command(dock, "withdraw", group_id)
    await dock.settle(shop)
    assert (await look(dock, group_id)).status is GroupStatus.WITHDRAWN
    assert dock.head("staging") in {None, dock.head("main")}
    await only_branches(dock)
    await dock.write(dock.delivery.tasks.cancel, ADA, task.id, None)


@pytest.mark.parametrize("reports", [OPENED, MERGED])
async def test_a_release_on_the_move_is_not_withdrawn_neither_by_a_person_nor_by_a_push(
    dock: Dock, shop: ProjectRecord, reports: int
) -> None:
    task = await approved(dock, shop, "One")
    group_id = await dock.ship(task)
    await dock.run_one(shop, killed_after=reports)
    with pytest.raises(Busy):
        await command(dock, "withdraw", group_id)
    later = dock.commit(str(task.branch_name), {"a.txt": content("later")}, "Later")
    assert (await dock.push(task, later, by=BOB)).state is TaskState.APPROVED
    await dock.settle(shop)
    assert (await look(dock, group_id)).status is GroupStatus.STAGING
    assert dock.files("staging")["a.txt"] == dock.files(str(task.approved_commit))["a.txt"]
    await only_branches(dock)


async def test_a_push_withdraws_a_release_that_is_being_integrated(dock: Dock, shop: ProjectRecord) -> None:
    task = await approved(dock, shop, "One")
    group_id = await dock.ship(task)
    await dock.run_one(shop, killed_after=INTEGRATED)
    later = dock.commit(str(task.branch_name), {"a.txt": content("later")}, "Later")
    assert (await dock.push(task, later, by=BOB)).state is TaskState.READY_TO_TEST
    await dock.settle(shop)
    assert (await look(dock, group_id)).status is GroupStatus.WITHDRAWN
    await only_branches(dock)


# --- given up ---


async def test_what_a_release_left_behind_is_taken_away_though_its_robot_gave_up(
    dock: Dock, shop: ProjectRecord
) -> None:
    group_id = await dock.ship(await approved(dock, shop, "One"))
    await dock.run_one(shop, killed_after=INTEGRATED)
    await command(dock, "withdraw", group_id)
    dock.clock.pass_seconds(31)
    await dock.tick()
    await dock.run_one(shop, killed_after=0, gives_up=True)
    await dock.settle(shop)
    assert "release/1" in dock.branches()

    assert await dock.write(tidy_again, dock.engine) == 1
    await dock.settle(shop)

    await only_branches(dock)
    assert await dock.write(tidy_again, dock.engine) == 0


@pytest.mark.parametrize("reports", anywhere(range(24), 0, 15, 18))
async def test_a_merge_that_gives_up_anywhere_leaves_staging_as_it_was_or_goes_on(
    dock: Dock, shop: ProjectRecord, reports: int
) -> None:
    await shipped(dock, shop, await approved(dock, shop, "Zero", "b.txt"))
    before = dock.files("staging")
    task = await approved(dock, shop, "One")
    group_id = await dock.ship(task)
    await dock.run_one(shop, killed_after=reports, gives_up=True)
    await dock.settle(shop)
    group = await look(dock, group_id)
    if group.status is GroupStatus.FAILED:
        assert dock.files("staging") == before
        assert (await dock.look(task)).state is TaskState.APPROVED
        again = await shipped(dock, shop, await dock.look(task))
        assert dock.files("staging")["a.txt"] == dock.files(str(task.approved_commit))["a.txt"]
        assert (await look(dock, again)).number == 3
    else:
        assert group.status is GroupStatus.STAGING
    await only_branches(dock)


@pytest.mark.parametrize("reports", anywhere(range(7), 4))
async def test_a_roll_out_that_gives_up_for_good_is_taken_back(dock: Dock, shop: ProjectRecord, reports: int) -> None:
    group_id = await dock.ship(await approved(dock, shop, "One"))
    await dock.run_one(shop)
    await dock.run_one(shop, killed_after=reports, gives_up=True)
    await dock.settle(shop)
    group = await look(dock, group_id)
    assert (group.status, group.error) == (GroupStatus.FAILED, "no")
    assert dock.files("staging") == dock.files("main")
    assert [told.subject for told in dock.history("staging")][-1] == "Take release 1 back"


@pytest.mark.parametrize("reports", anywhere(range(22), 8))
async def test_a_promotion_that_gives_up_anywhere_leaves_the_default_branch_as_it_was(
    dock: Dock, shop: ProjectRecord, reports: int
) -> None:
    group_id = await shipped(dock, shop, await approved(dock, shop, "One"))
    before = dock.files("main")
    await command(dock, "promote", group_id)
    await dock.run_one(shop, killed_after=reports, gives_up=True)
    await dock.settle(shop)
    assert (await look(dock, group_id)).status is GroupStatus.STAGING
    assert dock.files("main") == before
    await promoted(dock, shop, group_id)
    await only_branches(dock)


async def test_a_release_that_a_runtime_refuses_is_a_failed_roll_out_and_goes_back(
    dock: Dock, shop: ProjectRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cluster that says no says so in its own kind of error, and asking again does not help."""

    async def refuse(*_: object) -> None:
        raise Conflict("The namespace belongs to somebody else.")

    monkeypatch.setattr(dock.runtime, "deploy", refuse)
    group_id = await dock.ship(await approved(dock, shop, "One"))
    await dock.settle(shop)
    group = await look(dock, group_id)
    assert (group.status, group.error) == (GroupStatus.FAILED, "The namespace belongs to somebody else.")
    assert dock.files("staging") == dock.files("main")


# --- rolled back ---


async def test_what_was_rolled_back_from_production_does_not_come_back_to_staging(
    dock: Dock, shop: ProjectRecord
) -> None:
    first = await shipped(dock, shop, await approved(dock, shop, "One", "a.txt"))
    await promoted(dock, shop, first)
    second = await shipped(dock, shop, await approved(dock, shop, "Two", "b.txt"))
    start = dock.files(dock.history("main")[0].sha)
    for group_id in (first, second):
        await command(dock, "rollback", group_id)
        await dock.settle(shop)
    assert dock.files("staging") == dock.files(dock.runtime.running["staging-shop"]) == start
    assert dock.files("main") == dock.files(dock.runtime.running["production-shop"]) == start


async def test_a_rollback_runs_what_ran_before_whatever_was_merged_by_hand(dock: Dock, shop: ProjectRecord) -> None:
    first = await shipped(dock, shop, await approved(dock, shop, "One", "a.txt"))
    await promoted(dock, shop, first)
    before = dock.runtime.running["production-shop"]
    dock.commit("main", {"c.txt": content("by hand")}, "By hand")
    second = await shipped(dock, shop, await approved(dock, shop, "Two", "b.txt"))
    await promoted(dock, shop, second)
    await command(dock, "rollback", second)
    await dock.settle(shop)
    assert dock.runtime.running["production-shop"] == before
    assert "c.txt" in dock.files("main"), "what people did stays on the branch"


async def test_a_rollback_that_is_cut_short_between_its_branches_makes_each_revert_once(
    dock: Dock, shop: ProjectRecord
) -> None:
    group_id = await shipped(dock, shop, await approved(dock, shop, "One"))
    await promoted(dock, shop, group_id)
    await command(dock, "rollback", group_id)
    plan_made = 3
    await dock.run_one(shop, killed_after=plan_made)
    # Somebody else moves staging, so that its part of the plan is made anew.
    await dock.delivery.forge.create_branch("shop", "staging", at=str(dock.head("main")))
    dock.commit("staging", {"c.txt": content("by hand")}, "By hand")
    await dock.settle(shop)
    assert (await look(dock, group_id)).status is GroupStatus.ROLLED_BACK
    for branch in ("main", "staging"):
        subjects = [told.subject for told in dock.history(branch)]
        assert subjects.count("Revert release 1") == 1, branch
    assert "c.txt" in dock.files("staging")
    await only_branches(dock)


async def test_a_rollback_that_does_not_fit_leaves_nothing_of_its_tries(dock: Dock, shop: ProjectRecord) -> None:
    first = await shipped(dock, shop, await approved(dock, shop, "One", "a.txt"))
    await promoted(dock, shop, first)
    await shipped(dock, shop, await approved(dock, shop, "Two", "a.txt"))
    before = dock.head("main"), dock.head("staging")
    await command(dock, "rollback", first)
    await dock.settle(shop)
    group = await look(dock, first)
    assert group.status is GroupStatus.PRODUCTION
    assert "Later work stands on release 1" in str(group.error)
    assert (dock.head("main"), dock.head("staging")) == before
    await only_branches(dock)


async def test_a_release_is_not_promoted_ahead_of_what_it_depends_on(dock: Dock, shop: ProjectRecord) -> None:
    base = await approved(dock, shop, "Base", "a.txt")
    first = await shipped(dock, shop, base)
    await promoted(dock, shop, first)
    built = await approved(dock, shop, "Built on it", "b.txt", depends_on=[base.id])
    second = await shipped(dock, shop, built)
    await command(dock, "rollback", first)
    await dock.settle(shop)
    with pytest.raises(NotShippable, match="SHOP-2 depends on SHOP-1, which is not in production"):
        await command(dock, "promote", second)
    third = await shipped(dock, shop, await dock.look(base))
    with pytest.raises(OutOfOrder, match="comes after release 2"):
        await command(dock, "promote", third)
    for group_id in (third, second):
        await command(dock, "rollback", group_id)
        await dock.settle(shop)
    both = await shipped(dock, shop, await dock.look(built), await dock.look(base))
    await promoted(dock, shop, both)
    assert "Built on it" in [told.subject.partition(": ")[2] for told in dock.history("main")]


async def test_what_is_told_of_a_roll_out_is_kept_while_it_goes_on(dock: Dock, shop: ProjectRecord) -> None:
    await dock.ship(await approved(dock, shop, "One"))
    await dock.run_one(shop)
    await dock.run_one(shop, killed_after=TOLD)
    assert (await newest_roll_out(dock)).logs == f"start: Starting {str(dock.head('staging'))[:7]}."
    await dock.settle(shop)
    ended = await newest_roll_out(dock)
    assert (ended.status, ended.logs) == (DeploymentStatus.COMPLETED, "")


async def newest_roll_out(dock: Dock) -> DeploymentRecord:
    return (await dock.read(list_deployments, limit=1))[0]
