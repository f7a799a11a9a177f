"""Releases on their way, by the real pipelines on a real repository, with pages that answer."""

import json
from datetime import timedelta

import pytest

from aiworker.core.clock import utc_now
from aiworker.core.errors import Conflict
from aiworker.delivery.deployments.queries import list_deployments
from aiworker.delivery.groups.errors import Busy
from aiworker.delivery.people.projects import project_view
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.tasks.errors import IllegalMove
from aiworker.storage.transaction import Tx
from aiworker.wire.groups import DeploymentEnvironment, DeploymentStatus, GroupStatus
from aiworker.wire.projects import ProjectChanges
from aiworker.wire.tasks import Milestone, RequestChanges, TaskState
from tests.support.checkouts import git
from tests.support.house import ADA, House
from tests.support.waiting import eventually
from tests.support.webapp import START, webapp
from tests.support.yard import CLAUDE, program_yard, static_yard


async def test_a_release_goes_to_staging_to_production_and_back(house: House) -> None:
    yard = await static_yard(house)
    task = await yard.approved("Say hello", {"index.html": "<h1>hello</h1>\n"})
    group = await yard.ship(task)
    assert group.status is GroupStatus.STAGING
    assert "hello" in await yard.page("staging")
    assert (await house.look(task)).state is TaskState.STAGING
    assert yard.head("main") != yard.head("staging")

    group = await yard.promote(group)
    assert group.status is GroupStatus.PRODUCTION
    assert "hello" in await yard.page("production")
    assert yard.head("release-1^{commit}") == yard.head("main")

    group = await yard.roll_back(group)
    assert group.status is GroupStatus.ROLLED_BACK
    assert "shop" in await yard.page("production")
    assert "shop" in yard.file("main", "index.html")
    assert "shop" in yard.file("staging", "index.html")
    assert (await house.look(task)).state is TaskState.APPROVED

    again = await yard.promote(await yard.ship(await house.look(task)))
    assert (again.number, again.status) == (2, GroupStatus.PRODUCTION)
    assert "hello" in await yard.page("production")


async def test_two_tasks_that_contradict_each_other_leave_staging_untouched(house: House) -> None:
    yard = await static_yard(house)
    first = await yard.approved("Raise ink", {"prices.txt": "pen 1\nink 4\nbook 3\n"})
    second = await yard.approved("Lower ink", {"prices.txt": "pen 1\nink 1\nbook 3\n"})
    before = yard.head("main")
    group = await yard.ship(first, second)
    assert group.status is GroupStatus.FAILED
    assert group.error == "SHOP-2 conflicts in prices.txt."
    assert (group.conflict_task_id, group.conflict_files) == (second.id, ["prices.txt"])
    assert yard.head("staging") == yard.head("main") == before
    assert [(await house.look(task)).state for task in (first, second)] == [TaskState.APPROVED] * 2

    sent_back = await house.write(house.delivery.send_conflict_back, ADA, group)
    assert sent_back.id == group.id
    assert (await house.look(second)).state is TaskState.BACKLOG
    given = await house.delivery.desk.get_next_task(CLAUDE)
    assert given is not None
    assert [comment.body for comment in given.review_comments] == [
        "It did not go into release 1: SHOP-2 conflicts in prices.txt.",
        "Conflicts with staging: prices.txt",
    ]
    assert (await yard.ship(await house.look(first))).status is GroupStatus.STAGING


async def test_a_conflict_is_sent_back_once(house: House) -> None:
    yard = await static_yard(house)
    first = await yard.approved("Raise ink", {"prices.txt": "pen 1\nink 4\nbook 3\n"})
    second = await yard.approved("Lower ink", {"prices.txt": "pen 1\nink 1\nbook 3\n"})
    group = await yard.ship(first, second)
    await house.write(house.delivery.send_conflict_back, ADA, group)
    with pytest.raises(IllegalMove):
        await house.write(house.delivery.send_conflict_back, ADA, group)
    shipped = await yard.ship(await house.look(first))
    with pytest.raises(Conflict, match="did not fail for a conflict"):
        await house.write(house.delivery.send_conflict_back, ADA, shipped)


