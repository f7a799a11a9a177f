"""The controllers and the kubelet of a fake cluster: Deployments become pods, whose fate is written on their image."""

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.support.kube_store import Json, Store, now

# `backoff`: the image came too late for this pod; only a new one asks the registry again.
Fate = Literal[
    "runs", "missing", "backoff", "crash", "oom", "sick", "slow", "unschedulable", "root", "full", "bad-name"
]

_TICK = 0.01


@dataclass
class Cluster:
    """What the controllers know beside the store. `images`: fates; an image that is not named runs."""

    store: Store
    images: dict[str, Fate] = field(default_factory=dict[str, Fate])
    words: dict[str, str] = field(default_factory=dict[str, str])
    removal_seconds: float = 0.05
    started: dict[str, int] = field(default_factory=dict[str, int])
    made: int = 0

    def fate_of(self, pod: Json) -> Fate:
        return self.images.get(image_of(pod), "runs")

    def log_of(self, pod: Json) -> str:
        """What its program has written."""
        fate, image = self.fate_of(pod), image_of(pod)
        said = self.words.get(image, f"listening, {image}")
        return {"crash": "before the end\nno database here", "oom": "reading everything into memory"}.get(fate, said)

    def restart(self, pod: Json) -> None:
        """Its program dies, and the kubelet starts it again."""
        status = pod["status"]["containerStatuses"][0]
        status["restartCount"] += 1
        status["lastState"] = {"terminated": {"exitCode": 7, "reason": "Error"}}
        self.store.put(pod)

    def next_name(self) -> str:
        self.made += 1
        return f"{self.made:05x}"


def image_of(pod: Json) -> str:
    """The image of a pod's first container."""
    return str(pod["spec"]["containers"][0]["image"])


@asynccontextmanager
async def controlled(cluster: Cluster) -> AsyncGenerator[None]:
    """The controllers work for as long as the context lasts."""
    task = asyncio.create_task(_control(cluster))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _control(cluster: Cluster) -> None:
    loop = asyncio.get_running_loop()
    leaving: dict[str, float] = {}
    while True:
        for namespace in cluster.store.select("namespaces"):
            if namespace["status"]["phase"] == "Terminating":
                name = namespace["metadata"]["name"]
                since = leaving.setdefault(name, loop.time())
                if loop.time() - since >= cluster.removal_seconds:
                    leaving.pop(name)
                    for key in cluster.store.in_namespace(name):
                        cluster.store.drop(*key)
                    cluster.store.drop("namespaces", "", name)
        for deployment in cluster.store.select("deployments"):
            _reconcile(cluster, deployment)
        for pod in cluster.store.select("pods"):
            _step(cluster, pod)
        await cluster.store.changed(_TICK)


def _reconcile(cluster: Cluster, deployment: Json) -> None:
    """One step of a rolling update: one more new pod, or one less old pod once a new one is ready."""
    store, metadata, spec = cluster.store, deployment["metadata"], deployment["spec"]
    namespace, wanted = metadata["namespace"], int(spec.get("replicas", 1))
    revision = hashlib.sha256(json.dumps(spec["template"], sort_keys=True).encode()).hexdigest()[:10]
    pods = [
        each
        for each in store.select("pods", namespace, spec["selector"]["matchLabels"])
        if not each["metadata"].get("deletionTimestamp")
    ]
    new = [each for each in pods if each["metadata"]["labels"]["pod-template-hash"] == revision]
    old = [each for each in pods if each not in new]
    image = spec["template"]["spec"]["containers"][0]["image"]
    full = cluster.images.get(image) == "full"
    if len(new) < wanted and len(pods) <= wanted and not full:
        _create_pod(cluster, deployment, revision)
    elif len(new) > wanted:
        _leave(store, new[-1])
    elif old and _may_leave(new, pods, wanted):
        _leave(store, old[0])
    available = len([each for each in pods if ready(each)])
    conditions: list[Json] = []
    if full and len(new) < wanted:
        said = f'pods "{metadata["name"]}-x" is forbidden: exceeded quota: {metadata["name"]}, requested: pods=1'
        conditions.append({"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": said})
    status: Json = {"observedGeneration": metadata["generation"], "conditions": conditions}
    counts = {
        "replicas": len(pods),
        "updatedReplicas": len(new),
        "readyReplicas": available,
        "availableReplicas": available,
    }
    # The real controller leaves zeros out.
    status |= {name: value for name, value in counts.items() if value}
    store.put({**deployment, "status": status})


def _may_leave(new: list[Json], pods: list[Json], wanted: int) -> bool:
    """Whether an old pod is one too many."""
    return len([each for each in pods if ready(each)]) > wanted or (len(new) == wanted and all(map(ready, new)))


