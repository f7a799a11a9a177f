"""An API server that is slow, away, cut, full, forgetful or unwilling."""

import asyncio
import stat
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from aiworker.adapters.runtime.kubernetes import (
    Cluster,
    ClusterAway,
    ClusterRefused,
    connect_by_kubeconfig,
    connect_in_cluster,
)
from aiworker.adapters.runtime.kubernetes.kinds import DEPLOYMENT, NAMESPACE, SECRET
from aiworker.core.errors import Invalid
from aiworker.delivery.ports.runtime import RolloutFailed
from tests.support.kube_server import fake_kubernetes
from tests.support.kube_worlds import QUICK, TRIES, KubernetesWorld, cluster_of, kubeconfig_of, kubernetes_world
from tests.support.runtimes import unheard


@pytest.mark.parametrize("what", [500, 503, 429, "cut"])
async def test_a_request_that_goes_wrong_is_made_again(world: KubernetesWorld, tmp_path: Path, what: int | str) -> None:
    async with cluster_of(world.server, tmp_path) as cluster:
        world.server.goes_wrong(what, "GET", "/namespaces", times=3, headers={"retry-after": "1"})
        assert await cluster.list(NAMESPACE) == []
        assert world.server.asked.count("GET /api/v1/namespaces") == 4


async def test_a_server_that_stays_away_is_told_so(world: KubernetesWorld, tmp_path: Path) -> None:
    async with cluster_of(world.server, tmp_path) as cluster:
        world.server.goes_wrong("cut", "GET", "/namespaces", times=100)
        with pytest.raises(ClusterAway, match="Kubernetes does not answer"):
            await cluster.list(NAMESPACE)


async def test_a_wrong_token_is_told_without_the_token(world: KubernetesWorld, tmp_path: Path) -> None:
    async with cluster_of(world.server, tmp_path, token="a-wrong-token") as cluster:
        with pytest.raises(ClusterRefused, match="does not know AiWorker's credential") as caught:
            await cluster.list(NAMESPACE)
    assert caught.value.status == 401
    assert "a-wrong-token" not in str(caught.value)


async def test_a_missing_permission_is_told_with_what_it_is_needed_for(world: KubernetesWorld) -> None:
    world.server.deny("patch", "secrets")
    with pytest.raises(RolloutFailed, match=r"AiWorker may not apply the Secret .*aiworker doctor"):
        await world.runtime.deploy(world.rollout(world.version("one")), unheard)


async def test_a_long_list_is_read_page_by_page(world: KubernetesWorld, tmp_path: Path) -> None:
    for number in range(1_203):
        world.server.add("Namespace", f"n{number}")
    async with cluster_of(world.server, tmp_path) as cluster:
        assert len(await cluster.list(NAMESPACE)) == 1_203
    assert world.server.asked.count("GET /api/v1/namespaces") == 3


async def test_another_managers_fields_are_taken_over_and_what_we_no_longer_say_goes(
    world: KubernetesWorld, tmp_path: Path
) -> None:
    manifest: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "shop", "labels": {"a": "1", "b": "2"}},
    }
    async with cluster_of(world.server, tmp_path) as cluster:
        await cluster.apply(NAMESPACE, manifest)
        live = await cluster.get(NAMESPACE, "shop")
        assert live is not None
        world.server.managers.changed(live["metadata"]["uid"], "kubectl-edit", {"metadata": {"labels": {"a": "9"}}})
        manifest["metadata"]["labels"] = {"a": "1"}
        applied = await cluster.apply(NAMESPACE, manifest)
    assert applied["metadata"]["labels"] == {"a": "1", "kubernetes.io/metadata.name": "shop"}


async def test_a_change_of_what_somebody_has_changed_since_is_refused(world: KubernetesWorld, tmp_path: Path) -> None:
    live = world.server.add("Namespace", "shop")
    world.server.store.put({**live, "status": {"phase": "Terminating"}})
    async with cluster_of(world.server, tmp_path) as cluster:
        stale = {"metadata": {"resourceVersion": live["metadata"]["resourceVersion"], "labels": {"a": "1"}}}
        with pytest.raises(ClusterRefused) as caught:
            await cluster.merge(NAMESPACE, "shop", None, stale)
    assert (caught.value.status, caught.value.reason) == (409, "Conflict")


@pytest.mark.parametrize("trouble", ["forgets", "cuts", "answers 410 to the list of pods"])
async def test_a_watch_that_ends_in_any_way_loses_nothing(world: KubernetesWorld, trouble: str) -> None:
    commit = world.version("one")
    wanted = world.rollout(commit, "hang")
    (image,) = world.server.nodes.images
    started = asyncio.Event()

    async def listen(step: str, _sentence: str) -> None:
        if step == "health":
            started.set()

    rolling = asyncio.create_task(world.runtime.deploy(wanted, listen))
    await asyncio.wait_for(started.wait(), 30)
    if trouble == "forgets":
        world.server.store.forget_history()
    elif trouble == "cuts":
        world.server.cut_watches()
    else:
        world.server.goes_wrong(410, "GET", "pods.*watch=true", times=3)
    world.server.nodes.images[image] = "runs"
    assert (await asyncio.wait_for(rolling, 30)).health == "healthy"


