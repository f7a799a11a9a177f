"""`/metrics`: who may read it, and what a request counts as."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from aiworker.edge.guards import Guard, RequestLog
from aiworker.edge.hosts import Hosts
from aiworker.edge.metrics import Measured, Metrics, MetricsDoor, Standing, with_key
from aiworker.storage.database import Database
from aiworker.wire.access import Scope
from tests.integration.metrics.conftest import series
from tests.support.api import BASE, House, make_house


class Door:
    """REST and `/metrics` of a house, both measured."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.metrics = Metrics("1.2.3")
        standing = Standing(house.database, house.context.cache, patience=60)
        self.metrics.add(standing)
        self.api = Measured(house.app, self.metrics, "/api")
        self.door = RequestLog(Guard(MetricsDoor(self.metrics, standing, with_key(house.access)), Hosts()))

    def client(self, scope: Scope | None, app: object) -> httpx2.AsyncClient:
        headers = {"authorization": f"Bearer {self.house.keys[scope]}"} if scope else {}
        transport = httpx2.ASGITransport(app=app)  # pyright: ignore[reportArgumentType]
        return httpx2.AsyncClient(transport=transport, base_url=BASE, headers=headers)

    async def read(self) -> dict[str, float]:
        async with self.client(Scope.READ, self.door) as client:
            answer = await client.get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")
        return series(answer.text)


@pytest.fixture
async def door(database: Database) -> AsyncIterator[Door]:
    house = await make_house(database)
    yield Door(house)
    await house.access.close()


async def test_a_key_that_may_read_reads(door: Door) -> None:
    found = await door.read()
    assert found['aiworker_build_info{version="1.2.3"}'] == 1
    assert found["aiworker_database_up"] == 1


async def test_a_stranger_is_refused(door: Door) -> None:
    async with door.client(None, door.door) as client:
        nobody = await client.get("/metrics")
        wrong = await client.get("/metrics", headers={"authorization": "Bearer aiw_read_nonsense"})
        basic = await client.get("/metrics", headers={"authorization": "Basic YTpi"})
    assert [answer.status_code for answer in (nobody, wrong, basic)] == [401, 401, 401]
    assert nobody.json()["error"]["code"] == "credential_missing"
    assert "aiworker_" not in nobody.text


async def test_there_is_nothing_else(door: Door) -> None:
    async with door.client(Scope.ADMIN, door.door) as client:
        assert (await client.post("/metrics")).status_code == 404
        assert (await client.get("/metrics/more")).status_code == 404


async def test_a_request_counts_for_its_route_and_not_for_its_address(door: Door) -> None:
    async with door.client(Scope.READ, door.api) as client:
        for name in ("SHOP-1", "SHOP-2", "%21secret"):
            await client.get(f"/api/tasks/{name}")
        await client.get("/api/health")
        await client.get("/api/no/such/thing")
        await client.request("BREW", "/api/health")
    found = await door.read()
    counted = {name: value for name, value in found.items() if name.startswith("aiworker_http_requests_total")}
    assert counted == {
        'aiworker_http_requests_total{method="GET",route="/api/tasks/{task}",status="404"}': 3,
        'aiworker_http_requests_total{method="GET",route="/api/health",status="200"}': 1,
        'aiworker_http_requests_total{method="GET",route="/api",status="404"}': 1,
        'aiworker_http_requests_total{method="other",route="/api/health",status="405"}': 1,
    }
    assert found['aiworker_http_request_seconds_count{method="GET",route="/api/tasks/{task}"}'] == 3
    assert "SHOP" not in str(found)


async def test_a_client_that_leaves_is_counted_as_such(door: Door) -> None:
    async def never_answers(*_: object) -> None:
        raise ConnectionError

    left = Measured(never_answers, door.metrics, "/slow")
    with pytest.raises(ConnectionError):
        await left({"type": "http", "method": "GET"}, None, None)  # pyright: ignore[reportArgumentType]
    found = await door.read()
    assert found['aiworker_http_requests_total{method="GET",route="/slow",status="499"}'] == 1
