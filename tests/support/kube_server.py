"""A fake Kubernetes API server: real HTTP, with state, held to the real one's description, and able to misbehave."""

import asyncio
import base64
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from tests.support.http_server import free_socket, serving
from tests.support.kube_apply import Managers, Owned, merged
from tests.support.kube_names import wrong_with
from tests.support.kube_nodes import Cluster, controlled
from tests.support.kube_schema import Broken, check_object, kubernetes
from tests.support.kube_store import PLURALS, SERVED, Json, Served, Store, matches, now, selector

TOKEN = "a-token-of-the-cluster"
_PATH = re.compile(
    r"/(?:api|apis/(?P<group>[^/]+))/(?P<version>[^/]+)(?:/namespaces/(?P<namespace>[^/]+))?/(?P<plural>[a-z]+)"
    r"(?:/(?P<name>[^/]+))?(?:/(?P<part>[a-z]+))?"
)


class Refusal(Exception):
    """An answer that is a Status."""

    def __init__(self, code: int, reason: str, message: str, *causes: str) -> None:
        super().__init__(message)
        self.code, self.reason, self.causes = code, reason, causes


@dataclass
class Trouble:
    """How the next requests of a kind go wrong: a status, `cut` (the connection ends) or `slow` (seconds)."""

    what: int | str
    method: str
    path: str
    times: int = 1
    seconds: float = 0.0
    headers: dict[str, str] = field(default_factory=dict[str, str])


