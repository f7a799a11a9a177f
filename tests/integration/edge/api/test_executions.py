"""Executions over HTTP: what a worker may tell of them, many at once, and who sees what."""

from typing import Any

import httpx2
import pytest

from aiworker.wire.access import Scope
from tests.support.api import House

MODULE = {"moduleName": "reader", "moduleVersion": "1.0", "supportedRobotTypes": ["ocr.read"]}
ROBOT: dict[str, Any] = {"robotType": "ocr.read", "inputData": {"page": 1}}


async def claimed(module: httpx2.AsyncClient, person: httpx2.AsyncClient, number: int) -> list[dict[str, Any]]:
    await module.post("/api/modules", json=MODULE)
    await person.post("/api/robots", json=[ROBOT] * number)
    answer = await module.post("/api/modules/reader/claim", json={"holder": "worker-1", "limit": number})
    return answer.json()["data"]


async def test_a_checkpoint_travels_to_the_next_try_and_to_nobody_else(house: House) -> None:
    async with house.client(Scope.MODULE) as module, house.client(Scope.MEMBER) as person:
        (one,) = await claimed(module, person, 1)
        execution = f"/api/executions/{one['executeId']}"
        lease = {"leaseToken": one["leaseToken"]}
        report = {**lease, "checkpoint": {"page": 4}, "externalApiCalls": 3, "memoryUsageMb": 210, "diskIoMb": 5}
        assert (await module.patch(execution, json=report)).status_code == 200
        shown = (await person.get(execution)).json()["data"]
        await module.post(f"{execution}/release", json=lease)
        again = await module.post("/api/modules/reader/claim", json={"holder": "worker-2"})
    assert shown["checkpointAt"] is not None
    assert "checkpoint" not in shown
    assert (shown["externalApiCalls"], shown["memoryUsageMb"], shown["diskIoMb"]) == (3, 210, 5)
    assert again.json()["data"][0]["checkpoint"] == {"page": 4}


@pytest.mark.parametrize(("scope", "sees"), [(Scope.ADMIN, True), (Scope.MEMBER, False), (Scope.MODULE, False)])
async def test_a_stack_trace_is_for_admins(house: House, scope: Scope, sees: bool) -> None:
    async with house.client(Scope.MODULE) as module, house.client(Scope.MEMBER) as person:
        (one,) = await claimed(module, person, 1)
        failure = {"leaseToken": one["leaseToken"], "errorMessage": "broken", "errorStackTrace": "Traceback: line 7"}
        answered = await module.post(f"/api/executions/{one['executeId']}/fail", json=failure)
        assert "line 7" not in answered.text
    async with house.client(scope) as client:
        for path in (f"/api/executions/{one['executeId']}", "/api/executions"):
            assert ("line 7" in (await client.get(path)).text) is sees
