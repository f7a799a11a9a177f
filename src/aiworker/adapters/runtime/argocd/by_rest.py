"""Applications through Argo CD's own API, with a token: for a cluster whose API AiWorker may not write there."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import httpx2

from aiworker.adapters.runtime.argocd.applications import Busy
from aiworker.adapters.runtime.argocd.manifest import MARK, operation_of
from aiworker.adapters.runtime.kubernetes.bell import Bell
from aiworker.adapters.runtime.kubernetes.cluster import Json, Tries
from aiworker.adapters.runtime.kubernetes.errors import REFUSES, ClusterAway, ClusterRefused
from aiworker.adapters.runtime.kubernetes.plan import INSTALLATION
from aiworker.core.sayings import Sentence

_UNKNOWN_TOKEN: Final = Sentence(
    "argocd_token_unknown", "Argo CD does not know AiWorker's token (any more); see ARGOCD_TOKEN."
)
_AGAIN: Final = frozenset({429, 500, 502, 503, 504})
# An Application that is not there is answered like one that may not be seen.
_NOT_THERE: Final = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
_TIMEOUT: Final = httpx2.Timeout(60.0, connect=5.0)


class ApplicationsByRest:
    """Fills the port Applications."""

    def __init__(self, url: str, token: str, *, tries: Tries | None = None, trust_env: bool = True) -> None:
        headers = {"authorization": f"Bearer {token}"}
        self._http = httpx2.AsyncClient(base_url=url, headers=headers, timeout=_TIMEOUT, trust_env=trust_env)
        self._tries = tries or Tries()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def version(self) -> str:
        """Argo CD's version."""
        return str((await self._send("GET", "/api/version", "tell its version")).get("Version", "unknown"))

    async def get(self, name: str) -> Json | None:
        """See the port."""
        try:
            return await self._send("GET", _path(name), f"read the Application {name}")
        except ClusterRefused as refused:
            if refused.status in _NOT_THERE:
                return None
            raise

    async def of(self, installation: str) -> Sequence[Json]:
        """See the port."""
        query = {"selector": f"{INSTALLATION}={installation}"}
        answer = await self._send("GET", "/api/v1/applications", "list the Applications", query=query)
        return answer.get("items") or []

    async def put(self, manifest: Json, known: Json | None) -> Json:
        """See the port."""
        # Without `upsert` somebody else's of that name, which this token may not see, is not written over.
        query = {"upsert": "true" if known is not None else "false", "validate": "false"}
        name, body = manifest["metadata"]["name"], {part: manifest[part] for part in ("metadata", "spec")}
        return await self._send("POST", "/api/v1/applications", f"make the Application {name}", query=query, body=body)

    async def sync(self, application: Json, *, revision: str, mark: str) -> None:
        """See the port."""
        if operation_of(application) is not None:
            raise Busy
        name = application["metadata"]["name"]
        body: Json = {
            "name": name,
            "revision": revision,
            "prune": True,
            "strategy": {"hook": {}},
            "infos": [{"name": MARK, "value": mark}],
        }
        try:
            await self._send("POST", f"{_path(name)}/sync", f"sync the Application {name}", body=body)
        except ClusterRefused as refused:
            if "another operation is already in progress" in refused.message:
                raise Busy from refused
            raise

    async def stop(self, application: Json) -> None:
        """See the port."""
        name = application["metadata"]["name"]
        try:
            await self._send("DELETE", f"{_path(name)}/operation", f"end the operation on the Application {name}")
        except ClusterRefused as refused:
            if refused.status == HTTPStatus.BAD_REQUEST:
                raise Busy from refused  # it is over, or has not begun
            raise

    async def delete(self, name: str) -> None:
        """See the port."""
        try:
            await self._send("DELETE", _path(name), f"delete the Application {name}", query={"cascade": "true"})
        except ClusterRefused as refused:
            if refused.status not in _NOT_THERE:
                raise

    def bell(self, name: str, pulse: float) -> AbstractAsyncContextManager[Bell]:  # noqa: ARG002 (looked at by its pulse)
        """See the port."""
        return _quiet(Bell(pulse))

    async def _send(
        self, method: str, path: str, what: str, *, query: dict[str, str] | None = None, body: Json | None = None
    ) -> Json:
        for done in range(1, self._tries.most + 1):
            last, asked = done == self._tries.most, None
            try:
                answer = await self._http.request(method, path, params=query or {}, json=body)
            except httpx2.HTTPError as error:
                if last:
                    raise ClusterAway(f"Argo CD does not answer: {str(error) or type(error).__name__}.") from error
            else:
                if answer.status_code < HTTPStatus.BAD_REQUEST:
                    return _json(answer)
                if answer.status_code not in _AGAIN or last:
                    raise _refusal(answer, what)
                asked = answer.headers.get("retry-after")
            await asyncio.sleep(self._tries.pause(done, asked))
        raise AssertionError("unreachable")


def _path(name: str) -> str:
    return f"/api/v1/applications/{quote(name, safe='')}"


@asynccontextmanager
async def _quiet(bell: Bell) -> AsyncGenerator[Bell]:
    yield bell


def _json(answer: httpx2.Response) -> Json:
    try:
        found = answer.json()
    except ValueError as error:
        raise ClusterAway("Argo CD answered something that is not JSON; is ARGOCD_URL its address?") from error
    return found if isinstance(found, dict) else {}


def _refusal(answer: httpx2.Response, what: str) -> ClusterRefused:
    try:
        said = str(answer.json().get("message") or answer.json().get("error"))
    except (ValueError, AttributeError):
        said = f"status {answer.status_code}"
    message = (
        _UNKNOWN_TOKEN()
        if answer.status_code == HTTPStatus.UNAUTHORIZED
        else REFUSES(system="Argo CD", what=what, error=said[:1_000])
    )
    return ClusterRefused(message, status=answer.status_code)
