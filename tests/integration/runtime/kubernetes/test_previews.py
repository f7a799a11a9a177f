"""What a preview is made of, and what becomes of namespaces that are not (or no longer) there for it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from aiworker.delivery.ports.runtime import RolloutFailed
from tests.support.kube_store import Json
from tests.support.kube_worlds import INSTALLATION, QUICK, KubernetesWorld, kubernetes_world
from tests.support.runtimes import unheard
from tests.support.waiting import eventually

NAMESPACE = "preview-task-shop-1"


def object_of(world: KubernetesWorld, plural: str, name: str = "task-shop-1", namespace: str = NAMESPACE) -> Json:
    found = world.server.store.get(plural, namespace, name)
    assert found is not None, f"no {plural} {name}"
    return found


async def test_a_preview_has_its_own_namespace_with_all_that_confines_it(world: KubernetesWorld) -> None:
    wanted = world.rollout(world.version("one"), egress=("databases:5432",), env={"PASSWORD": "s3cret"}, replicas=2)
    await world.runtime.deploy(wanted, unheard)
    labels = object_of(world, "namespaces", NAMESPACE, "")["metadata"]["labels"]
    assert (labels["aiworker/installation"], labels["aiworker/instance"]) == (INSTALLATION, "task-shop-1")
    assert object_of(world, "resourcequotas")["spec"]["hard"]["limits.cpu"] == "2500m"
    assert object_of(world, "limitranges")["spec"]["limits"][0]["default"]["memory"] == str(512 * 2**20)
    policy = object_of(world, "networkpolicies")["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert len(policy["egress"]) == 3
    pod = object_of(world, "deployments")["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    container = pod["containers"][0]
    assert container["readinessProbe"]["httpGet"] == {"path": "/", "port": "http"}
    assert world.env(world.pods("task-shop-1")[0]) == {"PASSWORD": "s3cret", "PORT": "8080", "HOST": "0.0.0.0"}
    rule = object_of(world, "ingresses")["spec"]["rules"][0]
    assert rule["host"] == "task-shop-1.preview.example.com"
    assert world.runtime.url("task-shop-1") == "https://task-shop-1.preview.example.com"


async def test_variables_stand_in_secrets_only_and_old_ones_go(world: KubernetesWorld) -> None:
    commit = world.version("one")
    await world.runtime.deploy(world.rollout(commit, env={"PASSWORD": "s3cret"}), unheard)
    await world.runtime.deploy(world.rollout(commit, env={"PASSWORD": "oth3r"}), unheard)
    secrets = [each for each in world.server.store.select("secrets", NAMESPACE) if "-env-" in each["metadata"]["name"]]
    assert len(secrets) == 1
    others = [body for body in world.server.bodies if body.get("kind") != "Secret"]
    assert "s3cret" not in str(others)
    assert "oth3r" not in str(others)


async def test_the_programs_port_is_the_projects_own_variable(world: KubernetesWorld) -> None:
    await world.runtime.deploy(world.rollout(world.version("one"), env={"PORT": "3000"}), unheard)
    container = object_of(world, "deployments")["spec"]["template"]["spec"]["containers"][0]
    assert container["ports"][0]["containerPort"] == 3000
    with pytest.raises(RolloutFailed, match="PORT is not a port"):
        await world.runtime.deploy(world.rollout(world.version("one"), env={"PORT": "http"}), unheard)


@pytest.mark.parametrize("labels", [{}, {"aiworker/installation": "another"}])
async def test_a_namespace_of_somebody_else_is_refused(world: KubernetesWorld, labels: dict[str, str]) -> None:
    world.server.add("Namespace", NAMESPACE, labels=labels)
    with pytest.raises(RolloutFailed, match=r"kubectl label --overwrite namespace preview-task-shop-1"):
        await world.runtime.deploy(world.rollout(world.version("one")), unheard)
    assert world.server.store.in_namespace(NAMESPACE) == []
    await world.runtime.remove("task-shop-1")
    assert world.server.store.get("namespaces", "", NAMESPACE) is not None


async def test_a_namespace_that_is_still_being_removed_is_waited_for(tmp_path: Path) -> None:
    async with kubernetes_world(tmp_path, patience=replace(QUICK, removal=30.0)) as world:
        commit = world.version("one")
        await world.runtime.deploy(world.rollout(commit), unheard)
        world.server.nodes.removal_seconds = 3600
        removing = asyncio.create_task(world.runtime.remove("task-shop-1"))

        def terminating() -> bool:
            found = world.server.store.get("namespaces", "", NAMESPACE)
            return found is not None and found["status"]["phase"] == "Terminating"

        await eventually(terminating)
        told: list[str] = []

        async def listen(_step: str, sentence: str) -> None:
            told.append(sentence)
            world.server.nodes.removal_seconds = 0.0

        instance = await world.runtime.deploy(world.rollout(commit), listen)
        await removing
    assert instance.health == "healthy"
    assert told[0] == f"Waiting until the old namespace {NAMESPACE} is gone."


async def test_a_namespace_that_never_goes_is_told(world: KubernetesWorld) -> None:
    world.server.nodes.removal_seconds = 3600
    world.server.add(
        "Namespace", NAMESPACE, labels={"aiworker/installation": INSTALLATION}, status={"phase": "Terminating"}
    )
    with pytest.raises(RolloutFailed, match="still being removed after 1 s"):
        await world.runtime.deploy(world.rollout(world.version("one")), unheard)


async def test_what_a_failed_preview_leaves_is_known_by_its_name(world: KubernetesWorld) -> None:
    with pytest.raises(RolloutFailed):
        await world.runtime.deploy(world.rollout(world.version("one"), "fail"), unheard)
    assert await world.runtime.list() == []
    assert await world.runtime.names() == ["task-shop-1"]
    await world.runtime.remove("task-shop-1")
    assert await world.runtime.names() == []
    assert world.server.store.get("namespaces", "", NAMESPACE) is None


async def test_staging_keeps_its_namespace_and_is_not_confined(world: KubernetesWorld) -> None:
    await world.runtime.deploy(world.rollout(world.version("one"), name="staging-shop"), unheard)
    assert world.server.store.get("resourcequotas", "project-shop-staging", "staging-shop") is None
    await world.runtime.remove("staging-shop")
    assert world.server.store.get("namespaces", "", "project-shop-staging") is not None
    left = [key for key in world.server.store.in_namespace("project-shop-staging") if key[0] != "events"]
    assert left == []


async def test_images_are_pulled_with_a_copy_of_the_installations_secret(tmp_path: Path) -> None:
    async with kubernetes_world(tmp_path, pull_secret="control-plane/gitea-registry") as world:
        with pytest.raises(RolloutFailed, match="no Secret gitea-registry in control-plane"):
            await world.runtime.deploy(world.rollout(world.version("one")), unheard)
        data = {".dockerconfigjson": "e30="}
        kind = "kubernetes.io/dockerconfigjson"
        world.server.add("Secret", "gitea-registry", "control-plane", type=kind, data=data)
        await world.runtime.deploy(world.rollout(world.version("one")), unheard)
        copy = object_of(world, "secrets", "task-shop-1-pull")
        assert (copy["type"], copy["data"]) == (kind, data)
        pod = object_of(world, "deployments")["spec"]["template"]["spec"]
        assert pod["imagePullSecrets"] == [{"name": "task-shop-1-pull"}]


async def test_addresses_get_a_certificate_by_the_issuer_or_none_over_http(tmp_path: Path) -> None:
    async with kubernetes_world(tmp_path, issuer="letsencrypt") as world:
        await world.runtime.deploy(world.rollout(world.version("one")), unheard)
        ingress = object_of(world, "ingresses")
        assert ingress["metadata"]["annotations"] == {"cert-manager.io/cluster-issuer": "letsencrypt"}
        assert ingress["spec"]["tls"] == [
            {"hosts": ["task-shop-1.preview.example.com"], "secretName": "task-shop-1-tls"}
        ]
    async with kubernetes_world(tmp_path, scheme="http") as world:
        await world.runtime.deploy(world.rollout(world.version("one")), unheard)
        assert "tls" not in object_of(world, "ingresses")["spec"]
