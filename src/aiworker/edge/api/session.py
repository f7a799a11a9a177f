"""Signing in with a browser."""

from collections.abc import Mapping

from fastapi import Request, Response

from aiworker.access.identities import Identity
from aiworker.access.sessions.service import SESSION_LIFETIME
from aiworker.core.errors import Invalid
from aiworker.edge.api.context import SESSION_COOKIE, AnyCaller, Context, address_of
from aiworker.edge.api.routing import api_router, public_router
from aiworker.storage.outbox.queries import newest_numbers
from aiworker.wire.access import Me, SignIn
from aiworker.wire.base import Answer, ErrorAnswer

public = public_router("session")
router = api_router("session", "")


@public.post("/session", status_code=201, responses={code: {"model": ErrorAnswer} for code in (400, 401, 422, 429)})
async def sign_in(body: SignIn, request: Request, response: Response, context: Context) -> Answer[Me]:
    """Open a session with the code of a sign-in link, or with a key; the cookie is set."""
    address = address_of(request)
    await context.access.limit_stranger(address)
    if (body.code is None) == (body.key is None):
        raise Invalid("Give either a code or a key.", code="code_or_key")
    identity, token = await context.access.sign_in(
        code=body.code, key=body.key, address=address, user_agent=request.headers.get("user-agent")
    )
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=context.secure_cookies or request.url.scheme == "https",
        path="/",
    )
    return Answer(data=_me(identity))


@router.get("/me")
async def me(caller: AnyCaller) -> Answer[Me]:
    """Who is asking, what they may do, and the CSRF token of a session."""
    feeds = await caller.read(newest_numbers) if caller.identity.via == "session" else {}
    return Answer(data=_me(caller.identity, feeds))


@router.delete("/session", status_code=204)
async def sign_out(caller: AnyCaller, response: Response) -> None:
    """End the session at once."""
    if caller.identity.via != "session":
        raise Invalid("A key has no session; revoke it instead.", code="no_session")
    await caller.context.access.sign_out(caller.identity, address=caller.address)
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="strict")


def _me(identity: Identity, feeds: Mapping[str, int] | None = None) -> Me:
    actor = identity.actor
    return Me(
        id=actor.id,
        name=actor.name,
        kind=actor.kind,
        scope=actor.scope,
        permissions=sorted(actor.permissions),
        modules=None if actor.modules is None else sorted(actor.modules),
        csrf_token=identity.csrf_token,
        feeds=dict(feeds or {}),
    )
