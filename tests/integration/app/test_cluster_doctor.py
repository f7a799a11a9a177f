"""What `doctor` says of a cluster and its Argo CD."""

from pathlib import Path

import pytest
import yaml

from aiworker.app.cluster_doctor import cluster_findings
from aiworker.cli.starters import Mark
from aiworker.core.settings import Settings
from tests.support.kube_argocd import ARGOCD, fake_argocd
from tests.support.kube_server import FakeKubernetes, fake_kubernetes
from tests.support.kube_worlds import kubeconfig_of


def settings(server: FakeKubernetes, folder: Path, **more: str) -> Settings:
    given = {"AIWORKER_HOME": str(folder), "KUBECONFIG": str(kubeconfig_of(server, folder)), **more}
    return Settings.model_validate(given)


async def test_a_cluster_where_all_is_well_is_told_in_two_lines(tmp_path: Path) -> None:
    async with fake_kubernetes() as server:
        found = await cluster_findings(settings(server, tmp_path))
    assert [each.mark for each in found] == [Mark.GOOD, Mark.GOOD]
    assert "v1.36.2" in found[0].message


async def test_every_missing_permission_is_printed_as_one_role(tmp_path: Path) -> None:
    async with fake_kubernetes() as server:
        for denied in (("patch", "deployments"), ("get", "pods/log"), ("create", "namespaces"), ("create", "secrets")):
            server.deny(*denied)
        found = await cluster_findings(settings(server, tmp_path))
    assert found[1].mark is Mark.BAD
    assert found[1].remedy is not None
    role = yaml.safe_load(found[1].remedy.partition("\n")[2])
    assert role["kind"] == "ClusterRole"
    assert role["rules"] == [
        {"apiGroups": [""], "resources": ["namespaces", "secrets"], "verbs": ["create"]},
        {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]},
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["patch"]},
    ]


async def test_a_cluster_that_does_not_know_the_credential_is_told(tmp_path: Path) -> None:
    async with fake_kubernetes() as server:
        chosen = settings(server, tmp_path)
        server.token = "rotated"
        found = await cluster_findings(chosen)
    assert [each.mark for each in found] == [Mark.BAD]
    assert "does not know AiWorker's credential" in found[0].message


async def test_a_missing_ingress_class_is_told_with_its_setting(tmp_path: Path) -> None:
    async with fake_kubernetes() as server:
        found = await cluster_findings(settings(server, tmp_path, K8S_INGRESS_CLASS="traefik"))
    assert found[-1].remedy is not None
    assert "K8S_INGRESS_CLASS" in found[-1].remedy


async def test_argo_cd_that_is_not_installed_is_told(tmp_path: Path) -> None:
    async with fake_kubernetes() as server:
        found = await cluster_findings(settings(server, tmp_path, ARGOCD_NAMESPACE=ARGOCD))
    assert (found[-1].subject, found[-1].mark) == ("argo cd", Mark.BAD)
    assert "no kind Application" in found[-1].message


@pytest.mark.parametrize("by", ["namespace", "REST"])
async def test_automated_sync_is_a_warning(tmp_path: Path, by: str) -> None:
    async with fake_kubernetes() as server, fake_argocd(server) as argo:
        chosen = settings(server, tmp_path, ARGOCD_NAMESPACE=ARGOCD)
        if by == "REST":
            chosen = settings(server, tmp_path, ARGOCD_URL=argo.url, ARGOCD_TOKEN=argo.token)
        assert (await cluster_findings(chosen))[-1].mark is Mark.GOOD
        installation = (tmp_path / "home.id").read_text().strip()
        server.add(
            "Application",
            "staging-shop",
            ARGOCD,
            labels={"aiworker/installation": installation},
            spec={
                "project": "default",
                "source": {"repoURL": "https://git.test/shop.git", "targetRevision": "main"},
                "destination": {"namespace": "shop"},
                "syncPolicy": {"automated": {"prune": True}},
            },
        )
        warned = (await cluster_findings(chosen))[-1]
    assert warned.mark is Mark.WARNING
    assert "staging-shop" in warned.message


async def test_argo_cd_without_a_cluster_is_not_used_and_said_so(tmp_path: Path) -> None:
    found = await cluster_findings(
        Settings.model_validate({"AIWORKER_HOME": str(tmp_path), "ARGOCD_NAMESPACE": ARGOCD})
    )
    assert [each.mark for each in found] == [Mark.WARNING]
