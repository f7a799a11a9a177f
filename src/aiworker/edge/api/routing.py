"""How a request gets to its route: credential first, then the rate limit, then (for POST) the Idempotency-Key."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect

from aiworker.access.idempotency.service import (
    SIGN_OF_LIFE,
    Begun,
    Remembered,
    begin,
    drop,
    finish,
    request_id,
    show_life,
)
from aiworker.access.identities import Identity
from aiworker.access.keys.records import same
from aiworker.core.errors import AiWorkerError, Denied, Invalid, Unauthenticated
from aiworker.core.logging import log_context
from aiworker.edge.api.context import CSRF_HEADER, SESSION_COOKIE, Caller, address_of, context_of
from aiworker.storage.database import Database
from aiworker.wire.base import ErrorAnswer

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_LONGEST_KEY = 200
_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer, "description": description}
    for status, description in {
        400: "The request cannot be read",
        401: "No credential, or not a good one",
        403: "Not permitted",
        404: "There is no such thing",
        409: "Its state does not allow it",
        413: "Too large",
        422: "A field is wrong",
        429: "Too many requests",
        503: "A neighbour is away",
    }.items()
}

T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]


class ApiRoute(APIRoute):
    """A route that lets nobody in without a good credential."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """The handler, with what comes before it."""
        handle = super().get_route_handler()

        async def admitted(request: Request) -> Response:
            identity = await identify(request)
            if identity.attempt is not None:
                raise Denied("A key of an attempt opens MCP and git, and nothing else.", code="key_of_attempt")
            context = context_of(request)
            await context.access.limit(identity)
            caller = Caller(context, identity, address_of(request))
            request.scope["state"]["caller"] = caller
            with log_context(actor=identity.actor.name):
                if request.method == "POST" and "idempotency-key" in request.headers and not self._answers_secrets:
                    return await _once(caller, request, handle)
                return await handle(request)

        return admitted

    @property
    def _answers_secrets(self) -> bool:
        return bool((self.openapi_extra or {}).get("x-secret-answer"))


class PublicRoute(APIRoute):
    """A route that anybody may ask; each one says why."""


# For routes whose answer holds a secret: it is never kept for an Idempotency-Key.
SECRET_ANSWER: dict[str, Any] = {"x-secret-answer": True}


def api_router(noun: str, prefix: str) -> APIRouter:
    """A router for one noun, below `/api`."""
    return APIRouter(prefix=f"/api{prefix}", tags=[noun], route_class=ApiRoute, responses=_ERRORS)


def public_router(noun: str) -> APIRouter:
    """A router for what needs no credential."""
    return APIRouter(prefix="/api", tags=[noun], route_class=PublicRoute)


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Wait for `work` as long as the client does; when it leaves, the work is cancelled."""
    doing = asyncio.create_task(work)
    leaving = asyncio.create_task(_gone(request))
    try:
        await asyncio.wait({doing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            raise ClientDisconnect
        return doing.result()
    finally:
        doing.cancel()
        leaving.cancel()
        await asyncio.gather(doing, leaving, return_exceptions=True)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def identify(request: Request) -> Identity:
    """Whose credential it is: a bearer key, or the session's cookie (writes also carry its CSRF token).

    Raises: Unauthenticated, Denied.
    """
    access = context_of(request).access
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, key = header.partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated("Send the key as `Authorization: Bearer …`.", code="credential_missing")
        return await access.authenticate(key.strip())
    token = request.cookies.get(SESSION_COOKIE)
    if not token:
        raise Unauthenticated("Sign in, or send a key as `Authorization: Bearer …`.", code="credential_missing")
    identity = await access.authenticate_session(token)
    if request.method not in _READING and not same(request.headers.get(CSRF_HEADER, ""), identity.csrf_token or ""):
        raise Denied("Send the session's CSRF token as X-CSRF-Token; GET /api/me has it.", code="csrf_token_wrong")
    return identity


async def _once(caller: Caller, request: Request, handle: Handler) -> Response:
    key = request.headers["idempotency-key"]
    if not 0 < len(key) <= _LONGEST_KEY:
        raise Invalid(f"Idempotency-Key: must have 1 to {_LONGEST_KEY} characters.", code="bad_idempotency_key")
    name = request_id(actor_id=caller.actor.id, route=f"POST {request.url.path}", key=key)
    database = caller.context.database
    known = await database.write(begin, name, await request.body())
    if isinstance(known, Remembered):
        return Response(
            known.answer, known.status, media_type="application/json", headers={"idempotency-replayed": "true"}
        )
    caller.begun = known
    living = asyncio.create_task(_live(database, known))
    try:
        response = await handle(request)
        await database.write(finish, known, response.status_code, bytes(response.body))
    except BaseException:
        await database.write(drop, known)
        raise
    finally:
        living.cancel()
    return response


async def _live(database: Database, begun: Begun) -> None:
    """Show signs of life, so that nobody else takes the request for abandoned."""
    while True:
        await asyncio.sleep(SIGN_OF_LIFE.total_seconds())
        try:
            await database.write(show_life, begun)
        except AiWorkerError:
            continue
        begun.at += SIGN_OF_LIFE
