"""Why a roll-out does not get healthy, told in a sentence; and what is waited for instead."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aiworker.delivery.ports.runtime import Instance, RolloutFailed
from tests.support.kube_nodes import Fate
from tests.support.kube_worlds import KubernetesWorld, kubernetes_world
from tests.support.runtimes import unheard


@pytest.fixture
async def patient(tmp_path: Path) -> AsyncIterator[KubernetesWorld]:
    """One that waits long for an image."""
    async with kubernetes_world(tmp_path, image_seconds=60.0) as made:
        yield made


def fated(world: KubernetesWorld, commit: str, fate: Fate) -> str:
    image = f"registry.test/shop:{commit}"
    world.server.nodes.images[image] = fate
    return image


async def failure(world: KubernetesWorld, fate: Fate, **settings: Any) -> RolloutFailed:
    commit = world.version("one")
    fated(world, commit, fate)
    chosen: dict[str, Any] = {"health_timeout_seconds": 2.0, **settings}
    with pytest.raises(RolloutFailed) as caught:
        await world.runtime.deploy(world.rollout(commit, **chosen), unheard)
    return caught.value


async def test_an_image_that_is_still_being_built_is_waited_for(patient: KubernetesWorld) -> None:
    commit = patient.version("one")
    image, waits = fated(patient, commit, "missing"), asyncio.Event()

    async def listen(step: str, sentence: str) -> None:
        if step == "image" and "not found" in sentence:
            waits.set()

    rolling = asyncio.create_task(patient.runtime.deploy(patient.rollout(commit), listen))
    await asyncio.wait_for(waits.wait(), 30)
    patient.server.nodes.images[image] = "runs"
    assert (await rolling).health == "healthy"


async def test_a_pod_that_rests_between_its_pulls_is_replaced_by_one_that_asks_at_once(
    patient: KubernetesWorld,
) -> None:
    commit = patient.version("one")
    image = fated(patient, commit, "backoff")
    rolling = asyncio.create_task(patient.runtime.deploy(patient.rollout(commit), unheard))
    deleted = "DELETE /api/v1/namespaces/preview-task-shop-1/pods/"
    async with asyncio.timeout(30):
        while not any(asked.startswith(deleted) for asked in patient.server.asked):
            await patient.server.store.changed(0.05)
    patient.server.nodes.images[image] = "runs"
    assert (await rolling).health == "healthy"


async def test_an_image_that_never_comes_fails_after_its_own_deadline(world: KubernetesWorld) -> None:
    failed = await failure(world, "missing")
    assert failed.message.startswith("The image was not there within 1 s.")
    assert "not found" in failed.message


async def test_a_program_that_needs_too_much_memory_says_so_with_its_last_lines(world: KubernetesWorld) -> None:
    failed = await failure(world, "oom")
    assert "OOMKilled" in failed.message
    assert failed.log == "reading everything into memory"


async def test_a_failing_probe_is_told_in_the_kubelets_words(world: KubernetesWorld) -> None:
    failed = await failure(world, "sick")
    assert "not healthy within 2 s" in failed.message
    assert "HTTP probe failed with statuscode: 500" in failed.message
    assert failed.log.startswith("listening")


async def test_a_pod_that_no_node_takes_is_told(world: KubernetesWorld) -> None:
    assert "0/3 nodes are available: 3 Insufficient memory" in (await failure(world, "unschedulable")).message


async def test_a_quota_that_is_full_is_told(world: KubernetesWorld) -> None:
    assert "exceeded quota" in (await failure(world, "full")).message


async def test_an_image_that_runs_as_root_is_refused_unless_the_project_allows_it(world: KubernetesWorld) -> None:
    assert "runAsRoot=true" in (await failure(world, "root")).message
    instance = await world.runtime.deploy(world.rollout(world.version("one"), as_root=True), unheard)
    assert instance.health == "healthy"


async def test_a_name_of_an_image_that_the_kubelet_cannot_read_fails_at_once(world: KubernetesWorld) -> None:
    assert "InvalidImageName" in (await failure(world, "bad-name", health_timeout_seconds=60.0)).message


@pytest.mark.parametrize("image", [None, "shop:{tag}", "Not an image"])
async def test_a_project_without_a_good_image_is_told_before_anything_is_asked(
    world: KubernetesWorld, image: str | None
) -> None:
    wanted = world.rollout(world.version("one"))
    with pytest.raises(RolloutFailed, match="image"):
        await world.runtime.deploy(replace(wanted, image=image), unheard)
    assert world.server.asked == []


async def test_a_failed_rollout_goes_back_to_the_newest_that_was_good_with_its_own_variables(
    world: KubernetesWorld,
) -> None:
    first, second = world.version("one"), world.version("two")
    good = await world.runtime.deploy(world.rollout(first, name="staging-shop", env={"COLOUR": "red"}), unheard)
    for _ in range(2):
        fated(world, second, "crash")
        with pytest.raises(RolloutFailed):
            await world.runtime.deploy(world.rollout(second, name="staging-shop", env={"COLOUR": "blue"}), unheard)
    found: Instance | None = await world.runtime.get("staging-shop")
    assert found == good
    pod = world.pods("staging-shop")[-1]
    assert world.env(pod)["COLOUR"] == "red"
    deployment = world.server.store.get("deployments", "project-shop-staging", "staging-shop")
    assert deployment is not None
    assert deployment["spec"]["template"]["spec"]["containers"][0]["image"] == f"registry.test/shop:{first}"