@dataclass
class FakeKubernetes:
    """The server. `asked`: every request so far, as `METHOD path`."""

    store: Store
    nodes: Cluster
    url: str = ""
    token: str = TOKEN
    asked: list[str] = field(default_factory=list[str])
    bodies: list[Json] = field(default_factory=list[Json])
    broken: list[str] = field(default_factory=list[str])
    denied: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    troubles: list[Trouble] = field(default_factory=list[Trouble])
    managers: Managers = field(default_factory=Managers)
    _watching: set[asyncio.Event] = field(default_factory=set[asyncio.Event])

    def goes_wrong(self, what: int | str, method: str = "", path: str = "", **how: Any) -> None:
        """The next request like that fails."""
        self.troubles.append(Trouble(what, method, path, **how))

    def deny(self, verb: str, plural: str) -> None:
        """Take a permission away."""
        self.denied.add((verb, plural))

    def cut_watches(self) -> None:
        """Every watch ends in the middle."""
        for event in list(self._watching):
            event.set()

    def add(self, kind: str, name: str, namespace: str | None = None, **more: Any) -> Json:
        """An object that was there before."""
        served = SERVED[PLURALS[kind]]
        labels = more.pop("labels", {})
        metadata: Json = {"name": name, "labels": labels} | ({"namespace": namespace} if namespace else {})
        if kind == "Namespace":
            more.setdefault("status", {"phase": "Active"})
        return self.store.put({"apiVersion": served.api_version, "kind": kind, "metadata": metadata, **more})

    def kubeconfig(self, *, token: str | None = None) -> Json:
        """What a kubeconfig for it says."""
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "fake",
            "contexts": [{"name": "fake", "context": {"cluster": "fake", "user": "me", "namespace": "control-plane"}}],
            "clusters": [{"name": "fake", "cluster": {"server": self.url}}],
            "users": [{"name": "me", "user": {"token": token or self.token}}],
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        self.asked.append(f"{request.method} {request.url.path}")
        trouble = self._trouble(request)
        if trouble is not None:
            await asyncio.sleep(trouble.seconds)
            if trouble.what == "cut":
                # Fewer bytes than were promised.
                await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
                await send({"type": "http.response.body", "body": b"{", "more_body": True})
                raise ConnectionAbortedError("cut by the test")
            if isinstance(trouble.what, int):
                refusal = Refusal(trouble.what, "", "the test said so")
                await _status(refusal, trouble.headers)(scope, receive, send)
                return
        try:
            answer = await self._answer(request, body)
        except Refusal as refusal:
            answer = _status(refusal)
        except Broken as broken:
            self.broken.append(str(broken))
            answer = _status(Refusal(500, "InternalError", f"not as the real server: {broken}"))
        await answer(scope, receive, send)

    async def _answer(self, request: Request, body: bytes) -> Response:  # noqa: C901, PLR0911 (one for each verb)
        method, path, query = request.method, request.url.path, dict(request.query_params)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            raise Refusal(401, "Unauthorized", "Unauthorized")
        operation = kubernetes().operation(method, path)
        operation.check_query(query)
        if path == "/version/":
            return self._good(operation.answer(), _VERSION, path)
        content_type = request.headers.get("content-type", "application/json")
        given: Json = {}
        if body:
            operation.check_type(content_type)
            given = json.loads(body)
            self.bodies.append(given)
        if path.endswith("/selfsubjectaccessreviews"):
            kubernetes().check(given, operation.body(), path)
            asked = given["spec"]["resourceAttributes"]
            resource = "/".join(part for part in (asked["resource"], asked.get("subresource")) if part)
            allowed = (asked["verb"], resource) not in self.denied
            return self._good(operation.answer(), {**given, "status": {"allowed": allowed}}, path, status=201)
        found = _PATH.fullmatch(path)
        assert found is not None, path
        kind = SERVED[found["plural"]]
        verb = _verb(method, query, found["name"])
        self._allow(verb, kind, found["part"], found["name"], found["namespace"])
        schema = None if kind.plural == "applications" else operation.answer()
        if found["part"] == "log":
            return PlainTextResponse(self._log(found["namespace"], found["name"], query))
        if verb == "watch":
            return StreamingResponse(self._watch(kind, found["namespace"], query), media_type="application/json")
        if verb == "list":
            return self._good(schema, self._list(kind, found["namespace"], query), path)
        namespace, name = found["namespace"] or "", found["name"]
        if found["part"] == "scale":
            return self._good(schema, self._scale(namespace, name, given), path)
        if method == "PATCH":
            made, fresh = self._patch(kind, namespace, name, given, query, content_type)
            return self._good(schema, made, path, status=201 if fresh else 200)
        live = self.store.get(kind.plural, namespace, name)
        if live is None:
            raise Refusal(404, "NotFound", f'{kind.plural} "{name}" not found')
        if method == "DELETE":
            self._delete(kind, live)
            # Some kinds are answered with a Status, some with what they were.
            told: Json = {"apiVersion": "v1", "kind": "Status", "status": "Success"}
            return self._good(schema, told if "Status" in str(schema) else live, path)
        return self._good(schema, live, path)

    def _good(self, schema: Json | None, answer: Json, what: str, *, status: int = 200) -> Response:
        if schema is None and answer.get("kind") == "Application":
            check_object(answer)
        kubernetes().check(answer, schema, what)
        return JSONResponse(answer, status)

    def _allow(self, verb: str, kind: Served, part: str | None, name: str | None, namespace: str | None) -> None:
        resource = f"{kind.plural}/{part}" if part else kind.plural
        if (verb, resource) not in self.denied:
            return
        where = f' in the namespace "{namespace}"' if namespace else " at the cluster scope"
        named = f'{resource} "{name}"' if name else resource
        raise Refusal(
            403,
            "Forbidden",
            f'{named} is forbidden: User "system:serviceaccount:control-plane:backend" cannot {verb} resource '
            f'"{resource}" in API group "{kind.group}"{where}',
        )

    def _list(self, kind: Served, namespace: str | None, query: Mapping[str, str]) -> Json:
        found = self.store.select(
            kind.plural, namespace, selector(query.get("labelSelector", "")), selector(query.get("fieldSelector", ""))
        )
        first, limit = int(query.get("continue", "0")), int(query.get("limit", "500"))
        metadata: Json = {"resourceVersion": str(self.store.version)}
        if len(found) > first + limit:
            metadata["continue"] = str(first + limit)
        items = found[first : first + limit]
        return {"apiVersion": kind.api_version, "kind": f"{kind.kind}List", "metadata": metadata, "items": items}

    async def _watch(self, kind: Served, namespace: str | None, query: Mapping[str, str]) -> AsyncIterator[bytes]:
        labels, fields = selector(query.get("labelSelector", "")), selector(query.get("fieldSelector", ""))
        since, until = int(query["resourceVersion"]), asyncio.get_running_loop().time() + float(query["timeoutSeconds"])
        cut = asyncio.Event()
        self._watching.add(cut)
        try:
            while asyncio.get_running_loop().time() < until:
                if cut.is_set():
                    raise ConnectionAbortedError("cut by the test")
                if since < self.store.forgotten:
                    gone = Refusal(410, "Expired", f"too old resource version: {since} ({self.store.version})")
                    yield _line("ERROR", _status_object(gone))
                    return
                for change in self.store.since(since):
                    since = change.version
                    found = change.object
                    if change.plural != kind.plural or not matches(found, labels, fields):
                        continue
                    if namespace is not None and found["metadata"].get("namespace") != namespace:
                        continue
                    check_object(found)
                    yield _line(change.type, found)
                await self.store.changed(0.05)
        finally:
            self._watching.discard(cut)

    def _patch(
        self, kind: Served, namespace: str, name: str, given: Json, query: Mapping[str, str], content_type: str
    ) -> tuple[Json, bool]:
        live = self.store.get(kind.plural, namespace, name)
        manager = query.get("fieldManager", "")
        if "apply" in content_type:
            if not manager:
                raise Refusal(422, "Invalid", "PatchOptions.meta.k8s.io is invalid: fieldManager: Required value")
            self._check_manifest(kind, namespace, name, given)
        elif live is None:
            raise Refusal(404, "NotFound", f'{kind.plural} "{name}" not found')
        if kind.namespaced:
            self._check_namespace(namespace, name, kind, fresh=live is None)
        known = (given.get("metadata") or {}).get("resourceVersion")
        if known is not None and (live is None or known != live["metadata"]["resourceVersion"]):
            said = f'Operation cannot be fulfilled on {kind.plural} "{name}": the object has been modified'
            raise Refusal(409, "Conflict", said)
        before = live or {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": dict(given["metadata"])}
        uid = before["metadata"].get("uid") or f"{kind.plural}/{namespace}/{name}"
        try:
            if "apply" in content_type:
                made = self.managers.apply(before, given, uid=uid, manager=manager, force=query.get("force") == "true")
            else:
                made = merged(before, given)
                self.managers.changed(uid, manager, given)
        except Owned as owned:
            raise Refusal(409, "Conflict", str(owned), "FieldManagerConflict") from owned
        made["metadata"].setdefault("uid", before["metadata"].get("uid") or f"uid-{uid}")
        if live is None:
            made["metadata"]["uid"] = uid
        made = _completed(kind, made, live)
        if wrong := wrong_with(made):
            raise Refusal(422, "Invalid", f'{kind.kind} "{name}" is invalid: {wrong}')
        check_object({**made, "metadata": {**made["metadata"], "creationTimestamp": now()}})
        return self.store.put(made), live is None

    def _check_manifest(self, kind: Served, namespace: str, name: str, given: Json) -> None:
        metadata = given.get("metadata") or {}
        if given.get("apiVersion") != kind.api_version or given.get("kind") != kind.kind:
            raise Refusal(400, "BadRequest", "the object does not match its path")
        if metadata.get("name") != name or (kind.namespaced and metadata.get("namespace", namespace) != namespace):
            raise Refusal(400, "BadRequest", "the name of the object does not match its path")
        check_object(given)

    def _check_namespace(self, namespace: str, name: str, kind: Served, *, fresh: bool) -> None:
        found = self.store.get("namespaces", "", namespace)
        if found is None:
            raise Refusal(404, "NotFound", f'namespaces "{namespace}" not found')
        if fresh and found["status"]["phase"] == "Terminating":
            said = f'{kind.plural} "{name}" is forbidden: unable to create new content in namespace {namespace} '
            raise Refusal(403, "Forbidden", said + "because it is being terminated", "NamespaceTerminating")

    def _scale(self, namespace: str, name: str, given: Json) -> Json:
        """How many pods a Deployment has, and how many it is to have; what is zero is left out."""
        live = self.store.get("deployments", namespace, name)
        if live is None:
            raise Refusal(404, "NotFound", f'deployments.apps "{name}" not found')
        spec = {**live["spec"], **given.get("spec", {})}
        if not isinstance(spec["replicas"], int) or spec["replicas"] < 0:
            raise Refusal(422, "Invalid", f'Scale "{name}" is invalid: spec.replicas: Invalid value')
        if given:
            live = self.store.put({**live, "spec": spec})
        known, status = live["metadata"], {"replicas": (live.get("status") or {}).get("replicas", 0)}
        return {
            "apiVersion": "autoscaling/v1",
            "kind": "Scale",
            "metadata": {key: known[key] for key in ("name", "namespace", "resourceVersion")},
            "spec": {"replicas": spec["replicas"]} if spec["replicas"] else {},
            "status": status,
        }

    def _delete(self, kind: Served, live: Json) -> None:
        metadata = live["metadata"]
        namespace, name = metadata.get("namespace") or "", metadata["name"]
        if kind.plural == "namespaces":
            if live["status"]["phase"] == "Terminating":
                raise Refusal(409, "Conflict", f'Operation cannot be fulfilled on namespaces "{name}": being removed')
            metadata["deletionTimestamp"] = now()
            live["status"] = {"phase": "Terminating"}
            self.store.put(live)
            return
        if metadata.get("finalizers"):
            metadata["deletionTimestamp"] = now()
            self.store.put(live)
            return
        self.managers.forget(metadata["uid"])
        self.store.drop(kind.plural, namespace, name)
        if kind.plural == "deployments":
            for pod in self.store.select("pods", namespace, live["spec"]["selector"]["matchLabels"]):
                self.store.drop("pods", namespace, pod["metadata"]["name"])

    def _log(self, namespace: str, name: str, query: Mapping[str, str]) -> str:
        pod = self.store.get("pods", namespace, name)
        if pod is None:
            raise Refusal(404, "NotFound", f'pods "{name}" not found')
        container = (pod["status"].get("containerStatuses") or [{}])[0]
        previous = query.get("previous") == "true"
        if previous and not container.get("lastState"):
            raise Refusal(400, "BadRequest", f'previous terminated container "app" in pod "{name}" not found')
        waiting = (container.get("state") or {}).get("waiting")
        if not container or (waiting and not container.get("lastState")):
            raise Refusal(400, "BadRequest", f'container "app" in pod "{name}" is waiting to start: ContainerCreating')
        lines = self.nodes.log_of(pod).splitlines()
        return "".join(f"{line}\n" for line in lines[-int(query.get("tailLines", "1000")) :])

    def _trouble(self, request: Request) -> Trouble | None:
        for trouble in self.troubles:
            if trouble.method in {"", request.method} and re.search(trouble.path, str(request.url)):
                trouble.times -= 1
                if trouble.times <= 0:
                    self.troubles.remove(trouble)
                return trouble
        return None


@asynccontextmanager
async def fake_kubernetes() -> AsyncGenerator[FakeKubernetes]:
    """A cluster for as long as the context lasts; at its end, nothing may have been asked that the real one refuses."""
    store = Store()
    server = FakeKubernetes(store, Cluster(store))
    server.add("IngressClass", "nginx", spec={"controller": "k8s.io/ingress-nginx"})
    async with controlled(server.nodes), serving(server, free_socket()) as url:
        server.url = url
        try:
            yield server
        finally:
            server.cut_watches()
    assert server.broken == []


def _verb(method: str, query: Mapping[str, str], name: str | None) -> str:
    if method == "GET":
        return "watch" if query.get("watch") == "true" else ("get" if name else "list")
    return {"PATCH": "patch", "DELETE": "delete", "POST": "create"}[method]


def _completed(kind: Served, made: Json, live: Json | None) -> Json:
    """What the real server adds."""
    match kind.plural:
        case "namespaces":
            made.setdefault("status", {"phase": "Active"})
            made["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = made["metadata"]["name"]
        case "secrets":
            encoded = {
                name: base64.b64encode(value.encode()).decode() for name, value in made.pop("stringData", {}).items()
            }
            made["data"] = {**(made.get("data") or {}), **encoded}
            if live is not None and live.get("immutable") and live.get("data") != made["data"]:
                said = "data: Forbidden: field is immutable when `immutable` is set"
                raise Refusal(422, "Invalid", f'Secret "{made["metadata"]["name"]}" is invalid: {said}')
        case "deployments":
            if live is not None and live["spec"]["selector"] != made["spec"]["selector"]:
                raise Refusal(422, "Invalid", "spec.selector: Invalid value: field is immutable")
        case _:
            pass
    return made


def _status(refusal: Refusal, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse(_status_object(refusal), refusal.code, headers)


def _status_object(refusal: Refusal) -> Json:
    made: Json = {
        "apiVersion": "v1",
        "kind": "Status",
        "metadata": {},
        "status": "Failure",
        "message": str(refusal),
        "reason": refusal.reason,
        "code": refusal.code,
    }
    if refusal.causes:
        made["details"] = {"causes": [{"reason": cause, "message": str(refusal)} for cause in refusal.causes]}
    kubernetes().definition("io.k8s.apimachinery.pkg.apis.meta.v1.Status", made, "a Status")
    return made


def _line(kind: str, found: Json) -> bytes:
    return json.dumps({"type": kind, "object": found}).encode() + b"\n"


_VERSION: Json = {
    "major": "1",
    "minor": "36",
    "gitVersion": "v1.36.2",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "2026-06-01T00:00:00Z",
    "goVersion": "go1.25",
    "compiler": "gc",
    "platform": "linux/amd64",
}
