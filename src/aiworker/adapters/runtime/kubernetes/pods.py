"""What the pods of a roll-out tell: how far they are, or why they will never be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from aiworker.adapters.runtime.kubernetes.cluster import Json
from aiworker.core.sayings import Saying
from aiworker.delivery.ports import rollout_troubles as troubles

# `image`: the image is not there (yet). `starting`: everything else that may still come right.
Phase = Literal["image", "starting", "ready", "failed"]

_IMAGE: Final = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "ImageInspectError", "RegistryUnavailable"}
)
_FETCHING: Final = frozenset({"ContainerCreating", "PodInitializing"})
# The kubelet tries these again and again, but nothing but other settings can help.
_HOPELESS: Final = frozenset(
    {"InvalidImageName", "CreateContainerConfigError", "CreateContainerError", "RunContainerError", "CrashLoopBackOff"}
)
_OUT_OF_MEMORY = "OOMKilled"


@dataclass(frozen=True, slots=True)
class Stand:
    """How a roll-out stands, in a sentence; `pod`: the one that speaks for it, `ended`: whether its program has."""

    phase: Phase
    sentence: Saying
    pod: str = ""
    ended: bool = False


def stand_of_pods(pods: Sequence[Json], wanted: int) -> Stand:
    """How the pods of one revision stand; the worst of them speaks."""
    alive = [pod for pod in pods if not is_leaving(pod)]
    stands = sorted((_stand_of(pod) for pod in alive), key=lambda stand: _WORST_FIRST.index(stand.phase))
    if not stands:
        return Stand("starting", troubles.NO_POD())
    if stands[0].phase != "ready":
        return stands[0]
    if len(stands) < wanted:
        return Stand("starting", troubles.SOME_READY(ready=len(stands), wanted=wanted))
    said = troubles.ALL_READY() if wanted > 1 else troubles.POD_READY(pod=stands[0].pod)
    return Stand("ready", said, stands[0].pod)


def is_complete(deployment: Json) -> bool:
    """Whether all of its pods are of its newest revision, and serve."""
    wanted = int((deployment.get("spec") or {}).get("replicas", 1))
    status = deployment.get("status") or {}
    return (
        int(status.get("observedGeneration") or 0) >= int(deployment["metadata"].get("generation") or 0)
        and _count(status, "updatedReplicas") == wanted
        and _count(status, "availableReplicas") == wanted
        and _count(status, "replicas") == wanted
    )


def trouble_of(deployment: Json) -> str | None:
    """Why the Deployment cannot have its pods (a quota, for one), in the API's words."""
    for condition in (deployment.get("status") or {}).get("conditions") or ():
        if condition.get("type") == "ReplicaFailure" and condition.get("status") == "True":
            return str(condition.get("message") or condition.get("reason"))
    return None


def image_of(pod: Json) -> list[str]:
    """The images of a pod's containers."""
    return [str(container.get("image")) for container in (pod.get("spec") or {}).get("containers") or ()]


def is_ready(pod: Json) -> bool:
    """Whether it serves."""
    return not is_leaving(pod) and _condition(pod, "Ready").get("status") == "True"


def name_of(pod: Json) -> str:
    """Its name."""
    return str(pod["metadata"]["name"])


def newest(pods: Iterable[Json]) -> list[Json]:
    """Newest first."""
    return sorted(pods, key=lambda pod: str(pod["metadata"].get("creationTimestamp") or ""), reverse=True)


_WORST_FIRST: Final[Sequence[Phase]] = ("failed", "image", "starting", "ready")


def _stand_of(pod: Json) -> Stand:
    name, status = name_of(pod), pod.get("status") or {}
    for container in [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]:
        found = _stand_of_container(name, container)
        if found is not None:
            return found
    if is_ready(pod):
        return Stand("ready", troubles.POD_READY(pod=name), name)
    scheduled = _condition(pod, "PodScheduled")
    if scheduled.get("status") == "False":
        why = str(scheduled.get("message") or "unschedulable")
        return Stand("starting", troubles.POD_WITHOUT_NODE(pod=name, error=why), name)
    return Stand("starting", troubles.POD_NOT_READY(pod=name), name)


def _stand_of_container(pod: str, container: Json) -> Stand | None:
    waiting = (container.get("state") or {}).get("waiting") or {}
    reason, message = str(waiting.get("reason") or ""), str(waiting.get("message") or "no reason given")
    if reason in _IMAGE:
        image = str(container.get("image"))
        return Stand("image", troubles.IMAGE_NOT_PULLED(image=image, reason=reason, error=message), pod)
    if reason in _FETCHING:
        return Stand("image", troubles.POD_FETCHES(pod=pod), pod)
    ended = _ended(container)
    if ended is not None and ended.get("reason") == _OUT_OF_MEMORY:
        return Stand("failed", troubles.POD_OUT_OF_MEMORY(pod=pod), pod, ended=True)
    if reason == "CrashLoopBackOff":
        status = (ended or {}).get("exitCode")
        said = (
            troubles.POD_CRASHES(pod=pod) if status is None else troubles.POD_CRASHES_WITH(pod=pod, status=int(status))
        )
        return Stand("failed", said, pod, ended=True)
    if reason in _HOPELESS:
        sentence = troubles.POD_NEEDS_USER if _needs_user(reason, message) else troubles.POD_CANNOT_START
        return Stand("failed", sentence(pod=pod, reason=reason, error=message), pod)
    return None


def _ended(container: Json) -> dict[str, Any] | None:
    """How its program ended, now or the time before."""
    for state in (container.get("state"), container.get("lastState")):
        ended = (state or {}).get("terminated")
        if ended:
            return dict(ended)
    return None


def _needs_user(reason: str, message: str) -> bool:
    return reason == "CreateContainerConfigError" and "root" in message.lower()


def is_leaving(pod: Json) -> bool:
    """Whether it ends, or has ended."""
    return bool(pod["metadata"].get("deletionTimestamp")) or (pod.get("status") or {}).get("phase") in {
        "Failed",
        "Succeeded",
    }


def _condition(pod: Json, kind: str) -> Json:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return next((condition for condition in conditions if condition.get("type") == kind), {})


def _count(status: Json, name: str) -> int:
    return int(status.get(name) or 0)
