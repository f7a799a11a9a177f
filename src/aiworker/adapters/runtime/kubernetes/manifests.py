"""The objects of an instance, as the API wants them."""

import json
from datetime import datetime
from typing import Any

from aiworker.adapters.runtime.kubernetes.cluster import Json
from aiworker.adapters.runtime.kubernetes.kinds import (
    DEPLOYMENT,
    INGRESS,
    LIMITS,
    NAMESPACE,
    NETWORK_POLICY,
    QUOTA,
    SECRET,
    SERVICE,
    Kind,
)
from aiworker.adapters.runtime.kubernetes.network import egress_rules, ingress_rules
from aiworker.adapters.runtime.kubernetes.plan import COMMIT, GOOD, INSTANCE, REVISION, SINCE, ClusterSettings, Plan
from aiworker.adapters.runtime.kubernetes.quantities import cpu, memory, millicores

CONTAINER = "app"
# Old and new pods side by side, and those that are still ending.
_PODS_AT_ONCE = 2
# A program at rest needs little; it may use up to its limit.
_SHARE_OF_CPU = 10


def namespace(name: str, instance: str | None, settings: ClusterSettings) -> Json:
    """A namespace of ours; one that is for an instance only goes with it."""
    labels = settings.labels(instance or "")
    return _object(NAMESPACE, name, None, labels if instance else _without(labels, INSTANCE))


def confinement(plan: Plan, settings: ClusterSettings) -> list[tuple[Kind, Json]]:
    """What keeps a preview within its bounds: quota, limits, network policy."""
    rollout, labels, name = plan.rollout, settings.labels(plan.name), plan.name
    most = _PODS_AT_ONCE * rollout.replicas + 1
    quota = _object(QUOTA, name, rollout.namespace, labels) | {
        "spec": {
            "hard": {
                "pods": str(most),
                "limits.cpu": cpu(rollout.cpu_limit, most),
                "limits.memory": memory(rollout.memory_limit, most),
                "persistentvolumeclaims": "0",
                "services.loadbalancers": "0",
                # cert-manager answers its issuer's question by a Service of this type.
                "services.nodeports": "0" if settings.issuer is None else "1",
            }
        }
    }
    usual = {"cpu": cpu(rollout.cpu_limit), "memory": memory(rollout.memory_limit)}
    limits = _object(LIMITS, name, rollout.namespace, labels) | {
        "spec": {"limits": [{"type": "Container", "default": usual}]}
    }
    policy = _object(NETWORK_POLICY, name, rollout.namespace, labels) | {
        "spec": {
            "podSelector": {},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": ingress_rules(settings.ingress_namespace),
            "egress": egress_rules(rollout.egress),
        }
    }
    return [(QUOTA, quota), (LIMITS, limits), (NETWORK_POLICY, policy)]


def env_secret(plan: Plan, settings: ClusterSettings) -> Json:
    """The environment of one revision, which never changes."""
    secret = _object(SECRET, plan.env_secret, plan.rollout.namespace, settings.labels(plan.name))
    return secret | {"type": "Opaque", "immutable": True, "stringData": dict(plan.env)}


def pull_secret(plan: Plan, settings: ClusterSettings, original: Json) -> Json:
    """A copy of the Secret that pulls images."""
    secret = _object(SECRET, pull_secret_name(plan.name), plan.rollout.namespace, settings.labels(plan.name))
    return secret | {"type": original.get("type", "kubernetes.io/dockerconfigjson"), "data": original.get("data") or {}}


def pull_secret_name(name: str) -> str:
    """What the copy is called."""
    return f"{name}-pull"


def service(plan: Plan, settings: ClusterSettings) -> Json:
    """Leads to the pods."""
    return _object(SERVICE, plan.name, plan.rollout.namespace, settings.labels(plan.name)) | {
        "spec": {
            "selector": {INSTANCE: plan.name},
            "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": "http"}],
        }
    }


