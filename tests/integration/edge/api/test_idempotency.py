import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from aiworker.access.idempotency.service import finish
from aiworker.wire.access import Scope
from tests.support.api import House
from tests.support.engine import new_module

ROBOT = {"robotType": "ocr.read", "inputData": {"page": 1}}


@pytest.fixture
async def module(house: House) -> None:
    await house.database.write(house.engine.register_module, new_module())


@pytest.mark.usefixtures("module")
async def test_a_repeated_request_has_its_effect_once(house: House) -> None:
    headers = {"idempotency-key": "order-7"}
    async with house.client(Scope.MEMBER, headers=headers) as client:
        first = await client.post("/api/robots", json=ROBOT)
        second = await client.post("/api/robots", json=ROBOT)
        listed = await client.get("/api/robots")
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"
    assert listed.json()["count"] == 1


@pytest.mark.usefixtures("module")
async def test_one_key_for_two_requests_is_refused(house: House) -> None:
    async with house.client(Scope.MEMBER, headers={"idempotency-key": "order-7"}) as client:
        await client.post("/api/robots", json=ROBOT)
        other = await client.post("/api/robots", json={**ROBOT, "inputData": {"page": 2}})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_key_reused")


async def test_a_request_that_failed_may_be_corrected(house: House) -> None:
    async with house.client(Scope.MEMBER, headers={"idempotency-key": "order-7"}) as client:
        assert (await client.post("/api/robots", json=ROBOT)).status_code == 422
        await house.database.write(house.engine.register_module, new_module())
        assert (await client.post("/api/robots", json=ROBOT)).status_code == 201


@pytest.mark.usefixtures("module")
async def test_two_at_the_same_moment_make_one(house: House) -> None:
    async with house.client(Scope.MEMBER, headers={"idempotency-key": "order-7"}) as client:
        answers = await asyncio.gather(*(client.post("/api/robots", json=ROBOT) for _ in range(5)))
        listed = await client.get("/api/robots")
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert listed.json()["count"] == 1


@pytest.mark.usefixtures("module")
async def test_a_server_that_dies_before_it_answers_has_carried_the_request_out_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = house.database.write

    async def deadly(body: Callable[..., Any], *args: Any) -> Any:
        if body is finish:
            raise KeyboardInterrupt
        return await write(body, *args)

    monkeypatch.setattr(house.database, "write", deadly)
    async with house.client(Scope.MEMBER, headers={"idempotency-key": "order-7"}) as client:
        with pytest.raises(KeyboardInterrupt):
            await client.post("/api/robots", json=ROBOT)
        monkeypatch.undo()
        again = await client.post("/api/robots", json=ROBOT)
        listed = await client.get("/api/robots")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "request_under_way")
    assert listed.json()["count"] == 1


@pytest.mark.usefixtures("module")
async def test_callers_do_not_see_each_others_answers(house: House) -> None:
    headers = {"idempotency-key": "order-7"}
    async with house.client(Scope.MEMBER, headers=headers) as one, house.client(Scope.ADMIN, headers=headers) as two:
        first, second = await one.post("/api/robots", json=ROBOT), await two.post("/api/robots", json=ROBOT)
    assert first.json()["data"]["robotId"] != second.json()["data"]["robotId"]


async def test_an_answer_that_holds_a_secret_is_never_kept(house: House) -> None:
    async with house.client(Scope.ADMIN, headers={"idempotency-key": "key-7"}) as client:
        first = await client.post("/api/keys", json={"name": "ci", "scope": "read"})
        second = await client.post("/api/keys", json={"name": "ci", "scope": "read"})
    assert first.status_code == 201
    assert (second.status_code, second.json()["error"]["code"]) == (409, "key_name_taken")


@pytest.mark.parametrize("key", ["", "x" * 201])
async def test_a_key_has_a_sensible_length(house: House, key: str) -> None:
    async with house.client(Scope.MEMBER, headers={"idempotency-key": key}) as client:
        answer = await client.post("/api/robots", json=ROBOT)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_idempotency_key")
