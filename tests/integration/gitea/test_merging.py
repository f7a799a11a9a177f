"""Merging in Gitea, which says `try again later`, forbids, loses its answer, and is right all the same."""

import pytest

from aiworker.core.errors import Denied
from aiworker.delivery.ports.forge import BranchMoved
from tests.integration.gitea.conftest import NAME, World
from tests.support.gitea import Answer, Cut

_MERGE = "POST /repos/*/merge"


async def test_a_merge_is_tried_again_while_gitea_still_checks(world: World):
    commit = await world.opened()
    world.gitea.trouble(_MERGE, *[Answer(405, "Please try again later")] * 3)

    merged = await world.forge.merge_pull_request(NAME, 1, expected=commit)

    assert (merged.state, merged.merge_commit, merged.merged_by) == ("merged", commit, "aiworker")
    assert world.repository.branches()["main"] == commit


async def test_a_merge_whose_answer_was_lost_is_done_once(world: World):
    commit = await world.opened()
    world.gitea.trouble(_MERGE, Cut(after=True))

    assert (await world.forge.merge_pull_request(NAME, 1, expected=commit)).state == "merged"
    assert world.gitea.asked.count("POST /repos/Team/shop/pulls/1/merge") == 1


async def test_what_was_merged_is_found_merged_also_when_its_branch_is_gone(world: World):
    commit = await world.opened()
    await world.forge.merge_pull_request(NAME, 1, expected=commit)
    await world.forge.delete_branch(NAME, "task")

    again = await world.forge.merge_pull_request(NAME, 1, expected=commit)
    assert (again.state, again.head, again.head_commit) == ("merged", "task", commit)


async def test_where_the_style_is_not_allowed_the_base_is_pushed_and_the_pull_request_closed_with_words(world: World):
    commit = await world.opened()
    world.repository.allow_rebase = False

    for _ in range(2):
        closed = await world.forge.merge_pull_request(NAME, 1, expected=commit)
        assert closed.state == "closed"

    assert world.repository.branches()["main"] == commit
    said = await world.forge.list_reviews(NAME, 1)
    assert [one.body for one in said] == [f"main was taken forward to {commit}."]


async def test_where_hand_merges_are_allowed_it_is_merged_for_gitea_too(world: World):
    commit = await world.opened()
    world.repository.allow_rebase = False
    world.repository.allow_manual_merge = True

    assert (await world.forge.merge_pull_request(NAME, 1, expected=commit)).state == "merged"
    assert await world.forge.list_reviews(NAME, 1) == []


async def test_a_template_that_would_rewrite_our_commit_keeps_gitea_from_merging_by_itself(world: World):
    world.ada.write(".gitea/default_merge_message/REBASE_TEMPLATE.md", "Merged\n")
    world.ada.commit("A template")
    await world.push("main")
    commit = await world.opened()

    await world.forge.merge_pull_request(NAME, 1, expected=commit)

    assert world.repository.branches()["main"] == commit


async def test_a_branch_that_gitea_protects_from_us_stays_and_the_reason_is_giteas(world: World):
    commit = await world.opened()
    before = world.repository.branches()["main"]
    world.repository.protect("main", push=["ada"], merge=False)

    with pytest.raises(Denied, match="Not allowed to push to protected branch main"):
        await world.forge.merge_pull_request(NAME, 1, expected=commit)
    assert world.repository.branches()["main"] == before


async def test_a_base_that_somebody_moved_at_the_same_moment_is_told(world: World):
    commit = await world.opened()
    await world.forge.head(NAME, "main")
    world.ada.commit("Elsewhere", other__txt="1")
    await world.push("main")
    world.gitea.trouble(_MERGE, Answer(409, "merge push out of date"))

    with pytest.raises(BranchMoved):
        await world.forge.merge_pull_request(NAME, 1, expected=commit)


async def test_a_pull_request_that_was_merged_differently_by_hand_is_not_ours(world: World):
    commit = await world.opened()
    async with world.gitea.client("ada") as ada:
        assert (await ada.post(f"/repos/{NAME}/pulls/1/merge", json={"Do": "squash"})).status_code == 200

    with pytest.raises(BranchMoved):
        await world.forge.merge_pull_request(NAME, 1, expected=commit)
    assert (await world.forge.get_pull_request(NAME, 1)).merged_by == "ada"
