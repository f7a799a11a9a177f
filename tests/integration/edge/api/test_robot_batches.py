"""Batches over HTTP, and what of their input is shown to whom."""

import json
from typing import Any

import pytest

from aiworker.wire.access import Scope
from aiworker.wire.engine import NewModule
from tests.support.api import House

SCHEMA = {"properties": {"page": {"type": "integer"}, "iban": {"type": "string", "x-sensitive": True}}}
MODULE = {
    "moduleName": "reader",
    "moduleVersion": "1.0",
    "supportedRobotTypes": ["ocr.read"],
    "typeSettings": {"ocr.read": {"inputSchema": SCHEMA, "retryLimit": 1}},
}
ROBOT: dict[str, Any] = {"robotType": "ocr.read", "inputData": {"page": 1}}
LINES = {"content-type": "application/x-ndjson"}
BATCHES = "/api/robots/batches"


@pytest.fixture(autouse=True)
async def module(house: House) -> None:
    async with house.client(Scope.MODULE) as client:
        assert (await client.post("/api/modules", json=MODULE)).status_code == 201


@pytest.mark.parametrize("form", ["array", "lines"])
async def test_many_robots_come_as_an_array_or_as_lines(house: House, form: str) -> None:
    robots = [{**ROBOT, "inputData": {"page": n}} for n in range(600)]
    lines = "\n".join(map(json.dumps, robots)) + "\n\n"
    async with house.client(Scope.MEMBER) as person:
        if form == "array":
            answer = await person.post(BATCHES, json=robots, params={"correlationId": "scan-7"})
        else:
            answer = await person.post(BATCHES, content=lines, headers=LINES, params={"correlationId": "scan-7"})
        assert answer.status_code == 201, answer.text
        data = answer.json()["data"]
        shown = (await person.get(f"{BATCHES}/scan-7")).json()["data"]
        listed = (await person.get(BATCHES)).json()["data"]
    assert (data["correlationId"], data["accepted"], data["refused"]) == ("scan-7", 600, [])
    assert len(set(data["robotIds"])) == 600
    assert (shown["total"], shown["progressPercentage"], shown["byStatus"]) == (600, 0, {"PENDING": 600})
    assert listed == [shown]


async def test_what_is_wrong_is_named_by_its_place_and_nothing_is_made(house: House) -> None:
    wrong: list[Any] = [ROBOT, {**ROBOT, "inputData": {"page": "one"}}, {**ROBOT, "surprise": 1}, 7]
    async with house.client(Scope.MEMBER) as person:
        refused = await person.post(BATCHES, json=wrong)
        by_schema = await person.post(BATCHES, json=wrong[:2])
        none = (await person.get("/api/robots")).json()["count"]
        some = (await person.post(BATCHES, json=wrong, params={"partial": True})).json()["data"]
    assert (refused.status_code, by_schema.status_code, none) == (422, 422, 0)
    assert refused.json()["error"]["message"].startswith("Robot 3: surprise")
    assert refused.json()["error"]["details"]["told"]["code"] == "robots_broken"
    assert by_schema.json()["error"]["message"] == "Robot 2: inputData.page: must be a valid integer."
    assert [one["field"] for one in by_schema.json()["error"]["details"]["fields"]] == ["1"]
    assert [robot is not None for robot in some["robotIds"]] == [True, False, False, False]
    assert [(one["index"], one["code"]) for one in some["refused"]] == [
        (1, "input_refused"),
        (2, "invalid"),
        (3, "invalid"),
    ]
    assert [one["told"]["code"] for one in some["refused"]] == ["field_broken", "field_broken", "input_broken"]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"[]", "application/json", 422),
        (b"{}", "application/json", 422),
        (b"[", "application/json", 400),
        (b"\n\n", "application/x-ndjson", 422),
        (b"{\n", "application/x-ndjson", 422),
        (b"[1]", "text/csv", 422),
        (b"{}\n" * 10_001, "application/x-ndjson", 422),
    ],
)
async def test_a_body_that_is_no_batch_is_refused(house: House, content: bytes, kind: str, status: int) -> None:
    async with house.client(Scope.MEMBER, headers={"content-type": kind}) as person:
        answer = await person.post(BATCHES, content=content)
    assert answer.status_code == status, answer.text


