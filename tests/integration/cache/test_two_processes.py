"""Two processes on one database and one Redis: a change in one is there in the other, and Redis may go and come."""

import asyncio
import json

import pytest
from redis.asyncio import Redis

from tests.integration.cache.conftest import Installation, Replica, Watch, listening
from tests.support.waiting import eventually

# What the cache may keep, and for how long at most.
LIVES = {
    "task:{task}": 300,
    "task:{key}": 300,
    "task:list:{project}": 120,
    "project:{project}": 600,
    "modules:active": 300,
    "modules:routing": 60,
    "modules:scores": 600,
    "system:health": 30,
}


async def test_a_change_is_there_in_the_other_process_at_once(installation: Installation) -> None:
    here, there = installation.here, installation.there
    task = await installation.task(here)
    for number in range(10):
        title = f"Title {number}"
        await here.send("PATCH", f"/api/tasks/{task}", title=title)
        for name in (task, "SHOP-1", "shop-1"):
            assert (await there.get(f"/api/tasks/{name}"))["data"]["title"] == title
            assert (await here.get(f"/api/tasks/{name}"))["data"]["title"] == title
        listed = await there.get(f"/api/tasks?projectId={installation.project}")
        assert [found["title"] for found in listed["data"]] == [title]
        here, there = there, here


async def test_a_module_that_is_switched_off_leaves_the_other_process_routing_table_at_once(
    installation: Installation,
) -> None:
    here, there = installation.here, installation.there
    await here.send("POST", "/api/modules", moduleName="reader", moduleVersion="1", supportedRobotTypes=["ocr.read"])

    async def well() -> list[bool]:
        routes = (await there.get("/api/analytics/routing"))["data"]
        return [module["well"] for route in routes if route["robotType"] == "ocr.read" for module in route["modules"]]

    assert await well() == [True]
    for on in (False, True):
        await here.send("PATCH", "/api/modules/reader", isActive=on)
        assert await well() == [on]
        board = (await there.get("/api/analytics/modules"))["data"]
        assert ("reader" in [standing["moduleName"] for standing in board]) is on


async def test_what_is_read_lies_in_redis_under_its_name_and_for_its_time(installation: Installation) -> None:
    task = await installation.task(installation.here)
    paths = (
        f"tasks/{task}",
        "tasks/SHOP-1",
        "tasks?projectId=SHOP",
        f"projects/{installation.project}",
        "modules",
        "analytics/routing",
        "analytics/modules",
        "health",
    )

    async def left() -> dict[str, float] | None:
        # The relay may drop once more what has just been made.
        for path in paths:
            await installation.there.get(f"/api/{path}")
        prefix = f"{installation.namespace}:"
        found = {name.removeprefix(prefix): left for name, left in (await _keys(installation)).items()}
        lives = {
            pattern.format(task=task, key="SHOP-1", project=installation.project): life
            for pattern, life in LIVES.items()
        }
        return found if all(life - 30 < found.get(name, 0) <= life for name, life in lives.items()) else None

    assert await eventually(left)