async def test_an_api_that_is_away_for_a_while_in_the_middle_does_not_fail_the_rollout(tmp_path: Path) -> None:
    async with kubernetes_world(tmp_path, patience=replace(QUICK, away=30.0)) as world:

        async def cut(step: str, _sentence: str) -> None:
            if step == "health" and not world.server.troubles:
                world.server.goes_wrong("cut", "GET", "deployments|pods", times=12)

        instance = await world.runtime.deploy(world.rollout(world.version("one")), cut)
        assert instance.health == "healthy"


async def test_a_rotated_token_of_the_service_account_is_read_again(
    world: KubernetesWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = kubeconfig_of(world.server, tmp_path)
    config = yaml.safe_load(file.read_text())
    token = tmp_path / "token"
    token.write_text(world.server.token)
    config["users"][0]["user"] = {"tokenFile": str(token)}
    file.write_text(yaml.safe_dump(config))
    cluster = Cluster(connect_by_kubeconfig(file), tries=TRIES)
    assert await cluster.list(NAMESPACE) == []
    world.server.token = "another-token"
    token.write_text("another-token\n")
    assert await cluster.list(NAMESPACE) == []
    await cluster.close()


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
async def test_a_program_of_the_kubeconfig_prints_the_credential(
    world: KubernetesWorld, tmp_path: Path, version: str
) -> None:
    plugin = tmp_path / "plugin"
    plugin.write_text(
        f"#!{sys.executable} -S\nimport json, os\nasked = json.loads(os.environ['KUBERNETES_EXEC_INFO'])\n"
        f"print(json.dumps({{**asked, 'status': {{'token': '{world.server.token}'}}}}))\n"
    )
    plugin.chmod(plugin.stat().st_mode | stat.S_IXUSR)
    file = kubeconfig_of(world.server, tmp_path)
    config = yaml.safe_load(file.read_text())
    api_version = f"client.authentication.k8s.io/{version}"
    config["users"][0]["user"] = {"exec": {"apiVersion": api_version, "command": str(plugin)}}
    file.write_text(yaml.safe_dump(config))
    cluster = Cluster(connect_by_kubeconfig(file), tries=TRIES)
    assert await cluster.list(NAMESPACE) == []
    plugin.write_text("#!/bin/sh\nexit 1\n")
    world.server.token = "another-token"
    with pytest.raises((ClusterAway, ClusterRefused), match="credential"):
        await cluster.list(NAMESPACE)
    await cluster.close()


@pytest.mark.parametrize("text", ["", "[", "- a", "clusters: 3", "current-context: none\nclusters: []\ncontexts: []"])
def test_a_file_that_is_no_kubeconfig_is_told_by_its_variable(tmp_path: Path, text: str) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text(text)
    with pytest.raises(Invalid, match="KUBECONFIG names a file that cannot be used"):
        connect_by_kubeconfig(file)
    with pytest.raises(Invalid, match="not found"):
        connect_by_kubeconfig(tmp_path / "missing")


def test_a_process_that_is_no_pod_is_told_by_the_variable(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="K8S_IN_CLUSTER is set, but this is no pod"):
        connect_in_cluster(tmp_path)


async def test_the_fake_refuses_what_the_real_server_would(tmp_path: Path, world: KubernetesWorld) -> None:
    async with cluster_of(world.server, tmp_path) as cluster:
        manifest: dict[str, Any] = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "UPPER"}}
        with pytest.raises(ClusterRefused) as caught:
            await cluster.apply(NAMESPACE, manifest)
        assert caught.value.status == 422
        with pytest.raises(ClusterRefused) as caught:
            await cluster.merge(NAMESPACE, "missing", None, {})
        assert caught.value.status == 404
        world.server.add("Namespace", "leaving", status={"phase": "Terminating"})
        world.server.nodes.removal_seconds = 60
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x", "namespace": "leaving"}}
        with pytest.raises(ClusterRefused) as caught:
            await cluster.apply(SECRET, secret)
        assert caught.value.terminating


async def test_the_fake_notices_what_the_real_server_does_not_know(tmp_path: Path) -> None:
    wrong: dict[str, Any] = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "shop", "namespace": "shop"},
        "spec": {"selector": {}, "template": {"spec": {"containers": [{"name": "app", "imagePolicy": "Always"}]}}},
    }
    async with fake_kubernetes() as server, cluster_of(server, tmp_path) as cluster:
        server.add("Namespace", "shop")
        with pytest.raises(ClusterRefused, match="not as the real server"):
            await cluster.apply(DEPLOYMENT, wrong)
        assert "imagePolicy" in server.broken[0]
        server.broken.clear()


async def test_an_apply_that_meets_another_writer_is_made_again(world: KubernetesWorld) -> None:
    world.server.goes_wrong(409, "PATCH", times=2)
    await world.runtime.deploy(world.rollout(world.version("one")), unheard)
    assert (await world.ask(world.name))[1] == "one"
