"""Modules, robots and executions over HTTP, as a module from outside sees them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from aiworker.engine.deadlines.service import look
from aiworker.wire.access import Scope
from aiworker.wire.engine import NewModule, NewRobot
from tests.support.api import House
from tests.support.waiting import eventually

MODULE = {"moduleName": "reader", "moduleVersion": "1.0", "supportedRobotTypes": ["ocr.read"]}
ROBOT: dict[str, Any] = {"robotType": "ocr.read", "inputData": {"page": 1}}


@pytest.fixture
async def module(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    async with house.client(Scope.MODULE) as client:
        assert (await client.post("/api/modules", json=MODULE)).status_code == 201
        yield client


async def claim(module: httpx2.AsyncClient, **options: Any) -> list[dict[str, Any]]:
    answer = await module.post("/api/modules/reader/claim", json={"holder": "worker-1", **options})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def test_a_robot_goes_from_submission_to_its_result(house: House, module: httpx2.AsyncClient) -> None:
    async with house.client(Scope.MEMBER) as person:
        robot = (await person.post("/api/robots", json=ROBOT)).json()["data"]
        assert robot["status"] == "PENDING"
        (claimed,) = await claim(module)
        assert claimed["robotId"] == robot["robotId"]
        lease = {"leaseToken": claimed["leaseToken"]}
        execution = f"/api/executions/{claimed['executeId']}"
        report = {**lease, "progressPercentage": 40, "step": {"name": "OCR_EXTRACT"}}
        assert (await module.patch(execution, json=report)).json()["data"]["directive"] == "continue"
        seen = (await person.get(execution)).json()["data"]
        assert (seen["executionState"], seen["progressPercentage"]) == ("RUNNING", 40)
        assert [step["name"] for step in seen["steps"]] == ["OCR_EXTRACT"]
        done = await module.post(f"{execution}/complete", json={**lease, "outputData": {"text": "hello"}})
        assert done.json()["data"]["executionState"] == "COMPLETED"
        robot = (await person.get(f"/api/robots/{robot['robotId']}")).json()["data"]
    assert (robot["status"], robot["outputData"]) == ("COMPLETED", {"text": "hello"})


async def test_robots_are_read_by_their_ids_and_counted(house: House, module: httpx2.AsyncClient) -> None:
    async with house.client(Scope.READ) as reader:
        made = (await module.post("/api/robots", json=[ROBOT] * 3)).json()["data"]
        ids = [robot["robotId"] for robot in made]
        some = await reader.get("/api/robots/some", params={"robotId": [*ids[:2], "ocr_0_0"]})
        assert {robot["robotId"] for robot in some.json()["data"]} == set(ids[:2])
        assert (await reader.get("/api/robots/some")).status_code == 422
        counts = (await reader.get("/api/robots/counts", params={"moduleName": "reader"})).json()["data"]
        assert (counts["byStatus"]["PENDING"], counts["byStatus"]["FAILED"], counts["most"]) == (3, 0, 10_000)
        found = (await reader.get("/api/robots", params={"named": ids[2]})).json()["data"]
        assert [robot["robotId"] for robot in found] == [ids[2]]


async def test_a_claim_waits_for_work(house: House, module: httpx2.AsyncClient) -> None:
    waiting = asyncio.create_task(claim(module, waitSeconds=30))
    async with house.client(Scope.MEMBER) as person:
        await person.post("/api/robots", json=ROBOT)
    async with asyncio.timeout(20):
        assert len(await waiting) == 1


async def test_a_claim_without_work_comes_back_empty(module: httpx2.AsyncClient) -> None:
    assert await claim(module) == []


async def test_who_hangs_up_while_waiting_takes_nothing_away(house: House, module: httpx2.AsyncClient) -> None:
    left = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if not received:
            received.append(True)
            return {"type": "http.request", "body": b'{"holder": "gone", "waitSeconds": 50}', "more_body": False}
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    received: list[bool] = []
    sent: list[Any] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/api/modules/reader/claim",
        "raw_path": b"/api/modules/reader/claim",
        "query_string": b"",
        "root_path": "",
        "headers": [
            (b"host", b"localhost"),
            (b"content-type", b"application/json"),
            (b"authorization", f"Bearer {house.keys[Scope.MODULE]}".encode()),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 3000),
    }
    asking = asyncio.create_task(house.app(scope, receive, send))
    await eventually(lambda: len(received) == 1)
    left.set()
    async with asyncio.timeout(20):
        await asking
    async with house.client(Scope.MEMBER) as person:
        await person.post("/api/robots", json=ROBOT)
    assert len(await claim(module)) == 1


async def test_many_robots_are_submitted_together_or_not_at_all(house: House, module: httpx2.AsyncClient) -> None:
    async with house.client(Scope.MEMBER) as person:
        made = await person.post("/api/robots", json=[ROBOT] * 3)
        refused = await person.post("/api/robots", json=[ROBOT, {**ROBOT, "robotType": "unknown.type"}])
        listed = await person.get("/api/robots", params={"robotType": "ocr.read"})
    assert (made.status_code, made.json()["count"]) == (201, 3)
    assert refused.status_code == 422
    assert listed.json()["count"] == 3
    assert len(await claim(module, limit=10)) == 3


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"robotType": "x y", "inputData": {}}, "robotType"),
        ({"robotType": "ocr.read"}, "inputData"),
        ([{"robotType": "ocr.read"}], "0.inputData"),
        ({**ROBOT, "priority": "HUGE"}, "priority"),
        ({**ROBOT, "retryLimit": -1}, "retryLimit"),
        ({**ROBOT, "surprise": 1}, "surprise"),
        ("ocr.read", "body"),
    ],
)
async def test_a_wrong_robot_is_refused_by_field(house: House, body: Any, field: str) -> None:
    async with house.client(Scope.MEMBER) as person:
        answer = await person.post("/api/robots", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["fields"][0]["field"] == field


async def test_an_unknown_type_is_refused(house: House) -> None:
    async with house.client(Scope.MEMBER) as person:
        answer = await person.post("/api/robots", json=ROBOT)
    assert answer.status_code == 422
    assert "ocr.read" in answer.json()["error"]["message"]


async def test_a_stale_worker_is_told_so(house: House, module: httpx2.AsyncClient) -> None:
    async with house.client(Scope.MEMBER) as person:
        await person.post("/api/robots", json=ROBOT)
    (claimed,) = await claim(module)
    execution = f"/api/executions/{claimed['executeId']}"
    stale = {"leaseToken": "somebody-else"}
    assert (await module.patch(execution, json=stale)).json()["data"]["directive"] == "lost"
    for door in ("complete", "release"):
        answer = await module.post(f"{execution}/{door}", json=stale)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "lease_lost")


async def test_a_failed_try_is_tried_again(house: House, module: httpx2.AsyncClient) -> None:
    async with house.client(Scope.MEMBER) as person:
        robot = (await person.post("/api/robots", json={**ROBOT, "retryLimit": 1})).json()["data"]
        (claimed,) = await claim(module)
        failure = {"leaseToken": claimed["leaseToken"], "errorCategory": "EXTERNAL_API", "errorMessage": "away"}
        failed = await module.post(f"/api/executions/{claimed['executeId']}/fail", json=failure)
        assert failed.json()["data"]["errorMessage"] == "away"
        path = f"/api/robots/{robot['robotId']}"
        assert (await person.get(path)).json()["data"]["status"] == "RETRYING"
        assert (await person.post(f"{path}/retry")).status_code == 200
        assert (await person.get("/api/executions", params={"robotId": robot["robotId"]})).json()["count"] == 1
    assert len(await claim(module)) == 1


async def test_people_pause_resume_and_cancel_what_runs(house: House, module: httpx2.AsyncClient) -> None:
    async with house.client(Scope.MEMBER) as person:
        robot = (await person.post("/api/robots", json=ROBOT)).json()["data"]
        path = f"/api/robots/{robot['robotId']}"
        assert (await person.post(f"{path}/pause")).json()["data"]["waiting"] == "paused; resume it to let it go on"
        assert await claim(module) == []
        assert (await person.post(f"{path}/resume")).status_code == 200
        (claimed,) = await claim(module)
        lease = {"leaseToken": claimed["leaseToken"]}
        execution = f"/api/executions/{claimed['executeId']}"

        async def told() -> str:
            return (await module.patch(execution, json=lease)).json()["data"]["directive"]

        assert (await person.post(f"{path}/pause", json={"reason": "lunch"})).status_code == 200
        assert await told() == "pause"
        assert (await person.post(f"{path}/resume")).status_code == 200
        assert await told() == "continue"
        cancelled = await person.post(f"{path}/cancel", json={"reason": "not needed"})
        assert cancelled.json()["data"]["status"] == "CANCELLED"
        assert await told() in {"cancel", "lost"}
        again = await person.post(f"{path}/retry")
        over = await person.post(f"{path}/pause")
    assert again.status_code == 409
    assert (over.status_code, over.json()["error"]["code"]) == (409, "not_under_way")


async def test_a_waiting_robot_says_why(house: House, module: httpx2.AsyncClient) -> None:
    async with house.client(Scope.MEMBER) as person:
        robot = (await person.post("/api/robots", json={**ROBOT, "held": "waits for the scan"})).json()["data"]
    assert robot["waiting"] == "waits for the scan"
    assert await claim(module) == []


async def test_a_module_is_shown_changed_and_switched_off(house: House, module: httpx2.AsyncClient) -> None:
    changed = await module.patch("/api/modules/reader", json={"maxConcurrent": 3})
    assert changed.json()["data"]["maxConcurrent"] == 3
    off = await module.patch("/api/modules/reader", json={"isActive": False})
    assert off.json()["data"]["isActive"] is False
    async with house.client(Scope.READ) as reader:
        names = [one["moduleName"] for one in (await reader.get("/api/modules")).json()["data"]]
        missing = await reader.get("/api/modules/nobody")
    assert "reader" in names
    assert missing.status_code == 404


async def test_a_module_is_drained_and_removed_when_it_is_empty(house: House, module: httpx2.AsyncClient) -> None:
    async with house.client(Scope.MEMBER) as person:
        await person.post("/api/robots", json=ROBOT)
    refused = await module.delete("/api/modules/reader")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "module_busy")
    drained = await module.post("/api/modules/reader/drain")
    assert (drained.json()["data"]["draining"], drained.json()["data"]["isActive"]) == (True, True)
    (claimed,) = await claim(module)
    done = {"leaseToken": claimed["leaseToken"]}
    assert (await module.post(f"/api/executions/{claimed['executeId']}/complete", json=done)).status_code == 200
    assert (await module.delete("/api/modules/reader")).status_code == 200
    assert (await module.get("/api/modules/reader")).status_code == 404


async def test_a_module_that_speaks_another_api_is_told_so(module: httpx2.AsyncClient) -> None:
    refused = await module.post("/api/modules", json={**MODULE, "apiVersion": 2})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "api_version_unknown")
    assert (await module.get("/api/modules/reader")).json()["data"]["apiVersion"] == 1


async def test_a_module_whose_robots_failed_in_a_row_says_so_until_it_is_reset(
    house: House, module: httpx2.AsyncClient
) -> None:
    assert (await module.get("/api/modules/reader")).json()["data"]["breaker"] is None
    await module.post("/api/robots", json=[{**ROBOT, "retryLimit": 0}] * 5)
    for claimed in await claim(module, limit=5):
        failure = {"leaseToken": claimed["leaseToken"], "errorCategory": "RESOURCE", "errorMessage": "no space"}
        assert (await module.post(f"/api/executions/{claimed['executeId']}/fail", json=failure)).status_code == 200
    (listed,) = [one for one in (await module.get("/api/modules")).json()["data"] if one["moduleName"] == "reader"]
    assert (listed["breaker"]["state"], listed["breaker"]["allowed"]) == ("FEWER", 16)
    # A module does not judge itself.
    assert (await module.post("/api/modules/reader/reset")).status_code == 403
    async with house.client(Scope.MAINTAINER) as person:
        again = (await person.post("/api/modules/reader/reset")).json()["data"]
        missing = await person.post("/api/modules/nobody/reset")
    assert (again["breaker"]["state"], again["breaker"]["failures"]) == ("CLOSED", 0)
    assert missing.status_code == 404


async def test_a_robot_that_will_be_late_says_so_and_is_found(house: House, module: httpx2.AsyncClient) -> None:
    due = {**ROBOT, "dueDate": "2020-01-01T00:00:00Z"}
    late = (await module.post("/api/robots", json=due)).json()["data"]
    assert (late["deadline"]["atRisk"], late["deadline"]["why"]) == (False, None)
    await module.post("/api/robots", json=ROBOT)
    await house.database.write(look)
    found = (await module.get("/api/robots", params={"atRisk": True})).json()["data"]
    assert [(one["robotId"], one["deadline"]["why"]) for one in found] == [(late["robotId"], "it is overdue")]


async def test_a_module_is_checked_when_somebody_asks(house: House, module: httpx2.AsyncClient) -> None:
    nowhere = {"healthEndpoint": "http://169.254.169.254/latest"}
    await module.patch("/api/modules/reader", json=nowhere)
    checked = (await module.post("/api/modules/reader/health-check")).json()["data"]
    assert (checked["healthStatus"], checked["consecutiveFailures"]) == ("DEGRADED", 1)
    assert "may not be called" in checked["lastErrorMessage"]
    assert checked["lastErrorMessageTold"]["code"] == "health_refused"


async def test_a_modules_history_has_48_half_hours(house: House, module: httpx2.AsyncClient) -> None:
    await claim(module)
    history = (await module.get("/api/modules/reader/history", params={"hours": 48})).json()["data"]
    assert len(history["health"]) == 48
    assert history["health"][-1] == "HEALTHY"
    assert history["scores"] == []


async def test_the_routing_table_names_who_gets_robots_of_a_type_first(
    house: House, module: httpx2.AsyncClient
) -> None:
    await module.post("/api/modules", json={**MODULE, "moduleName": "another"})
    await module.patch("/api/modules/another", json={"isActive": False})
    async with house.client(Scope.READ) as reader:
        routes = (await reader.get("/api/analytics/routing")).json()["data"]
    (route,) = [route for route in routes if route["robotType"] == "ocr.read"]
    assert [(one["moduleName"], one["well"]) for one in route["modules"]] == [("reader", True), ("another", False)]


async def test_equal_scores_share_a_place_on_the_scoreboard(house: House, module: httpx2.AsyncClient) -> None:
    await module.post("/api/modules", json={**MODULE, "moduleName": "another"})
    async with house.client(Scope.READ) as reader:
        board = (await reader.get("/api/analytics/modules")).json()["data"]
    places = {standing["moduleName"]: standing["place"] for standing in board}
    assert places["reader"] == places["another"]


@pytest.mark.parametrize("scope", [Scope.READ, Scope.MEMBER, Scope.AGENT])
async def test_only_modules_fetch_work(house: House, module: httpx2.AsyncClient, scope: Scope) -> None:
    assert module
    async with house.client(scope) as client:
        answer = await client.post("/api/modules/reader/claim", json={"holder": "me"})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/api/robots/nothing", "/api/executions/nothing", "/api/modules/nothing"])
async def test_unknown_ids_are_not_found(house: House, path: str) -> None:
    async with house.client(Scope.READ) as client:
        assert (await client.get(path)).status_code == 404


async def test_submitting_is_in_the_audit_log(house: House, module: httpx2.AsyncClient) -> None:
    assert module
    async with house.client(Scope.ADMIN) as admin:
        robot = (await admin.post("/api/robots", json=ROBOT)).json()["data"]
        lines = (await admin.get("/api/audit", params={"subject": robot["robotId"]})).json()["data"]
    assert [line["action"] for line in lines] == ["robot.submit"]


async def test_every_change_of_the_engine_is_in_the_audit_log(house: House, module: httpx2.AsyncClient) -> None:
    assert module
    async with house.client(Scope.ADMIN) as admin:
        robot = (await admin.post("/api/robots", json=ROBOT)).json()["data"]["robotId"]
        schedule = {"name": "nightly", "cron": "0 2 * * *", "robot": ROBOT}
        changes: list[tuple[str, str, str, Any]] = [
            ("robot.pause", "POST", f"robots/{robot}/pause", None),
            ("robot.resume", "POST", f"robots/{robot}/resume", None),
            ("robot.cancel", "POST", f"robots/{robot}/cancel", {}),
            ("schedule.create", "POST", "schedules", schedule),
            ("schedule.change", "PATCH", "schedules/nightly", {"isActive": False}),
            ("schedule.remove", "DELETE", "schedules/nightly", None),
            ("module.change", "PATCH", "modules/reader", {"maxConcurrent": 3}),
            ("module.drain", "POST", "modules/reader/drain", None),
            ("module.reset", "POST", "modules/reader/reset", None),
            ("module.remove", "DELETE", "modules/reader", None),
        ]
        for action, method, path, body in changes:
            answer = await admin.request(method, f"/api/{path}", json=body)
            assert answer.is_success, (action, answer.text)
        lines = (await admin.get("/api/audit", params={"limit": 50})).json()["data"]
    noted = [line["action"] for line in reversed(lines)]
    assert [action for action in noted if action in {change[0] for change in changes}] == [one[0] for one in changes]


async def test_robots_are_listed_and_counted_without_the_systems_own_if_these_are_not_wanted(
    house: House, module: httpx2.AsyncClient
) -> None:
    control = NewModule(module_name="control", module_version="1", supported_robot_types=["health.check"])
    await house.database.write(house.engine.register_module, control, internal=True)
    await house.database.write(house.engine.submit, NewRobot(robot_type="health.check", input_data={}))
    mine = (await module.post("/api/robots", json=ROBOT)).json()["data"]
    for wanted in ({}, {"status": "PENDING"}):
        listed = (await module.get("/api/robots", params={"system": "false", **wanted})).json()["data"]
        assert [robot["robotId"] for robot in listed] == [mine["robotId"]]
        assert (await module.get("/api/robots", params=wanted)).json()["count"] == 2
    for system, number in (("true", 2), ("false", 1)):
        counts = (await module.get("/api/robots/counts", params={"system": system})).json()["data"]
        assert counts["byStatus"]["PENDING"] == number
