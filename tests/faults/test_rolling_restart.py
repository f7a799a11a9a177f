"""One process after the other is stopped politely and started anew, while people and agents go on asking."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.coder import Coder
from tests.faults.fleet import Fleet
from tests.faults.ledger import Ledger, read
from tests.faults.rest import Rest
from tests.support.checkouts import Checkout
from tests.support.databases import empty_server_database


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[Fleet]:
    url = empty_server_database("postgresql").render_as_string(hide_password=False)
    started = Fleet(tmp_path, database=url, redis=None, servers=2, workers=1)
    try:
        await started.start()
        yield started
    finally:
        started.end()


@pytest.fixture
async def rest(fleet: Fleet) -> AsyncIterator[Rest]:
    client = Rest(fleet.urls, fleet.admin_key, random.Random(1))
    yield client
    await client.close()


async def project(rest: Rest, folder: Path, key: str) -> None:
    checkout = Checkout(folder / key)
    checkout.commit("First", index="<h1>Hello</h1>")
    await rest.post("projects", {"name": key, "key": key, "repo": str(checkout.path)})


@pytest.mark.soak
@pytest.mark.timeout(240)
async def test_no_answered_request_is_lost_and_a_call_that_waits_succeeds_when_it_is_repeated(
    fleet: Fleet, rest: Rest, tmp_path: Path
) -> None:
    await project(rest, tmp_path, "BUSY")
    await project(rest, tmp_path, "QUIET")
    created: list[str] = []

    async def create(name: int) -> None:
        for number in range(1_000):
            task = await rest.post("tasks", {"projectId": "BUSY", "title": f"{name}-{number}"})
            created.append(task["key"])
            await asyncio.sleep(0.1)

    key = (await rest.post("keys", {"name": "patient", "scope": "agent"}, once=False))["key"]
    account = tmp_path / "coder.ledger"
    coder = Coder("patient", key, fleet.urls, tmp_path, Ledger(account), random.Random(2))

    async def wait_for_a_task() -> str:
        while (given := await coder.call("get_next_task", projectId="QUIET", waitSeconds=55))["task"] is None:
            pass
        return given["task"]["key"]

    waiting = asyncio.create_task(wait_for_a_task())
    load = [asyncio.create_task(create(name)) for name in range(2)]
    await fleet.all_at_work()
    for member in fleet.members:
        await member.restart()
        await fleet.ready()
        await fleet.all_at_work()
    for task in load:
        task.cancel()
    await asyncio.gather(*load, return_exceptions=True)

    await rest.post("tasks", {"projectId": "QUIET", "title": "At last"})
    assert await waiting == "QUIET-1"
    assert (await rest.get("tasks/QUIET-1"))["attempts"] == 1
    there = await rest.get("tasks", projectId="BUSY", limit=500)
    assert created
    assert set(created[-400:]) <= {task["key"] for task in there}
    assert len({task["title"] for task in there}) == len(there)
    # A server that is down is knocked at in vain; one that goes down answers first.
    cut = [line["error"] for line in read(account) if line["what"] == "cut"]
    assert [error for error in cut if "ConnectError" not in error] == []
    assert fleet.crashes() == []
    await fleet.stop()