async def test_a_repeated_request_is_one_batch(house: House) -> None:
    async with house.client(Scope.MEMBER, headers={"idempotency-key": "once"}) as person:
        first, second = [await person.post(BATCHES, json=[ROBOT] * 3) for _ in range(2)]
    async with house.client(Scope.MEMBER) as person:
        robots = (await person.get("/api/robots")).json()["count"]
    assert (first.json(), robots) == (second.json(), 3)


async def test_a_batch_is_cancelled_and_what_failed_is_tried_again(house: House) -> None:
    async with house.client(Scope.MEMBER) as person, house.client(Scope.MODULE) as module:
        name = (await person.post(BATCHES, json=[ROBOT] * 5)).json()["data"]["correlationId"]
        claims = {"holder": "worker-1", "limit": 2}
        failed, running = (await module.post("/api/modules/reader/claim", json=claims)).json()["data"]
        failure = {"leaseToken": failed["leaseToken"], "errorMessage": "no", "errorCategory": "BUSINESS"}
        await module.post(f"/api/executions/{failed['executeId']}/fail", json=failure)
        shown = (await person.get(f"{BATCHES}/{name}")).json()["data"]
        again = (await person.post(f"{BATCHES}/{name}/retry")).json()["data"]
        ended = (await person.post(f"{BATCHES}/{name}/cancel", json={"reason": "enough"})).json()["data"]
        told = await module.patch(f"/api/executions/{running['executeId']}", json={"leaseToken": running["leaseToken"]})
        audit = await person.get(f"{BATCHES}/nobody")
    assert shown["failures"] == {"BUSINESS": 1}
    assert (again["moved"], ended["moved"], ended["byStatus"]) == (1, 5, {"CANCELLED": 5})
    assert told.json()["data"]["directive"] == "cancel"
    assert (ended["cancelledAt"] is not None, audit.status_code) == (True, 404)


async def test_sensitive_input_is_masked_for_those_who_may_not_see_it(house: House) -> None:
    secret = {**ROBOT, "inputData": {"page": 1, "iban": "ES99"}}
    async with house.client(Scope.MEMBER) as person:
        robot = (await person.post("/api/robots", json=secret)).json()["data"]
    path = f"/api/robots/{robot['robotId']}"
    assert robot["inputData"] == {"page": 1, "iban": "•••"}
    for scope in Scope:
        async with house.client(scope) as client:
            answers = [(await client.get(door)).text for door in (path, "/api/robots")]
        sees = scope in {Scope.ADMIN, Scope.MAINTAINER, Scope.MODULE}
        assert ["ES99" in answer for answer in answers] == [sees, sees], scope


async def test_what_is_known_of_a_type_is_told(house: House) -> None:
    async with house.client(Scope.MEMBER) as person:
        (listed,) = (await person.get("/api/robots/types")).json()["data"]
        one = (await person.get("/api/robots/types/ocr.read")).json()["data"]
        nothing = await person.get("/api/robots/types/fax.send")
    assert listed == one
    assert (one["sensitiveFields"], one["retryLimit"], one["describedBy"]) == (["/iban"], 1, "reader")
    assert (nothing.status_code, nothing.json()["error"]["code"]) == (404, "robot_type_not_found")


async def test_the_systems_own_work_is_nobody_elses_to_order_or_to_do(house: House) -> None:
    kind = "merge.group"
    robot = {**ROBOT, "robotType": kind}
    own = NewModule(module_name="control", module_version="1", supported_robot_types=[kind])
    await house.database.write(lambda tx: house.engine.register_module(tx, own, internal=True))
    async with house.client(Scope.ADMIN) as admin:
        one = await admin.post("/api/robots", json=robot)
        many = await admin.post(BATCHES, json=[ROBOT, robot])
        some = (await admin.post(BATCHES, json=[ROBOT, robot], params={"partial": True})).json()["data"]
        listed = await admin.get("/api/robots", params={"robotType": kind})
        module = await admin.post("/api/modules", json={**MODULE, "supportedRobotTypes": [kind], "typeSettings": {}})
    assert [answer.json()["error"]["code"] for answer in (one, many)] == ["system_robot_type"] * 2
    assert [(refused["index"], refused["code"]) for refused in some["refused"]] == [(1, "system_robot_type")]
    assert (some["accepted"], listed.json()["count"]) == (1, 0)
    assert (module.status_code, module.json()["error"]["code"]) == (409, "type_of_the_system")
