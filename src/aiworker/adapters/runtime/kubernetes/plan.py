"""What should stand in the cluster for a roll-out, worked out before anything is done."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from aiworker.adapters.runtime.checks import check_name, check_rollout
from aiworker.adapters.runtime.kubernetes.cluster import Json
from aiworker.adapters.runtime.kubernetes.images import Image, expanded
from aiworker.adapters.runtime.kubernetes.network import egress_rules
from aiworker.core.errors import Invalid
from aiworker.delivery.ports.runtime import Rollout
from aiworker.wire import running
from aiworker.wire.rules import RuleBroken

# Labels and annotations of everything that is ours.
INSTALLATION: Final = "aiworker/installation"
INSTANCE: Final = "aiworker/instance"
REVISION: Final = "aiworker/revision"
COMMIT: Final = "aiworker/commit"
SINCE: Final = "aiworker/since"
# The whole manifest of the newest revision that got healthy: what a failed one goes back to.
GOOD: Final = "aiworker/good"
_MANAGED_BY: Final = {"app.kubernetes.io/managed-by": "aiworker"}
_DEFAULT_PORT = 8080


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """What an installation says of its cluster. `key` makes the digests of settings, which tell nothing of a secret."""

    installation: str
    key: bytes
    domain: str
    scheme: str = "https"
    ingress_class: str = "nginx"
    ingress_namespace: str = "ingress-nginx"
    # A cert-manager ClusterIssuer; without one the ingress controller's own certificate is used.
    issuer: str | None = None
    # `namespace/name` of the Secret that pulls images.
    pull_secret: str | None = None
    # How long to wait for an image that is being built.
    image_seconds: float = 900.0

    def labels(self, name: str) -> dict[str, str]:
        """What all objects of an instance carry."""
        return {**_MANAGED_BY, INSTALLATION: self.installation, INSTANCE: name}

    @property
    def own(self) -> dict[str, str]:
        """What finds the objects of this installation."""
        return {INSTALLATION: self.installation}

    def host(self, name: str) -> str:
        """The host that an instance answers at."""
        return f"{name}.{self.domain}"

    def url(self, name: str) -> str:
        """The address of an instance."""
        return f"{self.scheme}://{self.host(name)}"


@dataclass(frozen=True, slots=True)
class Plan:
    """A roll-out that can be done. `revision` changes with everything that makes a new version of it."""

    rollout: Rollout
    image: Image
    port: int
    env: Mapping[str, str] = field(repr=False)
    revision: str = ""

    @property
    def name(self) -> str:
        """The instance, and every object that is one of a kind."""
        return self.rollout.name

    @property
    def env_secret(self) -> str:
        """One for each revision, so that an older one still has its own."""
        return f"{self.name}-env-{self.revision}"


def plan_of(rollout: Rollout, settings: ClusterSettings) -> Plan:
    """Check what was asked. Raises: Invalid."""
    check_name(rollout.name)
    check_rollout(rollout)
    if not rollout.image:
        raise Invalid(
            "The project has no image to run: set dockerImage, like registry.example/team/shop:{commit}.",
            code="no_image",
        )
    check_name(rollout.namespace)
    image = expanded(rollout.image, commit=rollout.commit, branch=rollout.branch)
    egress_rules(rollout.egress)
    port = _port(rollout.env.get("PORT"))
    env = {**rollout.env, "PORT": str(port), "HOST": rollout.env.get("HOST", "0.0.0.0")}  # noqa: S104 (in its own pod)
    return Plan(rollout, image, port, env, _revision(rollout, image, env, settings.key))


def _port(text: str | None) -> int:
    try:
        return _DEFAULT_PORT if text is None else running.port(text)
    except RuleBroken as error:
        raise Invalid("The project's variable PORT is not a port from 1 to 65535.", code="invalid_port") from error


def _revision(rollout: Rollout, image: Image, env: Mapping[str, str], key: bytes) -> str:
    essence = [
        str(image),
        rollout.commit,
        sorted(env.items()),
        rollout.health_path,
        rollout.cpu_limit,
        rollout.memory_limit,
        rollout.replicas,
        rollout.as_root,
    ]
    return hmac.new(key, json.dumps(essence).encode(), hashlib.sha256).hexdigest()[:16]


def labels_of(manifest: Json) -> dict[str, str]:
    """The labels of an object."""
    return dict((manifest.get("metadata") or {}).get("labels") or {})


def annotations_of(manifest: Json) -> dict[str, str]:
    """The annotations of an object."""
    return dict((manifest.get("metadata") or {}).get("annotations") or {})
