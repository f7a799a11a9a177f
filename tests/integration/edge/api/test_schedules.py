from typing import Any

import pytest

from aiworker.wire.access import Scope
from tests.support.api import House

MODULE = {
    "moduleName": "reader",
    "moduleVersion": "1.0",
    "supportedRobotTypes": ["ocr.read"],
    "typeSettings": {"ocr.read": {"inputSchema": {"properties": {"folder": {"type": "string"}}}}},
}
NIGHTLY: dict[str, Any] = {
    "name": "nightly",
    "cron": "0 2 * * *",
    "timezone": "Europe/Madrid",
    "overlap": "SKIP",
    "robot": {"robotType": "ocr.read", "inputData": {"folder": "inbox"}, "priority": "HIGH"},
}


async def test_a_schedule_is_made_shown_run_paused_and_removed(house: House) -> None:
    async with house.client(Scope.MODULE) as module:
        await module.post("/api/modules", json=MODULE)
    async with house.client(Scope.MAINTAINER) as person:
        made = await person.post("/api/schedules", json=NIGHTLY)
        assert made.status_code == 201
        shown = (await person.get("/api/schedules/nightly")).json()["data"]
        assert shown == made.json()["data"]
        assert (len(shown["nextTimes"]), shown["robot"]["priority"], shown["isActive"]) == (5, "HIGH", True)
        run = (await person.post("/api/schedules/nightly/run")).json()["data"]
        assert run["outcome"] == "FIRED"
        assert (await person.post("/api/schedules/nightly/run")).json()["data"]["outcome"] == "SKIPPED"
        runs = (await person.get("/api/schedules/nightly/runs", params={"limit": 5})).json()["data"]
        assert [(one["outcome"], one["robotStatus"]) for one in runs] == [("SKIPPED", None), ("FIRED", "PENDING")]
        paused = (await person.patch("/api/schedules/nightly", json={"isActive": False})).json()["data"]
        assert (paused["isActive"], paused["nextTimes"]) == (False, [])
        assert (await person.delete("/api/schedules/nightly")).status_code == 200
        assert (await person.get("/api/schedules")).json()["data"] == []
        assert (await person.get(f"/api/robots/{run['robotId']}")).status_code == 200


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"cron": "every day at two"}, "bad_cron"),
        ({"cron": "61 * * * *"}, "bad_cron"),
        ({"cron": "daily"}, "bad_cron"),
        ({"cron": "0 0 30 2 *"}, "bad_cron"),
        ({"timezone": "Mars/Olympus"}, "bad_timezone"),
        ({"timezone": "../../etc/passwd"}, "bad_timezone"),
        ({"robot": {"robotType": "none.such", "inputData": {}}}, "unknown_robot_type"),
        ({"robot": {"robotType": "ocr.read", "inputData": {"folder": 7}}}, "input_refused"),
        ({"name": "a b"}, "invalid"),
        ({"overlap": "MAYBE"}, "invalid"),
    ],
)
async def test_a_schedule_that_cannot_work_is_refused_at_once(house: House, change: dict[str, Any], code: str) -> None:
    async with house.client(Scope.MODULE) as module:
        await module.post("/api/modules", json=MODULE)
    async with house.client(Scope.ADMIN) as person:
        refused = await person.post("/api/schedules", json={**NIGHTLY, **change})
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, code)
        assert (await person.get("/api/schedules")).json()["data"] == []


async def test_a_name_that_is_taken_is_refused(house: House) -> None:
    async with house.client(Scope.MODULE) as module:
        await module.post("/api/modules", json=MODULE)
    async with house.client(Scope.ADMIN) as person:
        await person.post("/api/schedules", json=NIGHTLY)
        again = await person.post("/api/schedules", json=NIGHTLY)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "schedule_exists")


async def test_times_are_told_before_there_is_a_schedule(house: House) -> None:
    async with house.client(Scope.READ) as client:
        told = await client.get("/api/schedule-times", params={"cron": "0 2 * * *", "timezone": "Europe/Madrid"})
        wrong = await client.get("/api/schedule-times", params={"cron": "61 2 * * *"})
        nowhere = await client.get("/api/schedule-times", params={"cron": "0 2 * * *", "timezone": "Mars/Olympus"})
    assert len(told.json()["data"]) == 5
    assert told.json()["data"] == sorted(told.json()["data"])
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "bad_cron")
    assert (nowhere.status_code, nowhere.json()["error"]["code"]) == (422, "bad_timezone")
