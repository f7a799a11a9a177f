"""What the contract suite does on a real Gitea, cluster and Argo CD is tried on the stand-ins first."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from aiworker.delivery.ports.runtime import RolloutFailed
from tests.support import kube_real_argo
from tests.support.gitea import fake_gitea
from tests.support.kube_argocd import ARGOCD, fake_argocd
from tests.support.kube_real import images
from tests.support.kube_real_argo import NEEDED, RealArgoWorld, real_argo_world
from tests.support.kube_server import fake_kubernetes
from tests.support.kube_store import Json
from tests.support.kube_worlds import kubeconfig_of
from tests.support.runtimes import unheard


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RealArgoWorld]:
    monkeypatch.setattr(kube_real_argo, "_IMAGE_SECONDS", 0.5)
    async with fake_gitea(tmp_path / "gitea") as gitea, fake_kubernetes() as server, fake_argocd(server) as argo:

        def of_manifests(application: Json) -> Json:
            source = application["spec"]["source"]
            repository = gitea.world.find(source["repoURL"].removeprefix(f"{gitea.url}/").removesuffix(".git"))
            assert repository is not None
            text = repository.git("show", f"{source['targetRevision']}:{source['path']}/deployment.yaml")
            return dict(yaml.safe_load(text)["spec"]["template"]["metadata"]["annotations"])

        argo.annotations = of_manifests
        for image in images()[:2]:
            server.nodes.images[f"{image}-that-nobody-made"] = "missing"
        server.nodes.images |= {images()[2]: "crash", kube_real_argo.MUTE: "slow"}
        for name, value in zip(
            NEEDED, (str(kubeconfig_of(server, tmp_path)), ARGOCD, gitea.url, "token-aiworker"), strict=True
        ):
            monkeypatch.setenv(name, value)
        async with real_argo_world(tmp_path) as made:
            made_there = gitea.world.find(made.repository)
            assert made_there is not None
            # On its own disk: a push over HTTP would wait for a server of this very process.
            made.push_to = str(made_there.path)
            yield made
        assert [each["metadata"]["name"] for each in server.store.select("applications")] == []
        assert gitea.world.find(made.repository) is None


async def test_its_versions_its_failures_and_its_words_are_what_the_suite_expects(world: RealArgoWorld) -> None:
    one, two = world.version("one"), world.version("two")
    await world.runtime.deploy(world.rollout(one), unheard)
    await world.runtime.deploy(world.rollout(two), unheard)
    assert await world.ask(world.name) == (200, "two")
    assert (await world.application(world.name))["spec"]["source"]["targetRevision"] == two

    for word, told in (("fail", "exit status"), ("missing", "image was not there"), ("hang", "not healthy within 1 s")):
        with pytest.raises(RolloutFailed, match=told):
            await world.runtime.deploy(world.rollout(one, word, health_timeout_seconds=1.0), unheard)
        assert await world.ask(world.name) == (200, "two")

    await world.runtime.deploy(world.rollout(one, name=world.other), unheard)
    assert sorted(await world.runtime.names()) == sorted([world.name, world.other])
