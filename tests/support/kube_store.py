"""The state of a fake cluster: objects, their history, and those who watch."""

import asyncio
import copy
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Served:
    """A kind that the fake serves."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


SERVED = {
    each.plural: each
    for each in (
        Served("", "v1", "Namespace", "namespaces", namespaced=False),
        Served("", "v1", "Secret", "secrets"),
        Served("", "v1", "Service", "services"),
        Served("", "v1", "Pod", "pods"),
        Served("", "v1", "Event", "events"),
        Served("", "v1", "ResourceQuota", "resourcequotas"),
        Served("", "v1", "LimitRange", "limitranges"),
        Served("apps", "v1", "Deployment", "deployments"),
        Served("networking.k8s.io", "v1", "Ingress", "ingresses"),
        Served("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies"),
        Served("networking.k8s.io", "v1", "IngressClass", "ingressclasses", namespaced=False),
        Served("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", namespaced=False),
        Served("argoproj.io", "v1alpha1", "Application", "applications"),
    )
}
PLURALS = {each.kind: each.plural for each in SERVED.values()}

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One step of the history."""

    version: int
    type: str
    plural: str
    object: Json


class Store:
    """Objects by plural, namespace (or "") and name."""

    def __init__(self) -> None:
        self._objects: dict[Key, Json] = {}
        self._versions = count(1)
        self._uids = count(1)
        self.version = 0
        self.history: list[Change] = []
        # Changes up to here are forgotten: who asks for them is told 410.
        self.forgotten = 0
        self._changed = asyncio.Event()
        self.listeners: list[Callable[[Change], None]] = []

    def get(self, plural: str, namespace: str, name: str) -> Json | None:
        found = self._objects.get((plural, namespace, name))
        return copy.deepcopy(found) if found is not None else None

    def select(
        self,
        plural: str,
        namespace: str | None = None,
        labels: Mapping[str, str] | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> list[Json]:
        return [
            copy.deepcopy(each)
            for (kind, where, _), each in sorted(self._objects.items())
            if kind == plural
            and (namespace is None or where == namespace)
            and matches(each, labels or {}, fields or {})
        ]

    def put(self, manifest: Json) -> Json:
        """Write an object, if that changes it; what it is then."""
        made = copy.deepcopy(manifest)
        metadata = made["metadata"]
        key = (PLURALS[made["kind"]], metadata.get("namespace") or "", metadata["name"])
        old = self._objects.get(key)
        metadata.setdefault("uid", old["metadata"]["uid"] if old else f"00000000-0000-4000-8000-{next(self._uids):012}")
        metadata.setdefault("creationTimestamp", old["metadata"]["creationTimestamp"] if old else now())
        generation = old["metadata"]["generation"] if old else 0
        metadata["generation"] = generation + (old is None or old.get("spec") != made.get("spec"))
        if old is not None and _essence(old) == _essence(made):
            return copy.deepcopy(old)
        self._note("MODIFIED" if old else "ADDED", key, made)
        self._objects[key] = made
        return copy.deepcopy(made)

    def drop(self, plural: str, namespace: str, name: str) -> None:
        gone = self._objects.pop((plural, namespace, name), None)
        if gone is not None:
            self._note("DELETED", (plural, namespace, name), gone)

    def in_namespace(self, namespace: str) -> list[Key]:
        return [key for key in self._objects if key[1] == namespace]

    def since(self, version: int) -> Iterator[Change]:
        return (change for change in list(self.history) if change.version > version)

    def forget_history(self) -> None:
        """As a compaction of etcd does."""
        self.forgotten = self.version
        self._touch()

    async def changed(self, within: float) -> None:
        """Wait for the next change."""
        self._changed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._changed.wait()

    def _note(self, what: str, key: Key, object: Json) -> None:  # noqa: A002
        self.version = next(self._versions)
        object["metadata"]["resourceVersion"] = str(self.version)
        change = Change(self.version, what, key[0], copy.deepcopy(object))
        self.history.append(change)
        for listener in self.listeners:
            listener(change)
        self._touch()

    def _touch(self) -> None:
        self._changed.set()


def matches(found: Json, labels: Mapping[str, str], fields: Mapping[str, str]) -> bool:
    """Whether selectors choose an object."""
    known = found["metadata"].get("labels") or {}
    return all(known.get(name) == value for name, value in labels.items()) and all(
        _field(found, name) == value for name, value in fields.items()
    )


def selector(text: str) -> dict[str, str]:
    """`a=b,c=d`."""
    return dict(part.replace("==", "=").split("=", 1) for part in text.split(",") if part)


def now() -> str:
    """As the API writes times: to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _field(found: Json, name: str) -> str:
    value: Any = found
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return str(value or "")


def _essence(found: Json) -> str:
    metadata = {name: value for name, value in found["metadata"].items() if name != "resourceVersion"}
    return json.dumps({**found, "metadata": metadata}, sort_keys=True)