def ingress(plan: Plan, settings: ClusterSettings) -> Json:
    """Leads from the host's name to the service."""
    host = settings.host(plan.name)
    backend = {"service": {"name": plan.name, "port": {"name": "http"}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    made = _object(INGRESS, plan.name, plan.rollout.namespace, settings.labels(plan.name))
    spec: Json = {"ingressClassName": settings.ingress_class, "rules": [{"host": host, "http": {"paths": [path]}}]}
    if settings.scheme == "https":
        tls: Json = {"hosts": [host]}
        if settings.issuer is not None:
            made["metadata"]["annotations"] = {"cert-manager.io/cluster-issuer": settings.issuer}
            tls["secretName"] = f"{plan.name}-tls"
        spec["tls"] = [tls]
    return made | {"spec": spec}


def deployment(plan: Plan, settings: ClusterSettings, *, since: datetime, pulls: bool) -> Json:
    """The program. A new revision takes over pod by pod, each old one only when a new one is ready."""
    rollout, labels = plan.rollout, settings.labels(plan.name)
    made = _object(DEPLOYMENT, plan.name, rollout.namespace, labels | {REVISION: plan.revision})
    made["metadata"]["annotations"] = {COMMIT: rollout.commit, SINCE: since.isoformat()}
    pod: Json = {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {"runAsNonRoot": not rollout.as_root, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [_container(plan)],
    }
    if pulls:
        pod["imagePullSecrets"] = [{"name": pull_secret_name(plan.name)}]
    template = {"metadata": {"labels": labels | {REVISION: plan.revision}, "annotations": {COMMIT: rollout.commit}}}
    patience = round(settings.image_seconds + rollout.health_timeout_seconds)
    return made | {
        "spec": {
            "replicas": rollout.replicas,
            "revisionHistoryLimit": 2,
            "progressDeadlineSeconds": max(patience, 1),
            "selector": {"matchLabels": {INSTANCE: plan.name}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "template": template | {"spec": pod},
        }
    }


def marked_good(manifest: Json) -> Json:
    """A Deployment's manifest that remembers itself as the newest that got healthy."""
    return with_good(manifest, plain(manifest))


def with_good(manifest: Json, good: Json | None) -> Json:
    """A Deployment's manifest that remembers another one."""
    made: Json = json.loads(json.dumps(plain(manifest)))
    if good is not None:
        made["metadata"]["annotations"][GOOD] = json.dumps(good, separators=(",", ":"), sort_keys=True)
    return made


def plain(manifest: Json) -> Json:
    """A Deployment's manifest that remembers nothing."""
    made: Json = json.loads(json.dumps(manifest))
    made["metadata"]["annotations"].pop(GOOD, None)
    return made


def _container(plan: Plan) -> Json:
    rollout = plan.rollout
    contained: Json = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    return {
        "name": CONTAINER,
        "image": str(plan.image),
        "imagePullPolicy": "IfNotPresent" if plan.image.fixed else "Always",
        "ports": [{"name": "http", "containerPort": plan.port, "protocol": "TCP"}],
        "envFrom": [{"secretRef": {"name": plan.env_secret}}],
        "resources": {
            "limits": {"cpu": cpu(rollout.cpu_limit), "memory": memory(rollout.memory_limit)},
            "requests": {
                "cpu": f"{max(millicores(rollout.cpu_limit) // _SHARE_OF_CPU, 1)}m",
                "memory": memory(rollout.memory_limit),
            },
        },
        "readinessProbe": {
            "httpGet": {"path": rollout.health_path, "port": "http"},
            "periodSeconds": 2,
            "timeoutSeconds": 5,
            "failureThreshold": 3,
        },
        "securityContext": {} if rollout.as_root else contained,
    }


def _object(kind: Kind, name: str, namespace: str | None, labels: dict[str, str]) -> Json:
    metadata: dict[str, Any] = {"name": name, "labels": dict(labels)}
    if namespace is not None:
        metadata["namespace"] = namespace
    return {"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata}


def _without(labels: dict[str, str], name: str) -> dict[str, str]:
    """All labels but one."""
    return {known: value for known, value in labels.items() if known != name}