async def test_a_task_in_the_next_release_is_not_sent_back_for_the_last_ones_conflict(house: House) -> None:
    yard = await static_yard(house)
    first = await yard.approved("Raise ink", {"prices.txt": "pen 1\nink 4\nbook 3\n"})
    second = await yard.approved("Lower ink", {"prices.txt": "pen 1\nink 1\nbook 3\n"})
    failed = await yard.ship(first, second)
    await yard.send(await house.look(second), defer_until=utc_now() + timedelta(hours=1))
    with pytest.raises(Conflict, match="withdraw release 2 first"):
        await house.write(house.delivery.send_conflict_back, ADA, failed)
    assert (await house.look(second)).state is TaskState.APPROVED


async def test_a_task_ships_together_with_the_one_it_was_built_on(house: House) -> None:
    yard = await static_yard(house)
    base = await yard.approved("Raise ink", {"prices.txt": "pen 1\nink 4\nbook 3\n"})
    built = await yard.approved("Raise it more", {"prices.txt": "pen 1\nink 5\nbook 3\n"}, depends_on=[base.id])
    group = await yard.ship(built, base)
    assert group.status is GroupStatus.STAGING, group.error
    assert group.task_ids == [base.id, built.id]
    assert yard.log("staging")[:2] == ["SHOP-2: Raise it more", "SHOP-1: Raise ink"]
    assert "ink 5" in yard.file("staging", "prices.txt")


async def test_a_task_follows_the_one_it_was_built_on(house: House) -> None:
    yard = await static_yard(house)
    base = await yard.approved("Raise ink", {"prices.txt": "pen 1\nink 4\nbook 3\n"})
    built = await yard.approved("Raise it more", {"prices.txt": "pen 1\nink 5\nbook 3\n"}, depends_on=[base.id])
    await yard.promote(await yard.ship(base))
    group = await yard.promote(await yard.ship(await house.look(built)))
    assert group.status is GroupStatus.PRODUCTION, group.error
    assert "ink 5" in yard.file("main", "prices.txt")


async def test_who_waits_for_staging_is_freed_by_it_and_held_again_by_a_rollback(house: House) -> None:
    yard = await static_yard(house)
    base = await yard.approved("Raise ink", {"prices.txt": "pen 1\nink 4\nbook 3\n"})
    later = await house.task(yard.project, "Later", depends_on=[base.id], depends_until=Milestone.STAGING)
    assert (await house.look(later)).held == "after SHOP-1 in staging"
    group = await yard.ship(base)
    assert (await house.look(later)).held is None
    await yard.roll_back(group)
    assert (await house.look(later)).held == "after SHOP-1 in staging"


async def test_a_branch_holds_what_its_task_depends_on_until_that_is_in_the_default_branch(house: House) -> None:
    yard = await static_yard(house)
    base = await yard.approved("Raise ink", {"prices.txt": "pen 1\nink 4\nbook 3\n"})
    await yard.ship(base)
    built = await yard.change("Say so", {"index.html": "<h1>ink 4</h1>\n"}, depends_on=[base.id])
    assert "ink 4" in yard.file(str(built.branch_name), "prices.txt")
    group = await yard.ship(await yard.approve(built))
    assert group.status is GroupStatus.STAGING, group.error


async def test_a_task_built_on_two_of_which_one_was_built_on_the_other_has_both(house: House) -> None:
    yard = await static_yard(house)
    base = await yard.approved("Raise ink", {"prices.txt": "pen 1\nink 4\nbook 3\n"})
    built = await yard.approved("Raise it more", {"prices.txt": "pen 1\nink 5\nbook 3\n"}, depends_on=[base.id])
    both = await yard.approved("And more", {"prices.txt": "pen 1\nink 6\nbook 3\n"}, depends_on=[built.id, base.id])
    group = await yard.promote(await yard.ship(both, built, base))
    assert group.status is GroupStatus.PRODUCTION, group.error
    assert "ink 6" in yard.file("main", "prices.txt")


