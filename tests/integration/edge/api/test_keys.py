from aiworker.wire.access import Scope
from tests.support.api import House


async def test_a_new_key_is_shown_once(house: House) -> None:
    async with house.client(Scope.ADMIN) as client:
        made = await client.post("/api/keys", json={"name": "ci", "scope": "member"})
        listed = await client.get("/api/keys")
    key = made.json()["data"]
    assert made.status_code == 201
    assert key["key"].startswith("aiw_member_")
    assert key["createdBy"] == "admin-key"
    (same,) = [one for one in listed.json()["data"] if one["id"] == key["id"]]
    assert same["prefix"] == key["prefix"]
    assert key["key"] not in listed.text
    async with house.client(headers={"authorization": f"Bearer {key['key']}"}) as client:
        assert (await client.get("/api/me")).json()["data"]["name"] == "ci"


async def test_a_name_is_used_once(house: House) -> None:
    async with house.client(Scope.ADMIN) as client:
        await client.post("/api/keys", json={"name": "ci", "scope": "member"})
        again = await client.post("/api/keys", json={"name": "ci", "scope": "member"})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "key_name_taken")


async def test_a_revoked_key_is_refused_at_once(house: House) -> None:
    async with house.client(Scope.ADMIN) as admin, house.client(Scope.READ) as reader:
        assert (await reader.get("/api/me")).status_code == 200
        keys = (await admin.get("/api/keys")).json()["data"]
        (mine,) = [key for key in keys if key["name"] == "read-key"]
        revoked = await admin.delete(f"/api/keys/{mine['id']}")
        late = await reader.get("/api/me")
    assert revoked.json()["data"]["revokedAt"]
    assert (late.status_code, late.json()["error"]["code"]) == (401, "key_revoked")


async def test_revoking_what_is_not_there_says_so(house: House) -> None:
    async with house.client(Scope.ADMIN) as client:
        answer = await client.delete("/api/keys/nothing")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "key_not_found")


async def test_keys_come_page_by_page(house: House) -> None:
    names: list[str] = []
    cursor = None
    async with house.client(Scope.ADMIN) as client:
        while True:
            page = (await client.get("/api/keys", params={"limit": 4, **({"cursor": cursor} if cursor else {})})).json()
            names += [key["name"] for key in page["data"]]
            cursor = page["nextCursor"]
            if cursor is None:
                break
    assert sorted(names) == sorted(f"{scope}-key" for scope in Scope)


async def test_a_cursor_that_was_not_given_out_is_refused(house: House) -> None:
    async with house.client(Scope.ADMIN) as client:
        for path in ("/api/keys", "/api/audit"):
            answer = await client.get(path, params={"cursor": "nonsense"})
            assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_cursor")


async def test_a_list_has_a_limit(house: House) -> None:
    async with house.client(Scope.ADMIN) as client:
        for limit in ("0", "501", "-1", "many"):
            assert (await client.get("/api/keys", params={"limit": limit})).status_code == 422


async def test_changes_are_in_the_audit_log_for_admins_only(house: House) -> None:
    async with house.client(Scope.ADMIN) as client:
        await client.post("/api/keys", json={"name": "ci", "scope": "member"})
        page = (await client.get("/api/audit", params={"limit": 1})).json()
        older = (await client.get("/api/audit", params={"limit": 1, "cursor": page["nextCursor"]})).json()
    assert (page["data"][0]["action"], page["data"][0]["subject"]) == ("key.create", "ci")
    assert page["data"][0]["actor"] == "admin-key"
    assert older["data"][0]["id"] < page["data"][0]["id"]
    async with house.client(Scope.MAINTAINER) as client:
        assert (await client.get("/api/audit")).status_code == 403


async def test_a_request_that_failed_is_not_in_the_audit_log(house: House) -> None:
    async with house.client(Scope.ADMIN) as client:
        before = (await client.get("/api/audit")).json()["count"]
        await client.delete("/api/keys/nothing")
        assert (await client.get("/api/audit")).json()["count"] == before
