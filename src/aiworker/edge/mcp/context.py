"""Who asks: put beside the HTTP request at the door, and read again where the request is handled."""

from typing import Any

from mcp.server.context import ServerRequestContext
from starlette.types import Scope

from aiworker.core.errors import Unauthenticated
from aiworker.core.ids import new_id
from aiworker.delivery.attempts.callers import Caller

AGENT_HEADER = "x-aiworker-agent"
_CALLER = "aiworker.mcp.caller"

Context = ServerRequestContext[Any, Any]


def put_caller(scope: Scope, caller: Caller) -> Scope:
    """The connection, with who asks."""
    return {**scope, _CALLER: caller}


def caller_of(context: Context) -> Caller:
    """Who asks. Raises: Unauthenticated, if the request did not come through the door."""
    caller = context.request.scope.get(_CALLER) if context.request is not None else None
    if not isinstance(caller, Caller):
        raise Unauthenticated("Send a key as `Authorization: Bearer …`.", code="credential_missing")
    return caller


def request_id_of(context: Context) -> str:
    """The id under which the log has this request."""
    return request_id_in(context.request.scope) if context.request is not None else new_id()


def request_id_in(scope: Scope) -> str:
    """The same, of a connection."""
    return scope.get("state", {}).get("request_id") or new_id()
