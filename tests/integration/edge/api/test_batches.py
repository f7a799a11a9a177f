"""Reports and endings by the batch, as a worker with many robots in hand sends them."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from aiworker.wire.access import Scope
from tests.support.api import House, make_house
from tests.support.clocks import ManualClock
from tests.support.databases import fresh_database

MODULE = {"moduleName": "reader", "moduleVersion": "1.0", "supportedRobotTypes": ["ocr.read"]}
ROBOT: dict[str, Any] = {"robotType": "ocr.read", "inputData": {"page": 1}}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def house(tmp_path: Path, clock: ManualClock) -> AsyncIterator[House]:
    made = await make_house(fresh_database(tmp_path, clock=clock))
    yield made
    await made.access.close()
    await made.database.close()


@pytest.fixture
async def module(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    async with house.client(Scope.ADMIN) as client:
        assert (await client.post("/api/modules", json=MODULE)).status_code == 201
        yield client


async def claimed(module: httpx2.AsyncClient, number: int, **options: Any) -> list[dict[str, Any]]:
    await module.post("/api/robots", json=[ROBOT] * number)
    return await claim(module, number, **options)


async def claim(module: httpx2.AsyncClient, number: int, **options: Any) -> list[dict[str, Any]]:
    asked = {"holder": "worker-1", "limit": number, **options}
    return (await module.post("/api/modules/reader/claim", json=asked)).json()["data"]


def of(robot: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    return {"executeId": robot["executeId"], "leaseToken": robot["leaseToken"], **fields}


def ending(robot: Mapping[str, Any], way: str, **fields: Any) -> dict[str, Any]:
    return {"executeId": robot["executeId"], way: {"leaseToken": robot["leaseToken"], **fields}}


async def end(module: httpx2.AsyncClient, *endings: Mapping[str, Any]) -> list[dict[str, Any]]:
    answer = await module.post("/api/executions/end", json={"endings": endings})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def test_reports_of_many_executions_are_taken_in_their_order(module: httpx2.AsyncClient) -> None:
    first, second = await claimed(module, 2)
    reports = [
        of(first, step={"name": "read"}),
        of(second, progressPercentage=40),
        of(first, step={"name": "read", "status": "completed", "durationMs": 1_500}),
        of(first, step={"name": "write"}, progressPercentage=90),
    ]
    answer = await module.post("/api/executions/report", json={"reports": reports})
    directives = {one["executeId"]: one["directive"] for one in answer.json()["data"]}
    assert directives == {first["executeId"]: "continue", second["executeId"]: "continue"}
    seen = (await module.get(f"/api/executions/{first['executeId']}")).json()["data"]
    assert [(step["name"], step["status"]) for step in seen["steps"]] == [("read", "completed"), ("write", "running")]
    assert seen["steps"][0]["durationMs"] == 1_500
    assert seen["progressPercentage"] == 90


async def test_each_report_is_answered_for_itself(module: httpx2.AsyncClient) -> None:
    paused, cancelled, strange = await claimed(module, 3)
    await module.post(f"/api/robots/{paused['robotId']}/pause")
    await module.post(f"/api/robots/{cancelled['robotId']}/cancel")
    reports = [of(paused), of(cancelled), of(strange, leaseToken="another")]
    answer = await module.post("/api/executions/report", json={"reports": reports})
    assert {one["executeId"]: one["directive"] for one in answer.json()["data"]} == {
        paused["executeId"]: "pause",
        cancelled["executeId"]: "cancel",
        strange["executeId"]: "lost",
    }


async def test_endings_of_every_kind_go_together_and_one_that_is_refused_stops_no_other(
    module: httpx2.AsyncClient,
) -> None:
    done, failed, released, strange = await claimed(module, 4)
    refused = await end(
        module,
        ending(done, "complete", outputData={"text": "a"}),
        ending(failed, "fail", errorCategory="BUSINESS", errorMessage="no such customer"),
        ending(released, "release"),
        ending({**strange, "leaseToken": "another"}, "complete"),
    )
    assert [(one["executeId"], one["code"]) for one in refused] == [(strange["executeId"], "lease_lost")]
    listed = (await module.get("/api/robots")).json()["data"]
    assert {robot["robotId"]: robot["status"] for robot in listed} == {
        done["robotId"]: "COMPLETED",
        failed["robotId"]: "FAILED",
        released["robotId"]: "PENDING",
        strange["robotId"]: "PROCESSING",
    }


async def test_the_same_ending_twice_is_no_error(module: httpx2.AsyncClient) -> None:
    done, failed = await claimed(module, 2)
    both = [ending(done, "complete"), ending(failed, "fail", errorMessage="x", errorCategory="BUSINESS")]
    assert await end(module, *both) == []
    assert await end(module, *both) == []


async def test_a_late_result_counts_if_nobody_has_had_the_robot_since(
    house: House, module: httpx2.AsyncClient, clock: ManualClock
) -> None:
    (robot,) = await claimed(module, 1, leaseSeconds=30)
    clock.now += timedelta(seconds=31)
    await house.database.write(house.engine.tick)
    assert await end(module, ending(robot, "complete", outputData={"text": "late"})) == []
    seen = (await module.get(f"/api/robots/{robot['robotId']}")).json()["data"]
    assert (seen["status"], seen["outputData"]) == ("COMPLETED", {"text": "late"})


async def test_a_late_result_is_refused_once_another_has_the_robot(
    house: House, module: httpx2.AsyncClient, clock: ManualClock
) -> None:
    (robot,) = await claimed(module, 1, leaseSeconds=30)
    clock.now += timedelta(seconds=31)
    await house.database.write(house.engine.tick)
    (again,) = await claim(module, 1)
    (refused,) = await end(module, ending(robot, "complete", outputData={"text": "late"}))
    assert refused["code"] == "lease_lost"
    assert await end(module, ending(again, "complete", outputData={"text": "mine"})) == []
    seen = (await module.get(f"/api/robots/{robot['robotId']}")).json()["data"]
    assert seen["outputData"] == {"text": "mine"}


@pytest.mark.parametrize(
    "endings",
    [
        [],
        [{"executeId": "x"}],
        [{"executeId": "x", "release": {"leaseToken": "x"}, "complete": {"leaseToken": "x"}}],
        [{"executeId": "x", "release": {"leaseToken": "x"}}] * 2,
        [{"executeId": str(n), "release": {"leaseToken": "x"}} for n in range(501)],
    ],
    ids=["none", "no way", "two ways", "one execution twice", "too many"],
)
async def test_endings_that_make_no_sense_are_refused(module: httpx2.AsyncClient, endings: Any) -> None:
    answer = await module.post("/api/executions/end", json={"endings": endings})
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["fields"]
