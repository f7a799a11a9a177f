"""Measures requests by the route that answered them, never by the address that was asked: those are endless."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aiworker.edge.metrics.book import Metrics

_CLIENT_LEFT = 499


class Measured:
    """An application whose requests are counted; `room` names those for which it has no route of its own."""

    def __init__(self, app: ASGIApp, metrics: Metrics, room: str) -> None:
        self._app = app
        self._metrics = metrics
        self._room = room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = _CLIENT_LEFT

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = time.perf_counter()
        try:
            await self._app(scope, receive, answer)
        finally:
            # FastAPI leaves the route that it found in the scope.
            route = getattr(scope.get("route"), "path", self._room)
            self._metrics.request(scope["method"], route, status, time.perf_counter() - began)
