"""What the pods of a roll-out tell: how far they are, or why they will never be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from aiworker.adapters.runtime.kubernetes.cluster import Json

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
    sentence: str
    pod: str = ""
    ended: bool = False


def stand_of_pods(pods: Sequence[Json], wanted: int) -> Stand:
    """How the pods of one revision stand; the worst of them speaks."""
    alive = [pod for pod in pods if not is_leaving(pod)]
    stands = sorted((_stand_of(pod) for pod in alive), key=lambda stand: _WORST_FIRST.index(stand.phase))
    if not stands:
        return Stand("starting", "There is no pod yet.")
    if stands[0].phase != "ready":
        return stands[0]
    if len(stands) < wanted:
        return Stand("starting", f"{len(stands)} of {wanted} pods are ready.")
    return Stand("ready", "Every pod is ready." if wanted > 1 else f"The pod {stands[0].pod} is ready.", stands[0].pod)


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
        return Stand("ready", f"The pod {name} is ready.", name)
    scheduled = _condition(pod, "PodScheduled")
    if scheduled.get("status") == "False":
        return Stand("starting", f"No node takes the pod {name}: {scheduled.get('message') or 'unschedulable'}", name)
    return Stand("starting", f"The pod {name} is not ready yet.", name)


def _stand_of_container(pod: str, container: Json) -> Stand | None:
    waiting = (container.get("state") or {}).get("waiting") or {}
    reason, message = str(waiting.get("reason") or ""), str(waiting.get("message") or "")
    if reason in _IMAGE:
        return Stand("image", f"The image {container.get('image')} cannot be pulled ({reason}): {message}", pod)
    if reason in _FETCHING:
        return Stand("image", f"The pod {pod} gets its image.", pod)
    ended = _ended(container)
    if ended is not None and ended.get("reason") == _OUT_OF_MEMORY:
        return Stand("failed", f"The program needed more memory than its limit (OOMKilled, pod {pod})", pod, ended=True)
    if reason == "CrashLoopBackOff":
        status = f"with exit status {ended['exitCode']} " if ended is not None and "exitCode" in ended else ""
        return Stand(
            "failed", f"The program ended {status}again and again (CrashLoopBackOff, pod {pod})", pod, ended=True
        )
    if reason in _HOPELESS:
        return Stand("failed", f"The pod {pod} cannot start ({reason}): {message}{_hint(reason, message)}", pod)
    return None


def _ended(container: Json) -> dict[str, Any] | None:
    """How its program ended, now or the time before."""
    for state in (container.get("state"), container.get("lastState")):
        ended = (state or {}).get("terminated")
        if ended:
            return dict(ended)
    return None


def _hint(reason: str, message: str) -> str:
    if reason == "CreateContainerConfigError" and "root" in message.lower():
        return " Build the image with a numeric USER, or allow this project to run as root (runAsRoot=true)."
    return ""


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
