import asyncio
from collections.abc import Awaitable
from datetime import timedelta

import pytest

from aiworker.core.errors import Invalid
from aiworker.engine.modules.errors import InternalModule, ModuleNotFound
from aiworker.engine.robots.errors import NotClaimable, RobotNotFound
from aiworker.wire.engine import ClaimedRobot, ModuleChanges, RobotPriority, RobotStatus
from tests.support.databases import beside
from tests.support.engine import Bench, new_module, new_robot


def ids(claimed: list[ClaimedRobot]) -> list[str]:
    return [robot.robot_id for robot in claimed]


async def test_the_most_urgent_comes_first_then_the_oldest(bench: Bench) -> None:
    made = {
        name: (await bench.submit(priority=priority)).robot_id
        for name, priority in [
            ("normal", "NORMAL"),
            ("low", "LOW"),
            ("critical", "CRITICAL"),
            ("high", "HIGH"),
            ("later", "NORMAL"),
        ]
    }
    assert ids(await bench.claim(limit=10)) == [made[name] for name in ("critical", "high", "normal", "later", "low")]


async def test_order_holds_across_queues_and_needs(bench: Bench) -> None:
    low = await bench.submit(priority="LOW", queue="a")
    high = await bench.submit(priority="HIGH", queue="b", needs=["gpu"])
    normal = await bench.submit(queue="c")
    claimed = [await bench.claim_one(capabilities=["gpu"]) for _ in range(3)]
    assert ids(claimed) == [high.robot_id, normal.robot_id, low.robot_id]


async def test_a_batch_from_many_lanes_is_in_order_too(bench: Bench) -> None:
    made = [(await bench.submit(queue="ab"[n % 2])).robot_id for n in range(6)]
    assert ids(await bench.claim(limit=5)) == made[:5]


async def test_a_robot_keeps_the_age_that_it_was_given(bench: Bench) -> None:
    await bench.submit()
    older = bench.clock.now - timedelta(days=1)
    old = await bench.database.write(bench.engine.submit, new_robot(), age=older)
    assert (await bench.claim_one()).robot_id == old.robot_id


async def test_a_claimed_robot_belongs_to_its_holder_until_the_lease_ends(bench: Bench) -> None:
    robot = await bench.submit()
    claimed = await bench.claim_one(holder="worker-1", lease_seconds=30)
    assert claimed.lease_expires_at == (await bench.execution(claimed)).started_at + timedelta(seconds=30)
    assert await bench.claim(holder="worker-2") == []
    stored = await bench.robot(robot.robot_id)
    assert (stored.status, stored.ready_lane) == (RobotStatus.PROCESSING, None)


async def test_concurrent_claims_share_the_robots_without_any_two_getting_the_same(bench: Bench) -> None:
    made = [(await bench.submit()).robot_id for _ in range(20)]
    shares = await asyncio.gather(*(bench.claim(holder=f"worker-{n}", limit=3) for n in range(10)))
    got = [robot_id for share in shares for robot_id in ids(share)]
    assert sorted(got) == sorted(made)


async def test_a_worker_gets_only_what_it_can_do(bench: Bench) -> None:
    robot = await bench.submit(needs=["gpu", "spanish"])
    assert await bench.claim(capabilities=["gpu"]) == []
    assert ids(await bench.claim(capabilities=["spanish", "gpu", "more"])) == [robot.robot_id]


async def test_needs_can_be_changed_while_it_waits(bench: Bench) -> None:
    robot = await bench.submit(needs=["gpu"])
    await bench.database.write(bench.engine.set_needs, robot.robot_id, [])
    assert ids(await bench.claim()) == [robot.robot_id]


async def test_only_the_queues_that_were_asked_for_are_served(bench: Bench) -> None:
    await bench.submit(queue="shop")
    other = await bench.submit(queue="blog")
    assert ids(await bench.claim(limit=5, queues=["blog"])) == [other.robot_id]
    assert await bench.claim(limit=5, queues=[]) == []


async def test_a_paused_queue_hands_out_nothing_and_says_so(bench: Bench) -> None:
    robot = await bench.submit(queue="shop")
    other = await bench.submit(queue="blog")
    await bench.database.write(bench.engine.set_queue, "shop", paused=True)
    assert ids(await bench.claim(limit=5)) == [other.robot_id]
    assert await bench.waiting(robot.robot_id) == "queue 'shop' is paused"
    await bench.database.write(bench.engine.set_queue, "shop", paused=False)
    assert ids(await bench.claim(limit=5)) == [robot.robot_id]