async def test_tasks_keep_their_order_and_their_names_in_staging(house: House) -> None:
    yard = await static_yard(house)
    tasks = [await yard.approved(f"Page {n}", {f"page{n}.html": f"page {n}"}) for n in (1, 2, 3)]
    group = await yard.ship(*tasks)
    message = git(yard.repository, "show", "--no-patch", "--format=%B", "staging~2")
    assert message == f"SHOP-1: Page 1\n\nTask: SHOP-1\nApproved-Commit: {tasks[0].approved_commit}"
    parents = git(yard.repository, "rev-list", "--parents", f"{group.staging_base}..staging").splitlines()
    assert [len(line.split()) for line in parents] == [2, 2, 2]
    found = [await house.delivery.forge.get_pull_request("shop", task.pr_number or 0) for task in tasks]
    assert {pull.state for pull in found} == {"closed"}


async def test_a_release_that_does_not_start_in_staging_goes_back_by_itself(house: House) -> None:
    yard = await program_yard(house)
    good = await yard.approved("Say hello", {"index.html": "<h1>hello</h1>\n"})
    await yard.ship(good)
    bad = await yard.approved("Break it", {"app.py": "import sys\nprint('no database here')\nsys.exit(3)\n"})
    group = await yard.ship(bad)
    assert group.status is GroupStatus.FAILED
    assert group.error is not None
    assert group.error.endswith("It said last: no database here")
    assert group.error_told is not None
    assert group.error_told["code"] == "rollout_last_words"
    assert await yard.page("staging") == "one"
    assert 'VERSION = "one"' in yard.file("staging", "app.py")
    assert "hello" in yard.file("staging", "index.html")
    assert yard.log("staging")[:2] == ["Take release 2 back", "SHOP-2: Break it"]
    assert (await house.look(bad)).state is TaskState.APPROVED
    assert (await house.look(good)).state is TaskState.STAGING
    (deployment, _) = await house.read(list_deployments, environment=DeploymentEnvironment.STAGING)
    assert deployment.status is DeploymentStatus.FAILED
    assert (deployment.error_message, deployment.error_message_told) == (group.error, group.error_told)
    shown = await house.read(house.delivery.group_views.one, group)
    assert [(step.name, step.status) for step in shown.steps] == [
        ("roll-out", "failed"),
        ("undo", "completed"),
    ]


async def test_a_release_that_does_not_start_in_production_goes_back_and_may_be_promoted_again(house: House) -> None:
    yard = await program_yard(house)
    await yard.promote(await yard.ship(await yard.approved("Version two", webapp("two"))))
    group = await yard.ship(await yard.approved("Version three", webapp("three")))
    await house.write(house.delivery.projects.change, yard.project.id, ProjectChanges(start_command=f"{START} fail"))
    group = await yard.promote(group)
    assert group.status is GroupStatus.STAGING
    assert group.error is not None
    assert await yard.page("production") == "two"
    assert 'VERSION = "two"' in yard.file("main", "app.py")
    assert 'VERSION = "three"' in yard.file("staging", "app.py")

    await house.write(house.delivery.projects.change, yard.project.id, ProjectChanges(start_command=START))
    group = await yard.promote(group)
    assert (group.status, group.error) == (GroupStatus.PRODUCTION, None)
    assert await yard.page("production") == "three"
    assert 'VERSION = "three"' in yard.file("main", "app.py")
    group = await yard.roll_back(group)
    assert group.status is GroupStatus.ROLLED_BACK, group.error
    assert await yard.page("production") == "two"
    assert 'VERSION = "two"' in yard.file("main", "app.py")


async def test_a_release_never_stands_on_one_that_failed(house: House) -> None:
    yard = await program_yard(house)
    bad = await yard.approved("Break it", {"app.py": "raise SystemExit(3)\n"})
    good = await yard.approved("Say hello", {"index.html": "<h1>hello</h1>\n"})
    first, second = await yard.send(bad), await yard.send(good)
    assert (await yard.settled(first.id)).status is GroupStatus.FAILED
    group = await yard.settled(second.id)
    assert group.status is GroupStatus.STAGING, group.error
    assert await yard.page("staging") == "one"
    group = await yard.promote(group)
    assert await yard.page("production") == "one"
    assert "SystemExit" not in yard.file("main", "app.py")
    assert "hello" in yard.file("main", "index.html")


def hanging(house: House) -> dict[str, str]:
    """A program that does not answer, and fails when the test lets it."""
    gate = str(house.folder / "may-fail")
    return {
        "app.py": f"import os, time\nwhile not os.path.exists({gate!r}):\n    time.sleep(0.05)\nraise SystemExit(3)\n"
    }