def _create_pod(cluster: Cluster, deployment: Json, revision: str) -> None:
    template, metadata = deployment["spec"]["template"], deployment["metadata"]
    name = f"{metadata['name']}-{revision}-{cluster.next_name()}"
    cluster.store.put(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": name,
                "namespace": metadata["namespace"],
                "labels": {**(template["metadata"].get("labels") or {}), "pod-template-hash": revision},
                "annotations": template["metadata"].get("annotations") or {},
            },
            "spec": template["spec"],
            "status": {"phase": "Pending", "conditions": []},
        }
    )


def _step(cluster: Cluster, pod: Json) -> None:
    """What the kubelet sees next of a pod."""
    store, metadata = cluster.store, pod["metadata"]
    if metadata.get("deletionTimestamp"):
        store.drop("pods", metadata["namespace"], metadata["name"])
        return
    step = cluster.started.get(metadata["uid"], 0)
    cluster.started[metadata["uid"]] = step + 1
    status = _status(cluster, pod, step)
    if status is not None:
        store.put({**pod, "status": status})


def _status(cluster: Cluster, pod: Json, step: int) -> Json | None:  # noqa: C901, PLR0911 (one for each fate)
    fate, image = cluster.fate_of(pod), image_of(pod)
    if fate == "unschedulable":
        said = "0/3 nodes are available: 3 Insufficient memory."
        return _pending(pod, scheduled="False", reason="Unschedulable", message=said)
    if step == 0:
        return _pending(pod, waiting={"reason": "ContainerCreating"})
    context = (pod["spec"].get("securityContext") or {}).get("runAsNonRoot")
    match fate:
        case "missing" | "backoff":
            reason = "ErrImagePull" if step % 2 else "ImagePullBackOff"
            said = f'Back-off pulling image "{image}": not found'
            return _pending(
                pod, waiting={"reason": "ImagePullBackOff" if fate == "backoff" else reason, "message": said}
            )
        case "bad-name":
            return _pending(
                pod, waiting={"reason": "InvalidImageName", "message": f'couldn\'t parse image name "{image}"'}
            )
        case "root" if context:
            said = "container has runAsNonRoot and image will run as root"
            return _pending(pod, waiting={"reason": "CreateContainerConfigError", "message": said})
        case "crash" | "oom" if step > 1:
            ended: Json = (
                {"exitCode": 3, "reason": "Error"} if fate == "crash" else {"exitCode": 137, "reason": "OOMKilled"}
            )
            waiting = {"reason": "CrashLoopBackOff", "message": "back-off 10s restarting failed container"}
            return _pending(pod, waiting=waiting, ended=ended, restarts=2)
        case "sick":
            if step == 2:
                _unhealthy(cluster.store, pod)
            return _running(pod, ready=False)
        case "slow" | "crash" | "oom":
            return _running(pod, ready=False)
        case _:
            if pod["status"].get("phase") == "Running" and ready(pod):
                return None
            return _running(pod, ready=step > 1)


def _pending(
    pod: Json,
    *,
    waiting: Json | None = None,
    ended: Json | None = None,
    restarts: int = 0,
    scheduled: str = "True",
    **why: str,
) -> Json:
    conditions: list[Json] = [{"type": "PodScheduled", "status": scheduled, **why}]
    conditions += [{"type": "Ready", "status": "False", "reason": "ContainersNotReady"}] if waiting else []
    status: Json = {"phase": "Running" if ended else "Pending", "conditions": conditions}
    if waiting is not None:
        container = _container(pod, {"waiting": waiting}, ready=False, restarts=restarts)
        if ended is not None:
            container["lastState"] = {"terminated": ended}
        status["containerStatuses"] = [container]
    return status


def _running(pod: Json, *, ready: bool) -> Json:
    known = (pod["status"].get("containerStatuses") or [{}])[0].get("restartCount", 0)
    conditions = [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": str(ready)}]
    container = _container(
        pod, {"running": {"startedAt": pod["metadata"]["creationTimestamp"]}}, ready=ready, restarts=known
    )
    return {"phase": "Running", "conditions": conditions, "containerStatuses": [container]}


def _container(pod: Json, state: Json, *, ready: bool, restarts: int) -> Json:
    first: dict[str, Any] = pod["spec"]["containers"][0]
    return {
        "name": first["name"],
        "image": first["image"],
        "imageID": "",
        "ready": ready,
        "restartCount": restarts,
        "state": state,
    }


def _unhealthy(store: Store, pod: Json) -> None:
    name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
    store.put(
        {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": f"{name}.1", "namespace": namespace},
            "involvedObject": {"kind": "Pod", "name": name, "namespace": namespace},
            "reason": "Unhealthy",
            "message": "Readiness probe failed: HTTP probe failed with statuscode: 500",
            "lastTimestamp": now(),
            "type": "Warning",
        }
    )


def _leave(store: Store, pod: Json) -> None:
    pod["metadata"]["deletionTimestamp"] = now()
    store.put(pod)


def ready(pod: Json) -> bool:
    """Whether a pod serves."""
    return any(each["type"] == "Ready" and each["status"] == "True" for each in pod["status"].get("conditions") or ())
