"""A person at the REST interface of a house."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from aiworker.wire.access import Scope
from tests.support.house import House


@dataclass(frozen=True, slots=True)
class Refused:
    """What went wrong."""

    status: int
    code: str
    message: str
    details: dict[str, Any]


class Person:
    """Asks and changes; every answer is the one that a client of the interface gets."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http

    async def get(self, path: str, **query: Any) -> Any:
        return (await self.page(path, **query))["data"]

    async def page(self, path: str, **query: Any) -> Any:
        """The whole answer, with count and cursor."""
        return _good(await self._http.get(f"/api/{path}", params=query))

    async def post(self, path: str, **body: Any) -> Any:
        return _good(await self._http.post(f"/api/{path}", json=body))["data"]

    async def patch(self, path: str, **body: Any) -> Any:
        return _good(await self._http.patch(f"/api/{path}", json=body))["data"]

    async def refused(self, method: str, path: str, **body: Any) -> Refused:
        answer = await self._http.request(method, f"/api/{path}", json=body or None)
        assert answer.status_code >= 400, answer.text
        error = answer.json()["error"]
        return Refused(answer.status_code, error["code"], error["message"], error["details"])


def _good(answer: httpx2.Response) -> Any:
    assert answer.status_code < 400, answer.text
    return answer.json()


@asynccontextmanager
async def person(house: House, scope: Scope = Scope.ADMIN) -> AsyncGenerator[Person]:
    """Somebody with a key of this scope."""
    _, key = await house.key(f"somebody-{scope}", scope)
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(base_url=house.url, headers=headers, trust_env=False, timeout=30) as http:
        yield Person(http)