async def test_what_a_process_did_not_live_to_drop_is_dropped_by_the_relay(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await installation.task(installation.here)
    await installation.there.get(f"/api/tasks/{task}")
    monkeypatch.setattr(installation.here.house.database, "drop_cached", None)
    await installation.here.send("PATCH", f"/api/tasks/{task}", title="Its last word")

    async def seen() -> bool:
        return (await installation.there.get(f"/api/tasks/{task}"))["data"]["title"] == "Its last word"

    await eventually(seen)


async def test_an_agents_status_is_set_again_when_it_changes(installation: Installation) -> None:
    agent = (await installation.here.send("POST", "/api/agents", podName="claude-1"))["id"]
    name = f"{installation.namespace}:agent:{agent}:status"
    async with Redis.from_url(installation.redis.url) as redis:

        async def kept() -> bytes | None:
            value = await redis.get(name)
            return value if isinstance(value, bytes) and value.startswith(b"{") else None

        first = await eventually(kept)
        await installation.here.send("POST", f"/api/agents/{agent}/heartbeat")

        async def another() -> bool:
            value = await kept()
            return value is not None and value != first

        await eventually(another)
    assert (await installation.there.get(f"/api/agents/{agent}"))["data"]["podName"] == "claude-1"


async def test_clients_of_either_process_hear_of_every_task_in_order(installation: Installation) -> None:
    async with listening(installation.here) as here, listening(installation.there) as there:
        made = [await installation.task(replica) for replica in (installation.here, installation.there) * 3]
        for heard in (here, there):
            assert [await heard.next() for _ in made] == made
            assert heard.numbers == sorted(heard.numbers)


async def test_other_programs_hear_of_new_tasks_on_their_channel(installation: Installation) -> None:
    async with Redis.from_url(installation.redis.url) as redis, redis.pubsub() as channel:
        await channel.subscribe("task:new")
        await channel.get_message(timeout=60)
        task = await installation.task(installation.there)

        async def message() -> dict[str, object] | None:
            found = await channel.get_message(ignore_subscribe_messages=True, timeout=1)
            return json.loads(found["data"] or b"{}") if found else None

        told = await eventually(message) or {}
        assert (told["taskId"], told["projectId"]) == (task, installation.project)


async def test_without_redis_everything_stays_right_and_health_says_so(installation: Installation) -> None:
    here, there = installation.here, installation.there
    task = await installation.task(here)
    await there.get(f"/api/tasks/{task}")
    async with listening(there) as heard:
        installation.redis.kill()
        watch = Watch()
        await here.send("PATCH", f"/api/tasks/{task}", title="While Redis is away")
        assert (await there.get(f"/api/tasks/{task}"))["data"]["title"] == "While Redis is away"
        made = await installation.task(here, "Another")
        assert await heard.next() == made
        assert watch.seconds < 20
        for replica in (here, there):
            await eventually(lambda replica=replica: _is_degraded(replica))
        stranger = await here.client.get("/api/health", headers={"authorization": ""})
        assert stranger.status_code == 200
        assert set(stranger.json()) == {"status", "timestamp", "version"}

        await installation.redis.start()
        for replica in (here, there):
            await eventually(lambda replica=replica: _is_well(replica))
        await here.send("PATCH", f"/api/tasks/{task}", title="It is back")
        assert (await there.get(f"/api/tasks/{task}"))["data"]["title"] == "It is back"
        assert await _next_task(installation, there) == await heard.next()


async def test_a_redis_that_answers_nobody_holds_nothing_up_and_what_it_kept_is_not_believed(
    installation: Installation,
) -> None:
    here, there = installation.here, installation.there
    task = await installation.task(here)
    await there.get(f"/api/tasks/{task}")
    installation.redis.freeze()
    try:
        watch = Watch()
        await here.send("PATCH", f"/api/tasks/{task}", title="While Redis is frozen")
        assert (await there.get(f"/api/tasks/{task}"))["data"]["title"] == "While Redis is frozen"
        answers = [there.get(f"/api/tasks/{task}") for _ in range(20)]
        assert {answer["data"]["title"] for answer in await asyncio.gather(*answers)} == {"While Redis is frozen"}
        assert watch.seconds < 30
        await eventually(lambda: _is_degraded(here))
    finally:
        installation.redis.thaw()
    await eventually(lambda: _is_well(here))
    for replica in (here, there):
        assert (await replica.get(f"/api/tasks/{task}"))["data"]["title"] == "While Redis is frozen"


async def _next_task(installation: Installation, at: Replica) -> str:
    return await installation.task(at, "One more")


async def _keys(installation: Installation) -> dict[str, float]:
    return await asyncio.to_thread(installation.redis.keys)


async def _is_degraded(replica: Replica) -> bool:
    return (await replica.client.get("/api/health", headers={"authorization": ""})).json()["status"] == "degraded"


async def _is_well(replica: Replica) -> bool:
    return (await replica.get("/api/health"))["status"] == "ok"
