"""The server of one process: the front door on a socket, the loops behind it, a clean start and a clean end."""

import asyncio
import fcntl
import json
import os
import signal
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from aiworker import __version__
from aiworker.access.first_start import ensure_admin
from aiworker.app.asgi import FrontDoor
from aiworker.app.git_door import GitDoor
from aiworker.app.house import House
from aiworker.app.loops import beside
from aiworker.app.mcp_door import McpDoor
from aiworker.app.roles import control
from aiworker.core.errors import Conflict, Unavailable
from aiworker.core.settings import Settings
from aiworker.edge.api.app import api_app
from aiworker.edge.api.context import SESSION_COOKIE, ApiContext
from aiworker.edge.git_http import GitHttp
from aiworker.edge.guards import BodyLimit, Guard, RequestLog
from aiworker.edge.hosts import Hosts
from aiworker.edge.live.server import LiveServer
from aiworker.edge.page import Page
from aiworker.edge.proxy.proxy import PreviewProxy

_GRACE_SECONDS = 5
_BACKLOG = 2048
_STOPS = (signal.SIGINT, signal.SIGTERM)


@asynccontextmanager
async def whole_house(settings: Settings, port: int) -> AsyncGenerator[tuple[House, ASGIApp]]:
    """A house in which everything runs, and its front door."""
    async with AsyncExitStack() as stack:
        house = House(settings, lambda: public_url(settings, port))
        stack.push_async_callback(house.close)
        await stack.enter_async_context(beside(house.commits.run()))
        await ensure_admin(house.database, settings.home)
        stack.push_async_callback(house.runtime.stop)
        await house.runtime.start()
        await stack.enter_async_context(control(house))
        hosts = Hosts.of(settings)
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
        yield house, _front_door(house, hosts, live, mcp)


async def serve(settings: Settings, *, host: str, port: int, started: Callable[[House], Awaitable[None]]) -> None:
    """Run everything until SIGTERM or SIGINT. `started` is called once requests are answered.

    Raises: Conflict if another server uses this home folder, Unavailable if the port is taken.
    """
    with _only_one(settings.home), _listening(host, port) as listener:
        bound: int = listener.getsockname()[1]
        async with whole_house(settings, bound) as (house, door):
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
                await _Server(config, announce).serve(sockets=[listener])
            finally:
                server_file(settings.home).unlink(missing_ok=True)


def public_url(settings: Settings, port: int) -> str:
    """The server's address as its clients know it."""
    if settings.public_url is not None:
        return settings.public_url.rstrip("/")
    host = settings.host if settings.host not in {"0.0.0.0", "::"} else "127.0.0.1"  # noqa: S104 (a comparison)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def server_file(home: Path) -> Path:
    """Where commands on this machine find the running server."""
    return home / "server.json"


def _front_door(house: House, hosts: Hosts, live: ASGIApp, mcp: ASGIApp) -> ASGIApp:
    settings = house.settings
    context = ApiContext(
        database=house.database,
        access=house.access,
        engine=house.engine,
        worker=house.worker,
        delivery=house.delivery,
        version=__version__,
        hosts=hosts,
        secure_cookies=(settings.public_url or "").startswith("https://"),
    )
    door = GitDoor(house.database, house.access, house.delivery)
    git = _mounted("/git", GitHttp(house.forge, door.authorise, door.pushed))
    return FrontDoor(
        previews=PreviewProxy(house.runtime, settings.preview_domain),
        preview_domain=settings.preview_domain,
        rooms={
            "api": api_app(context),
            "git": RequestLog(Guard(git, hosts)),
            "mcp": RequestLog(Guard(BodyLimit(mcp), hosts)),
            "socket.io": live,
        },
        page=RequestLog(Guard(Page(), hosts)),
    )


def _mounted(prefix: str, app: ASGIApp) -> ASGIApp:
    async def mounted(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "root_path": prefix}, receive, send)

    return mounted


class _Server(uvicorn.Server):
    """A server that says when it answers."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._started = started

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """A polite stop is a clean end: unlike its parent's, this one does not raise the signal again afterwards."""
        loop = asyncio.get_running_loop()
        for number in _STOPS:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in _STOPS:
                loop.remove_signal_handler(number)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        await self._started()


def _write_server_file(house: House) -> None:
    known = {"url": house.public_url(), "pid": os.getpid(), "version": __version__}
    file = server_file(house.settings.home)
    draft = file.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(known) + "\n")
    draft.replace(file)


class _only_one:  # noqa: N801 (a context manager, used like a function)
    """Holds the home folder's lock. Raises: Conflict."""

    def __init__(self, home: Path) -> None:
        self._file = home / "up.lock"
        self._handle = -1

    def __enter__(self) -> None:
        self._handle = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._handle)
            raise Conflict(
                "Another AiWorker server uses this home folder (AIWORKER_HOME); stop it, or choose another folder.",
                code="home_in_use",
            ) from error

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)


def _listening(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises: Unavailable."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
        listener.set_inheritable(False)
    except OSError as error:
        listener.close()
        raise Unavailable(
            f"Cannot listen on {host}:{port}: {error.strerror or error}. Choose another with --port.",
            code="port_taken",
        ) from error
    return listener
