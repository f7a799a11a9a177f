"""The webhook's door: its signature is its only credential, and what it tells is taken down once."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from aiworker.access.actors import SYSTEM
from aiworker.delivery.forge_news.service import FORGE_NEWS
from aiworker.delivery.projects import queries as project_queries
from aiworker.engine.robots.records import Robot
from aiworker.storage.transaction import Tx
from aiworker.wire.access import NewKey, Scope
from aiworker.wire.engine import NewModule
from tests.support.api import WEBHOOK_SECRET, House
from tests.support.clocks import within_a_minute

PUSH = {
    "ref": "refs/heads/task-shop-1",
    "repository": {"id": 7, "full_name": "team/shop"},
    "sender": {"login": "ada"},
}


@pytest.fixture
async def gitea(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    """Whoever knows the address; and a project that lives in repository 7."""

    def body(tx: Tx) -> None:
        house.engine.register_module(
            tx, NewModule(module_name="control", module_version="1", supported_robot_types=[FORGE_NEWS]), internal=True
        )
        values = {"id": "p1", "key": "SHOP", "name": "Shop", "k8s_namespace": "shop", "gitea_repo_id": 7}
        project_queries.add(tx, {**values, "gitea_owner": "team", "gitea_repo_name": "shop"})

    await house.database.write(body)
    async with house.client() as client:
        yield client


def signed(body: bytes, *, secret: str = WEBHOOK_SECRET, event: str = "push", delivery: str = "d-1") -> dict[str, str]:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Gitea-Signature": signature, "X-Gitea-Event": event, "X-Gitea-Delivery": delivery}


async def send(client: httpx2.AsyncClient, content: Any, **how: Any) -> httpx2.Response:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return await client.post("/api/webhooks/gitea", content=body, headers=signed(body, **how))


async def robots(house: House) -> list[Robot]:
    return (await house.database.read(house.engine.list_robots, robot_type=FORGE_NEWS))[0]


async def test_signed_news_are_answered_when_they_are_on_disk(house: House, gitea: httpx2.AsyncClient) -> None:
    answer = await send(gitea, PUSH)
    assert (answer.status_code, answer.json()["data"]) == (202, {"taken": True})
    (robot,) = await robots(house)
    assert robot.input_data == {"projectId": "p1", "kind": "branch", "by": "ada", "branch": "task-shop-1"}
    assert robot.queue == "forge:p1"


async def test_githubs_name_of_the_same_signature_will_do(gitea: httpx2.AsyncClient) -> None:
    body = json.dumps(PUSH).encode()
    headers = signed(body)
    headers["X-Hub-Signature-256"] = f"sha256={headers.pop('X-Gitea-Signature')}"
    assert (await gitea.post("/api/webhooks/gitea", content=body, headers=headers)).status_code == 202


@pytest.mark.parametrize("given", ["", "0" * 64, "é", "x" * 5_000, "sha256="])
async def test_a_forged_signature_opens_nothing(house: House, gitea: httpx2.AsyncClient, given: str) -> None:
    body = json.dumps(PUSH).encode()
    headers = [(name, value) for name, value in signed(body).items() if name != "X-Gitea-Signature"]
    sent = [(name.encode(), value.encode()) for name, value in [*headers, ("X-Gitea-Signature", given)]]
    answer = await gitea.post("/api/webhooks/gitea", content=body, headers=sent)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "signature_wrong"
    assert await robots(house) == []


async def test_another_secret_another_body_and_no_signature_at_all_are_refused(gitea: httpx2.AsyncClient) -> None:
    body = json.dumps(PUSH).encode()
    assert (await send(gitea, PUSH, secret="another")).status_code == 401
    assert (await gitea.post("/api/webhooks/gitea", content=body + b" ", headers=signed(body))).status_code == 401
    assert (await gitea.post("/api/webhooks/gitea", content=body)).status_code == 401


async def test_a_key_is_no_signature(house: House, gitea: httpx2.AsyncClient) -> None:
    _, key = await house.access.create_key(SYSTEM, NewKey(name="root", scope=Scope.ADMIN))
    answer = await gitea.post("/api/webhooks/gitea", json=PUSH, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 401


async def test_whoever_guesses_signatures_is_slowed_down(gitea: httpx2.AsyncClient) -> None:
    with within_a_minute():
        statuses = [(await send(gitea, PUSH, secret="guess")).status_code for _ in range(61)]
    assert statuses == [*[401] * 60, 429]


async def test_a_delivery_that_comes_again_is_dropped(house: House, gitea: httpx2.AsyncClient) -> None:
    first = await asyncio.gather(*(send(gitea, PUSH) for _ in range(5)))
    assert sorted(answer.json()["data"]["taken"] for answer in first) == [False] * 4 + [True]
    assert (await send(gitea, PUSH, delivery="d-2")).json()["data"]["taken"] is True
    assert len(await robots(house)) == 2


@pytest.mark.parametrize(
    ("event", "body"),
    [
        ("push", {**PUSH, "repository": {"id": 8, "full_name": "team/other"}}),
        ("push", {"ref": "refs/heads/main"}),
        ("push", {**PUSH, "ref": "refs/tags/v1"}),
        ("wiki", PUSH),
        ("something_new", PUSH),
    ],
)
async def test_what_concerns_nobody_here_is_answered_and_left_alone(
    house: House, gitea: httpx2.AsyncClient, event: str, body: Any
) -> None:
    answer = await send(gitea, body, event=event)
    assert (answer.status_code, answer.json()["data"]) == (202, {"taken": False})
    assert await robots(house) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"payload=%7B%7D", "bad_json"),
        (b"{", "bad_json"),
        (b"[1]", "not_gitea"),
        (b"[" * 100_000, "bad_json"),
        (json.dumps({**PUSH, "repository": {"id": "x", "full_name": "team/shop"}}).encode(), "not_gitea"),
        (json.dumps({**PUSH, "sender": {"login": "a\x00b"}}).encode(), "not_gitea"),
        (json.dumps({**PUSH, "ref": "refs/heads/" + "x" * 300}).encode(), "not_gitea"),
    ],
)
async def test_a_signed_body_that_gitea_does_not_send_is_refused(
    gitea: httpx2.AsyncClient, body: bytes, code: str
) -> None:
    answer = await send(gitea, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)


@pytest.mark.parametrize("headers", [{"event": ""}, {"delivery": ""}, {"delivery": "x" * 61}, {"event": "a b"}])
async def test_headers_must_be_what_gitea_sends(gitea: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    answer = await send(gitea, PUSH, **headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_header")


async def test_a_huge_body_is_not_even_looked_at(gitea: httpx2.AsyncClient) -> None:
    answer = await send(gitea, b'{"commits": "' + b"x" * 2_000_000 + b'"}')
    assert answer.status_code == 413


async def test_another_host_name_is_refused_here_as_elsewhere(house: House) -> None:
    async with house.client(base="http://evil.example") as client:
        assert (await send(client, PUSH)).status_code == 403


async def test_a_repository_that_was_renamed_is_known_by_its_number(house: House, gitea: httpx2.AsyncClient) -> None:
    renamed = {**PUSH, "repository": {"id": 7, "full_name": "other/store", "html_url": "https://git.test/other/store"}}
    assert (await send(gitea, renamed)).json()["data"]["taken"] is True
    project = await house.database.read(project_queries.find, "p1")
    assert project is not None
    assert (project.gitea_owner, project.gitea_repo_name) == ("other", "store")
