import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import socketio

from aiworker.app.homes import prepare_home
from aiworker.app.house import House
from aiworker.app.opening import open_house
from aiworker.app.roles import working
from aiworker.app.server import doors
from aiworker.core.settings import Settings, load_settings
from tests.support.checkouts import Checkout
from tests.support.databases import LentDatabase
from tests.support.http_server import free_socket, serving
from tests.support.redis_server import RedisServer

PATIENCE_SECONDS = 60


@dataclass
class Replica:
    """One process of an installation, as its clients see it."""

    house: House
    url: str
    client: httpx2.AsyncClient

    async def get(self, path: str) -> Any:
        """What an end point answers, of what matters."""
        answer = await self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def send(self, method: str, path: str, **body: Any) -> Any:
        """A change, acknowledged."""
        answer = await self.client.request(method, path, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json()["data"]


@dataclass
class Installation:
    """Two replicas on one PostgreSQL and one Redis of their own; the first one works, too."""

    redis: RedisServer
    settings: Settings
    here: Replica
    there: Replica
    project: str

    @property
    def namespace(self) -> str:
        """What its keys in Redis begin with."""
        assert self.here.house.shared.redis is not None
        return self.here.house.shared.redis.namespace

    async def task(self, at: Replica, title: str = "Show prices with tax") -> str:
        """A new task; its id."""
        return (await at.send("POST", "/api/tasks", projectId=self.project, title=title))["id"]


class Heard:
    """Task events that a Socket.IO client of one replica hears."""

    def __init__(self) -> None:
        self.created: asyncio.Queue[str] = asyncio.Queue()
        self.numbers: list[int] = []

    async def note(self, data: dict[str, Any]) -> None:
        self.numbers.append(data["number"])
        self.created.put_nowait(data["taskId"])

    async def next(self) -> str:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.created.get()


@asynccontextmanager
async def listening(replica: Replica) -> AsyncGenerator[Heard]:
    """Hear of new tasks from one replica."""
    heard, ready = Heard(), asyncio.Event()

    async def be_ready(_: object) -> None:
        ready.set()

    client = socketio.AsyncClient(reconnection=False)
    client.on("task:created", heard.note)
    client.on("ready", be_ready)
    token = (replica.house.settings.home / "admin.key").read_text().strip()
    await client.connect(replica.url, auth={"token": token}, transports=["websocket"], wait_timeout=30)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await ready.wait()
    yield heard
    await client.disconnect()


@pytest.fixture
async def installation(
    tmp_path: Path, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Installation]:
    lent = LentDatabase("postgresql", pool_size=1, clock=None)
    monkeypatch.setenv("AIWORKER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABASE_URL", lent.lent.render_as_string(hide_password=False))
    monkeypatch.setenv("REDIS_URL", redis.url)
    monkeypatch.setenv("SECRET_KEY", secrets.token_urlsafe(32))
    monkeypatch.setenv("AIWORKER_RATE_LIMIT", "100000")
    settings = load_settings(Settings, env_file=None)
    prepare_home(settings.home)
    checkout = Checkout(tmp_path / "shop")
    checkout.write("index.html", "<h1>Shop</h1>")
    checkout.commit("First")
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(_replica(settings, works=True))
        there = await stack.enter_async_context(_replica(settings, works=False))
        project = await here.send("POST", "/api/projects", name="The shop", key="SHOP", repo=checkout.source)
        yield Installation(redis, settings, here, there, project["id"])
    await lent.close()


@asynccontextmanager
async def _replica(settings: Settings, *, works: bool) -> AsyncGenerator[Replica]:
    bound = free_socket()
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(open_house(settings, lambda: url, keeps_programs=works))
        if works:
            await stack.enter_async_context(working(house))
        door = await stack.enter_async_context(doors(house))
        await stack.enter_async_context(serving(door, bound))
        key = (settings.home / "admin.key").read_text().strip()
        client = httpx2.AsyncClient(base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=30)
        yield Replica(house, url, await stack.enter_async_context(client))


class Watch:
    """How long something took."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began
