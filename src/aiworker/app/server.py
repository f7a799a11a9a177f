"""A server: the front door on a socket, and what may work behind it in the same process; a clean start and end."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from aiworker import __version__
from aiworker.app.asgi import FrontDoor
from aiworker.app.git_door import GitDoor
from aiworker.app.homes import at_home
from aiworker.app.house import House
from aiworker.app.listening import listening
from aiworker.app.loops import beside
from aiworker.app.mcp_door import McpDoor
from aiworker.app.opening import open_house
from aiworker.app.roles import working
from aiworker.app.watching import watched
from aiworker.core.settings import Settings
from aiworker.edge.api.app import api_app
from aiworker.edge.api.context import SESSION_COOKIE, ApiContext
from aiworker.edge.api.warming import warm
from aiworker.edge.git_http import GitHttp
from aiworker.edge.guards import Guard, RequestLog
from aiworker.edge.hosts import Hosts
from aiworker.edge.live.server import LiveServer
from aiworker.edge.metrics import Measured, MetricsDoor, with_key
from aiworker.edge.page import Page
from aiworker.edge.proxy.proxy import PreviewProxy

_GRACE_SECONDS = 5
STOPS = (signal.SIGINT, signal.SIGTERM)


async def _nothing() -> None:
    pass


async def serve(
    settings: Settings,
    *,
    host: str,
    port: int,
    works: bool,
    started: Callable[[House], Awaitable[None]],
    stopping: Callable[[], Awaitable[None]] = _nothing,
) -> None:
    """Answer until SIGTERM or SIGINT. `started` is called once requests are answered, `stopping` while they still are.

    `works`: the installation's own work is done in this process, too, which has the home folder for itself.

    Raises: Conflict if another server uses this home folder, Unavailable if the port is taken.
    """
    with at_home(settings.home, alone=works), listening(host, port) as listener:
        bound: int = listener.getsockname()[1]
        async with (
            open_house(settings, lambda: public_url(settings, bound), keeps_programs=works) as house,
            watched(house),
            _working(house, works=works),
            doors(house) as door,
        ):
            config = uvicorn.Config(
                door,
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )

            async def announce() -> None:
                _write_server_file(house)
                await started(house)

            try:
                await _Server(config, announce, stopping, house.let_go).serve(sockets=[listener])
            finally:
                _forget_server_file(settings.home)


def public_url(settings: Settings, port: int) -> str:
    """The server's address as its clients know it."""
    if settings.public_url is not None:
        return settings.public_url.rstrip("/")
    host = settings.host if settings.host not in {"0.0.0.0", "::"} else "127.0.0.1"  # noqa: S104 (a comparison)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def server_file(home: Path) -> Path:
    """Where commands on this machine find the running server."""
    return home / "server.json"


@asynccontextmanager
async def _working(house: House, *, works: bool) -> AsyncGenerator[None]:
    if not works:
        yield
        return
    async with working(house):
        yield


@asynccontextmanager
async def doors(house: House) -> AsyncGenerator[ASGIApp]:
    """The front door, and the loops behind its rooms."""
    async with AsyncExitStack() as stack:
        hosts = Hosts.of(house.settings)
        live = LiveServer(
            database=house.database,
            access=house.access,
            bus=house.bus,
            hosts=hosts,
            session_cookie=SESSION_COOKIE,
        )
        await stack.enter_async_context(beside(live.run()))
        stack.push_async_callback(live.close)
        mcp = McpDoor(house)
        await stack.enter_async_context(mcp.running())
        context = _api_context(house, hosts)
        await warm(context)
        yield _front_door(house, context, live, mcp)


def _api_context(house: House, hosts: Hosts) -> ApiContext:
    return ApiContext(
        database=house.database,
        access=house.access,
        engine=house.engine,
        schedules=house.schedules,
        health=house.health,
        worker=house.worker,
        delivery=house.delivery,
        version=__version__,
        hosts=hosts,
        cache=house.cache,
        agent_pool=house.agent_pool,
        checks={"cache": house.shared.check},
        degraded=lambda: house.shared.degraded,
        secure_cookies=(house.settings.public_url or "").startswith("https://"),
    )


def _front_door(house: House, context: ApiContext, live: ASGIApp, mcp: ASGIApp) -> ASGIApp:
    hosts = context.hosts
    door = GitDoor(house.database, house.access, house.delivery)
    git = _mounted("/git", GitHttp(house.forge, door.authorise, door.pushed))
    metrics = MetricsDoor(house.metrics, house.standing, with_key(house.access))
    rooms: dict[str, ASGIApp] = {
        "api": api_app(context),
        "git": RequestLog(Guard(git, hosts)),
        "mcp": RequestLog(Guard(mcp, hosts)),
        "metrics": RequestLog(Guard(metrics, hosts)),
        "socket.io": live,
    }
    return FrontDoor(
        previews=Measured(PreviewProxy(house.targets, house.settings.preview_domain), house.metrics, "preview"),
        preview_domain=house.settings.preview_domain,
        rooms={name: Measured(room, house.metrics, f"/{name}") for name, room in rooms.items()},
        page=Measured(RequestLog(Guard(Page(), hosts)), house.metrics, "page"),
    )


def _mounted(prefix: str, app: ASGIApp) -> ASGIApp:
    async def mounted(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "root_path": prefix}, receive, send)

    return mounted


class _Server(uvicorn.Server):
    """A server that says when it answers, and when it will no longer."""

    def __init__(
        self,
        config: uvicorn.Config,
        started: Callable[[], Awaitable[None]],
        stopping: Callable[[], Awaitable[None]],
        let_go: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._started = started
        self._stopping = stopping
        self._let_go = let_go

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """A polite stop is a clean end: unlike its parent's, this one does not raise the signal again afterwards.

        Whoever asks again is being obeyed already: it must not cut off the tidying up, and leave programs behind.
        """
        for number in STOPS:
            signal.signal(number, self.handle_exit)
        try:
            yield
        finally:
            for number in STOPS:
                signal.signal(number, signal.SIG_IGN)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        await self._started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no new requests; those that wait for something are answered now."""
        await self._stopping()
        # After connections are told to close: otherwise a client that was answered would ask again, here.
        asyncio.get_running_loop().call_soon(self._let_go)
        await super().shutdown(sockets)


def _write_server_file(house: House) -> None:
    known = {"url": house.public_url(), "pid": os.getpid(), "version": __version__}
    file = server_file(house.settings.home)
    draft = file.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(known) + "\n")
    draft.replace(file)


def _forget_server_file(home: Path) -> None:
    """Unless another server of this home folder has written it since."""
    with suppress(OSError, ValueError, AttributeError):
        if json.loads(server_file(home).read_text()).get("pid") == os.getpid():
            server_file(home).unlink()
