"""The REST application on a database of its own, with a key of every scope."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx2
from fastapi import FastAPI

from aiworker.access.actors import SYSTEM
from aiworker.access.service import Access
from aiworker.adapters.bus.memory import MemoryBus
from aiworker.adapters.cache.memory import MemoryShelf
from aiworker.core.addresses import Reach
from aiworker.core.secrets import SecretBox
from aiworker.delivery.doors import Doors
from aiworker.delivery.ports.forge import Forge
from aiworker.delivery.ports.runtime import Runtime
from aiworker.delivery.service import Delivery
from aiworker.edge.api.app import api_app
from aiworker.edge.api.context import ApiContext
from aiworker.engine.health.probe import HttpProbe
from aiworker.engine.health.service import HealthChecks
from aiworker.engine.schedules.service import Schedules
from aiworker.engine.service import Engine
from aiworker.engine.worker import EngineWorker
from aiworker.storage.cache import Cache
from aiworker.storage.commits import CommitTeller
from aiworker.storage.database import Database
from aiworker.wire.access import NewKey, Scope

BASE = "http://localhost:3000"
WEBHOOK_SECRET = "a webhook secret for tests"


class House:
    """The application and what it is made of. `keys`: one by scope."""

    def __init__(
        self, database: Database, bus: MemoryBus, access: Access, app: FastAPI, keys: dict[Scope, str]
    ) -> None:
        self.database = database
        self.bus = bus
        self.access = access
        self.app = app
        self.keys = keys
        self.context: ApiContext = app.state.context
        self.engine = self.context.engine

    @asynccontextmanager
    async def client(
        self, scope: Scope | None = None, *, base: str = BASE, headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[httpx2.AsyncClient]:
        """A client with the key of a scope, or with none."""
        sent = dict(headers or {})
        if scope is not None:
            sent["authorization"] = f"Bearer {self.keys[scope]}"
        transport = httpx2.ASGITransport(app=self.app)
        async with httpx2.AsyncClient(transport=transport, base_url=base, headers=sent) as client:
            yield client


async def make_house(database: Database, **options: Any) -> House:
    """Put the application together as `app.py` does, without forge and runtime."""
    bus = MemoryBus()
    teller = CommitTeller(bus)
    database.on_commit = teller
    cache = Cache(MemoryShelf())
    database.drop_cached = cache.drop
    access = Access(database, requests_per_minute=options.pop("requests_per_minute", 100_000))
    teller.on("access", access.forget)
    keys = {scope: (await access.create_key(SYSTEM, NewKey(name=f"{scope}-key", scope=scope)))[1] for scope in Scope}
    engine = Engine()
    delivery = Delivery(
        database=database,
        bus=bus,
        engine=engine,
        forge=cast("Forge", object()),
        runtime=cast("Runtime", object()),
        secrets=SecretBox("a secret key for tests, long enough"),
        doors=Doors(lambda: BASE, WEBHOOK_SECRET),
        cache=cache,
    )
    context = ApiContext(
        database=database,
        access=access,
        engine=engine,
        schedules=Schedules(engine),
        health=HealthChecks(database, engine, options.pop("probe", HttpProbe(Reach(loopback=True)))),
        worker=EngineWorker(database, engine, bus),
        delivery=delivery,
        version="1.2.3",
        cache=cache,
        **options,
    )
    return House(database, bus, access, api_app(context), keys)
