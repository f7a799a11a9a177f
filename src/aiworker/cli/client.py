"""A client of the server's REST interface. Errors come back as the same tree that the server raised them from."""

import json
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx2
from pydantic import BaseModel

from aiworker.core.connection import address_and_key, is_loopback
from aiworker.core.errors import Unavailable
from aiworker.core.settings import ClientSettings, load_settings
from aiworker.wire.refusals import refusal

_PAGE = 200
_SECONDS = 30.0
_LONG_SECONDS = 300.0
_CONNECT_SECONDS = 5.0
_LINES = "application/x-ndjson"
_USUAL = httpx2.Timeout(_SECONDS, connect=_CONNECT_SECONDS)
_LONG = httpx2.Timeout(_LONG_SECONDS, connect=_CONNECT_SECONDS)
_SERVER_ERROR = 500

Data = Any
Query = str | int | bool | None
Body = BaseModel | None


class Server:
    """The server at `url`, asked with one key. Every call may raise any kind of AiWorkerError."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url.rstrip("/")
        self._http = httpx2.Client(
            base_url=f"{self.url}/api/",
            headers={"Authorization": f"Bearer {key}", "User-Agent": f"aiworker/{version('aiworker')}"},
            timeout=_USUAL,
            # What is on this machine is never asked for through a proxy.
            trust_env=not is_loopback(self.url),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._http.close()

    def health(self) -> dict[str, Any]:
        """`status`, `version`, and with this key `checks`: every neighbour with `ok` or what is wrong with it."""
        response = self._send("GET", ["health"])
        answer = _object(response)
        if answer is None or "status" not in answer:
            raise _stranger(self.url, response)
        return answer

    def get(self, *path: str, **query: Query) -> Data:
        """The data at a path, which is given in parts (`get("tasks", "SHOP-1")`)."""
        return self._ask("GET", path, query=query)["data"]

    def list(self, *path: str, limit: int, **query: Query) -> list[Data]:
        """The first `limit` items at a path, from as many pages as it takes."""
        items: list[Data] = []
        cursor: str | None = None
        while len(items) < limit:
            wanted = min(limit - len(items), _PAGE)
            answer = self._ask("GET", path, query={**query, "limit": wanted, "cursor": cursor})
            items += answer["data"]
            cursor = answer.get("nextCursor")
            if not cursor:
                break
        return items[:limit]

    def post(self, *path: str, body: Body = None, **query: Query) -> Data:
        """Send a body, or nothing but the wish."""
        return self._ask("POST", path, query=query, body=body)["data"]

    def post_lines(self, *path: str, lines: bytes, **query: Query) -> Data:
        """Send JSON lines, many things at once; it may take minutes."""
        return self._answer(self._send("POST", path, query=query, lines=lines))["data"]

    def post_long(self, *path: str, body: BaseModel, told: Callable[[str], None]) -> Data:
        """Send a body whose answer takes long: `told` hears how far it is. When we leave, the server gives it up."""
        try:
            with self._http.stream(
                "POST",
                _address(path),
                json=_json("POST", body),
                headers={"Accept": f"{_LINES}, application/json"},
            ) as response:
                if not response.headers.get("content-type", "").startswith(_LINES):
                    response.read()
                    return self._answer(response)["data"]
                return self._last_line(response, told)["data"]
        except httpx2.TimeoutException:
            raise _silent(self.url) from None
        except (httpx2.TransportError, httpx2.InvalidURL):
            raise _absent(self.url) from None

    def patch(self, *path: str, body: BaseModel) -> Data:
        """Change what the body names."""
        return self._ask("PATCH", path, body=body)["data"]

    def delete(self, *path: str) -> Data:
        """Take away."""
        return self._ask("DELETE", path).get("data")

    def _ask(
        self, method: str, path: Sequence[str], *, query: Mapping[str, Query] | None = None, body: Body = None
    ) -> dict[str, Any]:
        return self._answer(self._send(method, path, query=query, body=body))

    def _answer(self, response: httpx2.Response) -> dict[str, Any]:
        answer = _object(response)
        if answer is None or not isinstance(answer.get("success"), bool):
            raise _stranger(self.url, response)
        if not answer["success"]:
            raise refusal(response.status_code, answer, retry_after=response.headers.get("Retry-After"))
        return answer

    def _last_line(self, response: httpx2.Response, told: Callable[[str], None]) -> dict[str, Any]:
        for line in response.iter_lines():
            try:
                answer: dict[str, Any] = json.loads(line)
            except ValueError:
                raise _stranger(self.url, response) from None
            if "success" not in answer:
                told(str(answer.get("progress") or ""))
            elif answer["success"]:
                return answer
            else:
                raise refusal(int(answer.get("status") or _SERVER_ERROR), answer)
        raise Unavailable(f"The server at {self.url} went away before it was done.", code="server_silent")

    def _send(
        self,
        method: str,
        path: Sequence[str],
        *,
        query: Mapping[str, Query] | None = None,
        body: Body = None,
        lines: bytes | None = None,
    ) -> httpx2.Response:
        try:
            return self._http.request(
                method,
                _address(path),
                params={name: value for name, value in (query or {}).items() if value is not None},
                json=None if body is None else _json(method, body),
                content=lines,
                headers={} if lines is None else {"Content-Type": _LINES},
                timeout=_LONG if lines is not None else _USUAL,
            )
        except httpx2.TimeoutException:
            raise _silent(self.url) from None
        except (httpx2.TransportError, httpx2.InvalidURL):
            raise _absent(self.url) from None


def connect() -> Server:
    """The server of `AIWORKER_URL` and `AIWORKER_TOKEN`, by default the one of this machine.

    Raises: Invalid for a wrong setting, Unauthenticated if there is no key to ask with.
    """
    return Server(*address_and_key(load_settings(ClientSettings)))


def _object(response: httpx2.Response) -> dict[str, Any] | None:
    try:
        answer = response.json()
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _address(path: Sequence[str]) -> str:
    # A name is one part of the address, whatever it holds.
    return "/".join(quote(part, safe="") for part in path)


def _json(method: str, body: BaseModel) -> Data:
    # A change that names nothing takes something away; elsewhere nothing is what was not given.
    changes = method == "PATCH"
    return body.model_dump(mode="json", by_alias=True, exclude_none=not changes, exclude_unset=changes)


def _silent(url: str) -> Unavailable:
    return Unavailable(f"The server at {url} does not answer.", code="server_silent")


def _absent(url: str) -> Unavailable:
    return Unavailable(f"No server at {url}; start one with `aiworker up`.", code="no_server")


def _stranger(url: str, response: httpx2.Response) -> Unavailable:
    return Unavailable(f"What answers at {url} is not AiWorker (status {response.status_code}).", code="not_aiworker")
