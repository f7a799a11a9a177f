"""What people and agents do with a git client."""

import asyncio
import os
import resource

import pytest

from tests.integration.git_http.conftest import World


async def test_a_repository_is_cloned_with_a_key_as_the_password(world: World):
    clone = await world.clone("read-key")

    assert (clone / "readme.md").read_text() == "one\n"
    assert world.forge.clone_url("shop") == f"{world.url}/git/shop.git"


@pytest.mark.parametrize("version", ["0", "1", "2"])
async def test_every_version_of_the_protocol_is_spoken(world: World, version: str):
    cloned = await world.git(
        world.folder, "-c", f"protocol.version={version}", "clone", "--quiet", world.address("read-key"), "clone"
    )

    assert cloned.returncode == 0, cloned.stderr


async def test_an_agent_pushes_its_task_branch_and_it_is_told(world: World):
    clone = await world.clone("agent-key")
    commit = await world.commit(clone, app__py=b"print('hello')\n")

    pushed = await world.push(clone, "origin", "HEAD:refs/heads/task-shop-1-hello")

    assert pushed.returncode == 0, pushed.stderr
    assert world.moved == [("shop", {"refs/heads/task-shop-1-hello": commit})]
    assert await world.forge.head("shop", "task-shop-1-hello") == commit


async def test_a_push_that_changes_nothing_is_not_told(world: World):
    clone = await world.clone("agent-key")
    await world.commit(clone)
    for _ in range(2):
        assert (await world.push(clone, "origin", "HEAD:refs/heads/task-shop-1-hello")).returncode == 0

    assert len(world.moved) == 1


async def test_an_agent_that_pushes_main_reads_why_not(world: World):
    clone = await world.clone("agent-key")
    before = await world.forge.head("shop", "main")
    await world.commit(clone)

    pushed = await world.push(clone, "origin", "main")

    said = pushed.stderr.decode()
    assert pushed.returncode == 1
    assert "remote: AiWorker does not take refs/heads/main from you. You may push:" in said
    assert "remote:   refs/heads/task-shop-1-*" in said
    assert await world.forge.head("shop", "main") == before
    assert world.moved == []


async def test_a_push_of_several_branches_goes_through_whole_or_not_at_all(world: World):
    clone = await world.clone("agent-key")
    await world.commit(clone)

    pushed = await world.push(clone, "origin", "HEAD:refs/heads/task-shop-1-hello", "HEAD:refs/heads/task-shop-2-other")

    assert pushed.returncode == 1
    assert "refs/heads/task-shop-2-other" in pushed.stderr.decode()
    assert await world.forge.head("shop", "task-shop-1-hello") is None
    assert world.moved == []


async def test_an_agent_may_rewrite_its_own_branch(world: World):
    clone = await world.clone("agent-key")
    await world.commit(clone, "One")
    await world.push(clone, "origin", "HEAD:refs/heads/task-shop-1-hello")
    await world.git(clone, "reset", "--quiet", "--hard", "HEAD~1")
    rewritten = await world.commit(clone, "Another")

    refused = await world.push(clone, "origin", "HEAD:refs/heads/task-shop-1-hello")
    forced = await world.push(clone, "--force", "origin", "HEAD:refs/heads/task-shop-1-hello")

    assert (refused.returncode, forced.returncode) == (1, 0)
    assert await world.forge.head("shop", "task-shop-1-hello") == rewritten


async def test_a_branch_is_deleted_only_by_who_may_push_it(world: World):
    clone = await world.clone("agent-key")
    await world.push(clone, "origin", "HEAD:refs/heads/task-shop-1-hello")
    await world.upstream_branch("staging")

    refused = await world.push(clone, "origin", "--delete", "staging")
    deleted = await world.push(clone, "origin", "--delete", "task-shop-1-hello")

    assert (refused.returncode, deleted.returncode) == (1, 0)
    assert await world.forge.head("shop", "staging") is not None
    assert world.moved[-1] == ("shop", {"refs/heads/task-shop-1-hello": None})


async def test_nobody_deletes_the_default_branch(world: World):
    clone = await world.clone("person-key")

    assert (await world.push(clone, "origin", "--delete", "main")).returncode == 1
    assert await world.forge.head("shop", "main") is not None


async def test_nobody_rewrites_what_was_shipped(world: World):
    clone = await world.clone("person-key")
    before = await world.commit(clone, "One")
    await world.git(clone, "tag", "release-1")
    assert (await world.push(clone, "origin", "main", "release-1")).returncode == 0
    await world.git(clone, "reset", "--quiet", "--hard", "HEAD~1")
    await world.commit(clone, "Another")

    forced = await world.push(clone, "--force", "origin", "main")
    retagged = await world.push(clone, "--force", "origin", "HEAD:refs/tags/release-1")
    untagged = await world.push(clone, "origin", "--delete", "release-1")

    assert (forced.returncode, retagged.returncode, untagged.returncode) == (1, 1, 1)
    assert "refs/heads/main be rewritten or removed; add commits to it instead" in forced.stderr.decode()
    assert await world.forge.head("shop", "main") == before
    assert len(world.moved) == 1


async def test_a_person_pushes_branches_and_tags(world: World):
    clone = await world.clone("person-key")
    commit = await world.commit(clone)
    await world.git(clone, "tag", "-a", "v1", "-m", "One")

    pushed = await world.push(clone, "origin", "main", "v1")

    assert pushed.returncode == 0, pushed.stderr
    moved = world.moved[0][1]
    assert moved["refs/heads/main"] == commit
    assert set(moved) == {"refs/heads/main", "refs/tags/v1"}


