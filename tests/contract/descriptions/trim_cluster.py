"""Cuts what AiWorker uses out of the descriptions that a cluster and Argo CD publish of themselves.

    python tests/contract/descriptions/trim_cluster.py KUBERNETES_OPENAPI ARGOCD_SWAGGER APPLICATION_CRD

The first is `kubectl get --raw /openapi/v2`; the second Argo CD's `/swagger.json`; the third
`kubectl get crd applications.argoproj.io -o yaml`. It writes `kubernetes.json`, `argocd.json` and `application.json`
beside itself. A client that asks for more than they hold fails its tests until the operation is named here.
"""

import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]

HERE = Path(__file__).parent
_NAMESPACED = "/namespaces/{namespace}"

KUBERNETES: Mapping[str, tuple[str, ...]] = {
    "/version/": ("get",),
    "/api/v1/namespaces": ("get",),
    "/api/v1/namespaces/{name}": ("get", "patch", "delete"),
    "/api/v1/secrets": ("get",),
    "/api/v1/services": ("get",),
    "/api/v1/pods": ("get",),
    f"/api/v1{_NAMESPACED}/secrets": ("get",),
    f"/api/v1{_NAMESPACED}/secrets/{{name}}": ("get", "patch", "delete"),
    f"/api/v1{_NAMESPACED}/services/{{name}}": ("get", "patch", "delete"),
    f"/api/v1{_NAMESPACED}/resourcequotas/{{name}}": ("get", "patch"),
    f"/api/v1{_NAMESPACED}/limitranges/{{name}}": ("get", "patch"),
    f"/api/v1{_NAMESPACED}/events": ("get",),
    f"/api/v1{_NAMESPACED}/pods": ("get",),
    f"/api/v1{_NAMESPACED}/pods/{{name}}": ("get", "delete"),
    f"/api/v1{_NAMESPACED}/pods/{{name}}/log": ("get",),
    "/apis/apps/v1/deployments": ("get",),
    f"/apis/apps/v1{_NAMESPACED}/deployments": ("get",),
    f"/apis/apps/v1{_NAMESPACED}/deployments/{{name}}": ("get", "patch", "delete"),
    f"/apis/apps/v1{_NAMESPACED}/deployments/{{name}}/scale": ("get", "patch"),
    "/apis/networking.k8s.io/v1/ingresses": ("get",),
    f"/apis/networking.k8s.io/v1{_NAMESPACED}/ingresses/{{name}}": ("get", "patch", "delete"),
    f"/apis/networking.k8s.io/v1{_NAMESPACED}/networkpolicies/{{name}}": ("get", "patch"),
    "/apis/networking.k8s.io/v1/ingressclasses/{name}": ("get",),
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}": ("get",),
    "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews": ("post",),
}
# The servers answer these without describing them at their path.
EVENTS = ("io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent", "io.k8s.apimachinery.pkg.apis.meta.v1.Status")

ARGOCD: Mapping[str, tuple[str, ...]] = {
    "/api/version": ("get",),
    "/api/v1/applications": ("get", "post"),
    "/api/v1/applications/{name}": ("get", "delete"),
    "/api/v1/applications/{name}/operation": ("delete",),
    "/api/v1/applications/{name}/sync": ("post",),
}

# What is kept of an Application, by the names of its fields from the top.
APPLICATION = (
    "apiVersion",
    "kind",
    "metadata",
    "operation",
    "spec.destination",
    "spec.project",
    "spec.source",
    "spec.syncPolicy",
    "status.conditions",
    "status.health",
    "status.operationState",
    "status.reconciledAt",
    "status.resources",
    "status.summary",
    "status.sync",
)
# Parts of them that are large, and that nobody here asks for.
_UNUSED = frozenset({"sources", "plugin", "directory", "sourceHydrator", "managedNamespaceMetadata", "patches"})
_WORDS = frozenset(
    {"description", "title", "x-kubernetes-group-version-kind", "x-kubernetes-action", "tags", "schemes"}
)


def main(kubernetes: str, argocd: str, crd: str) -> None:
    """Write the three files."""
    _write("kubernetes.json", trimmed(json.loads(Path(kubernetes).read_text()), KUBERNETES, EVENTS))
    _write("argocd.json", trimmed(json.loads(Path(argocd).read_text()), ARGOCD, ("runtimeError",)))
    versions = yaml.safe_load(Path(crd).read_text())["spec"]["versions"]
    schema = next(each for each in versions if each["name"] == "v1alpha1")["schema"]["openAPIV3Schema"]
    _write("application.json", _wordless(_chosen(schema, APPLICATION)))


def trimmed(description: Json, operations: Mapping[str, tuple[str, ...]], more: Iterable[str]) -> Json:
    """The operations, and whatever they refer to."""
    paths = {
        path: {
            method: said
            for method, said in description["paths"][path].items()
            if method in methods or method == "parameters"
        }
        for path, methods in operations.items()
    }
    kept: Json = {
        "info": description["info"],
        "paths": _wordless(paths),
        "definitions": {name: _without_unused(_wordless(description["definitions"][name])) for name in more},
        "parameters": {},
    }
    waiting = _references(kept)
    while waiting:
        shelf, name = waiting.pop()
        if name not in kept[shelf]:
            kept[shelf][name] = _without_unused(_wordless(description[shelf][name]))
            waiting |= _references(kept[shelf][name])
    return kept


def _references(said: Any) -> set[tuple[str, str]]:
    return {(shelf, name) for shelf, name in re.findall(r'"#/(definitions|parameters)/([^"]+)"', json.dumps(said))}


def _wordless(said: Any) -> Any:
    """Without the sentences that are meant for people; a field may be called like one of them."""
    if isinstance(said, list):
        return [_wordless(each) for each in said]
    if not isinstance(said, dict):
        return said
    kept: Json = {}
    for name, each in said.items():
        if name == "properties":
            kept[name] = {field: _wordless(schema) for field, schema in each.items()}
        elif name not in _WORDS:
            kept[name] = _wordless(each)
    return kept


def _without_unused(said: Any) -> Any:
    if isinstance(said, dict) and isinstance(said.get("properties"), dict):
        kept = {name: _without_unused(each) for name, each in said["properties"].items() if name not in _UNUSED}
        return {**{name: _without_unused(each) for name, each in said.items()}, "properties": kept}
    if isinstance(said, dict):
        return {name: _without_unused(each) for name, each in said.items()}
    return said


def _chosen(schema: Json, names: Iterable[str]) -> Json:
    """An object of which only some fields are kept."""
    known = tuple(names)
    kept: Json = {}
    for name, each in schema["properties"].items():
        if name in known:
            kept[name] = _without_unused(each)
        elif deeper := [other.removeprefix(f"{name}.") for other in known if other.startswith(f"{name}.")]:
            kept[name] = _chosen(each, deeper)
    return {**schema, "properties": kept}


def _write(name: str, content: Json) -> None:
    (HERE / name).write_text(json.dumps(content, separators=(",", ":"), sort_keys=True) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