def let_fail(house: House) -> None:
    (house.folder / "may-fail").touch()


async def test_what_a_person_put_on_staging_meanwhile_stays_when_a_release_goes_back(house: House) -> None:
    yard = await program_yard(house, health_timeout_seconds=120)
    sent = await yard.send(await yard.approved("Hang", hanging(house)))
    await eventually(lambda: yard.log("staging")[:1] == ["SHOP-1: Hang"])
    yard.push("staging", {"notes.txt": "by hand"}, message="By hand")
    let_fail(house)
    group = await yard.settled(sent.id)
    assert group.status is GroupStatus.FAILED
    assert yard.log("staging")[:3] == ["Take release 1 back", "By hand", "SHOP-1: Hang"]
    assert yard.file("staging", "notes.txt") == "by hand"
    assert 'VERSION = "one"' in yard.file("staging", "app.py")


async def test_a_release_that_failed_and_was_built_upon_stays_and_says_so(house: House) -> None:
    yard = await program_yard(house, health_timeout_seconds=120)
    sent = await yard.send(await yard.approved("Hang", hanging(house)))
    await eventually(lambda: yard.log("staging")[:1] == ["SHOP-1: Hang"])
    yard.push("staging", {"app.py": "import time\ntime.sleep(6000)\n"}, message="By hand")
    let_fail(house)
    group = await yard.settled(sent.id)
    assert group.status is GroupStatus.FAILED
    assert group.error is not None
    assert "It is still on staging, because later work stands on it" in group.error
    assert "app.py" in group.error


async def test_a_tag_of_the_repositorys_own_does_not_stop_a_release(house: House) -> None:
    yard = await static_yard(house)
    git(yard.repository, "tag", "release-1", "main")
    before = yard.head("main")
    group = await yard.promote(await yard.ship(await yard.approved("Say hello", {"index.html": "<h1>hello</h1>\n"})))
    assert group.status is GroupStatus.PRODUCTION, group.error
    assert yard.head("release-1") == before
    assert "hello" in await yard.page("production")


async def test_a_release_follows_a_default_branch_that_has_moved_on(house: House) -> None:
    yard = await static_yard(house)
    group = await yard.ship(await yard.approved("Say hello", {"index.html": "<h1>hello</h1>\n"}))
    yard.push("main", {"notes.txt": "by hand"}, message="By hand")
    group = await yard.promote(group)
    assert group.status is GroupStatus.PRODUCTION, group.error
    assert yard.log("main")[:2] == ["SHOP-1: Say hello", "By hand"]
    assert "hello" in await yard.page("production")

    for title in ("And so", "And on"):
        group = await yard.ship(await yard.approved(title, {f"{title}.txt": "more\n"}))
        assert group.status is GroupStatus.STAGING, group.error
    assert yard.log("staging")[:3] == ["SHOP-3: And on", "SHOP-2: And so", "By hand: By hand"]


async def test_a_release_that_does_not_fit_the_default_branch_stays_in_staging(house: House) -> None:
    yard = await static_yard(house)
    group = await yard.ship(await yard.approved("Raise ink", {"prices.txt": "pen 1\nink 4\nbook 3\n"}))
    yard.push("main", {"prices.txt": "pen 1\nink 7\nbook 3\n"}, message="By hand")
    group = await yard.promote(group)
    assert (group.status, group.error) == (GroupStatus.STAGING, "SHOP-1 conflicts in prices.txt.")
    assert yard.log("main")[0] == "By hand"


async def test_a_rollback_under_later_work_changes_nothing_and_says_so(house: House) -> None:
    yard = await static_yard(house)
    group = await yard.ship(await yard.approved("Raise ink", {"prices.txt": "pen 1\nink 4\nbook 3\n"}))
    group = await yard.promote(group)
    yard.push("main", {"prices.txt": "pen 1\nink 5\nbook 3\n"}, message="By hand")
    before = yard.head("main"), yard.head("staging")
    group = await yard.roll_back(group)
    assert group.status is GroupStatus.PRODUCTION
    assert group.error is not None
    assert group.error.startswith("Later work stands on release 1: ")
    assert "prices.txt" in group.error
    assert (yard.head("main"), yard.head("staging")) == before
    assert "ink 4" in await yard.page("production", "/prices.txt")


