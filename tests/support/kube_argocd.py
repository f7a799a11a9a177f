"""A fake Argo CD: a controller that does what the `operation` of an Application says, and the REST door to the same."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Container
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from tests.support.http_server import free_socket, serving
from tests.support.kube_nodes import ready
from tests.support.kube_schema import Broken, argocd, check_object
from tests.support.kube_server import FakeKubernetes
from tests.support.kube_store import Json, now, selector

ARGOCD = "argocd"
TOKEN = "a-token-of-argo-cd"

# `lies`: Synced and Healthy, and the old image still runs. `stuck`: no operation is ever begun. `late`: it says
# Degraded of what is only starting.
Mood = Literal["works", "fails", "lies", "stuck", "late"]


@dataclass
class FakeArgoCd:
    """Acts on the Applications of one namespace of a fake cluster."""

    cluster: FakeKubernetes
    mood: Mood = "works"
    # Commits that the repository server can find; None: all.
    commits: Container[str] | None = None
    # The annotations that an Application's manifests put on its pods.
    annotations: Callable[[Json], Json] = lambda _: {}
    steps_of_a_sync: int = 2
    url: str = ""
    token: str = TOKEN
    broken: list[str] = field(default_factory=list[str])
    # What was synced, in order: (application, revision, image).
    synced: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    _under_way: dict[str, int] = field(default_factory=dict[str, int])

    def step(self) -> None:
        """One look at every Application."""
        for found in self.cluster.store.select("applications", ARGOCD):
            name, metadata = found["metadata"]["name"], found["metadata"]
            if metadata.get("deletionTimestamp"):
                namespace = found["spec"]["destination"]["namespace"]
                for pod in self.cluster.store.select("pods", namespace, {"app": name}):
                    self.cluster.store.drop("pods", namespace, pod["metadata"]["name"])
                self.cluster.store.drop("deployments", namespace, name)
                self.cluster.store.drop("applications", ARGOCD, name)
                continue
            operated = self._operate(found) if self.mood != "stuck" and found.get("operation") else found
            self.cluster.store.put(self._observed(operated))

    def operate_by_hand(self, name: str, revision: str) -> None:
        """Somebody else presses Sync."""
        found = self.cluster.store.get("applications", ARGOCD, name)
        assert found is not None
        operation = {"initiatedBy": {"username": "ada"}, "sync": {"revision": revision}}
        self.cluster.store.put({**found, "operation": operation})

    def edit(self, name: str, **spec: Any) -> None:
        """Somebody edits an Application."""
        found = self.cluster.store.get("applications", ARGOCD, name)
        assert found is not None
        self.cluster.store.put({**found, "spec": {**found["spec"], **spec}})

    def _operate(self, found: Json) -> Json:
        name, operation = found["metadata"]["name"], found["operation"]
        status = found.setdefault("status", {})
        done = self._under_way.get(name, 0)
        if status.get("operationState", {}).get("phase") == "Terminating":
            self._under_way.pop(name, None)
            found.pop("operation")
            status["operationState"] |= {"phase": "Failed", "message": "Operation terminated", "finishedAt": now()}
            return found
        if done == 0:
            status["operationState"] = {"phase": "Running", "operation": operation, "startedAt": now()}
        self._under_way[name] = done + 1
        if done < self.steps_of_a_sync:
            return found
        self._under_way.pop(name)
        found.pop("operation")
        state = status["operationState"]
        revision = operation["sync"]["revision"]
        state["finishedAt"] = now()
        if self.commits is not None and revision not in self.commits:
            state |= {"phase": "Error", "message": f"ComparisonError: unable to resolve '{revision}' to a commit SHA"}
            return found
        resource = {
            "group": "apps",
            "version": "v1",
            "kind": "Deployment",
            "name": name,
            "namespace": found["spec"]["destination"]["namespace"],
            "syncPhase": "Sync",
        }
        if said := self._refusal(resource["namespace"], operation["sync"]):
            result = {"revision": revision, "resources": [{**resource, "status": "SyncFailed", "message": said}]}
            state |= {"phase": "Failed", "message": "one or more objects failed to apply", "syncResult": result}
            return found
        image = image_of(found)
        if self.mood != "lies":
            self._roll_out(found, image)
        self.synced.append((name, revision, image))
        result = {"revision": revision, "resources": [{**resource, "status": "Synced", "message": "configured"}]}
        state |= {"phase": "Succeeded", "message": "successfully synced", "syncResult": result}
        return found

    def _refusal(self, namespace: str, sync: Json) -> str:
        """Why the cluster does not take the manifests. The options are the operation's, not the Application's."""
        if self.mood == "fails":
            return 'Deployment.apps "shop" is invalid: spec.replicas: Invalid value: -1'
        if self.cluster.store.get("namespaces", "", namespace) is None:
            if "CreateNamespace=true" not in (sync.get("syncOptions") or ()):
                return f'namespaces "{namespace}" not found'
            self.cluster.add("Namespace", namespace)
        return ""

    def _roll_out(self, found: Json, image: str) -> None:
        store, name = self.cluster.store, found["metadata"]["name"]
        namespace = found["spec"]["destination"]["namespace"]
        labels = {"app": name}
        marked = {"labels": labels, "annotations": self.annotations(found)}
        template = {"metadata": marked, "spec": {"containers": [{"name": "web", "image": image}]}}
        live = store.get("deployments", namespace, name) or {}
        store.put(
            {
                **live,
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": live.get("metadata") or {"name": name, "namespace": namespace, "labels": labels},
                "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": template},
            }
        )

    def _observed(self, found: Json) -> Json:
        """Health and sync as the controller sees them."""
        status = found.setdefault("status", {})
        name, spec = found["metadata"]["name"], found["spec"]
        namespace, source = spec["destination"]["namespace"], spec["source"]
        live = self.cluster.store.get("deployments", namespace, name)
        if live is None:
            health = "Missing"
        elif self.mood == "lies" or _rolled_out(live, self.cluster):
            health = "Healthy"
        else:
            health = "Degraded" if self.mood == "late" else "Progressing"
        runs = live["spec"]["template"]["spec"]["containers"][0]["image"] if live is not None else ""
        last = (status.get("operationState") or {}).get("syncResult", {}).get("revision")
        synced = last == source["targetRevision"] and (runs == image_of(found) or self.mood == "lies")
        compared = {"source": source, "destination": spec["destination"]}
        status["sync"] = {
            "status": "Synced" if synced else "OutOfSync",
            "revision": source["targetRevision"],
            "comparedTo": compared,
        }
        status["health"] = {"status": health}
        if live is not None:
            message = {} if health == "Healthy" else {"message": "Waiting for rollout to finish"}
            status["resources"] = [
                {
                    "group": "apps",
                    "version": "v1",
                    "kind": "Deployment",
                    "name": name,
                    "namespace": namespace,
                    "status": "Synced",
                    "health": {"status": health, **message},
                }
            ]
            status["summary"] = {"images": [runs]}
        return found

    # The REST door.

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        try:
            answer = self._answer(request, json.loads(body) if body else {})
        except Broken as broken:
            self.broken.append(str(broken))
            answer = _error(500, 13, f"not as the real server: {broken}")
        await answer(scope, receive, send)

    def _answer(self, request: Request, given: Json) -> Response:  # noqa: PLR0911 (one for each operation)
        method, path, query = request.method, request.url.path, dict(request.query_params)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return _error(401, 16, "no session information")
        operation = argocd().operation(method, path)
        operation.check_query(query)
        if given:
            argocd().check(given, operation.body(), path)
        store = self.cluster.store
        if path == "/api/version":
            return self._good(operation.answer(), {"Version": "v2.14.9"})
        if path == "/api/v1/applications" and method == "GET":
            found = store.select("applications", ARGOCD, selector(query.get("selector", "")))
            return self._good(operation.answer(), {"metadata": {}, "items": [_untyped(each) for each in found] or None})
        if path == "/api/v1/applications":
            return self._make(operation.answer(), given, query)
        name = path.split("/")[4]
        live = store.get("applications", ARGOCD, name)
        if live is None:
            return _error(403, 7, "permission denied")
        if path.endswith("/sync"):
            return self._sync(operation.answer(), given, live)
        if path.endswith("/operation"):
            return self._terminate(operation.answer(), live)
        if method == "DELETE":
            live["metadata"]["deletionTimestamp"] = now()
            store.put(live)
            return self._good(operation.answer(), {})
        return self._good(operation.answer(), live)

    def _make(self, schema: Json | None, given: Json, query: dict[str, str]) -> Response:
        name = given["metadata"]["name"]
        live = self.cluster.store.get("applications", ARGOCD, name)
        if live is not None and query.get("upsert") != "true" and live["spec"] != given["spec"]:
            said = "existing application spec is different, use upsert flag to force update"
            return _error(400, 3, said)
        metadata = {**(live or {}).get("metadata", {}), **given["metadata"], "namespace": ARGOCD}
        kind = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application"}
        made = {**kind, **(live or {}), **given, "metadata": metadata}
        check_object(made)
        return self._good(schema, self.cluster.store.put(made))

    def _sync(self, schema: Json | None, given: Json, live: Json) -> Response:
        if live.get("operation"):
            return _error(400, 9, "another operation is already in progress")
        # Unlike an operation that is written by hand, this one takes over what the Application says.
        options = live["spec"]["syncPolicy"].get("syncOptions")
        sync = {"revision": given["revision"], "prune": given.get("prune"), "syncOptions": options}
        operation = {"info": given.get("infos"), "sync": sync}
        return self._good(schema, self.cluster.store.put({**live, "operation": operation}))

    def _terminate(self, schema: Json | None, live: Json) -> Response:
        status = live.get("status") or {}
        if not live.get("operation") or not status.get("operationState"):
            return _error(400, 3, "Unable to terminate operation. No operation is in progress")
        ended = {**status, "operationState": {**status["operationState"], "phase": "Terminating"}}
        self.cluster.store.put({**live, "status": ended})
        return self._good(schema, {})

    def _good(self, schema: Json | None, answer: Json) -> Response:
        told = _untyped(answer)
        argocd().check({name: each for name, each in told.items() if each is not None}, schema, "an answer")
        return JSONResponse(told)


@asynccontextmanager
async def fake_argocd(cluster: FakeKubernetes) -> AsyncGenerator[FakeArgoCd]:
    """Argo CD in the cluster, for as long as the context lasts."""
    argo = FakeArgoCd(cluster)
    cluster.add("Namespace", ARGOCD)
    cluster.add("CustomResourceDefinition", "applications.argoproj.io", spec=_CRD)
    stop = asyncio.Event()

    async def control() -> None:
        while not stop.is_set():
            argo.step()
            await cluster.store.changed(0.01)

    task = asyncio.create_task(control())
    async with serving(argo, free_socket()) as url:
        argo.url = url
        try:
            yield argo
        finally:
            stop.set()
            await task
    assert argo.broken == []


def image_of(found: Json) -> str:
    """The image that the manifests have, once the Application's image is set in them."""
    source = found["spec"]["source"]
    for each in (source.get("kustomize") or {}).get("images") or ():
        return str(each).partition("=")[2]
    for each in (source.get("helm") or {}).get("parameters") or ():
        value = str(each["value"])
        return value if "/" in value else f"registry.test/shop:{value}"
    return f"registry.test/shop:{source['targetRevision']}"


def _untyped(answer: Json) -> Json:
    """As protobuf's JSON has it: an Application does not say that it is one."""
    return {name: each for name, each in answer.items() if name not in {"apiVersion", "kind"}}


def _rolled_out(live: Json, cluster: FakeKubernetes) -> bool:
    metadata, image = live["metadata"], live["spec"]["template"]["spec"]["containers"][0]["image"]
    pods = cluster.store.select("pods", metadata["namespace"], live["spec"]["selector"]["matchLabels"])
    return bool(pods) and all(ready(pod) and pod["spec"]["containers"][0]["image"] == image for pod in pods)


def _error(status: int, code: int, message: str) -> Response:
    answer = {"error": message, "code": code, "message": message}
    argocd().definition("runtimeError", answer, "an error")
    return JSONResponse(answer, status)


_NAMES = {"plural": "applications", "kind": "Application", "singular": "application", "listKind": "ApplicationList"}
_CRD: Json = {
    "group": "argoproj.io",
    "scope": "Namespaced",
    "names": _NAMES,
    "versions": [{"name": "v1alpha1", "served": True, "storage": True}],
}
