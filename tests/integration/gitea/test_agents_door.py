"""Agents of a project in Gitea come through our own door; what they see confirmed is in Gitea."""

import asyncio
from pathlib import Path

import psutil

from tests.integration.gitea.conftest import NAME, World
from tests.support.gitea import Answer, Cut, Slow
from tests.support.waiting import eventually

_BRANCH = "task-shop-1-hello"


async def commit(world: World, clone: Path, name: str = "new.txt") -> str:
    (clone / name).write_text("new\n")
    await world.git(clone, "add", "--all")
    await world.git(clone, "commit", "--quiet", "-m", "Work")
    return (await world.git(clone, "rev-parse", "HEAD")).stdout.decode().strip()


async def test_a_push_is_in_gitea_when_it_is_confirmed(world: World):
    clone = await world.clone()
    made = await commit(world, clone)

    pushed = await world.git(clone, "push", "origin", f"HEAD:{_BRANCH}")

    assert pushed.returncode == 0, pushed.stderr
    assert world.repository.branches()[_BRANCH] == made
    assert world.moved == [{f"refs/heads/{_BRANCH}": made}]
    assert await world.forge.head(NAME, _BRANCH) == made


async def test_a_fetch_sees_what_is_in_gitea_now(world: World):
    clone = await world.clone()
    later = world.ada.commit("Later")
    await world.push("main")

    await world.git(clone, "fetch", "--quiet", "origin")

    assert (await world.git(clone, "rev-parse", "origin/main")).stdout.decode().strip() == later


async def test_what_gitea_refuses_is_refused_with_its_words(world: World):
    world.repository.protect(_BRANCH, push=["ada"])
    clone = await world.clone()
    await commit(world, clone)

    pushed = await world.git(clone, "push", "origin", f"HEAD:{_BRANCH}")

    assert pushed.returncode == 1
    assert f"remote: Gitea: Not allowed to push to protected branch {_BRANCH}" in pushed.stderr.decode()
    assert "refused by Gitea" in pushed.stderr.decode()
    assert world.moved == []
    assert await world.forge.head(NAME, _BRANCH) is None


async def test_a_branch_that_is_not_the_agents_is_refused_before_gitea_hears_of_it(world: World):
    clone = await world.clone()
    await commit(world, clone)

    pushed = await world.git(clone, "push", "origin", "HEAD:main")

    assert pushed.returncode == 1
    assert "AiWorker does not take refs/heads/main from you" in pushed.stderr.decode()
    assert world.repository.branches() == {"main": world.ada.head("main")}


async def test_a_push_onto_what_has_moved_in_gitea_meanwhile_is_refused(world: World):
    clone = await world.clone()
    await commit(world, clone)
    await world.git(clone, "push", "origin", f"HEAD:{_BRANCH}")
    await commit(world, clone, "more.txt")
    theirs = await world.task("theirs")
    gate = Slow(asyncio.Event(), asyncio.Event())
    world.gitea.trouble(f"POST /{NAME}.git/git-receive-pack", gate)

    pushing = asyncio.create_task(world.git(clone, "push", "origin", f"HEAD:{_BRANCH}"))
    await gate.begun.wait()
    world.repository.git("update-ref", f"refs/heads/{_BRANCH}", theirs)
    gate.until.set()
    pushed = await pushing

    assert pushed.returncode == 1
    assert world.repository.branches()[_BRANCH] == theirs
    assert await world.forge.head(NAME, _BRANCH) == theirs


async def test_an_agent_rewrites_its_own_branch_and_removes_it(world: World):
    clone = await world.clone()
    await commit(world, clone)
    await world.git(clone, "push", "origin", f"HEAD:{_BRANCH}")
    await world.git(clone, "commit", "--quiet", "--amend", "-m", "Better")
    better = (await world.git(clone, "rev-parse", "HEAD")).stdout.decode().strip()

    rewritten = await world.git(clone, "push", "--force", "origin", f"HEAD:{_BRANCH}")
    assert rewritten.returncode == 0, rewritten.stderr
    assert world.repository.branches()[_BRANCH] == better
    removed = await world.git(clone, "push", "origin", f":{_BRANCH}")
    assert removed.returncode == 0, removed.stderr
    assert _BRANCH not in world.repository.branches()
    assert world.moved[-1] == {f"refs/heads/{_BRANCH}": None}


async def test_a_gitea_that_is_away_refuses_the_push_and_the_next_one_goes(world: World):
    clone = await world.clone()
    made = await commit(world, clone)
    world.gitea.trouble(f"POST /{NAME}.git/git-receive-pack", Answer(503))

    refused = await world.git(clone, "push", "origin", f"HEAD:{_BRANCH}")
    assert refused.returncode == 1
    assert "Gitea does not answer; try again" in refused.stderr.decode()
    assert _BRANCH not in world.repository.branches()
    assert (await world.git(clone, "push", "origin", f"HEAD:{_BRANCH}")).returncode == 0
    assert world.repository.branches()[_BRANCH] == made


async def test_a_push_whose_answer_from_gitea_was_lost_is_settled_by_the_next_one(world: World):
    clone = await world.clone()
    made = await commit(world, clone)
    world.gitea.trouble(f"POST /{NAME}.git/git-receive-pack", Cut(after=True))

    lost = await world.git(clone, "push", "origin", f"HEAD:{_BRANCH}")
    again = await world.git(clone, "push", "origin", f"HEAD:{_BRANCH}")

    assert lost.returncode != 0
    assert again.returncode == 0, again.stderr
    assert world.repository.branches()[_BRANCH] == made
    assert await world.forge.head(NAME, _BRANCH) == made


async def test_a_hook_that_is_killed_while_it_hands_a_push_on_is_settled_by_the_next_one(world: World):
    clone = await world.clone()
    made = await commit(world, clone)
    gate = Slow(asyncio.Event(), asyncio.Event())
    world.gitea.trouble(f"POST /{NAME}.git/git-receive-pack", gate)

    pushing = asyncio.create_task(world.git(clone, "push", "origin", f"HEAD:{_BRANCH}"))
    await gate.begun.wait()
    killed = [process for process in psutil.process_iter() if _hands_on(process, world)]
    for process in killed:
        process.kill()
    gate.until.set()
    cut = await pushing

    async def pushed_again() -> bool:
        # What the hook had begun may still be on its way to Gitea.
        return (await world.git(clone, "push", "origin", f"HEAD:{_BRANCH}")).returncode == 0

    assert len(killed) == 1
    assert cut.returncode != 0
    await eventually(pushed_again)
    assert world.repository.branches()[_BRANCH] == made
    assert await world.forge.head(NAME, _BRANCH) == made


def _hands_on(process: psutil.Process, world: World) -> bool:
    """Whether it is the hook of a push to this world's mirror."""
    try:
        return any(part.endswith("gitea/forward.py") for part in process.cmdline()) and Path(
            process.cwd()
        ).is_relative_to(world.forge.store.root)
    except psutil.Error:
        return False


async def test_the_key_of_gitea_reaches_no_agent(world: World):
    clone = await world.clone()

    for file in clone.rglob("*"):
        assert not file.is_file() or b"token-aiworker" not in file.read_bytes()
