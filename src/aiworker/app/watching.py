"""A port for whoever watches this process: `/metrics` without a key, and `/api/health`, in workers as well."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from aiworker.app.house import House
from aiworker.app.listening import listening
from aiworker.edge.metrics import MetricsDoor, everybody


@asynccontextmanager
async def watched(house: House) -> AsyncGenerator[None]:
    """Answer at AIWORKER_METRICS_PORT, if it is set. Raises: Unavailable if the port is taken."""
    port = house.settings.metrics_port
    if port is None:
        yield
        return
    door = _SideDoor(MetricsDoor(house.metrics, house.standing, everybody))
    config = uvicorn.Config(
        door, log_config=None, access_log=False, lifespan="off", server_header=False, timeout_graceful_shutdown=1
    )
    with listening(house.settings.host, port, variable="AIWORKER_METRICS_PORT") as listener:
        server = _SideServer(config)
        answering = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield
        finally:
            server.should_exit = True
            await answering


class _SideServer(uvicorn.Server):
    """A server whose process is stopped by somebody else."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Signals are for the whole process."""
        yield


class _SideDoor:
    def __init__(self, metrics: ASGIApp) -> None:
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/api/health":
            await JSONResponse({"status": "ok"})(scope, receive, send)
        else:
            await self._metrics(scope, receive, send)
