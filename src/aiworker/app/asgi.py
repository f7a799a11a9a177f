"""The one ASGI application: who answers which host and path."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from aiworker.edge.proxy.hosts import host_of, preview_name


class FrontDoor:
    """Sends each request to the room that answers it: previews by host, the rest by the first part of the path."""

    def __init__(self, *, previews: ASGIApp, preview_domain: str, rooms: Mapping[str, ASGIApp], page: ASGIApp) -> None:
        self._previews = previews
        self._preview_domain = preview_domain
        self._rooms = rooms
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or websocket."""
        host = host_of(scope["headers"])
        if preview_name(host, self._preview_domain) is not None:
            await self._previews(scope, receive, send)
            return
        first = scope["path"].split("/", 2)[1] if scope["path"].startswith("/") else ""
        await self._rooms.get(first, self._page)(scope, receive, send)
