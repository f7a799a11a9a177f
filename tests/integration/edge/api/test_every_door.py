"""What holds at every end point that is described, one by one: who may do what, and what is never taken."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from aiworker.access.actors import SYSTEM
from aiworker.edge.api.app import describe
from aiworker.wire.access import NewKey, Scope
from tests.support.api import House, make_house
from tests.support.clocks import ManualClock
from tests.support.databases import fresh_database

MEMBERS = {Scope.ADMIN, Scope.MAINTAINER, Scope.MEMBER}
MAINTAINERS = {Scope.ADMIN, Scope.MAINTAINER}
AGENTS = {Scope.ADMIN, Scope.AGENT}
MODULES = {Scope.ADMIN, Scope.MODULE}
ADMINS = {Scope.ADMIN}

# Every write, who may do it, and the least that it takes. A new one has to be added here.
WRITES: Mapping[str, tuple[set[Scope], Any]] = {
    "POST /api/keys": (ADMINS, {"name": "ci", "scope": "read"}),
    "DELETE /api/keys/{key_id}": (ADMINS, None),
    "POST /api/projects": (MAINTAINERS, {"name": ""}),
    "PATCH /api/projects/{project}": (MAINTAINERS, {}),
    "DELETE /api/projects/{project}": (MAINTAINERS, None),
    "POST /api/projects/{project}/sync": (MAINTAINERS, {}),
    "POST /api/projects/{project}/import": (MEMBERS, {"source": "json", "content": "[]"}),
    "POST /api/forge-people": (ADMINS, {"login": "ada"}),
    "DELETE /api/forge-people/{login}": (ADMINS, None),
    "POST /api/tasks": (MEMBERS, {"projectId": "NONE", "title": "x"}),
    "PATCH /api/tasks/{task}": (MEMBERS, {}),
    "DELETE /api/tasks/{task}": (MEMBERS, None),
    "POST /api/tasks/{task}/respond": (MEMBERS, {"response": "x"}),
    "POST /api/tasks/{task}/approve": (MAINTAINERS, {"commit": "0" * 40}),
    "POST /api/tasks/{task}/request-changes": (MEMBERS, {"body": "x"}),
    "POST /api/tasks/{task}/cancel": (MEMBERS, {}),
    "POST /api/tasks/{task}/reopen": (MEMBERS, None),
    "POST /api/tasks/{task}/retry": (MEMBERS, None),
    "POST /api/tasks/{task}/stop": (MEMBERS, {}),
    "POST /api/tasks/{task}/start": (MEMBERS, None),
    "POST /api/tasks/{task}/release": (MEMBERS, {}),
    "POST /api/tasks/{task}/submit": (MEMBERS, {}),
    "POST /api/tasks/{task}/preview": (MEMBERS, None),
    "POST /api/tasks/{task}/attempts/{execution}/allow": (MAINTAINERS, {"rule": "Read"}),
    "DELETE /api/tasks/{task}/preview": (MEMBERS, None),
    "POST /api/agents": (AGENTS, {"podName": "claude-1"}),
    "PATCH /api/agents/{agent}": (ADMINS, {}),
    "DELETE /api/agents/{agent}": (ADMINS, None),
    "POST /api/agents/{agent}/heartbeat": (AGENTS, None),
    "PATCH /api/agent-pool": (ADMINS, {"wanted": 1}),
    "POST /api/agents/{agent}/attempt": (AGENTS, {"attempt": "x"}),
    "POST /api/agents/{agent}/attempt/key": (AGENTS, {"attempt": "x"}),
    "POST /api/agents/{agent}/attempt/log": (AGENTS, {"attempt": "x", "lines": [{"message": "x"}]}),
    "POST /api/agents/{agent}/attempt/park": (AGENTS, {"attempt": "x"}),
    "POST /api/agents/{agent}/attempt/fail": (AGENTS, {"attempt": "x", "message": "x"}),
    "POST /api/task-groups": (MAINTAINERS, {"taskIds": ["NONE-1"]}),
    "POST /api/merge": (MAINTAINERS, {"taskIds": ["NONE-1"]}),
    "POST /api/task-groups/{group}/promote": (MAINTAINERS, None),
    "POST /api/task-groups/{group}/rollback": (MAINTAINERS, None),
    "POST /api/task-groups/{group}/withdraw": (MAINTAINERS, None),
    "POST /api/task-groups/{group}/send-back": (MAINTAINERS, None),
    "POST /api/modules": (
        MODULES,
        {"moduleName": "ocr", "moduleVersion": "1", "supportedRobotTypes": ["ocr.page"]},
    ),
    "PATCH /api/modules/{moduleName}": (MODULES, {}),
    "DELETE /api/modules/{moduleName}": (MODULES, None),
    "POST /api/modules/{moduleName}/drain": (MODULES, None),
    "POST /api/modules/{moduleName}/reset": (MAINTAINERS, None),
    "POST /api/modules/{moduleName}/health-check": (MODULES, None),
    "POST /api/modules/{moduleName}/claim": (MODULES, {"holder": "x"}),
    "POST /api/schedules": (
        MAINTAINERS,
        {"name": "nightly", "cron": "0 2 * * *", "robot": {"robotType": "none.such", "inputData": {}}},
    ),
    "PATCH /api/schedules/{name}": (MAINTAINERS, {}),
    "DELETE /api/schedules/{name}": (MAINTAINERS, None),
    "POST /api/schedules/{name}/run": (MAINTAINERS, None),
    "POST /api/robots": (MEMBERS | MODULES, {"robotType": "none.such", "inputData": {}}),
    "POST /api/robots/{robotId}/review": (MEMBERS, {"decision": "accept"}),
    "POST /api/robots/batches": (MEMBERS | MODULES, [{"robotType": "none.such", "inputData": {}}]),
    "POST /api/robots/batches/{correlationId}/cancel": (MEMBERS | MODULES, None),
    "POST /api/robots/batches/{correlationId}/retry": (MEMBERS | MODULES, None),
    "POST /api/robots/{robotId}/cancel": (MEMBERS | MODULES, None),
    "POST /api/robots/{robotId}/retry": (MEMBERS | MODULES, None),
    "POST /api/robots/{robotId}/pause": (MEMBERS | MODULES, None),
    "POST /api/robots/{robotId}/resume": (MEMBERS | MODULES, None),
    "PATCH /api/executions/{executeId}": (MODULES, {"leaseToken": "x"}),
    "POST /api/executions/report": (MODULES, {"reports": [{"executeId": "x", "leaseToken": "x"}]}),
    "POST /api/executions/end": (MODULES, {"endings": [{"executeId": "x", "release": {"leaseToken": "x"}}]}),
    "POST /api/executions/{executeId}/complete": (MODULES, {"leaseToken": "x"}),
    "POST /api/executions/{executeId}/fail": (MODULES, {"leaseToken": "x", "errorMessage": "x"}),
    "POST /api/executions/{executeId}/release": (MODULES, {"leaseToken": "x"}),
}
# Everybody signs in and out for themselves.
SESSION = {"POST /api/session", "DELETE /api/session"}
# Its signature is its credential.
SIGNED = {"POST /api/webhooks/gitea"}
ADMIN_READS = {"GET /api/keys", "GET /api/audit", "GET /api/forge-people"}

STRANGE_NAMES = [
    "unknown",
    "NONE-1",
    "01a1fd06-c7a0-717d-8078-1dd95c4d30d0",
    "../../etc/passwd",
    "$(reboot) `id` --upload-pack=x",
    "'; DROP TABLE tasks; --",
    "漢字 ünïcode",
]


@pytest.fixture(scope="module")
def paths() -> dict[str, Any]:
    return describe("test")["paths"]


def operations(paths: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for path, methods in paths.items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def named(paths: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """The operations on one thing that is named in the path, with the least body that they take."""
    for method, path, _ in operations(paths):
        if "{" in path:
            yield method, path, None if method == "GET" else WRITES[f"{method} {path}"][1]


def filled(path: str, name: str) -> str:
    """A path with a name in all its places."""
    while "{" in path:
        before, _, rest = path.partition("{")
        path = before + quote(name, safe="") + rest.partition("}")[2]
    return path


def assert_refused(answer: httpx2.Response, statuses: set[int], what: str) -> None:
    assert answer.status_code in statuses, f"{what}: {answer.status_code} {answer.text}"
    body = answer.json()
    assert body["success"] is False, what
    assert set(body["error"]) == {"code", "message", "details", "requestId"}, what
    assert "Traceback" not in answer.text, what
    assert "SELECT" not in answer.text, what


def test_every_write_is_known_here(paths: dict[str, Any]) -> None:
    described = {f"{method} {path}" for method, path, _ in operations(paths) if method != "GET"}
    assert described - SESSION - SIGNED == set(WRITES)


@pytest.mark.parametrize("scope", Scope)
async def test_each_scope_may_do_what_it_is_for_and_nothing_else(
    house: House, paths: dict[str, Any], scope: Scope
) -> None:
    async with house.client(scope) as client:
        for name, (scopes, body) in WRITES.items():
            method, _, path = name.partition(" ")
            answer = await client.request(method, filled(path, "unknown"), json=body)
            if scope in scopes:
                assert answer.status_code not in {401, 403}, name
            else:
                assert_refused(answer, {403}, name)
                assert answer.json()["error"]["code"] == "permission_missing"
        for method, path, _ in operations(paths):
            if method == "GET":
                answer = await client.get(filled(path, "unknown"))
                allowed = scope is Scope.ADMIN or f"GET {path}" not in ADMIN_READS
                assert (answer.status_code != 403) is allowed, path


async def test_what_is_not_there_is_not_found(house: House, paths: dict[str, Any]) -> None:
    async with house.client(Scope.ADMIN) as client:
        for method, path, body in named(paths):
            for name in STRANGE_NAMES:
                answer = await client.request(method, filled(path, name), json=body)
                assert_refused(answer, {404, 422}, f"{method} {path} {name}")
                if name in {"unknown", "NONE-1"}:
                    assert answer.status_code == 404, f"{method} {path}"


async def test_a_name_that_cannot_be_one_is_refused(house: House, paths: dict[str, Any]) -> None:
    names = {"\0": {400}, "a\nb": {400}, "\x7f": {400}, "a" * 300: {404, 422}}
    async with house.client(Scope.ADMIN) as client:
        for method, path, body in named(paths):
            for name, statuses in names.items():
                answer = await client.request(method, filled(path, name), json=body)
                assert_refused(answer, statuses, f"{method} {path} {name!r}")


BODIES = {
    "ten megabytes": (b'{"title": "' + b"x" * 10_485_760 + b'"}', "application/json", {413}),
    "no JSON": (b"{", "application/json", {400}),
    "no text": (b'{"name": "\xff"}', "application/json", {400}),
    "deep": (b"[" * 100_000, "application/json", {400, 422}),
    "a list of numbers": (b"[1, 2]", "application/json", {422}),
    "a text": (b'"x"', "application/json", {422}),
    "a field that is none": (b'{"\\u0000nobody": 1}', "application/json", {422}),
    "plain text": (b"title=x", "text/plain", {422}),
    "a form": (b"title=x", "application/x-www-form-urlencoded", {422}),
    "XML": (b"<title/>", "application/xml", {422}),
}


@pytest.mark.parametrize("what", BODIES)
async def test_a_body_that_is_not_what_was_asked_for_is_refused(house: House, paths: dict[str, Any], what: str) -> None:
    content, kind, statuses = BODIES[what]
    async with house.client(Scope.ADMIN, headers={"content-type": kind}) as client:
        for method, path, operation in operations(paths):
            if "requestBody" in operation:
                answer = await client.request(method, filled(path, "unknown"), content=content)
                assert_refused(answer, statuses, f"{method} {path}")


async def test_every_list_has_a_limit_that_is_a_sensible_number(house: House, paths: dict[str, Any]) -> None:
    async with house.client(Scope.ADMIN) as client:
        for path in taking(paths, "limit"):
            for limit in ("0", "-1", "1000000", "9" * 30, "ten", "1e3", ""):
                answer = await client.get(filled(path, "unknown"), params={"limit": limit})
                assert_refused(answer, {422}, f"{path} {limit}")
                assert answer.json()["error"]["details"]["fields"][0]["field"] == "limit"


async def test_a_cursor_that_was_not_given_out_is_refused(house: House, paths: dict[str, Any]) -> None:
    async with house.client(Scope.ADMIN) as client:
        for path in taking(paths, "cursor"):
            for cursor in ("x", "eyJhIjoxfQ", "AAAA", "-1", "9" * 400, "💥"):
                answer = await client.get(path, params={"cursor": cursor})
                assert_refused(answer, {422}, f"{path} {cursor}")


def taking(paths: Mapping[str, Any], parameter: str) -> list[str]:
    """The lists that take a parameter."""
    return [
        path
        for method, path, operation in operations(paths)
        if method == "GET" and any(each["name"] == parameter for each in operation.get("parameters", ()))
    ]


async def test_a_method_that_an_address_does_not_take_is_refused(house: House, paths: dict[str, Any]) -> None:
    async with house.client(Scope.ADMIN) as client:
        for path in paths:
            for method in ("PUT", "TRACE"):
                answer = await client.request(method, filled(path, "unknown"))
                assert_refused(answer, {405}, f"{method} {path}")
                assert answer.headers["allow"], path


async def test_an_expired_key_opens_nothing_nor_does_the_session_that_it_opened(
    tmp_path: Path, paths: dict[str, Any]
) -> None:
    clock = ManualClock()
    house = await make_house(fresh_database(tmp_path, clock=clock))
    new = NewKey(name="short", scope=Scope.ADMIN, expires_at=clock.now + timedelta(minutes=1))
    _, key = await house.access.create_key(SYSTEM, new)
    async with house.client() as client:
        assert (await client.post("/api/session", json={"key": key})).status_code == 201
        clock.pass_seconds(61)
        for method, path, operation in operations(paths):
            if operation.get("security") != []:
                by_key = await client.request(
                    method, filled(path, "unknown"), headers={"authorization": f"Bearer {key}"}
                )
                assert_refused(by_key, {401}, f"{method} {path}")
                assert by_key.json()["error"]["code"] == "key_expired"
                assert_refused(await client.request(method, filled(path, "unknown")), {401}, f"{method} {path}")
        assert_refused(await client.post("/api/session", json={"key": key}), {401}, "signing in")
    await house.access.close()
    await house.database.close()
