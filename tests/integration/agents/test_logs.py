"""What agents say while they work: kept whole, found again, told at once, and in nobody's way."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from aiworker.core.clock import iso
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.storage.transaction import ANNOUNCEMENT_TOPIC, Tx
from aiworker.wire.agents import NewLogLine
from tests.support.agents import Agent, agent
from tests.support.clocks import AheadClock
from tests.support.house import House
from tests.support.people import Person


@pytest.fixture
async def attempt(house: House, project: ProjectRecord, claude: Agent) -> str:
    await house.task(project)
    return (await claude.claim())["attempt"]


async def lines_of(ada: Person, **wanted: Any) -> list[str]:
    return [line["message"] for line in await ada.get("tasks/SHOP-1/logs", **wanted)]


async def test_a_log_is_searched_by_text_level_attempt_and_time(
    house: House, claude: Agent, attempt: str, ada: Person, clock: AheadClock
) -> None:
    await claude.call("log", attempt=attempt, message="Reading 100% of prices.py")
    await claude.call("log", attempt=attempt, message="The tests are RED", level="error")
    await claude.call("release_task", attempt=attempt)
    clock.let_pass(hours=2)
    later = iso(clock() - timedelta(minutes=1))
    second = (await claude.claim())["attempt"]
    await claude.call("log", attempt=second, message="Reading prices_again.py")
    assert await lines_of(ada) == ["Reading prices_again.py", "The tests are RED", "Reading 100% of prices.py"]
    assert await lines_of(ada, q="reading") == ["Reading prices_again.py", "Reading 100% of prices.py"]
    # What is special to a database is only a letter here.
    assert await lines_of(ada, q="0% of") == ["Reading 100% of prices.py"]
    assert await lines_of(ada, q="prices_") == ["Reading prices_again.py"]
    assert await lines_of(ada, q="nowhere") == []
    assert await lines_of(ada, level="error") == ["The tests are RED"]
    first, _ = await ada.get("tasks/SHOP-1/attempts")
    assert await lines_of(ada, attempt=first["executionId"], q="reading") == ["Reading 100% of prices.py"]
    assert await lines_of(ada, since=later) == ["Reading prices_again.py"]
    assert (await ada.get("agents/claude/logs", level="error"))[0]["executionId"] == first["executionId"]


async def test_a_long_log_is_read_page_by_page(claude: Agent, attempt: str, ada: Person) -> None:
    for number in range(5):
        await claude.call("log", attempt=attempt, message=f"line {number}")
    read: list[str] = []
    page = await ada.page("tasks/SHOP-1/logs", limit=2)
    while True:
        read += [line["message"] for line in page["data"]]
        if page["nextCursor"] is None:
            break
        page = await ada.page("tasks/SHOP-1/logs", limit=2, before=page["nextCursor"])
    assert read == [f"line {number}" for number in reversed(range(5))]


async def test_what_cannot_be_looked_for_is_refused(claude: Agent, attempt: str, ada: Person) -> None:
    await claude.call("log", attempt=attempt, message="a line")
    for wrong in (
        "level=loud",
        "since=yesterday",
        "since=0001-01-01T00:00:00Z",
        "before=0",
        "limit=501",
        "q=" + "x" * 201,
    ):
        refused = await ada.refused("GET", f"tasks/SHOP-1/logs?{wrong}")
        assert refused.status == 422, wrong
    assert (await ada.refused("GET", "tasks/SHOP-9/logs")).status == 404


async def test_a_runner_sends_many_lines_at_once_within_bounds(house: House, project: ProjectRecord) -> None:
    await house.task(project)
    _, key = await house.key("runner")
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(base_url=house.url, headers=headers, trust_env=False, timeout=60) as http:
        registered = (await http.post("/api/agents", json={})).json()["data"]["id"]
        async with agent(house.url, key, headers={"X-AiWorker-Agent": registered}) as desk:
            token = (await desk.claim())["attempt"]

        async def send(lines: list[dict[str, Any]]) -> httpx2.Response:
            path = f"/api/agents/{registered}/attempt/log"
            return await http.post(path, json={"attempt": token, "lines": lines})

        async with house.bus.listen(ANNOUNCEMENT_TOPIC) as told:
            assert (await send([{"message": f"line {n}"} for n in range(250)])).json()["data"] == {"lines": 250}
            heard = [message for _ in range(6) if (message := await told.next(10)) is not None]
        rooms = {str(message["room"]).partition(":")[0] for message in heard}
        assert rooms == {"agent", "task"}
        sizes = [len(message["data"]["lines"]) for message in heard if str(message["room"]).startswith("task:")]
        assert sizes == [100, 100, 50]
        for lines, field in (
            ([], "lines"),
            ([{"message": "x"}] * 501, "lines"),
            ([{"message": "x" * 16_001}], "lines.0.message"),
            ([{"message": "x", "metadata": {"a": "\0"}}], "lines.0.metadata"),
        ):
            refused = await send(lines)
            assert (refused.status_code, field in refused.json()["error"]["message"]) == (422, True), field
        assert (await send([{"message": "x" * 15_000}] * 100)).status_code == 413
        assert len((await http.get("/api/tasks/SHOP-1/logs", params={"limit": 500})).json()["data"]) == 250


async def test_of_a_burst_of_lines_one_batch_at_most_stands_before_a_claim(house: House) -> None:
    order: list[str] = []

    def body(what: str, tx: Tx) -> None:
        assert tx.now
        order.append(what)

    logs = [house.delivery.log_book.write(lambda tx: body("log", tx)) for _ in range(20)]
    writing = [asyncio.create_task(log) for log in logs]
    claim = asyncio.create_task(house.write(lambda tx: body("claim", tx)))
    await asyncio.gather(*writing, claim)
    assert order.index("claim") <= 1
    assert order.count("log") == 20


async def test_a_line_of_16000_characters_of_any_language_is_kept_whole(
    house: House, claude: Agent, attempt: str, ada: Person
) -> None:
    whole = "価格" * 8_000
    assert NewLogLine(message=whole).message == whole
    await claude.call("log", attempt=attempt, message=whole)
    assert await lines_of(ada) == [whole]
