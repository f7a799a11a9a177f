"""Staging and production on a real Argo CD, for the contract suite.

In the cluster of `AIWORKER_TEST_KUBECONFIG`, `AIWORKER_TEST_ARGOCD_NAMESPACE` is where Argo CD lives. The manifests are
made in a private repository of the Gitea of `AIWORKER_TEST_GITEA_URL` and `AIWORKER_TEST_GITEA_TOKEN`;
`AIWORKER_TEST_ARGOCD_GITEA_URL` is its address as Argo CD reaches it, where that is another.
"""

import asyncio
import os
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from aiworker.adapters.forge.gitea import Client
from aiworker.adapters.forge.gitea.addresses import clone_address
from aiworker.adapters.runtime.argocd import ApplicationsByKubernetes, ArgoRuntime, ArgoSettings
from aiworker.adapters.runtime.kubernetes import Cluster, ClusterSettings, KubernetesRuntime, connect_by_kubeconfig
from aiworker.adapters.runtime.kubernetes.images import same_image
from aiworker.adapters.runtime.kubernetes.kinds import APPLICATION, NAMESPACE, POD, SECRET
from aiworker.adapters.runtime.kubernetes.pods import image_of, is_leaving, is_ready, name_of
from aiworker.delivery.ports.runtime import Place, Rollout, Runtime
from aiworker.git.environment import environment_for
from tests.support.checkouts import Checkout
from tests.support.kube_real import images, run_name
from tests.support.kube_store import Json

NEEDED = (
    "AIWORKER_TEST_KUBECONFIG",
    "AIWORKER_TEST_ARGOCD_NAMESPACE",
    "AIWORKER_TEST_GITEA_URL",
    "AIWORKER_TEST_GITEA_TOKEN",
)
# It runs and never answers.
MUTE = "registry.k8s.io/pause:3.10"
_IMAGE_SECONDS = 20.0
_TEXT = "test/text"
_DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: 1
  strategy: {{rollingUpdate: {{maxUnavailable: 0}}}}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata:
      labels: {{app: web}}
      annotations: {{test/text: "{text}", test/version: "{number}"}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: web
          image: shop
          env: [{{name: PORT, value: "8080"}}]
          readinessProbe: {{httpGet: {{path: /, port: 8080}}, periodSeconds: 1}}
"""


@dataclass
class RealArgoWorld:
    """Environments of a real cluster, with names of this run's own."""

    runtime: Runtime
    cluster: Cluster
    argocd: str
    repository: str
    manifests: Checkout
    address: str
    push_to: str
    push_with: dict[str, str]
    name: str
    other: str
    steps: ClassVar[tuple[str, ...]] = ("sync", "image", "health", "switch")
    commits: dict[str, int] = field(default_factory=dict[str, int])

    def version(self, text: str) -> str:
        """A commit whose manifests say this text."""
        number = len(self.commits)
        for environment in ("staging", "production"):
            folder = f"deploy/{environment}"
            self.manifests.write(f"{folder}/kustomization.yaml", "resources: [deployment.yaml]\n")
            self.manifests.write(f"{folder}/deployment.yaml", _DEPLOYMENT.format(text=text, number=number))
        commit = self.manifests.commit(f"Version {number}")
        self.commits[commit] = number
        push = ["git", "-C", str(self.manifests.path), "push", "--quiet", self.push_to, "main"]
        subprocess.run(push, env=self.push_with, check=True, capture_output=True, timeout=60)
        return commit

    def image(self, commit: str) -> str:
        """One of the two images that answer, in turn."""
        return images()[self.commits[commit] % 2]

    def rollout(self, commit: str, *words: str, name: str | None = None, **settings: Any) -> Rollout:
        """A roll-out of it; the words tell how its image behaves."""
        name = name or self.name
        chosen: dict[str, Any] = {"health_timeout_seconds": 120.0, **settings}
        place: Place = "production" if name == self.other else "staging"
        image = self.image(commit)
        if "fail" in words:
            image = images()[2]
        if "missing" in words:
            image = f"{image}-that-nobody-made"
        if "hang" in words or "sick" in words:
            image = MUTE
        return Rollout(
            name=name,
            repository="shop",
            commit=commit,
            place=place,
            branch="main",
            namespace=f"aiworker-test-{name}",
            image=image,
            repository_url=self.address,
            manifests="deploy/{environment}",
            manifests_image="shop",
            **chosen,
        )

    async def ask(self, name: str, path: str = "/") -> tuple[int, str]:
        """Which version the pods run; `/pid` tells its pod apart."""
        pods = [pod for pod in await self.cluster.list(POD, f"aiworker-test-{name}") if is_ready(pod)]
        for pod in sorted(pods, key=lambda each: str(each["metadata"]["creationTimestamp"])):
            if not is_leaving(pod):
                said = pod["metadata"]["annotations"]
                assert same_image(image_of(pod)[0], images()[int(said["test/version"]) % 2])
                return 200, name_of(pod) if path == "/pid" else str(said[_TEXT])
        raise AssertionError(f"no pod of {name} is ready")

    async def application(self, name: str) -> Json:
        """The Application of an environment."""
        found = await self.cluster.get(APPLICATION, name, self.argocd)
        assert found is not None
        return found


@asynccontextmanager
async def real_argo_world(folder: Path) -> AsyncGenerator[RealArgoWorld]:
    """Argo CD, the cluster and Gitea of the environment; what was made there is removed."""
    kubeconfig, argocd, gitea_url, token = (os.environ[name] for name in NEEDED)
    run = run_name()
    cluster, gitea = Cluster(connect_by_kubeconfig(Path(kubeconfig))), Client(gitea_url, token)
    account = await gitea.get("/user", dict[str, Any])
    repository = f"{account['login']}/aiworker-test-{run}"
    wish = {"name": f"aiworker-test-{run}", "private": True, "default_branch": "main"}
    await gitea.call("POST", "/user/repos", object, body=wish)
    push = clone_address(gitea.url, repository, token)
    seen = os.environ.get("AIWORKER_TEST_ARGOCD_GITEA_URL", gitea.url).rstrip("/")
    address = f"{seen}/{repository}.git"
    credential = {"type": "git", "url": address, "username": str(account["login"]), "password": token}
    metadata = {"name": f"aiworker-test-{run}", "namespace": argocd}
    labelled = metadata | {"labels": {"argocd.argoproj.io/secret-type": "repository"}}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": labelled, "stringData": credential}
    settings = ClusterSettings(
        installation=f"test-{run}", key=b"a key", domain="preview.example.com", image_seconds=_IMAGE_SECONDS
    )
    runtime = ArgoRuntime(
        KubernetesRuntime(cluster, settings),
        ApplicationsByKubernetes(cluster, argocd),
        cluster,
        settings,
        ArgoSettings(),
    )
    world = RealArgoWorld(
        runtime,
        cluster,
        argocd,
        repository,
        Checkout(folder / "manifests"),
        address,
        push.url,
        environment_for(push),
        name=f"staging-{run}",
        other=f"production-{run}",
    )
    try:
        await cluster.apply(SECRET, secret)
        yield world
    finally:
        await asyncio.gather(*(runtime.remove(name) for name in await runtime.names()))
        for name in (world.name, world.other):
            await cluster.delete(NAMESPACE, f"aiworker-test-{name}")
        await cluster.delete(SECRET, metadata["name"], argocd)
        await gitea.call("DELETE", f"/repos/{repository}", object)
        await cluster.close()
        await gitea.close()
