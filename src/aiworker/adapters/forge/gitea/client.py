"""Gitea's API over HTTP: patient where it may ask again, and with one clear error where it may not."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urljoin

import httpx2
import msgspec

from aiworker.adapters.forge.gitea.errors import refusal
from aiworker.core.errors import AiWorkerError, Denied, Limited, Unavailable
from aiworker.core.logging import get_logger

_log = get_logger(__name__)

T = TypeVar("T")

_TIMEOUT = httpx2.Timeout(30.0, connect=10.0)
_MOST_BYTES = 16 * 1024 * 1024
_PAGE = 50
_HOPS = 3
_LONGEST_WAIT = 30.0
# Between one try and the next, in seconds; as many tries more.
_PAUSES = (0.3, 1.0, 2.0, 4.0)
_MOVED = frozenset({301, 302, 307, 308})
_AWAY = frozenset({500, 502, 503, 504})
_TOO_MANY = 429
# Asked twice, these do what they do once. A POST is asked again only where it was not heard the first time.
_REPEATABLE = frozenset({"GET", "PATCH", "DELETE"})


class Client:
    """One Gitea or Forgejo. Every call may raise Denied, NotFound, Conflict, Invalid, Limited and Unavailable.

    `patience`: how much longer (or shorter) than usual it waits before it tries again.
    """

    def __init__(self, url: str, token: str | None, *, patience: float = 1.0) -> None:
        self.url = url.rstrip("/")
        self.token = token
        self._patience = patience
        self._http: httpx2.AsyncClient | None = None

    async def close(self) -> None:
        """Let go of the connections."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def rest(self, seconds: float) -> None:
        """Wait about so long before the next try, and not all at the same moment."""
        await asyncio.sleep(seconds * self._patience * random.uniform(1.0, 1.5))  # noqa: S311

    async def get(self, path: str, kind: type[T], **query: str | int) -> T:
        """Read."""
        return await self.call("GET", path, kind, query=query)

    async def maybe(self, path: str, kind: type[T], **query: str | int) -> T | None:
        """Read what Gitea answers with null where there is nothing."""
        nullable: Any = kind | None
        return await self.call("GET", path, nullable, query=query)

    async def page(self, path: str, kind: type[T], number: int, **query: str | int) -> tuple[T | None, "Rest"]:
        """One page of what Gitea tells in pages, and what it says of the rest.

        How much a page holds is Gitea's to say: its MAX_RESPONSE_ITEMS may be less than it is asked for.
        """
        nullable: Any = kind | None
        asked: dict[str, str | int] = {**query, "page": number, "limit": _PAGE}
        headers, found = await self._answered("GET", path, nullable, None, asked)
        return found, Rest(number, headers.get("link"), headers.get("x-total-count"))

    async def pages(self, path: str, kind: type[T], *, most: int, **query: str | int) -> AsyncIterator[T]:
        """Read a list page by page, until `most` of it are read or a little more."""
        number = seen = 0
        while seen < most:
            number += 1
            found, rest = await self.page(path, list[kind], number, **query)
            for one in found or ():
                yield one
            if not rest.follows(len(found or ())):
                return
            seen += len(found or ())

    async def call(
        self,
        method: str,
        path: str,
        kind: type[T],
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str | int] | None = None,
    ) -> T:
        """One operation (below `/api/v1`), tried again where that is safe."""
        return (await self._answered(method, path, kind, body, query or {}))[1]

    async def _answered(
        self, method: str, path: str, kind: type[T], body: Mapping[str, Any] | None, query: Mapping[str, str | int]
    ) -> tuple[httpx2.Headers, T]:
        for pause in (*_PAUSES, None):
            try:
                headers, content = await self._once(method, path, body, query)
            except _Again as again:
                if pause is None or not (again.harmless or method in _REPEATABLE):
                    raise again.error from again
                _log.info("gitea_asked_again", method=method, path=path, error=again.error.message)
                await self.rest(max(again.after, pause))
                continue
            try:
                return headers, msgspec.json.decode(content or b"null", type=kind)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise Unavailable(
                    f"{self.url} answers {method} {path} in a way that is not Gitea's.", code="gitea_strange"
                ) from error
        raise AssertionError("the last try returns or raises")

    async def ensure(self, find: Callable[[], Awaitable[T | None]], make: Callable[[], Awaitable[T]]) -> T:
        """What is found, else made. It is looked for before each try, so a lost answer makes nothing twice."""
        for pause in (*_PAUSES, None):
            found = await find()
            if found is not None:
                return found
            try:
                return await make()
            except Unavailable:
                if pause is None:
                    raise
                await self.rest(pause)
        raise AssertionError("the last try returns or raises")

    async def _once(
        self, method: str, path: str, body: Mapping[str, Any] | None, query: Mapping[str, str | int]
    ) -> tuple[httpx2.Headers, bytes]:
        if self.token is None:
            raise Denied("There is no token for Gitea; set GITEA_TOKEN.", code="gitea_token_missing")
        try:
            status, headers, content = await self._follow(method, f"{self.url}/api/v1{path}", body, query)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise _Again(self._away(error), harmless=True) from error
        except httpx2.HTTPError as error:
            raise _Again(self._away(error), harmless=False) from error
        if status < 300:  # noqa: PLR2004
            return headers, content
        raise self._refusal(method, path, status, headers, content)

    async def _follow(
        self, method: str, address: str, body: Mapping[str, Any] | None, query: Mapping[str, str | int]
    ) -> tuple[int, httpx2.Headers, bytes]:
        answer = await self._ask(method, address, body, query)
        for _ in range(_HOPS):
            status, headers, _ = answer
            following = urljoin(address, headers.get("location", ""))
            # A repository that has another name by now. Anywhere else the token does not go.
            if status not in _MOVED or not following.startswith(f"{self.url}/"):
                break
            answer = await self._ask(method, following, body, {} if "?" in following else query)
        return answer

    async def _ask(
        self, method: str, address: str, body: Mapping[str, Any] | None, query: Mapping[str, str | int]
    ) -> tuple[int, httpx2.Headers, bytes]:
        if self._http is None:
            headers = {"Authorization": f"token {self.token}", "Accept": "application/json"}
            self._http = httpx2.AsyncClient(headers=headers, timeout=_TIMEOUT)
        asked = self._http.build_request(method, address, json=body, params=dict(query) or None)
        response = await self._http.send(asked, stream=True)
        try:
            content = b""
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > _MOST_BYTES:
                    raise Unavailable(f"{self.url} answers with more than is read.", code="gitea_strange")
        finally:
            await response.aclose()
        return response.status_code, response.headers, content

    def _away(self, error: Exception) -> Unavailable:
        return Unavailable(f"Gitea at {self.url} does not answer: {error or type(error).__name__}.", code="gitea_away")

    def _refusal(
        self, method: str, path: str, status: int, headers: httpx2.Headers, content: bytes
    ) -> "AiWorkerError | _Again":
        said = _sentence(content)
        if status in _AWAY:
            away = Unavailable(f"Gitea at {self.url} answers {status}: {said or 'no reason'}.", code="gitea_away")
            return _Again(away, harmless=False)
        if status == _TOO_MANY:
            after = _seconds(headers.get("retry-after"))
            limited = Limited("Gitea takes no more requests for now.", code="gitea_limited", retry_after=after)
            return _Again(limited, harmless=True, after=after)
        return refusal(status, said, f"{method} {path}")


@dataclass(frozen=True, slots=True)
class Rest:
    """What Gitea says of what comes after a page: the header `Link`, or how many there are in all, or nothing."""

    page: int
    link: str | None
    total: str | None

    def follows(self, count: int) -> bool:
        """Whether another page may follow one of so many. Where Gitea does not say, an empty one ends the list."""
        if not count:
            return False
        if self.link is not None:
            return 'rel="next"' in self.link
        return self.total is None or not self.total.isdecimal() or self.page * count < int(self.total)


class _Again(Exception):
    """Trying again may help. `harmless`: whatever was asked, it has not been done."""

    def __init__(self, error: AiWorkerError, *, harmless: bool, after: float = 0.0) -> None:
        super().__init__(error.message)
        self.error = error
        self.harmless = harmless
        self.after = after


def _sentence(content: bytes) -> str:
    try:
        said = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    message = said.get("message") if isinstance(said, dict) else None
    return " ".join(str(message or "").split())[:300].rstrip(".")


def _seconds(given: str | None) -> float:
    return min(float(given), _LONGEST_WAIT) if given is not None and given.isdecimal() else 1.0
