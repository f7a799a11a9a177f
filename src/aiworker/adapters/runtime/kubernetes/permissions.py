"""What AiWorker must be allowed to do in a cluster: asked one by one, and written down as a ClusterRole."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import yaml

from aiworker.adapters.runtime.kubernetes.cluster import Cluster
from aiworker.adapters.runtime.kubernetes.kinds import (
    APPLICATION,
    CRD,
    DEPLOYMENT,
    EVENT,
    INGRESS,
    INGRESS_CLASS,
    LIMITS,
    NAMESPACE,
    NETWORK_POLICY,
    POD,
    QUOTA,
    SECRET,
    SERVICE,
    Kind,
)

ROLE: Final = "aiworker-runtime"


@dataclass(frozen=True, slots=True)
class Permission:
    """A verb on a kind; `part` is a subresource, `namespace` where it is needed (None: in all of them)."""

    kind: Kind
    verb: str
    part: str = ""
    namespace: str | None = None

    @property
    def resource(self) -> str:
        """As a rule writes it."""
        return f"{self.kind.plural}/{self.part}" if self.part else self.kind.plural

    def attributes(self) -> dict[str, Any]:
        """As a SelfSubjectAccessReview asks it."""
        asked = {
            "group": self.kind.group,
            "version": self.kind.version,
            "resource": self.kind.plural,
            "subresource": self.part,
            "verb": self.verb,
            "namespace": self.namespace or "",
        }
        return {name: value for name, value in asked.items() if value}


def needed(*, argocd_namespace: str | None) -> list[Permission]:
    """Everything that the runtimes do. `argocd_namespace`: where Applications are, if they are made by this API."""
    written = ("get", "list", "create", "patch", "delete")
    everywhere: list[tuple[Kind, Sequence[str]]] = [
        (NAMESPACE, written),
        (SECRET, written),
        (SERVICE, written),
        (QUOTA, ("create", "patch")),
        (LIMITS, ("create", "patch")),
        (POD, ("get", "list", "watch", "delete")),
        (EVENT, ("list",)),
        (DEPLOYMENT, (*written, "watch")),
        (INGRESS, written),
        (NETWORK_POLICY, ("create", "patch")),
        (INGRESS_CLASS, ("get",)),
    ]
    found = [Permission(kind, verb) for kind, verbs in everywhere for verb in verbs]
    found.append(Permission(POD, "get", "log"))
    if argocd_namespace is not None:
        found.append(Permission(CRD, "get"))
        found += [Permission(APPLICATION, verb, namespace=argocd_namespace) for verb in (*written, "watch")]
    return found


async def missing(cluster: Cluster, permissions: Sequence[Permission]) -> list[Permission]:
    """Those that this credential lacks. Raises: ClusterAway, ClusterRefused."""
    return [each for each in permissions if not await cluster.review(each.attributes())]


def role_of(permissions: Sequence[Permission]) -> str:
    """A ClusterRole with these rules, to apply; who it is for is bound in one line more."""
    by_resource: dict[tuple[str, str], list[str]] = {}
    for each in permissions:
        by_resource.setdefault((each.kind.group, each.resource), []).append(each.verb)
    known = sorted(by_resource.items(), key=lambda item: (item[0][0], item[1]))
    rules = [
        {"apiGroups": [group], "resources": [resource for (_, resource), _ in same], "verbs": list(verbs)}
        for (group, verbs), same in (
            (key, list(items)) for key, items in groupby(known, key=lambda item: (item[0][0], item[1]))
        )
    ]
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": ROLE},
        "rules": rules,
    }
    return yaml.safe_dump(role, sort_keys=False)
