"""What people commit to the default branch goes along to staging: by the real pipelines on real git."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aiworker.delivery.groups.records import GroupRecord
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.wire.groups import CommitsByHand, GroupStatus
from tests.support.dock import Dock, content
from tests.support.workshop import ADA


@pytest.fixture
async def dock(tmp_path: Path) -> AsyncIterator[Dock]:
    made = Dock(tmp_path)
    yield made
    await made.database.close()


@pytest.fixture
async def shop(dock: Dock) -> ProjectRecord:
    return await dock.start({"a.txt": content("a"), "b.txt": content("b"), "c.txt": content("c")})


async def approved(dock: Dock, shop: ProjectRecord, **files: str) -> TaskRecord:
    task = await dock.task(shop, f"Change {', '.join(files)}")
    task = await dock.finished(task, {f"{name}.txt": content(words) for name, words in files.items()})
    return await dock.approve(task, str(task.head_commit))


async def group(dock: Dock, group_id: str) -> GroupRecord:
    return await dock.read(dock.delivery.groups.get, group_id)


async def shipped(dock: Dock, shop: ProjectRecord, *tasks: TaskRecord) -> GroupRecord:
    group_id = await dock.ship(*tasks)
    await dock.settle(shop)
    return await group(dock, group_id)


async def commanded(dock: Dock, shop: ProjectRecord, command: str, release: GroupRecord) -> GroupRecord:
    await dock.write(getattr(dock.delivery.groups, command), ADA, await group(dock, release.id))
    await dock.settle(shop)
    return await group(dock, release.id)


async def told(dock: Dock, release: GroupRecord) -> list[CommitsByHand]:
    return (await dock.read(dock.delivery.group_views.one, await group(dock, release.id))).by_hand


def by_hand(dock: Dock, subject: str = "By hand", **files: str) -> str:
    return dock.commit("main", {f"{name}.txt": content(words) for name, words in files.items()}, subject)


def holds(dock: Dock, branch: str, name: str) -> str:
    return dock.git("show", f"{branch}:{name}.txt") + "\n"


def subjects(dock: Dock, branch: str) -> list[str]:
    return [commit.subject for commit in dock.history(branch)]


async def test_they_are_tried_in_staging_with_the_next_release(dock: Dock, shop: ProjectRecord) -> None:
    first = await shipped(dock, shop, await approved(dock, shop, a="one"))
    by_hand(dock, "Mend b", b="mended")
    last = by_hand(dock, "Mend b again", b="mended twice")
    task = await approved(dock, shop, c="two")

    foreseen = await dock.delivery.foresight.check([task.task_key])
    second = await shipped(dock, shop, task)

    assert [(run.until, run.count, run.left_out) for run in foreseen.by_hand] == [(last, 2, False)]
    assert await told(dock, first) == []
    (run,) = await told(dock, second)
    assert (run.until, run.count, run.author, run.subject) == (last, 2, "Ada", "Mend b again")
    assert run.staging_commit is not None
    assert subjects(dock, "staging")[-2:] == [
        "By hand: 2 commits up to “Mend b again”",
        f"{task.task_key}: Change c",
    ]
    assert holds(dock, "staging", "b") == content("mended twice")
    assert dock.runtime.running["staging-shop"] == dock.head("staging") == second.staging_commit


@pytest.mark.soak
async def test_they_go_along_once_and_reach_production_once(dock: Dock, shop: ProjectRecord) -> None:
    await commanded(dock, shop, "promote", await shipped(dock, shop, await approved(dock, shop, a="one")))
    by_hand(dock, b="mended")
    second = await shipped(dock, shop, await approved(dock, shop, c="two"))
    third = await shipped(dock, shop, await approved(dock, shop, a="three"))
    await commanded(dock, shop, "promote", second)
    await commanded(dock, shop, "promote", third)
    fourth = await shipped(dock, shop, await approved(dock, shop, c="four"))

    assert [len(await told(dock, release)) for release in (second, third, fourth)] == [1, 0, 0]
    assert subjects(dock, "staging").count("By hand: By hand") == 1
    assert subjects(dock, "main").count("By hand") == 1
    assert "By hand: By hand" not in subjects(dock, "main")
    await commanded(dock, shop, "promote", fourth)
    assert dock.files("main") == dock.files("staging")


async def test_what_does_not_fit_is_left_out_and_tried_again_with_the_next(dock: Dock, shop: ProjectRecord) -> None:
    first = await shipped(dock, shop, await approved(dock, shop, a="one"))
    by_hand(dock, "Mend a", a="mended")
    second = await shipped(dock, shop, await approved(dock, shop, c="two"))

    (left,) = await told(dock, second)
    assert (left.left_out, left.conflict_files, left.staging_commit) == (True, ["a.txt"], None)
    assert holds(dock, "staging", "a") == content("one")

    # What was in its way goes back, and so it fits.
    await commanded(dock, shop, "rollback", second)
    await commanded(dock, shop, "rollback", first)
    third = await shipped(dock, shop, await approved(dock, shop, b="three"))
    assert [(run.subject, run.left_out) for run in await told(dock, third)] == [("Mend a", False)]
    assert holds(dock, "staging", "a") == content("mended")


@pytest.mark.soak
async def test_what_a_person_merged_into_staging_is_not_tried_again(dock: Dock, shop: ProjectRecord) -> None:
    await shipped(dock, shop, await approved(dock, shop, a="one"))
    last = by_hand(dock, "Mend a", a="mended")
    second = await shipped(dock, shop, await approved(dock, shop, c="two"))
    assert [run.left_out for run in await told(dock, second)] == [True]

    dock.commit("staging", {"a.txt": content("both")}, "Merge main by hand", merging=last)
    third = await shipped(dock, shop, await approved(dock, shop, b="three"))

    assert await told(dock, third) == []
    assert holds(dock, "staging", "a") == content("both")


async def test_they_go_back_with_a_roll_out_that_fails_and_along_with_the_next(dock: Dock, shop: ProjectRecord) -> None:
    await shipped(dock, shop, await approved(dock, shop, a="one"))
    by_hand(dock, b="mended")
    before = dock.files("staging")
    task = await approved(dock, shop, c="two")

    dock.runtime.refuses = True
    failed = await shipped(dock, shop, task)
    assert failed.status is GroupStatus.FAILED
    assert dock.files("staging") == before == dock.files(dock.runtime.running["staging-shop"])

    again = await shipped(dock, shop, await dock.look(task.id))
    assert [run.left_out for run in await told(dock, again)] == [False]
    assert holds(dock, "staging", "b") == content("mended")


async def test_they_stay_when_the_release_is_rolled_back(dock: Dock, shop: ProjectRecord) -> None:
    await shipped(dock, shop, await approved(dock, shop, a="one"))
    by_hand(dock, b="mended")
    second = await shipped(dock, shop, await approved(dock, shop, c="two"))

    await commanded(dock, shop, "rollback", second)

    assert (holds(dock, "staging", "b"), holds(dock, "staging", "c")) == (content("mended"), content("c"))
    assert dock.runtime.running["staging-shop"] == dock.head("staging")
    third = await shipped(dock, shop, await approved(dock, shop, c="three"))
    assert await told(dock, third) == []


async def test_a_release_taken_back_from_production_stays_in_staging(dock: Dock, shop: ProjectRecord) -> None:
    first = await shipped(dock, shop, await approved(dock, shop, a="one"))
    by_hand(dock, b="mended")
    dock.runtime.refuses = True
    first = await commanded(dock, shop, "promote", first)
    assert (first.status, "Take release 1 back" in subjects(dock, "main")) == (GroupStatus.STAGING, True)
    by_hand(dock, c="mended")

    second = await shipped(dock, shop, await approved(dock, shop, d="two"))

    assert [run.left_out for run in await told(dock, second)] == [False, False]
    assert [holds(dock, "staging", name) for name in "abcd"] == [
        content(words) for words in ("one", "mended", "mended", "two")
    ]


async def test_a_task_that_contradicts_them_is_told_before_production(dock: Dock, shop: ProjectRecord) -> None:
    await shipped(dock, shop, await approved(dock, shop, a="one"))
    task = await approved(dock, shop, b="two")
    by_hand(dock, b="mended")

    foreseen = await dock.delivery.foresight.check([task.task_key])
    release = await shipped(dock, shop, task)

    assert [(one.task, one.beside, one.files) for one in foreseen.conflicts] == [(task.task_key, None, ["b.txt"])]
    assert (release.status, release.conflict_files) == (GroupStatus.FAILED, ["b.txt"])


@pytest.mark.soak
async def test_a_branch_that_was_set_back_is_looked_at_anew(dock: Dock, shop: ProjectRecord) -> None:
    first = await shipped(dock, shop, await approved(dock, shop, a="one"))
    by_hand(dock, b="mended")
    await shipped(dock, shop, await approved(dock, shop, c="two"))
    dock.git("update-ref", "refs/heads/staging", str(first.staging_commit))

    third = await shipped(dock, shop, await approved(dock, shop, d="three"))

    assert [run.left_out for run in await told(dock, third)] == [False]
    assert holds(dock, "staging", "b") == content("mended")


@pytest.mark.parametrize("reports", [9, *(pytest.param(number, marks=pytest.mark.soak) for number in (3, 6, 12))])
async def test_a_merge_that_was_cut_short_takes_them_along_once(dock: Dock, shop: ProjectRecord, reports: int) -> None:
    await shipped(dock, shop, await approved(dock, shop, a="one"))
    by_hand(dock, b="mended")
    await dock.ship(await approved(dock, shop, c="two"))
    await dock.run_one(shop, killed_after=reports)
    dock.clock.pass_seconds(61)
    await dock.settle(shop)
    assert [subject for subject in subjects(dock, "staging") if subject.startswith("By hand")] == ["By hand: By hand"]
