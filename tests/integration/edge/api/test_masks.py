"""What a type marks as sensitive is seen by those who may, and by nobody else at any door, however it is repeated."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from aiworker.storage.transaction import ANNOUNCEMENT_TOPIC
from aiworker.wire.access import Scope
from tests.support.api import House

NAME, IBAN = "Ada Lovelace", "ES7921000813610123456789"
FIELD = {"type": "string", "x-sensitive": True}
MODULE = {
    "moduleName": "reader",
    "moduleVersion": "1.0",
    "supportedRobotTypes": ["ocr.read"],
    "typeSettings": {
        "ocr.read": {
            "inputSchema": {"properties": {"name": FIELD, "iban": FIELD}},
            "outputSchema": {"properties": {"owner": FIELD}},
            "minConfidence": 0.9,
            "retryLimit": 0,
        }
    },
}
ROBOT: dict[str, Any] = {"robotType": "ocr.read", "inputData": {"page": 1, "name": NAME, "iban": IBAN}}
OUTPUT = {
    "iban": "the account",
    "owner": "Charles",
    "text": f"Dear {NAME}, pay to {IBAN}",
    "found": [{"who": NAME}],
    "pages": 3,
}
WHOLE = {Scope.ADMIN, Scope.MAINTAINER, Scope.MODULE}


@pytest.fixture
async def module(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    async with house.client(Scope.MODULE) as client:
        assert (await client.post("/api/modules", json=MODULE)).status_code == 201
        yield client


async def claimed(module: httpx2.AsyncClient) -> dict[str, Any]:
    assert (await module.post("/api/robots", json=ROBOT)).status_code == 201
    (one,) = (await module.post("/api/modules/reader/claim", json={"holder": "w"})).json()["data"]
    return one


async def seen(house: House, scope: Scope, *paths: str) -> str:
    async with house.client(scope) as client:
        answers = [await client.get(path) for path in paths]
    assert all(answer.status_code == 200 for answer in answers), [answer.text for answer in answers]
    return "".join(answer.text for answer in answers)


@pytest.mark.parametrize("held", [True, False])
async def test_a_result_is_masked_like_its_input(house: House, module: httpx2.AsyncClient, held: bool) -> None:
    one = await claimed(module)
    result = {"leaseToken": one["leaseToken"], "outputData": OUTPUT, "confidenceScore": 0.1 if held else 1}
    assert (await module.post(f"/api/executions/{one['executeId']}/complete", json=result)).status_code == 200
    robot = f"/api/robots/{one['robotId']}"
    doors = ("/api/reviews", f"{robot}/review") if held else (robot, "/api/robots")
    for scope in Scope:
        text = await seen(house, scope, *doors)
        assert [secret in text for secret in (NAME, IBAN, "the account", "Charles")] == [scope in WHOLE] * 4, scope
        assert '"pages":3' in text


async def test_what_a_worker_says_is_hidden_from_everybody(house: House, module: httpx2.AsyncClient) -> None:
    one = await claimed(module)
    execution = f"/api/executions/{one['executeId']}"
    step = {"name": "pay", "status": "completed", "detail": f"to {IBAN}"}
    report = {"leaseToken": one["leaseToken"], "step": step, "log": [{"message": f"{NAME} does not answer"}]}
    async with house.bus.listen(ANNOUNCEMENT_TOPIC) as announced:
        assert (await module.patch(execution, json=report)).status_code == 200
        told = await announced.next(15)
    assert told is not None
    assert told["data"]["message"] == "••• does not answer"
    failure = {
        "leaseToken": one["leaseToken"],
        "errorMessage": f"no account {IBAN}",
        "errorStackTrace": f"pay({IBAN!r})",
        "errorDetails": {"account": IBAN},
    }
    assert (await module.post(f"{execution}/fail", json=failure)).status_code == 200
    robot = f"/api/robots/{one['robotId']}"
    for scope in Scope:
        text = await seen(house, scope, execution, "/api/executions", robot, "/api/robots")
        assert "no account •••" in text
        assert '"detail":"to •••"' in text
        # Those who may see it see it in the input, and there only.
        assert text.count(IBAN) == (2 if scope in WHOLE else 0), scope


async def test_a_masked_result_is_not_taken_for_a_corrected_one(house: House, module: httpx2.AsyncClient) -> None:
    one = await claimed(module)
    result = {"leaseToken": one["leaseToken"], "outputData": OUTPUT, "confidenceScore": 0.1}
    await module.post(f"/api/executions/{one['executeId']}/complete", json=result)
    door = f"/api/robots/{one['robotId']}/review"
    async with house.client(Scope.MEMBER) as member, house.client(Scope.MAINTAINER) as maintainer:
        masked = (await member.get(door)).json()["data"]["outputData"]
        corrected = {"decision": "accept", "outputData": {**masked, "pages": 4}}
        refused = await member.post(door, json=corrected)
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "masked_result")
        # Nor does who cannot see a field leave it out.
        blindly = await member.post(door, json={"decision": "accept", "outputData": {"pages": 4}})
        assert (blindly.status_code, blindly.json()["error"]["code"]) == (422, "masked_result")
        whole = (await maintainer.get(door)).json()["data"]["outputData"]
        assert whole == OUTPUT
        assert (await member.post(door, json={"decision": "accept"})).status_code == 200
        assert (await maintainer.get(f"/api/robots/{one['robotId']}")).json()["data"]["outputData"] == OUTPUT


async def test_an_error_names_paths_and_holds_traces_for_admins_only(house: House, module: httpx2.AsyncClient) -> None:
    one = await claimed(module)
    said = "OSError: cannot read /srv/reader/secret/page.pdf\nTraceback (most recent call last):\n  line 7"
    failure = {"leaseToken": one["leaseToken"], "errorMessage": said}
    await module.post(f"/api/executions/{one['executeId']}/fail", json=failure)
    for scope in Scope:
        text = await seen(house, scope, f"/api/executions/{one['executeId']}", f"/api/robots/{one['robotId']}")
        assert ["/srv/reader" in text, "line 7" in text] == [scope is Scope.ADMIN] * 2, scope
        assert "page.pdf" in text
