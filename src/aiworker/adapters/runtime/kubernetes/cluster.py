"""The API of a cluster: plain JSON in and out, each request tried again where another try may do."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from aiworker.adapters.runtime.kubernetes.connection import CREDENTIAL_ERRORS, Connection
from aiworker.adapters.runtime.kubernetes.errors import ClusterAway, ClusterRefused, refusal
from aiworker.adapters.runtime.kubernetes.kinds import Kind

Json = dict[str, Any]

FIELD_MANAGER: Final = "aiworker"
_NOT_FOUND = 404
_CONFLICT = 409
_GONE = 410
_BAD = 400
_AGAIN: Final = frozenset({429, 500, 502, 503, 504})
_NO_CREDENTIAL = "The credential for Kubernetes cannot be had: its file or the program of the kubeconfig fails."
_PAGE = 500
_MOST_PAGES = 40


@dataclass(frozen=True, slots=True)
class Tries:
    """How often a request is made, and the seconds before the next: doubled each time, up to `longest`."""

    most: int = 5
    first: float = 0.25
    longest: float = 5.0

    def pause(self, done: int, asked: str | None) -> float:
        """Before the next try; the server may have asked for so many seconds."""
        wanted = float(asked) if asked is not None and asked.isdecimal() else 0.0
        return min(max(self.first * 2 ** (done - 1), wanted), self.longest)


class Cluster:
    """Reads and writes objects. Raises: ClusterAway, ClusterRefused."""

    def __init__(self, connection: Connection, *, tries: Tries | None = None) -> None:
        self._http = connection.http
        self._tries = tries or Tries()
        self.server = connection.server
        self.namespace = connection.namespace

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def get(self, kind: Kind, name: str, namespace: str | None = None) -> Json | None:
        """One object; None if it is not there."""
        return await self._found("GET", kind.path(namespace, name), f"read the {kind} {name}")

    async def list(
        self, kind: Kind, namespace: str | None = None, *, labels: Mapping[str, str] | None = None, fields: str = ""
    ) -> list[Json]:
        """The objects of a kind; without a namespace, of all of them."""
        query, found = _selection(labels, fields) | {"limit": str(_PAGE)}, list[Json]()
        for _ in range(_MOST_PAGES):
            page = await self._json("GET", kind.path(namespace), f"list the {kind.plural}", query=query)
            found += page.get("items") or []
            more = (page.get("metadata") or {}).get("continue")
            if not more:
                break
            query = query | {"continue": str(more)}
        return found

    async def apply(self, kind: Kind, manifest: Json) -> Json:
        """Server-side apply: whatever we say of the object is so, whoever said otherwise."""
        for done in range(1, self._tries.most):
            try:
                return await self._apply(kind, manifest)
            except ClusterRefused as refused:
                # Somebody wrote at the very same moment; what we say does not depend on what they wrote.
                if refused.status != _CONFLICT:
                    raise
                await asyncio.sleep(self._tries.pause(done, None))
        return await self._apply(kind, manifest)

    async def _apply(self, kind: Kind, manifest: Json) -> Json:
        name, namespace = _named(manifest)
        query = {"fieldManager": FIELD_MANAGER, "force": "true"}
        return await self._json(
            "PATCH",
            kind.path(namespace, name),
            f"apply the {kind} {name}",
            query=query,
            body=manifest,
            content_type="application/apply-patch+yaml",
        )

    async def merge(self, kind: Kind, name: str, namespace: str | None, changes: Json) -> Json:
        """Change some fields of an object. With its `metadata.resourceVersion`: only if nobody else has (409)."""
        return await self._json(
            "PATCH",
            kind.path(namespace, name),
            f"change the {kind} {name}",
            query={"fieldManager": FIELD_MANAGER},
            body=changes,
            content_type="application/merge-patch+json",
        )

    async def delete(self, kind: Kind, name: str, namespace: str | None = None) -> bool:
        """Have an object removed, with what belongs to it; False if it is not there."""
        query = {"propagationPolicy": "Background"}
        return await self._found("DELETE", kind.path(namespace, name), f"delete the {kind} {name}", query) is not None

    async def log(self, pod: str, namespace: str, *, container: str, lines: int, previous: bool = False) -> str:
        """The last lines that a container has written; empty if it has not begun."""
        query = {"container": container, "tailLines": str(lines), "limitBytes": "1000000"}
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}/log"
        try:
            answer = await self._send(
                "GET", path, f"read the log of {pod}", query=query | ({"previous": "true"} if previous else {})
            )
        except ClusterRefused as refused:
            if refused.status in {_BAD, _NOT_FOUND}:
                return ""
            raise
        return answer.text.rstrip("\n")

    async def review(self, access: Json) -> bool:
        """Whether this credential may do something (`resourceAttributes` of a SelfSubjectAccessReview)."""
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": access},
        }
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        answer = await self._json("POST", path, "ask what it may do", body=body)
        return bool((answer.get("status") or {}).get("allowed"))

    async def version(self) -> str:
        """The server's version, like v1.36.2."""
        return str((await self._json("GET", "/version/", "tell its version")).get("gitVersion", "unknown"))

    async def standing(self, kind: Kind, namespace: str | None, labels: Mapping[str, str] | None, fields: str) -> str:
        """The version of the world from which changes of these objects can be watched."""
        query = _selection(labels, fields) | {"limit": "1"}
        page = await self._json("GET", kind.path(namespace), f"list the {kind.plural}", query=query)
        return str(page["metadata"]["resourceVersion"])

    async def watch(
        self,
        kind: Kind,
        namespace: str | None,
        labels: Mapping[str, str] | None,
        fields: str,
        *,
        since: str,
        seconds: int,
    ) -> AsyncGenerator[str]:
        """The version of the world after each change, for so long at most.

        Raises: ClusterRefused (status 410 if `since` is too long ago), ClusterAway if it is cut.
        """
        query = _selection(labels, fields) | {
            "watch": "true",
            "resourceVersion": since,
            "timeoutSeconds": str(seconds),
            "allowWatchBookmarks": "true",
        }
        timeout = httpx2.Timeout(seconds + 15.0, connect=5.0)
        what = f"watch the {kind.plural}"
        try:
            async with self._http.stream("GET", kind.path(namespace), params=query, timeout=timeout) as answer:
                if answer.status_code >= _BAD:
                    await answer.aread()
                    raise refusal(answer.status_code, what, _status_of(answer))
                async for line in answer.aiter_lines():
                    if line.strip():
                        yield _version_of(line, what)
        except (httpx2.HTTPError, ValueError) as error:
            raise ClusterAway(f"Kubernetes stopped answering: {_why(error)}.") from error

    async def _found(self, method: str, path: str, what: str, query: Mapping[str, str] | None = None) -> Json | None:
        try:
            return await self._json(method, path, what, query=query or {})
        except ClusterRefused as refused:
            if refused.status == _NOT_FOUND:
                return None
            raise

    async def _json(
        self,
        method: str,
        path: str,
        what: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Json | None = None,
        content_type: str = "application/json",
    ) -> Json:
        answer = await self._send(method, path, what, query=query or {}, body=body, content_type=content_type)
        found = _json_of(answer)
        if found is None:
            raise ClusterAway(f"Kubernetes answered something that is not JSON when asked to {what}.")
        return found

    async def _send(
        self,
        method: str,
        path: str,
        what: str,
        *,
        query: Mapping[str, str],
        body: Json | None = None,
        content_type: str = "application/json",
    ) -> httpx2.Response:
        """Everything asked here may be asked twice: each request says what should be, not what should change."""
        content = json.dumps(body).encode() if body is not None else None
        headers = {"content-type": content_type} if body is not None else {}
        for done in range(1, self._tries.most + 1):
            last = done == self._tries.most
            asked: str | None = None
            try:
                answer = await self._http.request(method, path, params=dict(query), content=content, headers=headers)
            except httpx2.HTTPError as error:
                if last:
                    raise ClusterAway(f"Kubernetes does not answer: {_why(error)}.") from error
            except CREDENTIAL_ERRORS as error:
                raise ClusterAway(_NO_CREDENTIAL) from error
            else:
                if answer.status_code < _BAD:
                    return answer
                if answer.status_code not in _AGAIN or last:
                    raise refusal(answer.status_code, what, _status_of(answer))
                asked = answer.headers.get("retry-after")
            await asyncio.sleep(self._tries.pause(done, asked))
        raise AssertionError("unreachable")


def is_gone(error: ClusterRefused) -> bool:
    """Whether a watch began too long ago."""
    return error.status == _GONE


def _named(manifest: Json) -> tuple[str, str | None]:
    metadata = manifest["metadata"]
    return str(metadata["name"]), metadata.get("namespace")


def _selection(labels: Mapping[str, str] | None, fields: str) -> dict[str, str]:
    chosen = {"labelSelector": ",".join(f"{name}={value}" for name, value in (labels or {}).items())}
    return {name: value for name, value in {**chosen, "fieldSelector": fields}.items() if value}


def _version_of(line: str, what: str) -> str:
    event = json.loads(line)
    found: Json = event.get("object") or {}
    if event.get("type") == "ERROR":
        raise refusal(int(found.get("code") or _GONE), what, found)
    return str((found.get("metadata") or {}).get("resourceVersion") or "")


def _json_of(answer: httpx2.Response) -> Json | None:
    try:
        found = answer.json()
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _status_of(answer: httpx2.Response) -> Json:
    return _json_of(answer) or {}


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__
