"""Held results over HTTP."""

from typing import Any

import httpx2
import pytest

from aiworker.wire.access import Scope
from tests.support.api import House

MODULE = {
    "moduleName": "reader",
    "moduleVersion": "1.0",
    "supportedRobotTypes": ["ocr.read"],
    "typeSettings": {"ocr.read": {"minConfidence": 0.9}},
}


async def held(module: httpx2.AsyncClient, person: httpx2.AsyncClient) -> str:
    await module.post("/api/modules", json=MODULE)
    await person.post("/api/robots", json={"robotType": "ocr.read", "inputData": {}})
    (one,) = (await module.post("/api/modules/reader/claim", json={"holder": "w"})).json()["data"]
    result = {"leaseToken": one["leaseToken"], "outputData": {"text": "ho?a"}, "confidenceScore": 0.4}
    answered = await module.post(f"/api/executions/{one['executeId']}/complete", json=result)
    assert (answered.status_code, answered.json()["data"]["outcome"]) == (200, "review")
    return one["robotId"]


@pytest.mark.parametrize(
    ("said", "status", "review", "output"),
    [
        ({"decision": "accept"}, "COMPLETED", "accepted", {"text": "ho?a"}),
        ({"decision": "accept", "outputData": {"text": "hola"}}, "COMPLETED", "corrected", {"text": "hola"}),
        ({"decision": "refuse", "comment": "blurred"}, "FAILED", "refused", None),
        ({"decision": "retry"}, "PENDING", "sent_back", None),
    ],
)
async def test_a_person_decides_on_a_held_result(
    house: House, said: dict[str, Any], status: str, review: str, output: dict[str, Any] | None
) -> None:
    async with house.client(Scope.MODULE) as module, house.client(Scope.MEMBER) as person:
        robot_id = await held(module, person)
        (waiting,) = (await person.get("/api/reviews")).json()["data"]
        assert (await person.get(f"/api/robots/{robot_id}")).json()["data"]["waiting"] == "a person reviews its result"
        refused = await module.post(f"/api/robots/{robot_id}/review", json=said)
        robot = (await person.post(f"/api/robots/{robot_id}/review", json=said)).json()["data"]
        again = await person.post(f"/api/robots/{robot_id}/review", json=said)
        left = (await person.get("/api/reviews")).json()["count"]
        decided = (await person.get(f"/api/robots/{robot_id}/review")).json()["data"]
    assert (waiting["robotId"], waiting["why"]) == (robot_id, "confidence 0.4, 0.9 is wanted")
    assert refused.status_code == 403
    assert (robot["status"], robot["review"], robot["outputData"]) == (status, review, output)
    assert (again.status_code, again.json()["error"]["code"], left) == (409, "not_in_review", 0)
    assert (decided["state"], decided["comment"]) == (review, said.get("comment"))


async def test_only_who_accepts_may_correct(house: House) -> None:
    async with house.client(Scope.MODULE) as module, house.client(Scope.MEMBER) as person:
        robot_id = await held(module, person)
        said = {"decision": "refuse", "outputData": {}}
        assert (await person.post(f"/api/robots/{robot_id}/review", json=said)).status_code == 422