async def test_who_may_only_read_is_told_so(world: World):
    clone = await world.clone("read-key")

    pushed = await world.push(clone, "origin", "HEAD:refs/heads/task-shop-1-hello")

    assert pushed.returncode != 0
    assert "You may fetch from this repository, but not push to it." in pushed.stderr.decode()


async def test_a_wrong_key_is_refused(world: World):
    cloned = await world.git(world.folder, "clone", world.address("wrong-key"), "clone")

    assert cloned.returncode != 0
    assert "Authentication failed" in cloned.stderr.decode()


async def test_a_key_of_another_project_is_refused_with_the_sentence(world: World):
    cloned = await world.git(world.folder, "clone", world.address("read-key", "secret"), "clone")

    assert "This key is for another project." in cloned.stderr.decode()


async def test_a_repository_that_is_not_there_is_told_so(world: World):
    cloned = await world.git(world.folder, "clone", world.address("read-key", "nothing"), "clone")

    assert "There is no repository nothing." in cloned.stderr.decode()


async def test_a_repository_without_a_commit_is_cloned_and_gets_its_first(world: World):
    await world.forge.import_repository("fresh", source=None)
    clone = await world.clone("person-key", "fresh")
    commit = await world.commit(clone, a=b"a\n")

    pushed = await world.push(clone, "origin", "HEAD:refs/heads/main")

    assert pushed.returncode == 0, pushed.stderr
    assert (await world.forge.get_repository("fresh")).head == commit


async def test_refs_that_are_ours_are_neither_shown_nor_taken(world: World):
    await world.upstream_branch("staging")
    clone = await world.clone("person-key")

    shown = (await world.git(clone, "ls-remote", "origin")).stdout.decode()
    pushed = await world.push(clone, "origin", "HEAD:refs/aiworker/upstream/main")

    assert "refs/heads/staging" in shown
    assert "refs/aiworker" not in shown
    assert pushed.returncode == 1


async def test_a_branch_name_with_characters_of_the_shell_is_only_a_name(world: World):
    clone = await world.clone("agent-key")
    commit = await world.commit(clone)
    name = "task-shop-1-$(touch${IFS}pwned);`id`'\"&|<>%s\N{SNOWMAN}"

    pushed = await world.push(clone, "origin", f"HEAD:refs/heads/{name}")

    assert pushed.returncode == 0, pushed.stderr
    assert await world.forge.head("shop", name) == commit
    assert world.moved == [("shop", {f"refs/heads/{name}": commit})]
    assert not list(world.folder.rglob("pwned"))


async def test_a_refused_name_with_characters_of_the_shell_is_only_shown(world: World):
    clone = await world.clone("agent-key")
    await world.commit(clone)

    pushed = await world.push(clone, "origin", "HEAD:refs/heads/$(touch${IFS}pwned)%s")

    assert "$(touch${IFS}pwned)%s from you" in pushed.stderr.decode()
    assert not list(world.folder.rglob("pwned"))


async def test_an_object_that_git_would_not_make_is_refused(world: World):
    clone = await world.clone("agent-key")
    blob = (await world.git(clone, "hash-object", "-w", "readme.md")).stdout.decode().strip()
    (clone / "raw").write_bytes(b"100644 .git\0" + bytes.fromhex(blob))
    tree = (await world.git(clone, "hash-object", "-w", "-t", "tree", "--literally", "raw")).stdout.decode().strip()
    commit = (await world.git(clone, "commit-tree", "-p", "HEAD", "-m", "Bad", tree)).stdout.decode().strip()

    pushed = await world.push(clone, "origin", f"{commit}:refs/heads/task-shop-1-bad")

    assert pushed.returncode == 1
    assert "hasDotgit" in pushed.stderr.decode()
    assert await world.forge.head("shop", "task-shop-1-bad") is None


async def test_several_agents_push_at_the_same_time(world: World):
    clones = [await world.clone("agent-key", to=f"clone-{n}") for n in range(4)]
    commits = [await world.commit(clone, f"By {n}") for n, clone in enumerate(clones)]

    pushed = await asyncio.gather(
        *(world.push(clone, "origin", f"HEAD:refs/heads/task-shop-1-{n}") for n, clone in enumerate(clones))
    )

    assert [one.returncode for one in pushed] == [0] * 4
    assert [await world.forge.head("shop", f"task-shop-1-{n}") for n in range(4)] == commits


async def test_a_push_stands_also_when_nobody_can_be_told(world: World):
    world.deaf = True
    clone = await world.clone("agent-key")
    commit = await world.commit(clone)

    assert (await world.push(clone, "origin", "HEAD:refs/heads/task-shop-1-hello")).returncode == 0
    assert await world.forge.head("shop", "task-shop-1-hello") == commit


async def test_a_large_pack_streams_both_ways_without_filling_memory(world: World):
    clone = await world.clone("agent-key")
    with (clone / "large.bin").open("wb") as file:
        for _ in range(64):
            file.write(os.urandom(1024 * 1024))
    commit = await world.commit(clone)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    pushed = await world.push(clone, "--quiet", "origin", "HEAD:refs/heads/task-shop-1-large")
    cloned = await world.git(
        world.folder, "clone", "--quiet", "-b", "task-shop-1-large", world.address("read-key"), "again"
    )

    assert (pushed.returncode, cloned.returncode) == (0, 0), pushed.stderr + cloned.stderr
    assert await world.forge.head("shop", "task-shop-1-large") == commit
    assert (world.folder / "again/large.bin").stat().st_size == 64 * 1024 * 1024
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 24 * 1024