async def test_a_limited_queue_never_runs_more_than_its_limit(bench: Bench) -> None:
    await bench.database.write(bench.engine.set_queue, "shop", max_running=2)
    made = [await bench.submit(queue="shop", needs=["gpu"] if n % 2 else []) for n in range(5)]
    shares = await asyncio.gather(*(bench.claim(holder=f"w{n}", limit=2, capabilities=["gpu"]) for n in range(4)))
    running = [robot for share in shares for robot in share]
    assert len(running) == 2
    assert await bench.waiting(made[4].robot_id) == "queue 'shop' has reached its limit of 2"
    await bench.complete(running[0])
    assert len(await bench.claim(limit=5, capabilities=["gpu"])) == 1


async def test_a_full_queue_does_not_stand_in_the_way_of_others(bench: Bench) -> None:
    await bench.database.write(bench.engine.set_queue, "shop", max_running=1)
    for _ in range(3):
        await bench.submit(queue="shop", priority="CRITICAL")
    low = await bench.submit(queue="blog", priority="LOW")
    assert len(await bench.claim(limit=1)) == 1
    assert ids(await bench.claim(limit=5)) == [low.robot_id]


async def test_taking_the_limit_away_opens_the_queue(bench: Bench) -> None:
    await bench.database.write(bench.engine.set_queue, "shop", max_running=0)
    robot = await bench.submit(queue="shop")
    assert await bench.claim() == []
    await bench.database.write(bench.engine.set_queue, "shop", max_running=None)
    assert ids(await bench.claim()) == [robot.robot_id]


async def test_a_limit_below_zero_is_refused(bench: Bench) -> None:
    with pytest.raises(Invalid):
        await bench.database.write(bench.engine.set_queue, "shop", max_running=-1)


async def test_a_module_runs_no_more_at_once_than_it_said(bench: Bench) -> None:
    await bench.database.write(bench.engine.change_module, "reader", ModuleChanges(max_concurrent=2))
    made = [await bench.submit(queue=f"q{n}") for n in range(4)]
    assert len(await bench.claim(limit=10)) == 2
    assert await bench.waiting(made[3].robot_id) == "module reader has reached its limit of 2"


async def test_a_module_starts_no_more_in_a_minute_than_it_may(bench: Bench) -> None:
    await bench.database.write(bench.engine.change_module, "reader", ModuleChanges(max_per_minute=3))
    *_, last = await bench.submit_many(8)
    assert len(await bench.claim(limit=2)) == 2
    bench.clock.pass_seconds(30)
    assert len(await bench.claim(limit=10)) == 1
    assert await bench.claim() == []
    assert await bench.waiting(last.robot_id) == "module reader has reached its limit of 3 robots per minute"
    bench.clock.pass_seconds(31)
    assert len(await bench.claim(limit=10)) == 2
    await bench.database.write(bench.engine.change_module, "reader", ModuleChanges(max_per_minute=None))
    assert len(await bench.claim(limit=10)) == 3


async def test_a_limit_per_minute_is_kept_by_all_who_claim_at_once(bench: Bench) -> None:
    await bench.module(max_per_minute=7)
    await bench.submit_many(30)
    other = beside(bench.database, clock=bench.clock)
    claims = [
        database.write(bench.engine.claim, "reader", holder=f"w{number}", limit=2)
        for number, database in enumerate([bench.database, other] * 4)
    ]
    started = [one.robot_id for part in await asyncio.gather(*claims) for one in part]
    await other.close()
    assert len(started) == len(set(started)) == 7


async def test_registering_again_leaves_a_limit_that_it_does_not_name(bench: Bench) -> None:
    async def limits() -> tuple[int | None, int | None]:
        module = await bench.database.read(bench.engine.get_module, "reader")
        return module.max_concurrent, module.max_per_minute

    await bench.module(max_concurrent=2, max_per_minute=5)
    await bench.module()
    assert await limits() == (2, 5)
    await bench.module(max_per_minute=None)
    assert await limits() == (2, None)
    await bench.module(max_concurrent=None)
    assert await limits() == (None, None)


async def test_a_held_robot_waits_with_its_reason_until_the_hold_ends(bench: Bench) -> None:
    robot = await bench.submit(held="after SHOP-9")
    assert await bench.claim() == []
    assert await bench.waiting(robot.robot_id) == "after SHOP-9"
    await bench.database.write(bench.engine.unhold, robot.robot_id)
    await bench.database.write(bench.engine.unhold, robot.robot_id)
    assert ids(await bench.claim()) == [robot.robot_id]


async def test_a_hold_on_a_running_robot_takes_effect_when_it_comes_back(bench: Bench) -> None:
    robot = await bench.submit()
    claimed = await bench.claim_one()
    await bench.database.write(bench.engine.hold, robot.robot_id, "project paused")
    await bench.release(claimed)
    assert await bench.claim() == []
    assert await bench.waiting(robot.robot_id) == "project paused"


