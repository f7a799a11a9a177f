"""What holds for every end point: the envelope, ids, hosts, limits, encodings."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from fastapi import APIRouter

from aiworker.core.errors import Unavailable
from aiworker.edge.api.app import ROUTERS, api_app
from aiworker.edge.api.routing import api_router
from aiworker.storage.database import Database
from aiworker.wire.access import Scope
from tests.support.api import House, make_house
from tests.support.clocks import within_a_minute
from tests.support.http_server import free_socket, serving

EVERYWHERE = [
    ("GET", "/api/"),
    ("GET", "/api/me"),
    ("GET", "/api/keys"),
    ("POST", "/api/keys"),
    ("DELETE", "/api/keys/1"),
    ("GET", "/api/audit"),
    ("GET", "/api/modules"),
    ("POST", "/api/modules"),
    ("POST", "/api/modules/x/claim"),
    ("GET", "/api/robots"),
    ("POST", "/api/robots"),
    ("POST", "/api/robots/x/cancel"),
    ("GET", "/api/executions"),
    ("PATCH", "/api/executions/x"),
    ("GET", "/api/openapi.json"),
    ("GET", "/api/docs"),
    ("DELETE", "/api/session"),
]


def problem(answer: httpx2.Response) -> dict[str, Any]:
    body = answer.json()
    assert body["success"] is False
    assert set(body["error"]) == {"code", "message", "details", "requestId"}
    assert body["error"]["requestId"] == answer.headers["x-request-id"]
    return body["error"]


@pytest.mark.parametrize(("method", "path"), EVERYWHERE)
async def test_nothing_answers_without_a_credential(house: House, method: str, path: str) -> None:
    async with house.client() as client:
        answer = await client.request(method, path, content=b"{not even json")
    assert answer.status_code == 401
    assert problem(answer)["code"] == "credential_missing"
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_every_end_point_that_is_described_asks_for_a_credential_or_says_that_it_is_public(house: House) -> None:
    async with house.client(Scope.READ) as client:
        paths = (await client.get("/api/openapi.json")).json()["paths"]
    async with house.client() as stranger:
        for path, operations in paths.items():
            for method, operation in operations.items():
                answer = await stranger.request(method, path.replace("{", "").replace("}", ""))
                # A webhook is public and refuses a wrong signature all the same.
                asked = answer.status_code == 401 and problem(answer)["code"] == "credential_missing"
                assert asked == (operation.get("security") != []), f"{method} {path}"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("Bearer nonsense", "key_unknown"),
        ("Bearer ", "key_unknown"),
        ("Bearer aiw_admin_" + "A" * 43, "key_unknown"),
        ("Basic YWRtaW46YWRtaW4=", "credential_missing"),
        ("aiw_admin_x", "credential_missing"),
    ],
)
async def test_a_forged_credential_is_refused(house: House, header: str, code: str) -> None:
    async with house.client(headers={"authorization": header}) as client:
        answer = await client.get("/api/me")
    assert answer.status_code == 401
    assert problem(answer)["code"] == code


async def test_a_missing_permission_is_named(house: House) -> None:
    async with house.client(Scope.MEMBER) as client:
        answer = await client.get("/api/keys")
    assert answer.status_code == 403
    error = problem(answer)
    assert error["message"] == "This needs the permission 'admin'; member-key has the scope 'member'."


async def test_an_unknown_address_and_a_wrong_method_answer_in_the_envelope(house: House) -> None:
    async with house.client(Scope.ADMIN) as client:
        missing, wrong = await client.get("/api/nothing"), await client.put("/api/keys")
    assert (missing.status_code, problem(missing)["code"]) == (404, "not_found")
    assert (wrong.status_code, problem(wrong)["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"]


@pytest.mark.parametrize(
    ("body", "field", "rule"),
    [
        ({"name": "ci"}, "scope", "is missing"),
        ({"name": "ci", "scope": "god"}, "scope", "must be"),
        ({"name": "ci", "scope": "read", "admin": True}, "admin", "is not a known field"),
        ({"name": "", "scope": "read"}, "name", "must not be empty"),
        ({"name": "x" * 101, "scope": "read"}, "name", "at most 100 characters"),
        ({"name": 7, "scope": "read"}, "name", "valid string"),
        ({"name": "a\u0000b", "scope": "read"}, "name", "control character"),
        ({"name": "a\nb", "scope": "read"}, "name", "one line"),
        ({"name": "$(reboot)", "scope": "read"}, "name", "must match"),
        ({"name": "ci", "scope": "read", "expiresAt": "tomorrow"}, "expiresAt", "valid datetime"),
        ({"name": "ci", "scope": "read", "expiresAt": "2030-01-01T00:00:00"}, "expiresAt", "timezone"),
        ([], "body", "must be an object"),
        (None, "body", "is missing"),
    ],
)
async def test_wrong_input_names_the_field_and_the_rule(house: House, body: Any, field: str, rule: str) -> None:
    async with house.client(Scope.ADMIN) as client:
        answer = await client.post("/api/keys", json=body)
    assert answer.status_code == 422
    error = problem(answer)
    assert error["details"]["fields"][0]["field"] == field
    assert rule in error["details"]["fields"][0]["rule"]
    assert error["details"]["fields"][0]["told"]["code"].startswith("rule_")
    assert error["message"].startswith(f"{field}: ")


@pytest.mark.parametrize(
    "body",
    [b"{", b'{"name": }', b"\xff\xfe", b'{"name": "\xff"}', b"[" * 100_000, b"1" * 10_000, b'"' + b"x" * 10_000],
)
async def test_what_is_not_json_is_refused(house: House, body: bytes) -> None:
    async with house.client(Scope.ADMIN, headers={"content-type": "application/json"}) as client:
        answer = await client.post("/api/keys", content=body)
    assert answer.status_code in {400, 422}
    problem(answer)


async def test_json_must_be_announced_as_such(house: House) -> None:
    body = json.dumps({"name": "ci", "scope": "read"}).encode()
    async with house.client(Scope.ADMIN, headers={"content-type": "text/plain"}) as client:
        answer = await client.post("/api/keys", content=body)
    assert answer.status_code == 422


@pytest.mark.parametrize("path", ["/api/robots/%00", "/api/robots/a%0Ab", "/api/robots/%ff", "/api/robots?queue=%00"])
async def test_addresses_that_are_not_text_are_refused(house: House, path: str) -> None:
    async with house.client(Scope.ADMIN) as client:
        answer = await client.get(path)
    assert answer.status_code == 400
    problem(answer)


@pytest.mark.parametrize("path", ["/api/robots/..%2F..%2Fetc%2Fpasswd", "/api/robots/';DROP TABLE robots;--"])
async def test_tricks_in_a_path_are_just_unknown(house: House, path: str) -> None:
    async with house.client(Scope.ADMIN) as client:
        answer = await client.get(path)
    assert answer.status_code == 404
    problem(answer)


async def test_a_path_may_not_be_endless(house: House) -> None:
    async with house.client(Scope.ADMIN) as client:
        answer = await client.get("/api/robots/" + "x" * 5_000)
    assert answer.status_code == 400


@pytest.mark.parametrize("streamed", [True, False])
async def test_a_body_of_ten_megabytes_is_too_large(house: House, streamed: bool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(160):
            yield b"x" * 65_536

    async with (
        serving(house.app, free_socket()) as address,
        httpx2.AsyncClient(headers={"authorization": f"Bearer {house.keys[Scope.ADMIN]}"}, timeout=60) as client,
    ):
        body = chunks() if streamed else b"x" * 10_485_760
        answer = await client.post(f"{address}/api/robots", content=body)
    assert answer.status_code == 413
    assert problem(answer)["code"] == "body_too_large"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "192.0.2.1", "user@localhost", "a b"])
async def test_a_name_that_is_not_ours_is_refused(house: House, host: str) -> None:
    async with house.client(Scope.ADMIN, headers={"host": host}) as client:
        answer = await client.get("/api/me")
        health = await client.get("/api/health")
    assert (answer.status_code, problem(answer)["code"]) == (403, "host_not_allowed")
    assert health.status_code == 200


@pytest.mark.parametrize("host", ["localhost", "localhost:3000", "127.0.0.1:9", "[::1]:3000", "LOCALHOST."])
async def test_names_of_this_machine_are_ours(house: House, host: str) -> None:
    async with house.client(Scope.ADMIN, headers={"host": host}) as client:
        assert (await client.get("/api/me")).status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost:5999", "http://task-1.preview.localhost:3000", "x"]
)
async def test_pages_of_other_sites_may_not_write(house: House, origin: str) -> None:
    async with house.client(Scope.ADMIN, headers={"origin": origin}) as client:
        written = await client.post("/api/keys", json={"name": "ci", "scope": "read"})
        read = await client.get("/api/keys")
    assert (written.status_code, problem(written)["code"]) == (403, "origin_not_allowed")
    assert read.status_code == 200
    assert "access-control-allow-origin" not in read.headers


async def test_our_own_page_may_write(house: House) -> None:
    async with house.client(Scope.ADMIN, headers={"origin": "http://localhost:3000"}) as client:
        assert (await client.post("/api/keys", json={"name": "ci", "scope": "read"})).status_code == 201


async def test_a_request_keeps_the_id_that_it_came_with_if_it_is_a_plain_one(house: House) -> None:
    async with house.client(Scope.READ) as client:
        kept = await client.get("/api/me", headers={"x-request-id": "trace-7.a"})
        replaced = await client.get("/api/me", headers={"x-request-id": 'x" or 1=1'})
    assert kept.headers["x-request-id"] == "trace-7.a"
    assert len(replaced.headers["x-request-id"]) == 36


async def test_too_many_requests_are_told_when_to_come_back(database: Database) -> None:
    house = await make_house(database, requests_per_minute=3)
    async with house.client(Scope.READ) as client, house.client(Scope.ADMIN) as other:
        with within_a_minute():
            answers = [await client.get("/api/me") for _ in range(4)]
        assert (await other.get("/api/me")).status_code == 200
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert problem(answers[-1])["code"] == "rate_limited"
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    await house.access.close()


async def test_a_key_may_have_a_limit_of_its_own_which_its_sessions_share(house: House) -> None:
    async with house.client(Scope.ADMIN) as admin, house.client(Scope.READ) as other:
        new = {"name": "slow", "scope": "read", "requestsPerMinute": 3}
        key = (await admin.post("/api/keys", json=new)).json()["data"]
        assert key["requestsPerMinute"] == 3
        async with house.client(headers={"authorization": f"Bearer {key['key']}"}) as client, house.client() as page:
            with within_a_minute():
                answers = [await client.get("/api/me") for _ in range(4)]
                assert (await page.post("/api/session", json={"key": key["key"]})).status_code == 201
                answers.append(await page.get("/api/me"))
        assert [(await other.get("/api/me")).status_code for _ in range(5)] == [200] * 5
        assert (await admin.post("/api/keys", json={**new, "requestsPerMinute": 0})).status_code == 422
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert problem(answers[-1])["message"].startswith("More than 3 requests in a minute")
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60


def failing_router() -> APIRouter:
    router = api_router("failing", "/failing")

    @router.get("/bug")
    async def bug() -> None:  # pyright: ignore[reportUnusedFunction]
        raise RuntimeError("SELECT password FROM users")

    @router.get("/away")
    async def away() -> None:  # pyright: ignore[reportUnusedFunction]
        raise Unavailable("The forge does not answer.", code="forge_away")

    return router


async def test_a_bug_answers_with_its_request_id_and_nothing_of_its_inside(house: House) -> None:
    app = api_app(house.context, [*ROUTERS, failing_router()])
    transport = httpx2.ASGITransport(app=app)
    headers = {"authorization": f"Bearer {house.keys[Scope.READ]}"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
        bug, away = await client.get("/api/failing/bug"), await client.get("/api/failing/away")
    assert (bug.status_code, problem(bug)["code"]) == (500, "internal_error")
    assert "password" not in bug.text
    assert (away.status_code, problem(away)["code"]) == (503, "forge_away")
    assert away.headers["retry-after"]


async def test_the_end_points_are_listed_and_described(house: House) -> None:
    async with house.client(Scope.READ) as client:
        listed = (await client.get("/api/")).json()
        schema = (await client.get("/api/openapi.json")).json()
        page = await client.get("/api/docs")
    assert {"method": "POST", "path": "/api/robots", "summary": "Submit"} in listed["data"]
    assert listed["count"] == len(listed["data"])
    assert schema["openapi"].startswith("3.1")
    assert schema["security"]
    assert "/api/robots/{robotId}" in page.text
    assert "http://" not in page.text.replace("http://localhost", "")
    assert "<script" not in page.text


async def test_many_at_once_each_get_their_own_answer(house: House) -> None:
    async with house.client(Scope.ADMIN) as client:
        answers = await asyncio.gather(
            *(client.post("/api/keys", json={"name": f"key-{number}", "scope": "read"}) for number in range(20))
        )
    assert {answer.json()["data"]["name"] for answer in answers} == {f"key-{number}" for number in range(20)}
