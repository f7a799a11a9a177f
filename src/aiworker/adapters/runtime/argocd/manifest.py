"""The Application of one environment of a project, and what can be read off one."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from aiworker.adapters.runtime.checks import as_read, check_name, check_rollout
from aiworker.adapters.runtime.kubernetes.cluster import Json
from aiworker.adapters.runtime.kubernetes.images import Image, expanded
from aiworker.adapters.runtime.kubernetes.plan import COMMIT, GOOD, INSTALLATION, REVISION, SINCE, ClusterSettings
from aiworker.core.errors import Invalid
from aiworker.core.sayings import Sentence
from aiworker.delivery.ports import rollout_troubles as troubles
from aiworker.delivery.ports.runtime import Rollout, RolloutFailed
from aiworker.wire import running

# The operations that AiWorker asks for carry this name, and a value that is each one's own.
MARK: Final = "aiworker"
IMAGE: Final = "aiworker/image"
OPTIONS: Final = ["CreateNamespace=true"]
TERMINATING: Final = "Terminating"
_FINALIZER: Final = "resources-finalizer.argocd.argoproj.io"
_HELM: Final = "helm:"
_MANIFESTS: Final = Sentence("setting_manifests", "folder of the manifests")


@dataclass(frozen=True, slots=True)
class ArgoSettings:
    """What an installation says of its Argo CD: the AppProject, and the cluster that Argo CD rolls out to."""

    project: str = "default"
    server: str = "https://kubernetes.default.svc"


@dataclass(frozen=True, slots=True)
class Wish:
    """An environment at a commit. `image` is None where the repository itself says which."""

    rollout: Rollout
    image: Image | None
    path: str
    source: Json
    revision: str

    @property
    def name(self) -> str:
        """The Application."""
        return self.rollout.name


def wish_of(rollout: Rollout) -> Wish:
    """Check what was asked. Raises: Invalid."""
    check_name(rollout.name)
    check_rollout(rollout)
    check_name(rollout.namespace)
    if not rollout.repository_url:
        raise Invalid(
            "Argo CD needs a repository that it can fetch from; this one has no address.", code="no_repository"
        )
    path = _path(rollout)
    image = expanded(rollout.image, commit=rollout.commit, branch=rollout.branch) if rollout.image else None
    source: Json = {"repoURL": rollout.repository_url, "path": path, "targetRevision": rollout.commit}
    if image is not None:
        source |= _with_image(rollout.manifests_image, image)
    essence = json.dumps([source, rollout.namespace], sort_keys=True)
    return Wish(rollout, image, path, source, hashlib.sha256(essence.encode()).hexdigest()[:16])


def application(wish: Wish, settings: ClusterSettings, argo: ArgoSettings, *, since: datetime) -> Json:
    """The manifest. It pins commit and image together, and never syncs by itself."""
    annotations = {COMMIT: wish.rollout.commit, SINCE: since.isoformat(), REVISION: wish.revision}
    if wish.image is not None:
        annotations[IMAGE] = str(wish.image)
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": wish.name,
            "labels": settings.labels(wish.name),
            "annotations": annotations,
            "finalizers": [_FINALIZER],
        },
        "spec": {
            "project": argo.project,
            "source": wish.source,
            "destination": {"server": argo.server, "namespace": wish.rollout.namespace},
            "syncPolicy": {"syncOptions": OPTIONS},
        },
    }


def refuse_strangers(found: Json, settings: ClusterSettings) -> None:
    """Raises: RolloutFailed unless it is this installation's."""
    name = found["metadata"]["name"]
    if (found["metadata"].get("labels") or {}).get(INSTALLATION) != settings.installation:
        label = f"{INSTALLATION}={settings.installation}"
        raise RolloutFailed(troubles.APPLICATION_OF_OTHERS(name=name, label=label))


def refuse_automated(found: Json) -> None:
    """Raises: RolloutFailed if it syncs by itself."""
    if is_automated(found):
        raise RolloutFailed(troubles.AUTOMATED(name=found["metadata"]["name"]))


def is_automated(found: Json) -> bool:
    """Whether it syncs by itself."""
    automated = ((found.get("spec") or {}).get("syncPolicy") or {}).get("automated")
    return automated is not None and automated.get("enabled") is not False


def operation_of(found: Json) -> Json | None:
    """The operation that is asked for or under way."""
    if found.get("operation"):
        return dict(found["operation"])
    state = state_of(found)
    return dict(state.get("operation") or {}) if state.get("phase") in {"Running", TERMINATING} else None


def state_of(found: Json) -> Json:
    """The newest operation that has begun, and how far it is or what became of it; empty if none has."""
    return dict((found.get("status") or {}).get("operationState") or {})


def mark_of(operation: Json) -> str:
    """The mark of an operation that AiWorker asked for; empty for somebody else's."""
    return next((str(info.get("value")) for info in operation.get("info") or () if info.get("name") == MARK), "")


def good_of(found: Json | None) -> Json | None:
    """The manifest of the newest that got healthy."""
    text = ((found or {}).get("metadata", {}).get("annotations") or {}).get(GOOD)
    return json.loads(text) if text else None


def with_good(manifest: Json, good: Json | None) -> Json:
    """A manifest that remembers another one."""
    made: dict[str, Any] = json.loads(json.dumps(manifest))
    made["metadata"]["annotations"].pop(GOOD, None)
    if good is not None:
        made["metadata"]["annotations"][GOOD] = json.dumps(good, separators=(",", ":"), sort_keys=True)
    return made


def _path(rollout: Rollout) -> str:
    read = partial(running.manifests, environment=rollout.place)
    return str(as_read(_MANIFESTS, rollout.manifests, read, code="invalid_manifests"))


def _with_image(where: str, image: Image) -> Json:
    """How the image gets into the manifests: a Kustomize image, or a Helm parameter."""
    if where.startswith(_HELM):
        parameter = where.removeprefix(_HELM)
        value = image.tag if parameter.rpartition(".")[2] == "tag" else str(image)
        return {"helm": {"parameters": [{"name": parameter, "value": value, "forceString": True}]}}
    return {"kustomize": {"images": [f"{where or image.repository}={image}"]}}
