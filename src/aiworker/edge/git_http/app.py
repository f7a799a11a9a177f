"""The ASGI app of git over HTTP. Thin: it checks who asks, hands the request to the packs, streams the answer."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing

from starlette.types import Receive, Scope, Send

from aiworker.access.actors import Actor
from aiworker.core.errors import AiWorkerError, NotFound, Unauthenticated
from aiworker.core.logging import get_logger
from aiworker.delivery.ports.forge import PackRequest, PackResponse, PackService
from aiworker.edge.git_http.answers import Outlet
from aiworker.edge.git_http.requests import Asked, Client, ClientGone, key_of, read
from aiworker.edge.git_http.rights import Authorise, OnPush, PushRights

_PASSED_ON = ("cache-control", "content-type", "expires", "pragma")

_log = get_logger(__name__)


class GitHttp:
    """Serves `/{name}.git/…` to git clients; mount it at `/git`."""

    def __init__(self, packs: PackService, authorise: Authorise, on_push: OnPush) -> None:
        self._packs = packs
        self._authorise = authorise
        self._on_push = on_push

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request."""
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        client = Client(receive)
        outlet = Outlet(send)
        try:
            asked = _well_formed(scope)
            rights = await self._admitted(asked)
            response = await self._served(asked, rights, client)
        except ClientGone:
            return
        except AiWorkerError as error:
            await outlet.refuse(error)
            return
        await self._answer(asked, rights.actor, response, client, outlet)

    async def _admitted(self, asked: Asked) -> PushRights:
        key = key_of(asked.headers)
        if key is None:
            raise Unauthenticated("Give an API key as the password; any user name will do.", code="key_missing")
        return await self._authorise(key, asked.repository, asked.wants_push)

    async def _served(self, asked: Asked, rights: PushRights, client: Client) -> PackResponse:
        return await self._packs.serve(
            PackRequest(
                repository=asked.repository,
                method=asked.method,
                path=asked.path,
                query=asked.query,
                headers=asked.headers,
                body=client.body(),
                user=rights.actor.name,
                may_push=rights.may_push,
                may_rewrite=rights.may_rewrite,
            )
        )

    async def _answer(self, asked: Asked, actor: Actor, response: PackResponse, client: Client, outlet: Outlet) -> None:
        streaming = asyncio.create_task(self._stream(asked, actor, response, outlet))
        leaving = asyncio.create_task(client.gone())
        try:
            await asyncio.wait({streaming, leaving}, return_when=asyncio.FIRST_COMPLETED)
            # A push that has been heard out is finished, whether or not anyone waits for the answer.
            if asked.pushes:
                await asyncio.wait({streaming})
        finally:
            streaming.cancel()
            leaving.cancel()
            await asyncio.gather(streaming, leaving, return_exceptions=True)
        if not streaming.cancelled():
            streaming.result()

    async def _stream(self, asked: Asked, actor: Actor, response: PackResponse, outlet: Outlet) -> None:
        """An error in the middle leaves the answer unfinished, which is how the client learns of it."""
        try:
            async with aclosing(response.body) as body:
                headers = {name: value for name, value in response.headers.items() if name in _PASSED_ON}
                await outlet.start(response.status, headers)
                async for chunk in body:
                    if not await outlet.write(chunk) and not asked.pushes:
                        return
        except ClientGone:
            return
        except AiWorkerError as error:
            _log.warning("git_answer_broken", repository=asked.repository, code=error.code, error=error.message)
            return
        finally:
            if response.moved:
                await self._tell(actor, asked.repository, response.moved)
        await outlet.finish()

    async def _tell(self, actor: Actor, repository: str, moved: Mapping[str, str | None]) -> None:
        try:
            await self._on_push(actor, repository, moved)
        except Exception:  # noqa: BLE001
            # The refs have moved, whatever comes of telling it; whoever listens looks again by itself.
            _log.exception("git_push_not_told", repository=repository, refs=sorted(moved))


def _well_formed(scope: Scope) -> Asked:
    asked = read(scope)
    if asked is None:
        raise NotFound("There is no such repository, or no git client asks like this.", code="git_path_unknown")
    return asked
