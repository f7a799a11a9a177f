"""A runtime on a real cluster, for the contract suite: `AIWORKER_TEST_KUBECONFIG` names it.

`AIWORKER_TEST_IMAGES` names three images, separated by commas: two that answer on the port in `PORT` (8080) as an
ordinary user, and one that ends at once.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from aiworker.adapters.runtime.kubernetes import Cluster, ClusterSettings, KubernetesRuntime, connect_by_kubeconfig
from aiworker.adapters.runtime.kubernetes.images import parsed, same_image
from aiworker.adapters.runtime.kubernetes.kinds import POD
from aiworker.adapters.runtime.kubernetes.pods import image_of, is_ready, name_of
from aiworker.core.ids import new_token
from aiworker.delivery.ports.runtime import Rollout, Runtime

_IMAGES = (
    "docker.io/nginxinc/nginx-unprivileged:1.27-alpine,"
    "docker.io/nginxinc/nginx-unprivileged:1.28-alpine,docker.io/library/busybox:1.36"
)


def images() -> list[str]:
    """Two that answer, and one that ends at once."""
    return os.environ.get("AIWORKER_TEST_IMAGES", _IMAGES).split(",")


def run_name() -> str:
    """A few letters of this run's own."""
    return "".join(letter for letter in new_token().lower() if letter.isalnum())[:6]


@dataclass
class RealWorld:
    """Instances of a real cluster, with names of this run's own."""

    runtime: Runtime
    cluster: Cluster
    name: str
    other: str
    steps: ClassVar[tuple[str, ...]] = ("namespace", "start", "image", "health", "switch")
    commits: dict[str, str] = field(default_factory=dict[str, str])
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(100)))

    def version(self, text: str) -> str:
        """One of the two images that answer, in turn."""
        commit = f"{next(self._numbers):040x}"
        self.commits[commit] = text
        return commit

    def rollout(self, commit: str, *words: str, name: str | None = None, **settings: Any) -> Rollout:
        """A roll-out of it."""
        name = name or self.name
        chosen: dict[str, Any] = {"health_timeout_seconds": 60.0, **settings}
        image = images()[int(commit, 16) % 2]
        if "fail" in words:
            image = images()[2]
        if "hang" in words or "sick" in words:
            chosen["health_path"] = "/nothing-answers-here"
        return Rollout(
            name=name,
            repository="shop",
            commit=commit,
            namespace=f"preview-{name}",
            image=image,
            branch="main",
            **chosen,
        )

    async def ask(self, name: str, path: str = "/") -> tuple[int, str]:
        """Which version runs, by its image; `/pid` tells its pod apart."""
        for pod in await self.cluster.list(POD, f"preview-{name}"):
            if is_ready(pod):
                if path == "/pid":
                    return 200, name_of(pod)
                said = pod["metadata"]["annotations"]["aiworker/commit"]
                assert same_image(image_of(pod)[0], str(parsed(images()[int(said, 16) % 2])))
                return 200, self.commits[said]
        raise AssertionError(f"no pod of {name} is ready")


@asynccontextmanager
async def real_world() -> AsyncGenerator[RealWorld]:
    """The cluster of `AIWORKER_TEST_KUBECONFIG`; what was made there is removed."""
    run = run_name()
    cluster = Cluster(connect_by_kubeconfig(Path(os.environ["AIWORKER_TEST_KUBECONFIG"])))
    settings = ClusterSettings(installation=f"test-{run}", key=b"a key", domain="preview.example.com")
    runtime = KubernetesRuntime(cluster, settings)
    world = RealWorld(runtime, cluster, f"task-{run}-1", f"task-{run}-2")
    try:
        yield world
    finally:
        await asyncio.gather(*(runtime.remove(name) for name in await runtime.names()))
        await cluster.close()
