"""`GET /metrics`, in Prometheus' text format."""

from collections.abc import Awaitable, Callable

from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from aiworker.access.actors import Permission
from aiworker.access.service import Access
from aiworker.core.errors import AiWorkerError, Denied, NotFound, Unauthenticated
from aiworker.edge.answers import send_error
from aiworker.edge.metrics.book import Metrics
from aiworker.edge.metrics.figures import Standing

# Raises an AiWorkerError for a caller that may not read.
Admit = Callable[[Headers], Awaitable[None]]


async def everybody(_headers: Headers) -> None:
    """For a port that only Prometheus reaches."""


def with_key(access: Access) -> Admit:
    """Whoever has a key that may read (`Authorization: Bearer …`)."""

    async def admit(headers: Headers) -> None:
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated("Send a key as `Authorization: Bearer …`.", code="credential_missing")
        identity = await access.authenticate(key.strip())
        if identity.attempt is not None:
            raise Denied("A key of an attempt opens MCP and git, and nothing else.", code="key_of_attempt")
        await access.limit(identity)
        identity.actor.require(Permission.READ)

    return admit


class MetricsDoor:
    """Answers `GET /metrics`, and nothing else."""

    def __init__(self, metrics: Metrics, standing: Standing, admit: Admit) -> None:
        self._metrics = metrics
        self._standing = standing
        self._admit = admit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        request_id = scope.get("state", {}).get("request_id")
        try:
            if scope["path"] != "/metrics" or scope["method"] not in {"GET", "HEAD"}:
                raise NotFound("There is only GET /metrics.", code="no_such_address")
            await self._admit(Request(scope).headers)
        except AiWorkerError as error:
            await send_error(send, error, request_id=request_id)
            return
        await self._standing.look()
        text = generate_latest(self._metrics.registry)
        await Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)(scope, receive, send)
