"""A key that is bound to modules: what these do is there for it, and nothing else is, at every door."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import httpx2
import pytest

from aiworker.access.actors import SYSTEM
from aiworker.edge.api.app import describe
from aiworker.wire.access import NewKey, Scope
from tests.support.api import House

OURS, THEIRS = "reader", "mailer"
TYPES = {OURS: "ocr.read", THEIRS: "mail.send"}
SCHEMA = {"type": "object", "properties": {"to": {"type": "string"}}}

# Every door through which one thing of another module could be seen or changed, and the least that it takes.
HIDDEN: Mapping[str, Any] = {
    "GET /api/modules/{moduleName}": None,
    "PATCH /api/modules/{moduleName}": {"isActive": False},
    "DELETE /api/modules/{moduleName}": None,
    "POST /api/modules/{moduleName}/drain": None,
    "POST /api/modules/{moduleName}/health-check": None,
    "GET /api/modules/{moduleName}/history": None,
    "POST /api/modules/{moduleName}/claim": {"holder": "spy"},
    "GET /api/robots/types/{robotType}": None,
    "GET /api/robots/{robotId}": None,
    "POST /api/robots/{robotId}/cancel": None,
    "POST /api/robots/{robotId}/retry": None,
    "POST /api/robots/{robotId}/pause": None,
    "POST /api/robots/{robotId}/resume": None,
    "GET /api/robots/{robotId}/review": None,
    "GET /api/robots/batches/{correlationId}": None,
    "POST /api/robots/batches/{correlationId}/cancel": None,
    "POST /api/robots/batches/{correlationId}/retry": None,
    "GET /api/executions/{executeId}": None,
    "PATCH /api/executions/{executeId}": {},
    "POST /api/executions/{executeId}/complete": {},
    "POST /api/executions/{executeId}/fail": {"errorMessage": "x"},
    "POST /api/executions/{executeId}/release": {},
}
# Lists, in which only what is its own stands.
LISTS = {
    "GET /api/modules",
    "GET /api/robots",
    "GET /api/robots/types",
    "GET /api/robots/batches",
    "GET /api/reviews",
    "GET /api/executions",
}
# Tests of their own, below.
OTHERS = {
    "POST /api/modules",
    "POST /api/robots",
    "POST /api/robots/batches",
    "GET /api/robots/some",
    "GET /api/robots/counts",
    "POST /api/executions/report",
    "POST /api/executions/end",
}
# They tell nothing of anybody's work.
HARMLESS = {
    "GET /api/",
    "GET /api/health",
    "GET /api/ready",
    "GET /api/me",
    "POST /api/session",
    "DELETE /api/session",
    "POST /api/webhooks/gitea",
}


class Office:
    """Two modules, each with a robot that waits, one that runs, one whose result is held, and a batch."""

    def __init__(self, house: House, admin: httpx2.AsyncClient, client: httpx2.AsyncClient) -> None:
        self.house = house
        self.admin = admin
        self.client = client
        self.running: dict[str, dict[str, Any]] = {}
        self.waiting: dict[str, str] = {}

    async def open(self, name: str) -> None:
        kind = TYPES[name]
        settings = {kind: {"inputSchema": SCHEMA, "minConfidence": 0.9}}
        new = {"moduleName": name, "moduleVersion": "1", "supportedRobotTypes": [kind], "typeSettings": settings}
        assert (await self.admin.post("/api/modules", json=new)).status_code == 201
        robots = [{"robotType": kind, "inputData": {"to": f"{name}-{number}"}} for number in range(3)]
        made = await self.admin.post(f"/api/robots/batches?correlationId=batch-{name}", json=robots)
        assert made.status_code == 201, made.text
        claim = {"holder": "worker", "limit": 2}
        first, second = (await self.admin.post(f"/api/modules/{name}/claim", json=claim)).json()["data"]
        held = {"leaseToken": first["leaseToken"], "outputData": {"sent": name}, "confidenceScore": 0.1}
        assert (await self.admin.post(f"/api/executions/{first['executeId']}/complete", json=held)).status_code == 200
        self.running[name] = second
        ids = made.json()["data"]["robotIds"]
        (self.waiting[name],) = set(ids) - {first["robotId"], second["robotId"]}

    def path(self, door: str, name: str) -> str:
        running = self.running[name]
        names = {
            "moduleName": name,
            "robotType": TYPES[name],
            "robotId": running["robotId"],
            "correlationId": f"batch-{name}",
            "executeId": running["executeId"],
        }
        return door.partition(" ")[2].format(**names)

    async def ask(self, door: str, name: str) -> httpx2.Response:
        body = HIDDEN.get(door)
        if body is not None and "executions" in door:
            body = {**body, "leaseToken": self.running[name]["leaseToken"]}
        return await self.client.request(door.partition(" ")[0], self.path(door, name), json=body)


@pytest.fixture
async def office(house: House) -> AsyncIterator[Office]:
    new = NewKey(name="reader-key", scope=Scope.MODULE, modules=[OURS])
    _, key = await house.access.create_key(SYSTEM, new)
    async with AsyncExitStack() as stack:
        admin = await stack.enter_async_context(house.client(Scope.ADMIN))
        client = await stack.enter_async_context(house.client(headers={"authorization": f"Bearer {key}"}))
        made = Office(house, admin, client)
        for name in (OURS, THEIRS):
            await made.open(name)
        yield made


async def test_every_door_that_is_described_hides_lists_its_own_or_is_closed(office: Office) -> None:
    described = {f"{method.upper()} {path}" for path, doors in describe("test")["paths"].items() for method in doors}
    for door in sorted(described - set(HIDDEN) - LISTS - OTHERS - HARMLESS):
        path = door.partition(" ")[2]
        while "{" in path:
            path = path[: path.index("{")] + "x" + path[path.index("}") + 1 :]
        answer = await office.client.request(door.partition(" ")[0], path, json={})
        assert answer.status_code == 403, f"{door}: {answer.status_code} {answer.text}"
        assert answer.json()["error"]["code"] == "key_of_modules", door


async def test_what_another_module_has_is_not_there(office: Office) -> None:
    path = f"/api/robots/{office.running[THEIRS]['robotId']}"
    before = (await office.admin.get(path)).json()["data"]
    for door in HIDDEN:
        answer = await office.ask(door, THEIRS)
        assert answer.status_code == 404, f"{door}: {answer.status_code} {answer.text}"
        assert (await office.admin.get(path)).json()["data"] == before, door
    module = (await office.admin.get(f"/api/modules/{THEIRS}")).json()["data"]
    assert (module["isActive"], module["queued"], module["running"]) == (True, 1, 1)


async def test_what_its_own_module_has_is(office: Office) -> None:
    for door in HIDDEN:
        answer = await office.ask(door, OURS)
        assert answer.status_code not in {401, 403}, f"{door}: {answer.text}"
        assert answer.status_code == 200 or not door.startswith("GET") or "review" in door, f"{door}: {answer.text}"


async def test_lists_hold_what_is_its_own(office: Office) -> None:
    for door in sorted(LISTS):
        everything = await office.admin.get(door.partition(" ")[2])
        own = await office.client.get(door.partition(" ")[2])
        assert THEIRS in everything.text or TYPES[THEIRS] in everything.text, door
        assert own.json()["count"] > 0, door
        assert THEIRS not in own.text, door
        assert TYPES[THEIRS] not in own.text, door


async def test_it_registers_its_own_name_and_its_versions_and_no_other(office: Office) -> None:
    new = {"moduleVersion": "2", "supportedRobotTypes": ["ocr.read"]}
    for name in (OURS, f"{OURS}@2"):
        assert (await office.client.post("/api/modules", json={"moduleName": name, **new})).status_code == 201
    for name in (THEIRS, f"{OURS}s", f"{OURS}s@2", "nobody"):
        answer = await office.client.post("/api/modules", json={"moduleName": name, **new})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "module_of_another_key")
        assert answer.json()["error"]["message"] == f"This key is for reader only: it cannot be the module '{name}'."
    assert {one["moduleName"] for one in (await office.client.get("/api/modules")).json()["data"]} == {
        OURS,
        f"{OURS}@2",
    }


async def test_what_another_module_says_of_its_types_stays(office: Office) -> None:
    settings = {TYPES[THEIRS]: {"inputSchema": {"type": "object"}}}
    new = {"moduleName": OURS, "moduleVersion": "2", "supportedRobotTypes": list(TYPES.values())}
    answer = await office.client.post("/api/modules", json={**new, "typeSettings": settings})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "type_of_another_module")
    assert (await office.client.post("/api/modules", json=new)).status_code == 201
    assert THEIRS not in (await office.client.get("/api/robots")).text


@pytest.mark.parametrize("path", ["/api/robots", "/api/robots/batches"])
async def test_it_submits_for_its_own_modules(office: Office, path: str) -> None:
    for name, status in ((OURS, 201), (THEIRS, 422)):
        answer = await office.client.post(path, json=[{"robotType": TYPES[name], "inputData": {}}])
        assert answer.status_code == status, answer.text
    asked = {"robotType": TYPES[OURS], "inputData": {}, "moduleName": THEIRS}
    assert (await office.client.post(path, json=[asked])).status_code == 422


@pytest.mark.parametrize("done", [True, False])
async def test_a_cache_key_brings_no_result_of_another_module(office: Office, done: bool) -> None:
    rival = {"moduleName": "rival", "moduleVersion": "1", "supportedRobotTypes": [TYPES[OURS]]}
    robot = {"robotType": TYPES[OURS], "inputData": {}, "cacheKey": "k"}
    await office.admin.post("/api/modules", json=rival)
    assert (await office.admin.post("/api/robots", json={**robot, "moduleName": "rival"})).status_code == 201
    if done:
        (one,) = (await office.admin.post("/api/modules/rival/claim", json={"holder": "w"})).json()["data"]
        result = {"leaseToken": one["leaseToken"], "outputData": {"secret": 1}, "confidenceScore": 1}
        await office.admin.post(f"/api/executions/{one['executeId']}/complete", json=result)
    answer = await office.client.post("/api/robots", json=robot)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "cache_key_of_another_module")


async def test_reports_and_endings_of_another_module_are_refused_one_by_one(office: Office) -> None:
    tokens = {
        name: {"executeId": office.running[name]["executeId"], "leaseToken": office.running[name]["leaseToken"]}
        for name in (OURS, THEIRS)
    }
    for progress in ({}, {"progressPercentage": 5}):
        reports = {"reports": [{**token, **progress} for token in tokens.values()]}
        told = (await office.client.post("/api/executions/report", json=reports)).json()["data"]
        assert {one["executeId"]: one["directive"] for one in told} == {
            tokens[OURS]["executeId"]: "continue",
            tokens[THEIRS]["executeId"]: "lost",
        }
    ways = ({"complete": {}}, {"release": {}}, {"fail": {"errorMessage": "x"}})
    for ((way, fields),) in (way.items() for way in ways):
        token = tokens[THEIRS]
        ending = {"executeId": token["executeId"], way: {**fields, "leaseToken": token["leaseToken"]}}
        (refused,) = (await office.client.post("/api/executions/end", json={"endings": [ending]})).json()["data"]
        assert refused["code"] == "execution_not_found"
    end = {"executeId": tokens[OURS]["executeId"], "release": {"leaseToken": tokens[OURS]["leaseToken"]}}
    assert (await office.client.post("/api/executions/end", json={"endings": [end]})).json()["data"] == []


async def test_a_batch_of_both_is_half_there(office: Office) -> None:
    both = [{"robotType": kind, "inputData": {}} for kind in (*TYPES.values(), *TYPES.values())]
    await office.admin.post("/api/robots/batches?correlationId=both", json=both)
    assert (await office.client.get("/api/robots/batches/both")).json()["data"]["total"] == 2
    moved = await office.client.post("/api/robots/batches/both/cancel")
    assert moved.json()["data"]["moved"] == 2
    left = (await office.admin.get("/api/robots/batches/both")).json()["data"]
    assert left["byStatus"] == {"PENDING": 2, "CANCELLED": 2}
    assert left["cancelledAt"] is None


async def test_robots_are_counted_and_read_together_of_its_own_modules(office: Office) -> None:
    ids = {name: office.running[name]["robotId"] for name in TYPES}
    some = (await office.client.get("/api/robots/some", params={"robotId": list(ids.values())})).json()["data"]
    assert [one["robotId"] for one in some] == [ids[OURS]]
    counts = [(await one.get("/api/robots/counts")).json()["data"] for one in (office.client, office.admin)]
    assert [counted["byStatus"]["PROCESSING"] for counted in counts] == [2, 4]


async def test_why_a_robot_came_here_names_no_other_module(office: Office) -> None:
    rival = {"moduleName": "rival", "moduleVersion": "1", "supportedRobotTypes": [TYPES[OURS]]}
    await office.admin.post("/api/modules", json=rival)
    asked = {"robotType": TYPES[OURS], "inputData": {}}
    made = [(await office.admin.post("/api/robots", json=asked)).json()["data"]["robotId"] for _ in range(4)]
    own = [one for one in (await office.client.get("/api/robots")).json()["data"] if one["robotId"] in made]
    assert own
    assert all([one["module"] for one in robot["routingDecision"]["considered"]] == [OURS] for robot in own)


async def test_only_a_key_of_a_module_is_bound_to_modules(house: House) -> None:
    async with house.client(Scope.ADMIN) as client:
        for scope in set(Scope) - {Scope.MODULE}:
            answer = await client.post("/api/keys", json={"name": "x", "scope": scope, "modules": ["reader"]})
            assert answer.status_code == 422
            assert "modules go with the scope module only" in answer.text


async def test_the_key_says_what_it_is_for(office: Office) -> None:
    me = (await office.client.get("/api/me")).json()["data"]
    assert (me["modules"], me["permissions"]) == ([OURS], ["modules", "robots"])
    (key,) = [one for one in (await office.admin.get("/api/keys")).json()["data"] if one["name"] == "reader-key"]
    assert key["modules"] == [OURS]
