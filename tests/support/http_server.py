"""An ASGI app behind a real server on a free port of 127.0.0.1, in the test's own event loop."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp


def free_socket() -> socket.socket:
    """A socket bound to a free port; nobody else can take it until the server listens on it."""
    bound = socket.socket()
    # Inherited by every connection: without it an answer's body waits 40 ms for the receipt of its head.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    bound.bind(("127.0.0.1", 0))
    return bound


@asynccontextmanager
async def serving(app: ASGIApp, bound: socket.socket) -> AsyncGenerator[str]:
    """The address that the app answers at while the context lasts."""
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=2))
    running = asyncio.create_task(server.serve(sockets=[bound]))
    while not server.started:
        assert not running.done(), "the server did not start"
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
