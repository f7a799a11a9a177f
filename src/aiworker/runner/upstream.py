"""The server's MCP door, seen from an agent's machine. Each request stands for itself, so a server that comes back is
simply asked again."""

from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx2
from mcp.client.client import Client
from mcp.client.session import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import CONNECTION_CLOSED
from mcp_types.version import LATEST_MODERN_VERSION

from aiworker.core.connection import is_loopback
from aiworker.core.errors import Unavailable
from aiworker.core.logging import get_logger

T = TypeVar("T")

AGENT_HEADER = "X-AiWorker-Agent"
# Tools wait up to a minute, and handing in may take git a while.
_TIMEOUT = httpx2.Timeout(30.0, connect=5.0, read=300.0)

_log = get_logger(__name__)


class Upstream:
    """Sends requests in the name of one agent. Close it by leaving `opened`."""

    def __init__(self, url: str, http: httpx2.AsyncClient) -> None:
        self._server = url.rstrip("/")
        self._http = http

    async def ask(self, request: Callable[[ClientSession], Coroutine[Any, Any, T]], *, agent_id: str | None) -> T:
        """One request. Raises: MCPError as the server does, Unavailable if it does not answer."""
        if agent_id is not None:
            self._http.headers[AGENT_HEADER] = agent_id
        try:
            transport = streamable_http_client(f"{self._server}/mcp", http_client=self._http)
            async with Client(transport, mode=LATEST_MODERN_VERSION, cache=None) as client:
                return await request(client.session)
        except MCPError as error:
            if error.error.code != CONNECTION_CLOSED:
                raise
            raise self._away("the connection broke") from error
        except (httpx2.HTTPError, OSError) as error:
            raise self._away(type(error).__name__) from error
        except ExceptionGroup as group:
            inner = _innermost(group)
            if isinstance(inner, MCPError):
                raise inner from group
            if isinstance(inner, httpx2.HTTPError | OSError):
                raise self._away(type(inner).__name__) from group
            raise

    def _away(self, why: str) -> Unavailable:
        _log.warning("server_away", url=self._server, why=why)
        return Unavailable(
            f"The AiWorker server at {self._server} does not answer now ({why}). Try again in a few seconds; what you "
            "hold stays yours meanwhile.",
            code="server_away",
        )


@asynccontextmanager
async def opened(url: str, token: str) -> AsyncGenerator[Upstream]:
    """The door of the server at `url`, opened with a key."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(headers=headers, timeout=_TIMEOUT, trust_env=not is_loopback(url)) as http:
        yield Upstream(url, http)


def _innermost(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return error
