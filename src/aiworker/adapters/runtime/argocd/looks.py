"""What really runs where an Application rolls out: Synced and Healthy may still be the old image."""

from dataclasses import dataclass
from typing import Any

from aiworker.adapters.runtime.argocd.manifest import IMAGE
from aiworker.adapters.runtime.kubernetes.cluster import Cluster, Json
from aiworker.adapters.runtime.kubernetes.images import Image, full_repository, repository_of, same_image
from aiworker.adapters.runtime.kubernetes.kinds import POD
from aiworker.adapters.runtime.kubernetes.plan import annotations_of
from aiworker.adapters.runtime.kubernetes.pods import (
    Stand,
    image_of,
    is_leaving,
    is_ready,
    name_of,
    newest,
    stand_of_pods,
)
from aiworker.delivery.ports import rollout_troubles as troubles


@dataclass(frozen=True, slots=True)
class Sight:
    """The pods of an image's repository: those of the image that is wanted, and those of another one."""

    wanted: list[Json]
    others: list[Json]

    @property
    def serves(self) -> bool:
        """Whether the wanted image serves, and no other one does."""
        return any(map(is_ready, self.wanted)) and not self.others

    def stand(self) -> Stand:
        """How the wanted image's pods stand."""
        stand = stand_of_pods(self.wanted, 1)
        if stand.phase == "ready" and self.others:
            other = self.others[0]
            said = troubles.POD_STILL_RUNS(pod=name_of(other), images=", ".join(image_of(other)))
            return Stand("starting", said)
        return stand


class World:
    """Looks at the pods of a namespace."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    async def sight(self, namespace: str, image: Image) -> Sight:
        """The pods that run the image, or another one of its repository."""
        repository = full_repository(image.repository)
        wanted: list[Json] = []
        others: list[Json] = []
        for pod in await self._cluster.list(POD, namespace):
            images = [each for each in image_of(pod) if repository_of(each) == repository]
            if images and not is_leaving(pod):
                (wanted if all(same_image(each, str(image)) for each in images) else others).append(pod)
        return Sight(wanted, others)

    async def last_words(self, namespace: str, stand: Stand, image: Image, lines: int) -> str:
        """What the program of a pod wrote before it ended, or so far."""
        if not stand.pod:
            return ""
        pods = [pod for pod in await self._cluster.list(POD, namespace) if name_of(pod) == stand.pod]
        for pod in pods:
            for previous in (True, False) if stand.ended else (False,):
                said = await self._said(pod, image.repository, lines, previous=previous)
                if said:
                    return said
        return ""

    async def log(self, application: Json, *, lines: int) -> str:
        """What the newest pod of an Application's image has written."""
        reference = annotations_of(application).get(IMAGE)
        namespace = str(application["spec"]["destination"].get("namespace") or "")
        if reference is None or not namespace:
            return ""
        repository = repository_of(reference)
        pods = [
            pod for pod in await self._cluster.list(POD, namespace) if repository in map(repository_of, image_of(pod))
        ]
        for pod in sorted(newest(pods), key=is_leaving):
            said = await self._said(pod, repository, lines)
            if said:
                return said
        return ""

    async def _said(self, pod: Json, repository: str, lines: int, *, previous: bool = False) -> str:
        containers: list[dict[str, Any]] = (pod.get("spec") or {}).get("containers") or []
        wanted = full_repository(repository)
        name = next((each["name"] for each in containers if repository_of(str(each.get("image"))) == wanted), None)
        if name is None:
            return ""
        namespace = str(pod["metadata"]["namespace"])
        return await self._cluster.log(name_of(pod), namespace, container=name, lines=lines, previous=previous)
