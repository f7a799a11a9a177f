import httpx2
import pytest

from aiworker.access.first_start import admin_code
from aiworker.edge.api.context import SESSION_COOKIE
from aiworker.storage.outbox.queries import newest_numbers
from aiworker.wire.access import Scope
from tests.support.api import House
from tests.support.clocks import within_a_minute


async def signed_in(house: House, client: httpx2.AsyncClient) -> str:
    """Sign in with a code; the session's CSRF token."""
    answer = await client.post("/api/session", json={"code": await admin_code(house.database)})
    assert answer.status_code == 201
    return answer.json()["data"]["csrfToken"]


async def test_a_code_opens_a_session_whose_cookie_no_script_can_read(house: House) -> None:
    async with house.client() as client:
        answer = await client.post("/api/session", json={"code": await admin_code(house.database)})
        me = await client.get("/api/me")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{SESSION_COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie
    data = me.json()["data"]
    assert (data["name"], data["kind"], data["scope"]) == ("admin", "person", "admin")
    assert data["csrfToken"] == answer.json()["data"]["csrfToken"]
    assert "ship" in data["permissions"]
    assert data["feeds"] == await house.database.read(newest_numbers)


async def test_behind_https_the_cookie_is_secure(house: House) -> None:
    async with house.client(base="https://localhost") as client:
        answer = await client.post("/api/session", json={"code": await admin_code(house.database)})
    assert "Secure" in answer.headers["set-cookie"]


async def test_a_code_works_once(house: House) -> None:
    code = await admin_code(house.database)
    async with house.client() as client:
        assert (await client.post("/api/session", json={"code": code})).status_code == 201
        again = await client.post("/api/session", json={"code": code})
    assert (again.status_code, again.json()["error"]["code"]) == (401, "code_refused")
    assert "set-cookie" not in again.headers


async def test_a_key_opens_a_session_with_its_rights(house: House) -> None:
    async with house.client() as client:
        answer = await client.post("/api/session", json={"key": house.keys[Scope.MEMBER]})
        assert answer.json()["data"]["scope"] == "member"
        assert (await client.get("/api/keys")).status_code == 403


@pytest.mark.parametrize("body", [{}, {"code": "a", "key": "b"}, {"code": "nonsense"}, {"key": "nonsense"}])
async def test_what_opens_nothing_is_refused(house: House, body: dict[str, str]) -> None:
    async with house.client() as client:
        answer = await client.post("/api/session", json=body)
    assert answer.status_code in {401, 422}
    assert "set-cookie" not in answer.headers


async def test_writes_from_a_session_carry_its_csrf_token(house: House) -> None:
    async with house.client() as client:
        token = await signed_in(house, client)
        new = {"name": "ci", "scope": "read"}
        without = await client.post("/api/keys", json=new)
        wrong = await client.post("/api/keys", json=new, headers={"x-csrf-token": "0" * 64})
        right = await client.post("/api/keys", json=new, headers={"x-csrf-token": token})
    assert [without.status_code, wrong.status_code, right.status_code] == [403, 403, 201]
    assert without.json()["error"]["code"] == "csrf_token_wrong"


async def test_signing_out_ends_the_session_at_once_and_takes_the_cookie_away(house: House) -> None:
    async with house.client() as client:
        token = await signed_in(house, client)
        kept = client.cookies[SESSION_COOKIE]
        answer = await client.delete("/api/session", headers={"x-csrf-token": token})
        assert answer.status_code == 204
        assert SESSION_COOKIE not in client.cookies
        client.cookies.set(SESSION_COOKIE, kept)
        late = await client.get("/api/me")
    assert (late.status_code, late.json()["error"]["code"]) == (401, "session_ended")


async def test_a_key_cannot_sign_out(house: House) -> None:
    async with house.client(Scope.ADMIN) as client:
        assert (await client.delete("/api/session")).status_code == 422


async def test_trying_to_sign_in_has_a_limit(house: House) -> None:
    async with house.client() as client:
        with within_a_minute():
            answers = [await client.post("/api/session", json={"code": "x"}) for _ in range(61)]
    assert answers[0].status_code == 401
    assert answers[-1].status_code == 429


async def test_another_site_cannot_sign_a_browser_in(house: House) -> None:
    code = await admin_code(house.database)
    async with house.client(headers={"origin": "http://evil.example"}) as client:
        answer = await client.post("/api/session", json={"code": code})
    assert answer.status_code == 403


async def test_signing_in_and_out_is_in_the_audit_log(house: House) -> None:
    async with house.client() as client:
        token = await signed_in(house, client)
        await client.delete("/api/session", headers={"x-csrf-token": token})
    async with house.client(Scope.ADMIN) as admin:
        lines = (await admin.get("/api/audit", params={"subject": "admin"})).json()["data"]
    assert [line["action"] for line in lines] == ["session.end", "session.open"]
    assert lines[0]["address"] == "127.0.0.1"


async def test_a_key_needs_no_csrf_token(house: House) -> None:
    async with house.client(Scope.ADMIN) as client:
        assert (await client.get("/api/me")).json()["data"]["csrfToken"] is None
        assert (await client.post("/api/keys", json={"name": "ci", "scope": "read"})).status_code == 201
