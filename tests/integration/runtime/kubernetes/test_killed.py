"""A worker that is killed in the middle of a roll-out; the next one finishes it, or takes it back."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from aiworker.delivery.ports.runtime import Rollout, RolloutFailed
from tests.support.kube_argocd import ARGOCD
from tests.support.kube_worlds import KubernetesWorld, argo_world, kubeconfig_of, kubernetes_world
from tests.support.runtimes import unheard


async def killed(world: KubernetesWorld, folder: Path, wanted: Rollout, *, at: str, argocd: str = "-") -> None:
    """Another process rolls out, and is killed at a fault point."""
    fields = {name: getattr(wanted, name) for name in type(wanted).__dataclass_fields__}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.support.kube_deployer",
        str(kubeconfig_of(world.server, folder)),
        argocd,
        json.dumps(fields),
        env={**os.environ, "AIWORKER_FAULT": f"{at}={folder / 'fired'}"},
    )
    assert await process.wait() == -9


@pytest.mark.parametrize("ends", ["well", "badly"])
async def test_a_worker_killed_after_it_has_applied_the_deployment_is_followed_by_one_that_ends_it(
    tmp_path: Path, ends: str
) -> None:
    async with kubernetes_world(tmp_path) as world:
        good = await world.runtime.deploy(world.rollout(world.version("one"), name="staging-shop"), unheard)
        commit = world.version("two")
        wanted = world.rollout(commit, *([] if ends == "well" else ["fail"]), name="staging-shop")
        await killed(world, tmp_path, wanted, at="kubernetes.applied")
        if ends == "well":
            assert (await world.runtime.deploy(wanted, unheard)).commit == commit
            assert (await world.ask("staging-shop"))[1] == "two"
        else:
            with pytest.raises(RolloutFailed):
                await world.runtime.deploy(wanted, unheard)
            assert await world.runtime.get("staging-shop") == good


async def test_a_worker_killed_after_it_has_changed_the_application_is_followed_by_one_that_syncs_it(
    tmp_path: Path,
) -> None:
    async with argo_world(tmp_path) as world:
        await world.runtime.deploy(world.rollout(world.version("one")), unheard)
        wanted = world.rollout(world.version("two"))
        await killed(world, tmp_path, wanted, at="argocd.applied", argocd=ARGOCD)
        assert await world.ask("staging-shop") == (200, "one")
        instance = await world.runtime.deploy(wanted, unheard)
        assert (instance.commit, instance.health) == (wanted.commit, "healthy")
        assert len(world.argo.synced) == 2
