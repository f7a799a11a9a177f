"""A whole house on real sockets: database, engine, forge, runtime, agents' desk, with the control module at work."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from starlette.types import ASGIApp, Receive, Scope, Send

from aiworker.access.actors import SYSTEM, Actor
from aiworker.access.keys.records import KeyRecord
from aiworker.access.service import Access
from aiworker.adapters.bus.memory import MemoryBus
from aiworker.adapters.cache.memory import MemoryShelf
from aiworker.adapters.forge import LocalForge
from aiworker.adapters.forge.gitea import Client, GiteaForge
from aiworker.adapters.runtime import LocalRuntime
from aiworker.app.forges import Forges
from aiworker.app.git_door import GitDoor
from aiworker.core.addresses import Reach
from aiworker.core.clock import Clock, utc_now
from aiworker.core.secrets import SecretBox
from aiworker.delivery.doors import Doors
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.service import Delivery
from aiworker.delivery.tasks import board
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.edge.api.app import api_app
from aiworker.edge.api.context import ApiContext
from aiworker.edge.git_http import GitHttp
from aiworker.edge.guards import Guard, RequestLog
from aiworker.edge.hosts import Hosts
from aiworker.edge.mcp import McpServer
from aiworker.edge.proxy.hosts import host_of, preview_name
from aiworker.edge.proxy.proxy import PreviewProxy
from aiworker.engine.health.probe import HttpProbe
from aiworker.engine.health.service import HealthChecks
from aiworker.engine.module_loop import ModuleLoop
from aiworker.engine.rescue import holder_here
from aiworker.engine.schedules.service import Schedules
from aiworker.engine.service import Engine
from aiworker.engine.ticker import Ticker
from aiworker.engine.worker import EngineWorker
from aiworker.storage.cache import Cache
from aiworker.storage.commits import CommitTeller
from aiworker.storage.database import Database, open_database
from aiworker.storage.transaction import Tx
from aiworker.wire.access import NewKey
from aiworker.wire.access import Scope as KeyScope
from aiworker.wire.engine import NewModule
from aiworker.wire.projects import NewProject
from aiworker.wire.tasks import NewTask, Respond
from tests.support.checkouts import Checkout
from tests.support.databases import Backend, fresh_database
from tests.support.http_server import free_socket, serving
from tests.support.runtimes import QUICK
from tests.support.webapp import START, webapp

T = TypeVar("T")
P = ParamSpec("P")

ADA = Actor(kind="person", id="person-ada", name="ada", scope=KeyScope.ADMIN)
WEBHOOK_SECRET = "a webhook secret for tests"
_DOMAIN = "preview.localhost"


@dataclass
class House:
    """Everything, wired as `aiworker up` does it. `url` is where it answers."""

    folder: Path
    url: str
    database: Database
    bus: MemoryBus
    engine: Engine
    schedules: Schedules
    forge: Forges
    runtime: LocalRuntime
    delivery: Delivery
    access: Access

    async def write(self, body: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.database.write(body, *args, **kwargs)

    async def read(self, body: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.database.read(body, *args, **kwargs)

    async def key(self, name: str, scope: KeyScope = KeyScope.AGENT, **fields: Any) -> tuple[KeyRecord, str]:
        """A key and its text."""
        return await self.access.create_key(SYSTEM, NewKey(name=name, scope=scope, **fields))

    async def project(
        self, key: str = "SHOP", *, files: Mapping[str, str] | None = None, **settings: Any
    ) -> ProjectRecord:
        """A project on a real repository; by default a small web application that answers with its version."""
        checkout = Checkout(self.folder / f"upstream-{key.lower()}")
        for name, content in (webapp("one") if files is None else files).items():
            checkout.write(name, content)
        checkout.commit("First")
        chosen: dict[str, Any] = {"start_command": START, "health_timeout_seconds": 15, **settings}
        new = NewProject(name=f"The {key.lower()}", key=key, repo=checkout.source, **chosen)
        return await self.delivery.projects.create(ADA, new)

    async def task(self, project: ProjectRecord, title: str = "Show prices with tax", **fields: Any) -> TaskRecord:
        """A task on the board."""
        new = NewTask(project_id=project.id, title=title, **fields)
        return await self.write(self.delivery.tasks.create, ADA, project, new)

    async def look(self, task: TaskRecord) -> TaskRecord:
        """A task as it is now."""
        return await self.read(board.get, task.id)

    async def answer(self, task: TaskRecord, response: str, *, question_id: str | None = None) -> TaskRecord:
        """A person answers."""
        answer = Respond(question_id=question_id, response=response)
        return await self.write(self.delivery.questions.respond, ADA, task.id, answer)

    def address(self, key: str, project: ProjectRecord) -> str:
        """Where a git client with a key clones a project."""
        return f"{self.url}/git/{project.repository}.git".replace("://", f"://agent:{key}@")


@asynccontextmanager
async def open_house(
    folder: Path,
    *,
    backend: Backend = "sqlite",
    clock: Clock | None = None,
    requests_per_minute: int = 100_000,
    bound: socket.socket | None = None,
    gitea: str | None = None,
) -> AsyncGenerator[House]:
    """A house that is open for as long as the context lasts; on SQLite in a folder that has been one, the same again.

    `bound`: the socket to answer at, else a free one. `gitea`: the address of one, where our account is `aiworker`.
    """
    bound = bound or free_socket()
    port: int = bound.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    kept = folder / "aiworker.db"
    if backend == "sqlite" and kept.exists():
        database = open_database(f"sqlite:///{kept}", clock=clock or utc_now)
    else:
        database = fresh_database(folder, backend=backend, clock=clock)
    bus = MemoryBus()
    teller = CommitTeller(bus)
    database.on_commit = teller
    cache = Cache(MemoryShelf())
    database.drop_cached = cache.drop
    secrets = SecretBox("a secret key for tests, long enough")
    engine = Engine()
    there = GiteaForge(folder / "mirrors", Client(gitea, "token-aiworker", patience=0), url) if gitea else None
    forge = Forges(LocalForge(folder / "forge", url), there)
    runtime = LocalRuntime(
        folder / "runtime", forge, lambda name: f"http://{name}.{_DOMAIN}:{port}", vault=secrets, patience=QUICK
    )
    delivery = Delivery(
        database=database,
        bus=bus,
        engine=engine,
        forge=forge,
        runtime=runtime,
        secrets=secrets,
        doors=Doors(lambda: url, WEBHOOK_SECRET),
        cache=cache,
    )
    access = Access(database, requests_per_minute=requests_per_minute)
    teller.on("access", access.forget)
    house = House(folder, url, database, bus, engine, Schedules(engine), forge, runtime, delivery, access)
    await runtime.start()
    try:
        async with _at_work(house), _served(house) as app, serving(app, bound):
            yield house
    finally:
        await runtime.stop()
        await access.close()
        await delivery.upstreams.close()
        await forge.close()
        await database.close()


@asynccontextmanager
async def _at_work(house: House) -> AsyncGenerator[None]:
    """The control module and the clock."""
    handlers = house.delivery.handlers()

    def register(tx: Tx) -> None:
        house.delivery.register(tx)
        control = NewModule(module_name="control", module_version="1", supported_robot_types=sorted(handlers))
        house.engine.register_module(tx, control, internal=True)

    await house.write(register)
    worker = EngineWorker(house.database, house.engine, house.bus, internal=True)
    loop = ModuleLoop(worker, "control", handlers, holder=holder_here(), prefetch=0)
    ticker = Ticker(house.database, house.engine, house.schedules)
    running = [asyncio.create_task(loop.run()), asyncio.create_task(ticker.run())]
    try:
        yield
    finally:
        ticker.stop()
        await loop.stop(grace_seconds=1.0)
        await asyncio.gather(*running)


@asynccontextmanager
async def _served(house: House) -> AsyncGenerator[ASGIApp]:
    """The front door."""
    hosts = Hosts()
    api = api_app(
        ApiContext(
            database=house.database,
            access=house.access,
            engine=house.engine,
            schedules=house.schedules,
            health=HealthChecks(house.database, house.engine, HttpProbe(Reach(loopback=True))),
            worker=EngineWorker(house.database, house.engine, house.bus),
            delivery=house.delivery,
            version="test",
        )
    )
    mcp = McpServer(
        database=house.database,
        access=house.access,
        delivery=house.delivery,
        engine=house.engine,
        worker=EngineWorker(house.database, house.engine, house.bus),
        version="test",
    )
    rights = GitDoor(house.database, house.access, house.delivery)
    git = GitHttp(house.forge, rights.authorise, rights.pushed)
    previews = PreviewProxy(house.runtime, _DOMAIN)
    guarded_mcp = RequestLog(Guard(mcp.asgi, hosts))
    guarded_git = RequestLog(Guard(git, hosts))

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        if preview_name(host_of(scope["headers"]), _DOMAIN) is not None:
            await previews(scope, receive, send)
        elif scope["path"].startswith("/git/"):
            await guarded_git({**scope, "root_path": "/git"}, receive, send)
        elif scope["path"].startswith("/mcp"):
            await guarded_mcp(scope, receive, send)
        else:
            await api(scope, receive, send)

    async with mcp.running():
        yield door
