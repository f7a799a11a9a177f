"""A whole platform for tests: a fake Gitea, a fake cluster with Argo CD in it, and the real server that works on them.

The server is a process of its own (`aiworker up`), which can be killed and started again at the same address.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import yaml

from aiworker.cli.client import Server
from aiworker.cli.demo.sample import make_sample_repository
from aiworker.cli.demo.server import DemoServer
from tests.support.checkouts import git
from tests.support.gitea import FakeGitea, fake_gitea
from tests.support.gitea.world import Repository
from tests.support.keeper import free_port
from tests.support.kube_argocd import ARGOCD, FakeArgoCd, fake_argocd
from tests.support.kube_nodes import image_of, ready
from tests.support.kube_server import FakeKubernetes, fake_kubernetes
from tests.support.kube_store import Json

REPOSITORY = "team/shop"
IMAGE = "registry.test/shop"
MANIFESTS = "deploy/{environment}"


class Platform:
    """The three neighbours and the server."""

    def __init__(self, folder: Path, gitea: FakeGitea, cluster: FakeKubernetes, argo: FakeArgoCd) -> None:
        self.folder = folder
        self.gitea = gitea
        self.cluster = cluster
        self.argo = argo
        self.repository: Repository = gitea.repository(REPOSITORY, ada="admin", aiworker="admin")
        self.kills = 0
        # The fault point at which the server dies, once.
        self.fault = ""
        self._port = free_port()
        self._server: DemoServer | None = None

    @property
    def url(self) -> str:
        """Where the server answers, whenever it does."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def _struck(self) -> Path:
        return self.folder / "struck"

    @property
    def api(self) -> Server:
        """The server's API, with the admin's key. Close it."""
        return Server(self.url, (self.folder / "home" / "admin.key").read_text().strip())

    async def start(self) -> None:
        """Start the server, and wait until it answers."""
        kubeconfig = self.folder / "kubeconfig"
        kubeconfig.write_text(yaml.safe_dump(self.cluster.kubeconfig()))
        settings = {
            "GITEA_URL": self.gitea.url,
            "GITEA_TOKEN": "token-aiworker",
            "KUBECONFIG": str(kubeconfig),
            "ARGOCD_NAMESPACE": ARGOCD,
            "PREVIEW_DOMAIN": "preview.example.com",
        }
        if self.fault:
            settings["AIWORKER_FAULT"] = f"{self.fault}={self._struck}"
        self._server = DemoServer(self.folder, self._port, settings)
        await self._server.__aenter__()

    async def kill(self) -> None:
        """`kill -9` the server, and start the next one."""
        if self._server is not None:
            self.kills += 1
            await self._server.kill()
            await self.start()

    async def reborn(self) -> None:
        """Once the server has died at its fault point: start the next one."""
        if self._server is not None:
            await self._server.wait()
            assert self._struck.exists(), "the server ended by itself"
            self.kills += 1
            await self.start()

    async def stop(self) -> None:
        """End the server as one ends a server."""
        if self._server is not None:
            await self._server.stop()

    # --- what is to be seen from outside ---

    def head(self, branch: str) -> str | None:
        """Where a branch stands in Gitea."""
        return self.repository.branches().get(branch)

    def text(self, commit: str, file: str) -> str:
        """A file at a commit in Gitea."""
        return self.repository.git("show", f"{commit}:{file}")

    def serving(self, namespace: str) -> set[str]:
        """The commits that pods which serve in a namespace were built from."""
        pods = self.cluster.store.select("pods", namespace)
        up = [pod for pod in pods if ready(pod) and not pod["metadata"].get("deletionTimestamp")]
        return {image_of(pod).removeprefix(f"{IMAGE}:") for pod in up}

    def namespaces(self) -> list[str]:
        """The namespaces of previews."""
        found = [str(each["metadata"]["name"]) for each in self.cluster.store.select("namespaces")]
        return [name for name in found if name.startswith("preview-")]

    def application(self, name: str) -> Json:
        """An Application of Argo CD."""
        found = self.cluster.store.get("applications", ARGOCD, name)
        assert found is not None, f"there is no Application {name}"
        return found


class _Pushed:
    """The commits that Argo CD finds: those that are in Gitea."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    def __contains__(self, commit: object, /) -> bool:
        return self._repository.knows(str(commit))


@asynccontextmanager
async def platform(folder: Path, *, fault: str = "") -> AsyncGenerator[Platform]:
    """Everything up, with the demonstration's shop in Gitea. At `fault` the server dies, and is started again."""
    async with fake_gitea(folder / "gitea") as gitea, fake_kubernetes() as cluster, fake_argocd(cluster) as argo:
        for login in ("ada", "aiworker"):
            gitea.user(login)
        made = Platform(folder, gitea, cluster, argo)
        argo.commits = _Pushed(made.repository)
        make_sample_repository(folder / "source")
        git(folder / "source", "push", "--quiet", str(made.repository.path), "main")
        made.fault = fault
        await made.start()
        rebirth = asyncio.create_task(made.reborn()) if fault else None
        try:
            yield made
        finally:
            if rebirth is not None:
                rebirth.cancel()
                await asyncio.gather(rebirth, return_exceptions=True)
            await made.stop()
            # What it was told in its last moment is nobody's any more.
            gitea.calm()
