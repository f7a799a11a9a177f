"""The ASGI app of `/mcp`: who asks, how often, and then the protocol, without sessions, so that any replica will do."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from aiworker import __version__
from aiworker.access.identities import Identity
from aiworker.access.service import Access
from aiworker.core.errors import AiWorkerError, Invalid, NotFound, Unauthenticated
from aiworker.core.logging import log_context
from aiworker.delivery.attempts.callers import Caller
from aiworker.delivery.service import Delivery
from aiworker.edge.guards import BodyLimit, replay
from aiworker.edge.mcp.answers import send_malformed, send_method_not_allowed, send_refusal
from aiworker.edge.mcp.context import AGENT_HEADER, put_caller, request_id_in
from aiworker.edge.mcp.exchange import answer, asked_of_kernel, plain_request, tool_call
from aiworker.edge.mcp.malformed import malformed
from aiworker.edge.mcp.server import Handlers, make_server
from aiworker.engine.service import Engine
from aiworker.storage.database import Database
from aiworker.wire.engine import Worker

_PATHS = frozenset({"/mcp", "/mcp/"})
_LONGEST_AGENT_ID = 100
# Names of hosts and pages are checked once for everything, by `edge.guards.Guard`.
_CHECKED_ELSEWHERE = TransportSecuritySettings(enable_dns_rebinding_protection=False)


class McpServer:
    """Serves one path to MCP clients of both protocol generations, while `running()` lasts.

    The client shows a key as `Authorization: Bearer …`; an agent that heartbeats names itself in `X-AiWorker-Agent`.
    """

    def __init__(
        self,
        *,
        database: Database,
        access: Access,
        delivery: Delivery,
        engine: Engine,
        worker: Worker,
        version: str = __version__,
        security: TransportSecuritySettings = _CHECKED_ELSEWHERE,
    ) -> None:
        self._access = access
        self._handlers = Handlers.of(database=database, delivery=delivery, engine=engine, worker=worker)
        self._server = make_server(self._handlers, version)
        self._sessions = StreamableHTTPSessionManager(self._server, stateless=True, security_settings=security)
        self.asgi: ASGIApp = BodyLimit(self._answer, refuse=send_refusal)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Once in a lifetime. At its end, whoever still waits is cut off."""
        async with self._sessions.run():
            yield

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await receive()
            await send({"type": "websocket.close", "code": 1000})
            return
        try:
            if scope["path"] not in _PATHS:
                raise NotFound("MCP is served at /mcp.", code="not_found")
            headers = Headers(scope=scope)
            identity = await self._identify(headers)
            await self._access.limit(identity)
            client = scope.get("client")
            caller = Caller(
                identity.actor,
                agent_id=_agent_of(headers),
                attempt=identity.attempt,
                address=client[0] if client else None,
            )
        except AiWorkerError as error:
            await send_refusal(send, error, request_id=scope.get("state", {}).get("request_id"))
            return
        if scope["method"] != "POST":
            # There is nothing to say without being asked, so no stream to open, and no session to end.
            await send_method_not_allowed(send)
            return
        with log_context(actor=identity.actor.name, agent_id=caller.agent_id):
            await self._serve(put_caller(scope, caller), caller, receive, send)

    async def _serve(self, scope: Scope, caller: Caller, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        plain = plain_request(request, body)
        if plain is None:
            if (wrong := malformed(request, body)) is not None:
                await send_malformed(send, wrong, request_id=request_id_in(scope))
                return
            await self._sessions.handle_request(scope, replay(body, receive), send)
            return
        call = tool_call(plain)
        if call is None:
            work = asked_of_kernel(self._server, plain, request)
        else:
            work = self._handlers.answer(caller, call.name, call.arguments, request_id=request_id_in(scope))
        await answer(work, plain, receive, send)

    async def _identify(self, headers: Headers) -> Identity:
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise Unauthenticated("Send a key as `Authorization: Bearer …`.", code="credential_missing")
        return await self._access.authenticate(key.strip())


def _agent_of(headers: Headers) -> str | None:
    given = headers.get(AGENT_HEADER)
    if given is None:
        return None
    if not 0 < len(given) <= _LONGEST_AGENT_ID or not given.isascii() or not given.isprintable():
        raise Invalid("X-AiWorker-Agent: must be the id that POST /api/agents gave.", code="bad_agent_header")
    return given