async def test_a_rollback_from_staging_leaves_production_alone(house: House) -> None:
    yard = await static_yard(house)
    await yard.promote(await yard.ship(await yard.approved("Say hello", {"index.html": "<h1>hello</h1>\n"})))
    task = await yard.approved("Say goodbye", {"index.html": "<h1>goodbye</h1>\n"})
    group = await yard.roll_back(await yard.ship(task))
    assert group.status is GroupStatus.ROLLED_BACK
    assert "hello" in await yard.page("staging")
    assert "hello" in await yard.page("production")
    assert (await house.look(task)).state is TaskState.APPROVED


async def test_what_was_pushed_while_a_release_was_on_the_move_is_looked_at_again(house: House) -> None:
    yard = await static_yard(house)
    task = await yard.approved("Say hello", {"index.html": "<h1>hello</h1>\n"})
    group = await yard.ship(task)
    branch = str(task.branch_name)
    later = yard.push(branch, {"index.html": "<h1>hello again</h1>\n"})
    await house.delivery.review.pushed(ADA, "shop", {f"refs/heads/{branch}": later})
    assert (await house.look(task)).state is TaskState.STAGING
    await yard.roll_back(group)
    back = await house.look(task)
    assert (back.state, back.head_commit, back.approved_commit) == (TaskState.READY_TO_TEST, later, None)
    group = await yard.ship(await yard.approve(back))
    assert "hello again" in await yard.page("staging")


async def test_nothing_else_is_begun_while_a_release_is_under_way(house: House) -> None:
    yard = await program_yard(house, health_timeout_seconds=120)
    standing = await yard.ship(await yard.approved("Say hello", {"index.html": "<h1>hello</h1>\n"}))
    bad = await yard.approved("Hang", hanging(house))
    sent = await yard.send(bad)
    await eventually(lambda: yard.log("staging")[:1] == ["SHOP-2: Hang"])
    for command in (house.delivery.groups.promote, house.delivery.groups.rollback):
        with pytest.raises(Busy, match="Release 2 is under way"):
            await house.write(command, ADA, standing)
    with pytest.raises(Busy):
        await house.write(house.delivery.groups.withdraw, ADA, sent)
    with pytest.raises(Conflict, match="withdraw release 2 first"):
        await house.write(house.delivery.tasks.cancel, ADA, bad.id, None)
    let_fail(house)
    assert (await yard.settled(sent.id)).status is GroupStatus.FAILED
    assert (await yard.promote(standing)).status is GroupStatus.PRODUCTION


async def test_a_release_can_wait_for_its_hour_and_be_taken_back_until_then(house: House) -> None:
    yard = await static_yard(house)
    task = await yard.approved("Say hello", {"index.html": "<h1>hello</h1>\n"})
    waiting = await yard.send(task, defer_until=utc_now() + timedelta(hours=8))
    with pytest.raises(Conflict, match="withdraw release 1 first"):
        await house.write(house.delivery.tasks.request_changes, ADA, task.id, RequestChanges(body="No."))
    withdrawn = await house.write(house.delivery.groups.withdraw, ADA, waiting)
    assert withdrawn.status is GroupStatus.WITHDRAWN
    sent = await yard.send(await house.look(task), defer_until=utc_now() + timedelta(seconds=0.3))
    assert (await yard.settled(sent.id)).status is GroupStatus.STAGING


async def test_the_variables_of_a_project_reach_its_program_and_nobody_else(house: House) -> None:
    yard = await program_yard(house, env_vars={"API_KEY": "s3cret-of-the-shop"})
    assert "s3cret" not in repr(yard.project.env_vars)
    assert (await house.read(project_names, yard.project)) == ["API_KEY"]
    await yard.ship(await yard.approved("Version two", webapp("two")))
    assert json.loads(await yard.page("staging", "/env"))["API_KEY"] == "s3cret-of-the-shop"
    assert b"s3cret" not in b"".join(file.read_bytes() for file in house.folder.glob("aiworker.db*"))
    kept = [file.read_bytes() for file in (house.folder / "runtime").rglob("*.json")]
    assert b"s3cret" not in b"".join(kept)


def project_names(tx: Tx, project: ProjectRecord) -> list[str]:
    return project_view(project, clone_url="").env_vars
