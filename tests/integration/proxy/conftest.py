from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from httpcore2 import URL, AsyncConnectionPool, Request, Response
from starlette.types import ASGIApp

from aiworker.delivery.ports.runtime import Target
from aiworker.edge.proxy import PreviewProxy
from tests.support.http_server import free_socket, serving

HOST = "task-shop-1.preview.localhost"


@asynccontextmanager
async def at_port(app: ASGIApp) -> AsyncGenerator[int]:
    """Serve an ASGI app; its port."""
    bound = free_socket()
    port = bound.getsockname()[1]
    async with serving(app, bound):
        yield port


@dataclass
class KnownTargets:
    """The targets that a test names; each look at one with several takes the next."""

    known: dict[str, list[Target]] = field(default_factory=dict[str, list[Target]])

    def target(self, name: str) -> Target | None:
        """The first of them that was not looked at yet, then the last."""
        targets = self.known.get(name, [])
        return targets.pop(0) if len(targets) > 1 else targets[0] if targets else None


@dataclass(frozen=True)
class Door:
    """The proxy, from the client's side."""

    port: int
    targets: KnownTargets
    pool: AsyncConnectionPool

    def lead_to(self, *targets: Target) -> None:
        """Where task-shop-1 answers from now on."""
        self.targets.known["task-shop-1"] = list(targets)

    def request(self, target: str, method: str, headers: dict[str, str], content: object = None) -> Request:
        return Request(
            method,
            URL(scheme="http", host="127.0.0.1", port=self.port, target=target),
            headers=list({"host": f"{HOST}:{self.port}", **headers}.items()),
            content=content,  # pyright: ignore[reportArgumentType]
        )

    async def ask(
        self, target: str = "/", *, method: str = "GET", headers: dict[str, str] | None = None, content: object = None
    ) -> Response:
        """One request with exactly this target; the whole answer."""
        async with self.stream(target, method=method, headers=headers, content=content) as response:
            await response.aread()
            return response

    @asynccontextmanager
    async def stream(
        self, target: str = "/", *, method: str = "GET", headers: dict[str, str] | None = None, content: object = None
    ) -> AsyncGenerator[Response]:
        """One request; the answer as it comes."""
        response = await self.pool.handle_async_request(self.request(target, method, headers or {}, content))
        try:
            yield response
        finally:
            await response.aclose()


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    targets = KnownTargets()
    async with at_port(PreviewProxy(targets)) as port, AsyncConnectionPool() as pool:
        yield Door(port, targets, pool)


def header(response: Response, name: str) -> str | None:
    """The value of a header; None if it is not there."""
    values = [value.decode() for key, value in response.headers if key.decode().lower() == name]
    assert len(values) < 2, values
    return values[0] if values else None