async def test_a_new_priority_changes_the_place_in_the_line(bench: Bench) -> None:
    await bench.submit()
    second = await bench.submit()
    await bench.database.write(bench.engine.reprioritise, second.robot_id, RobotPriority.CRITICAL)
    assert (await bench.claim_one()).robot_id == second.robot_id


async def test_the_robots_of_an_internal_module_are_claimed_only_from_inside(bench: Bench) -> None:
    await bench.database.write(bench.engine.register_module, new_module("coding-agents", ["task.work"]), internal=True)
    robot = await bench.submit("task.work")
    with pytest.raises(InternalModule):
        await bench.claim("coding-agents")
    assert ids(await bench.claim("coding-agents", internal=True)) == [robot.robot_id]


async def test_a_module_that_nobody_registered_has_nothing_to_claim(bench: Bench) -> None:
    with pytest.raises(ModuleNotFound):
        await bench.claim("ghost")


async def test_a_module_that_only_pulls_is_well_because_it_pulls(bench: Bench) -> None:
    await bench.claim()
    module = await bench.database.read(bench.engine.get_module, "reader")
    assert module.health_status == "HEALTHY"


async def test_this_very_robot_can_be_taken_by_a_person_without_lease_or_timeout(bench: Bench) -> None:
    robot = await bench.submit(held="assigned to Ana", timeout_seconds=5)
    claimed = await bench.database.write(
        bench.engine.claim_robot, robot.robot_id, holder="ana", lease_seconds=None, even_if_held=True
    )
    await bench.tick_after(100_000)
    assert (await bench.robot(robot.robot_id)).status is RobotStatus.PROCESSING
    await bench.complete(claimed)
    assert (await bench.robot(robot.robot_id)).status is RobotStatus.COMPLETED


async def test_this_very_robot_is_refused_with_the_reason(bench: Bench) -> None:
    async def take(robot_id: str) -> None:
        await bench.database.write(bench.engine.claim_robot, robot_id, holder="ana", lease_seconds=None)

    held = await bench.submit(held="after SHOP-9")
    with pytest.raises(NotClaimable, match="held \\(after SHOP-9\\)"):
        await take(held.robot_id)
    paused = await bench.submit(queue="shop")
    await bench.database.write(bench.engine.set_queue, "shop", paused=True)
    with pytest.raises(NotClaimable, match="paused"):
        await take(paused.robot_id)
    await bench.database.write(bench.engine.set_queue, "shop", paused=False, max_running=0)
    with pytest.raises(NotClaimable, match="limit"):
        await take(paused.robot_id)
    taken = await bench.submit()
    await bench.claim()
    with pytest.raises(NotClaimable, match="PROCESSING"):
        await take(taken.robot_id)
    with pytest.raises(RobotNotFound):
        await take("ocr_0_000000")


async def test_the_status_events_of_a_robot_are_numbered_without_gaps(bench: Bench) -> None:
    robot = await bench.submit()
    await bench.release(await bench.claim_one())
    await bench.complete(await bench.claim_one())
    events = await bench.events(robot.robot_id)
    assert [(event["position"], event["status"]) for event in events] == [
        (0, "PENDING"),
        (1, "PROCESSING"),
        (2, "PENDING"),
        (3, "PROCESSING"),
        (4, "COMPLETED"),
    ]


async def test_those_who_wait_are_woken_by_everything_that_makes_a_robot_claimable_and_by_nothing_else(
    bench: Bench,
) -> None:
    woken: list[bool] = []
    bench.database.on_commit = lambda committed: woken.append("claim:reader" in committed.topics)
    write, engine = bench.database.write, bench.engine

    async def wakes(call: Awaitable[object]) -> bool:
        woken.clear()
        await call
        return any(woken)

    assert await wakes(bench.submit(queue="shop", priority="HIGH"))
    claimed = await bench.claim_one()
    assert await wakes(bench.release(claimed))
    held = await bench.submit(held="after SHOP-9", queue="shop")
    assert not await wakes(bench.submit(held="after SHOP-9"))
    assert await wakes(write(engine.unhold, held.robot_id))
    assert not await wakes(write(engine.unhold, held.robot_id))
    await bench.submit(defer_until=bench.clock.now + timedelta(seconds=10))
    assert await wakes(bench.tick_after(11))
    assert await wakes(write(engine.set_queue, "shop", paused=True))
    assert await wakes(write(engine.set_queue, "shop", paused=False))
    unlimited = await bench.claim_one()
    assert not await wakes(bench.complete(unlimited))
    await write(engine.set_queue, "shop", max_running=1)
    in_limited = await bench.claim_one(queues=["shop"])
    assert not await wakes(bench.report(in_limited))
    assert await wakes(bench.complete(in_limited))
