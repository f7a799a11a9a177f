import asyncio
from datetime import datetime

from aiworker.core.errors import Unavailable
from aiworker.storage.database import Database
from aiworker.wire.access import Scope
from tests.support.api import House, make_house


async def test_a_stranger_learns_status_time_and_version_only(house: House) -> None:
    async with house.client() as client:
        for path in ("/api/health", "/api/ready"):
            answer = await client.get(path)
            assert answer.status_code == 200
            body = answer.json()
            assert set(body) == {"status", "timestamp", "version"}
            assert (body["status"], body["version"]) == ("ok", "1.2.3")
            assert datetime.fromisoformat(body["timestamp"]).tzinfo is not None


async def test_a_bad_credential_does_not_make_health_fail(house: House) -> None:
    async with house.client(headers={"authorization": "Bearer nonsense"}) as client:
        answer = await client.get("/api/health")
    assert answer.status_code == 200
    assert "checks" not in answer.json()


async def test_who_may_know_learns_how_the_neighbours_are(database: Database) -> None:
    async def well() -> None: ...

    async def away() -> None:
        raise Unavailable("Gitea does not answer.")

    async def broken() -> None:
        raise RuntimeError("http://bot:hunter2@git.example")

    async def silent() -> None:
        await asyncio.Event().wait()

    checks = {"forge": away, "runtime": well, "cache": broken, "queue": silent}
    house = await make_house(database, checks=checks)
    async with house.client(Scope.READ) as client:
        body = (await client.get("/api/health")).json()
    assert body["status"] == "degraded"
    assert body["checks"] == {
        "database": "ok",
        "forge": "Gitea does not answer.",
        "runtime": "ok",
        "cache": "It does not answer.",
        "queue": "It does not answer within 2 s.",
    }
    await house.access.close()


async def test_without_its_database_it_is_alive_but_not_ready(house: House) -> None:
    async def away() -> None:
        raise Unavailable("The database does not answer; try again.")

    house.database.ping = away
    async with house.client() as client:
        health, ready = await client.get("/api/health"), await client.get("/api/ready")
    assert health.status_code == 200
    assert ready.status_code == 503
    assert ready.json()["status"] == "unavailable"
