"""Kubernetes runtimes on fake clusters, as tests of runtimes know a world: versions, roll-outs, and what answers."""

import base64
import hashlib
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import yaml
from httpcore2 import RemoteProtocolError

from aiworker.adapters.runtime.argocd import ApplicationsByKubernetes, ApplicationsByRest, ArgoRuntime, ArgoSettings
from aiworker.adapters.runtime.argocd.applications import Applications
from aiworker.adapters.runtime.kubernetes import (
    Cluster,
    ClusterSettings,
    KubernetesRuntime,
    Patience,
    Tries,
    connect_by_kubeconfig,
)
from aiworker.delivery.ports.runtime import Rollout, Runtime
from tests.support.kube_argocd import ARGOCD, FakeArgoCd, fake_argocd
from tests.support.kube_nodes import Fate, image_of, ready
from tests.support.kube_server import FakeKubernetes, fake_kubernetes
from tests.support.kube_store import Json

INSTALLATION = "0a0a0a0a-0000-4000-8000-000000000001"
QUICK = Patience(pulse=0.1, look=0.01, removal=1.0, away=1.0, fresh_pod=0.1, others=1.0, sync=2.0)
TRIES = Tries(most=4, first=0.01, longest=0.05)
_FATES: dict[str, Fate] = {"missing": "missing", "fail": "crash", "hang": "slow", "sick": "sick"}


def cluster_settings(**more: Any) -> ClusterSettings:
    """Settings of an installation that loses patience quickly."""
    chosen: dict[str, Any] = {"image_seconds": 1.0, **more}
    return ClusterSettings(installation=INSTALLATION, key=b"a key", domain="preview.example.com", **chosen)


@dataclass
class KubernetesWorld:
    """A runtime on a fake cluster."""

    runtime: Runtime
    server: FakeKubernetes
    place: str = "preview"
    name: str = "task-shop-1"
    other: str = "staging-shop"
    steps: ClassVar[tuple[str, ...]] = ("namespace", "start", "image", "health", "switch")
    versions: dict[str, str] = field(default_factory=dict[str, str])

    def version(self, text: str) -> str:
        """A commit whose program answers with this text."""
        commit = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        self.versions[commit] = text
        return commit

    def rollout(self, commit: str, *words: str, name: str | None = None, **settings: Any) -> Rollout:
        """A roll-out of a commit; the words tell how its image behaves."""
        name = name or self.name
        chosen: dict[str, Any] = {"health_timeout_seconds": 10.0, **settings}
        tag = "-".join((*words, "{commit}"))
        for word in words:
            self.server.nodes.images[f"registry.test/shop:{tag}".replace("{commit}", commit)] = _FATES[word]
        place = name.split("-", 1)[0].replace("task", "preview")
        namespace = {"preview": f"preview-{name}", "staging": "project-shop-staging"}.get(place, "project-shop")
        return Rollout(
            name=name,
            repository="shop",
            commit=commit,
            place=place,  # pyright: ignore[reportArgumentType] (one of the three, by the name)
            branch="task-shop-1-a-title",
            namespace=namespace,
            image=f"registry.test/shop:{tag}",
            repository_url="https://git.test/team/shop.git",
            manifests="deploy/{environment}",
            **chosen,
        )

    async def ask(self, name: str, path: str = "/") -> tuple[int, str]:
        """What the pods of an instance answer."""
        pod = next(each for each in self.pods(name) if ready(each) and not each["metadata"].get("deletionTimestamp"))
        match path:
            case "/pid":
                restarts = pod["status"]["containerStatuses"][0]["restartCount"]
                return 200, f"{pod['metadata']['uid']}/{restarts}"
            case "/env":
                return 200, json.dumps(self.env(pod))
            case "/die":
                self.server.nodes.restart(pod)
                raise RemoteProtocolError("the program died")
            case _:
                return 200, self.versions[image_of(pod).rpartition(":")[2].rpartition("-")[2]]

    def pods(self, name: str) -> list[Json]:
        """The pods of an instance, newest first."""
        found = self.server.store.select("pods")
        mine = [each for each in found if name in {*each["metadata"]["labels"].values()}]
        return sorted(mine, key=lambda each: int(each["metadata"]["uid"].rpartition("-")[2]), reverse=True)

    def env(self, pod: Json) -> dict[str, str]:
        """The environment of a pod."""
        name = pod["spec"]["containers"][0]["envFrom"][0]["secretRef"]["name"]
        secret = self.server.store.get("secrets", pod["metadata"]["namespace"], name)
        assert secret is not None
        return {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}


@dataclass
class ArgoWorld(KubernetesWorld):
    """A runtime on a fake cluster with a fake Argo CD."""

    place: str = "staging"
    name: str = "staging-shop"
    other: str = "production-shop"
    steps: ClassVar[tuple[str, ...]] = ("sync", "image", "health", "switch")
    argo: FakeArgoCd = field(kw_only=True)

    def image(self, commit: str) -> str:
        """The image that a roll-out of the commit wants."""
        return f"registry.test/shop:{commit}"

    async def application(self, name: str) -> Json:
        """The Application of an environment."""
        found = self.server.store.get("applications", ARGOCD, name)
        assert found is not None
        return found


@asynccontextmanager
async def kubernetes_world(
    folder: Path, *, patience: Patience = QUICK, **settings: Any
) -> AsyncGenerator[KubernetesWorld]:
    """A fake cluster and a runtime on it."""
    async with fake_kubernetes() as server, cluster_of(server, folder) as cluster:
        yield KubernetesWorld(KubernetesRuntime(cluster, cluster_settings(**settings), patience=patience), server)


@asynccontextmanager
async def argo_world(folder: Path, *, rest: bool = False) -> AsyncGenerator[ArgoWorld]:
    """A fake cluster with Argo CD in it, and a runtime on it, by one door or the other."""
    settings = cluster_settings()
    async with fake_kubernetes() as server, fake_argocd(server) as argo, cluster_of(server, folder) as cluster:
        by_rest = ApplicationsByRest(argo.url, argo.token, tries=TRIES, trust_env=False)
        applications: Applications = by_rest if rest else ApplicationsByKubernetes(cluster, ARGOCD)
        plain = KubernetesRuntime(cluster, settings, patience=QUICK)
        runtime = ArgoRuntime(plain, applications, cluster, settings, ArgoSettings(), patience=QUICK)
        try:
            yield ArgoWorld(runtime, server, argo=argo)
        finally:
            await by_rest.close()


@asynccontextmanager
async def cluster_of(server: FakeKubernetes, folder: Path, *, token: str | None = None) -> AsyncGenerator[Cluster]:
    """A client of a fake cluster, by a kubeconfig."""
    cluster = Cluster(connect_by_kubeconfig(kubeconfig_of(server, folder, token=token)), tries=TRIES)
    try:
        yield cluster
    finally:
        await cluster.close()


def kubeconfig_of(server: FakeKubernetes, folder: Path, *, token: str | None = None) -> Path:
    """A kubeconfig for a fake cluster."""
    file = folder / "kubeconfig"
    file.write_text(yaml.safe_dump(server.kubeconfig(token=token)))
    return file
