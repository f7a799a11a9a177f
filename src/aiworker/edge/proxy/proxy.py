"""The proxy's front door."""

from contextlib import suppress

from starlette.types import Receive, Scope, Send

from aiworker.delivery.ports.runtime import Folder, Listening, Targets, Waiting
from aiworker.edge.proxy.files import serve_files
from aiworker.edge.proxy.forward import Refused, forward
from aiworker.edge.proxy.hosts import host_of, is_local, preview_name
from aiworker.edge.proxy.notices import NO_ANSWER, NO_PROGRAM, NO_SUCH_PREVIEW, NOT_FROM_HERE, waiting
from aiworker.edge.proxy.sockets import relay

_TRIES = 2


class PreviewProxy:
    """An ASGI app that answers `{name}.{domain}` with what runs under that name: a program, files, or a notice why not.

    It takes HTTP and websockets, whatever the method or path. It asks for no credential, and so answers only clients on
    this machine, unless it is for `anyone` (because a server before it asks).
    """

    def __init__(self, targets: Targets, domain: str = "preview.localhost", *, anyone: bool = False) -> None:
        self._targets = targets
        self._domain = domain
        self._anyone = anyone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or websocket."""
        if not (self._anyone or is_local(scope.get("client"))):
            await NOT_FROM_HERE.answer(scope, receive, send)
            return
        name = preview_name(host_of(scope["headers"]), self._domain)
        # Tried twice: a new version may have taken over between the look-up and the connection.
        for _ in range(_TRIES):
            with suppress(Refused):
                await self._answer(name, scope, receive, send)
                return
        await NO_ANSWER.answer(scope, receive, send)

    async def _answer(self, name: str | None, scope: Scope, receive: Receive, send: Send) -> None:
        websocket = scope["type"] == "websocket"
        match self._targets.target(name) if name is not None else None:
            case Listening(port) if websocket:
                await relay(port, scope, receive, send)
            case Listening(port):
                await forward(port, scope, receive, send)
            case Folder() if websocket:
                await NO_PROGRAM.answer(scope, receive, send)
            case Folder(root):
                await serve_files(root, scope, receive, send)
            case Waiting() as target:
                await waiting(target).answer(scope, receive, send)
            case None:
                await NO_SUCH_PREVIEW.answer(scope, receive, send)
