"""The mirror: a cache that is never behind what Gitea has, and may be thrown away."""

import asyncio
import shutil

import pytest

from aiworker.adapters.forge.gitea import Client, GiteaForge
from aiworker.core.errors import Denied, NotFound
from aiworker.delivery.ports.forge import BranchMoved, Pick
from aiworker.git.refs import RefMove
from tests.integration.gitea.conftest import NAME, World


async def test_what_others_pushed_to_gitea_is_seen_at_once(world: World):
    assert await world.forge.head(NAME, "main") == world.ada.head("main")
    later = world.ada.commit("Later")
    await world.push("main")

    assert await world.forge.head(NAME, "main") == later
    await world.push("main:other")
    await world.push(":other")
    assert await world.forge.head(NAME, "other") is None


async def test_a_mirror_that_was_deleted_is_made_again(world: World):
    await world.forge.head(NAME, "main")
    shutil.rmtree(world.folder / "mirrors")

    assert await world.forge.head(NAME, "main") == world.ada.head("main")


async def test_an_empty_repository_has_no_branch(world: World):
    world.gitea.repository("Team/empty", aiworker="write")

    assert await world.forge.head("Team/empty", "main") is None
    assert (await world.forge.get_repository("Team/empty")).head is None


async def test_a_branch_that_gitea_has_elsewhere_by_now_is_not_overwritten(world: World):
    first = world.ada.head("main")
    task = await world.task()
    later = world.ada.commit("Later")
    await world.push("main")

    with pytest.raises(BranchMoved):
        await world.forge.move_branch(NAME, "main", to=task, expected=first)
    assert world.repository.branches()["main"] == later


async def test_a_push_that_came_between_our_look_and_our_push_is_not_overwritten(world: World):
    first = world.ada.head("main")
    task = await world.task()
    async with world.forge.store.exclusive(NAME) as git:
        # What Gitea has by now, our mirror does not know yet.
        theirs = world.ada.commit("Theirs")
        await world.push("main")
        with pytest.raises(BranchMoved):
            await world.forge.move(NAME, git, "main", _move("main", first, task))

    assert world.repository.branches()["main"] == theirs
    assert await world.forge.head(NAME, "main") == theirs


async def test_a_protected_branch_is_not_moved_and_the_mirror_does_not_pretend(world: World):
    first = world.ada.head("main")
    task = await world.task()
    world.repository.protect("main", push=["ada"])

    with pytest.raises(Denied, match="protected branch main"):
        await world.forge.move_branch(NAME, "main", to=task, expected=first)
    assert await world.forge.head(NAME, "main") == first


async def test_two_processes_share_a_mirror(world: World):
    other = GiteaForge(world.folder / "mirrors", Client(world.gitea.url, "token-aiworker", patience=0), world.url)
    first = world.ada.head("main")

    made = await asyncio.gather(
        *(forge.create_branch(NAME, f"b/{n}", at=first) for n in range(4) for forge in (world.forge, other))
    )
    await other.close()

    assert set(made) == {first}
    assert set(world.repository.branches()) == {"main", "b/0", "b/1", "b/2", "b/3"}


async def test_an_integration_is_in_gitea_when_it_is_made(world: World):
    first, task = world.ada.head("main"), await world.task()

    made = await world.forge.integrate(NAME, branch="release/1", onto=first, picks=[Pick(task, "Ship", "SHOP-1")])

    assert world.repository.branches()["release/1"] == made.head
    again = await world.forge.integrate(NAME, branch="release/1", onto=first, picks=[Pick(task, "Ship", "SHOP-1")])
    assert again == made
    await world.forge.delete_branch(NAME, "release/1")
    assert "release/1" not in world.repository.branches()


async def test_a_commit_that_no_branch_holds_any_more_is_fetched_by_its_name(world: World):
    approved = await world.task()
    await world.push("+main:task")

    assert (await world.forge.get_commit(NAME, approved)).sha == approved
    with pytest.raises(NotFound):
        await world.forge.get_commit(NAME, "1" * 40)


async def test_an_open_pull_request_stands_where_its_branch_stands_whatever_gitea_shows(world: World):
    await world.opened()
    later = await world.task()
    world.repository.entries[1].sha = "0" * 40

    assert (await world.forge.get_pull_request(NAME, 1)).head_commit == later


def _move(branch: str, old: str, new: str) -> RefMove:
    return RefMove(f"refs/heads/{branch}", old, new)
