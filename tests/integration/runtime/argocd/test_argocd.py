"""Staging and production by Argo CD: that very commit, that very image, and nobody else's business."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aiworker.core.errors import Conflict
from aiworker.delivery.ports.runtime import RolloutFailed
from tests.support.kube_argocd import ARGOCD
from tests.support.kube_store import Json
from tests.support.kube_worlds import ArgoWorld, argo_world
from tests.support.runtimes import unheard


@pytest.fixture(params=["the Kubernetes API", "REST"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ArgoWorld]:
    async with argo_world(tmp_path, rest=request.param == "REST") as made:
        yield made


def application(world: ArgoWorld, name: str = "staging-shop") -> Json:
    found = world.server.store.get("applications", ARGOCD, name)
    assert found is not None
    return found


async def test_the_application_pins_commit_and_image_and_syncs_only_when_asked(world: ArgoWorld) -> None:
    commit = world.version("one")
    told: list[str] = []

    async def listen(step: str, sentence: str) -> None:
        told.append(f"{step}: {sentence}")

    await world.runtime.deploy(world.rollout(commit), listen)
    spec = application(world)["spec"]
    assert spec["source"] == {
        "repoURL": "https://git.test/team/shop.git",
        "path": "deploy/staging",
        "targetRevision": commit,
        "kustomize": {"images": [f"registry.test/shop=registry.test/shop:{commit}"]},
    }
    assert spec["destination"]["namespace"] == "project-shop-staging"
    assert "automated" not in spec["syncPolicy"]
    assert application(world)["metadata"]["finalizers"] == ["resources-finalizer.argocd.argoproj.io"]
    assert world.argo.synced == [("staging-shop", commit, f"registry.test/shop:{commit}")]
    assert "sync: Deployment staging-shop: Synced, configured" in told


async def test_synced_and_healthy_with_the_old_image_is_not_done(world: ArgoWorld) -> None:
    await world.runtime.deploy(world.rollout(world.version("one")), unheard)
    world.argo.mood = "lies"
    with pytest.raises(RolloutFailed, match=r"No pod in project-shop-staging runs .*, but registry\.test/shop:"):
        await world.runtime.deploy(world.rollout(world.version("two"), health_timeout_seconds=0.5), unheard)
    assert await world.ask("staging-shop") == (200, "one")


async def test_a_sync_that_fails_names_the_resource_and_goes_back(world: ArgoWorld) -> None:
    good = await world.runtime.deploy(world.rollout(world.version("one")), unheard)
    world.argo.mood = "fails"
    with pytest.raises(RolloutFailed, match=r"Deployment staging-shop: Deployment\.apps \"shop\" is invalid"):
        await world.runtime.deploy(world.rollout(world.version("two")), unheard)
    world.argo.mood = "works"
    assert application(world)["spec"]["source"]["targetRevision"] == good.commit


async def test_a_commit_that_argo_cd_cannot_find_is_told_in_its_words(world: ArgoWorld) -> None:
    world.argo.commits = set()
    with pytest.raises(RolloutFailed, match="unable to resolve"):
        await world.runtime.deploy(world.rollout(world.version("one")), unheard)
    assert await world.runtime.names() == []


@pytest.mark.parametrize("begun", [True, False])
async def test_a_sync_that_does_not_end_is_given_up_and_does_not_happen_later(world: ArgoWorld, *, begun: bool) -> None:
    good, late = world.version("one"), world.version("two")
    await world.runtime.deploy(world.rollout(good), unheard)
    world.argo.steps_of_a_sync = 10_000
    world.argo.mood = "works" if begun else "stuck"
    with pytest.raises(RolloutFailed, match="Argo CD did not sync staging-shop within 2 s"):
        await world.runtime.deploy(world.rollout(late), unheard)
    world.argo.steps_of_a_sync = 2
    world.argo.mood = "works"
    async with asyncio.timeout(60):
        while application(world).get("operation"):
            await world.server.store.changed(0.05)
    assert late not in {commit for _, commit, _ in world.argo.synced}
    assert await world.ask("staging-shop") == (200, "one")


async def test_degraded_while_it_starts_is_not_the_end(world: ArgoWorld) -> None:
    world.argo.mood = "late"
    instance = await world.runtime.deploy(world.rollout(world.version("one")), unheard)
    assert instance.health == "healthy"


@pytest.mark.parametrize("automated", [{}, {"prune": True, "selfHeal": True}, {"enabled": True}])
async def test_an_application_that_syncs_by_itself_is_refused(world: ArgoWorld, automated: Json) -> None:
    await world.runtime.deploy(world.rollout(world.version("one")), unheard)
    world.argo.edit("staging-shop", syncPolicy={"automated": automated, "syncOptions": ["CreateNamespace=true"]})
    with pytest.raises(RolloutFailed, match="automated sync on for the Application staging-shop: it would undo"):
        await world.runtime.deploy(world.rollout(world.version("two")), unheard)
    assert await world.ask("staging-shop") == (200, "one")


async def test_an_application_of_somebody_else_is_refused(world: ArgoWorld) -> None:
    spec = {
        "project": "default",
        "destination": {"namespace": "theirs"},
        "source": {"repoURL": "x", "targetRevision": "y"},
    }
    world.server.add("Application", "staging-shop", ARGOCD, spec=spec, labels={"aiworker/installation": "another"})
    with pytest.raises(RolloutFailed, match="not this installation's"):
        await world.runtime.deploy(world.rollout(world.version("one")), unheard)
    assert application(world)["spec"] == spec
    await world.runtime.remove("staging-shop")
    assert application(world)["spec"] == spec


async def test_an_operation_of_somebody_else_is_waited_for(world: ArgoWorld) -> None:
    commit = world.version("one")
    await world.runtime.deploy(world.rollout(commit), unheard)
    world.argo.steps_of_a_sync = 10_000
    world.argo.operate_by_hand("staging-shop", commit)
    told: list[str] = []

    async def listen(_step: str, sentence: str) -> None:
        told.append(sentence)
        world.argo.steps_of_a_sync = 2

    instance = await world.runtime.deploy(world.rollout(world.version("two")), listen)
    assert told[0] == "Waiting for another operation of Argo CD on staging-shop."
    assert instance.health == "healthy"


async def test_an_operation_of_somebody_else_that_does_not_end_is_a_conflict(world: ArgoWorld) -> None:
    commit = world.version("one")
    await world.runtime.deploy(world.rollout(commit), unheard)
    world.argo.steps_of_a_sync = 10_000
    world.argo.operate_by_hand("staging-shop", commit)
    with pytest.raises(Conflict, match="Another operation of Argo CD"):
        await world.runtime.deploy(world.rollout(world.version("two")), unheard)
    assert application(world)["spec"]["source"]["targetRevision"] == commit


@pytest.mark.parametrize(
    ("where", "source"),
    [
        ("shop", {"kustomize": {"images": ["shop=registry.test/shop:COMMIT"]}}),
        ("helm:image.tag", {"helm": {"parameters": [{"name": "image.tag", "value": "COMMIT", "forceString": True}]}}),
        (
            "helm:image",
            {"helm": {"parameters": [{"name": "image", "value": "registry.test/shop:COMMIT", "forceString": True}]}},
        ),
    ],
)
async def test_the_image_goes_where_the_project_says(world: ArgoWorld, where: str, source: Json) -> None:
    commit = world.version("one")
    await world.runtime.deploy(world.rollout(commit, manifests_image=where), unheard)
    found = application(world)["spec"]["source"]
    assert {name: found[name] for name in source} == json.loads(json.dumps(source).replace("COMMIT", commit))
