"""Staging and production by Argo CD: the same on the stand-in and on a real one."""

import pytest

from aiworker.delivery.ports.runtime import RolloutFailed
from tests.contract.runtime.conftest import Environments
from tests.support.runtimes import unheard

pytestmark = pytest.mark.needs("applications")


async def pinned(world: Environments, name: str) -> tuple[str, str]:
    """Which commit and which image an Application is told."""
    source = (await world.application(name))["spec"]["source"]
    return source["targetRevision"], source["kustomize"]["images"][0].partition("=")[2]


async def test_a_roll_out_syncs_that_very_commit_and_image_and_nothing_by_itself(world: Environments) -> None:
    commit = world.version("one")

    await world.runtime.deploy(world.rollout(commit), unheard)

    found = await world.application(world.name)
    assert await pinned(world, world.name) == (commit, world.image(commit))
    assert (found["status"]["sync"]["status"], found["status"]["sync"]["revision"]) == ("Synced", commit)
    assert found["status"]["operationState"]["syncResult"]["revision"] == commit
    assert found["status"]["health"]["status"] == "Healthy"
    assert "automated" not in found["spec"]["syncPolicy"]
    assert "operation" not in found


async def test_the_tree_of_resources_is_told_as_steps(world: Environments) -> None:
    told: list[str] = []

    async def listen(step: str, sentence: str) -> None:
        told.append(f"{step}: {sentence}")

    await world.runtime.deploy(world.rollout(world.version("one")), listen)

    assert any(one.startswith("sync: Deployment ") and ": Synced" in one for one in told), told
    assert any(one.startswith("health: Deployment ") for one in told), told


async def test_a_rollback_sets_commit_and_image_together(world: Environments) -> None:
    first, second = world.version("one"), world.version("two")
    for commit, text in ((first, "one"), (second, "two"), (first, "one")):
        instance = await world.runtime.deploy(world.rollout(commit), unheard)
        assert instance.commit == commit
        assert await pinned(world, world.name) == (commit, world.image(commit))
        assert await world.ask(world.name) == (200, text)


@pytest.mark.parametrize("word", ["fail", "missing"])
async def test_what_fails_goes_back_to_the_commit_and_image_before(world: Environments, word: str) -> None:
    good = world.version("one")
    await world.runtime.deploy(world.rollout(good), unheard)

    with pytest.raises(RolloutFailed, match="exit status" if word == "fail" else "image was not there within"):
        await world.runtime.deploy(world.rollout(world.version("two"), word), unheard)

    assert await pinned(world, world.name) == (good, world.image(good))
    instance = await world.runtime.get(world.name)
    assert instance is not None
    assert instance.commit == good
    assert await world.ask(world.name) == (200, "one")


async def test_staging_and_production_stand_side_by_side_and_go_back_each_by_itself(world: Environments) -> None:
    first, second = world.version("one"), world.version("two")
    for name in (world.name, world.other):
        await world.runtime.deploy(world.rollout(first, name=name), unheard)
        await world.runtime.deploy(world.rollout(second, name=name), unheard)

    await world.runtime.deploy(world.rollout(first, name=world.other), unheard)

    assert [await pinned(world, name) for name in (world.name, world.other)] == [
        (second, world.image(second)),
        (first, world.image(first)),
    ]
    assert [(await world.ask(name))[1] for name in (world.name, world.other)] == ["two", "one"]
