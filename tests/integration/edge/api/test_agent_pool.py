from typing import Any

import pytest

from aiworker.core.errors import Unavailable
from aiworker.delivery.ports.agent_pool import PoolStanding
from aiworker.storage.database import Database
from aiworker.wire.access import Scope
from tests.support.api import House, make_house


class Pool:
    """A pool that is scaled at once, but for those who finish their last task."""

    def __init__(self) -> None:
        self.wanted = self.running = 2

    async def standing(self) -> PoolStanding:
        return PoolStanding(self.wanted, self.running)

    async def scale(self, wanted: int) -> PoolStanding:
        self.wanted, self.running = wanted, max(wanted, self.running)
        return await self.standing()


async def test_a_number_is_set_seen_and_written_into_the_audit_log(database: Database) -> None:
    house = await make_house(database, agent_pool=Pool())
    async with house.client(Scope.ADMIN) as client:
        before = await client.get("/api/agent-pool")
        changed = await client.patch("/api/agent-pool", json={"wanted": 1})
        audit = await client.get("/api/audit")
    assert before.json()["data"] == {"wanted": 2, "running": 2}
    assert (changed.status_code, changed.json()["data"]) == (200, {"wanted": 1, "running": 2})
    written = audit.json()["data"][0]
    assert (written["action"], written["details"]) == ("agent-pool.scale", {"wanted": 1})
    await house.access.close()


@pytest.mark.parametrize("wanted", [-1, 1_001, 2.5, "3", None, True, 10**30])
async def test_what_is_no_number_of_agents_is_refused(house: House, wanted: Any) -> None:
    async with house.client(Scope.ADMIN) as client:
        answer = await client.patch("/api/agent-pool", json={"wanted": wanted})
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["fields"][0]["field"] == "wanted"


async def test_without_a_cluster_it_says_what_to_use_instead(house: House) -> None:
    async with house.client(Scope.ADMIN) as client:
        answers = [await client.get("/api/agent-pool"), await client.patch("/api/agent-pool", json={"wanted": 1})]
    for answer in answers:
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "no_agent_pool")
        assert "aiworker agent --count" in answer.json()["error"]["message"]


async def test_a_cluster_that_is_away_changes_nothing_and_is_not_written_down(database: Database) -> None:
    class Away(Pool):
        async def scale(self, wanted: int) -> PoolStanding:
            raise Unavailable("Kubernetes does not answer.")

    house = await make_house(database, agent_pool=Away())
    async with house.client(Scope.ADMIN) as client:
        answer = await client.patch("/api/agent-pool", json={"wanted": 1})
        audit = await client.get("/api/audit")
    assert answer.status_code == 503
    assert all(line["action"] != "agent-pool.scale" for line in audit.json()["data"])
    await house.access.close()
