from datetime import timedelta

import pytest

from aiworker.core.errors import Invalid
from aiworker.core.sayings import Saying
from aiworker.engine.health.records import Check
from aiworker.engine.robots.errors import UnknownRobotType
from aiworker.wire.engine import ErrorCategory, ModuleChanges, ProcessingTier, RobotStatus
from tests.support.engine import Bench, new_robot


async def test_a_new_robot_waits_in_its_module_with_the_decision_that_led_there(bench: Bench) -> None:
    robot = await bench.submit(estimated_duration_minutes=30, correlation_id="batch-7")
    stored = await bench.robot(robot.robot_id)
    assert stored == robot
    assert (robot.status, robot.module_name, robot.processing_tier) == (
        RobotStatus.PENDING,
        "reader",
        ProcessingTier.COMPLEX,
    )
    assert robot.routing_decision is not None
    assert robot.routing_decision["chosen"] == "reader"
    assert robot.robot_id.startswith("ocr_")


async def test_a_type_that_nobody_does_is_refused(bench: Bench) -> None:
    with pytest.raises(UnknownRobotType) as refusal:
        await bench.submit("fax.send")
    assert refusal.value.code == "unknown_robot_type"


async def test_a_module_that_was_asked_for_must_do_the_type(bench: Bench) -> None:
    await bench.module("other", ["other.thing"])
    with pytest.raises(Invalid) as refusal:
        await bench.submit(module_name="other")
    assert refusal.value.code == "module_lacks_type"


async def test_among_equal_modules_the_one_with_the_shorter_queue_gets_it(bench: Bench) -> None:
    await bench.module("reader2")
    first, second, third = [(await bench.submit()).module_name for _ in range(3)]
    assert {first, second} == {"reader", "reader2"}
    assert third in {"reader", "reader2"}


async def test_when_nobody_is_well_the_robot_waits_and_says_why(bench: Bench) -> None:
    await bench.database.write(bench.engine.change_module, "reader", ModuleChanges(is_active=False))
    robot = await bench.submit()
    assert await bench.waiting(robot.robot_id) == "module reader is switched off"
    assert await bench.claim() == []


async def test_a_module_that_is_switched_off_loses_its_waiting_robots_to_the_next_best(bench: Bench) -> None:
    waiting = [(await bench.submit()).robot_id for _ in range(3)]
    await bench.module("reader2")
    await bench.database.write(bench.engine.change_module, "reader", ModuleChanges(is_active=False))
    assert {robot.robot_id for robot in await bench.claim("reader2", limit=10)} == set(waiting)


async def test_a_module_that_fails_three_checks_in_a_row_loses_its_waiting_robots(bench: Bench) -> None:
    robot = await bench.submit()
    await bench.module("reader2")
    for _ in range(3):
        await bench.database.write(bench.engine.record_health, "reader", Check(Saying("timeout")))
    assert (await bench.robot(robot.robot_id)).module_name == "reader2"


async def test_many_are_made_all_or_none(bench: Bench) -> None:
    robots = await bench.database.write(bench.engine.submit_many, [new_robot(), new_robot(priority="HIGH")])
    assert len({robot.robot_id for robot in robots}) == 2
    with pytest.raises(UnknownRobotType):
        await bench.database.write(bench.engine.submit_many, [new_robot(), new_robot("fax.send")])
    found, _ = await bench.database.read(bench.engine.list_robots)
    assert len(found) == 2


async def test_while_the_first_is_under_way_the_second_request_gets_the_first_robot(bench: Bench) -> None:
    first = await bench.submit(cache_key="page-1")
    assert (await bench.submit(cache_key="page-1")).robot_id == first.robot_id
    await bench.claim()
    assert (await bench.submit(cache_key="page-1")).robot_id == first.robot_id


async def test_a_second_request_after_the_first_is_done_is_answered_at_once(bench: Bench) -> None:
    first = await bench.submit(cache_key="page-1")
    await bench.complete(await bench.claim_one(), output_data={"text": "hola"})
    second = await bench.submit(cache_key="page-1")
    assert second.robot_id != first.robot_id
    assert (second.status, second.output_data, second.cache_hit) == (RobotStatus.COMPLETED, {"text": "hola"}, True)
    assert (second.cache_source_robot_id, second.cache_key) == (first.robot_id, None)
    assert await bench.claim() == []


async def test_a_failed_robot_frees_its_key(bench: Bench) -> None:
    first = await bench.submit(cache_key="page-1")
    await bench.fail(await bench.claim_one(), ErrorCategory.VALIDATION)
    assert (await bench.submit(cache_key="page-1")).robot_id != first.robot_id


async def test_the_same_key_of_another_type_is_another_key(bench: Bench) -> None:
    await bench.module("checker", ["contract.check"])
    first = await bench.submit(cache_key="page-1")
    second = await bench.submit("contract.check", cache_key="page-1")
    assert first.robot_id != second.robot_id


@pytest.mark.parametrize(
    "data",
    [
        {"n": float("nan")},
        {"n": float("inf")},
        {"text": "a\0b"},
        {"a\0": 1},
        {"text": "\ud800"},
        {"x": "y" * 1_100_000},
    ],
    ids=["nan", "inf", "nul", "nul in key", "surrogate", "large"],
)
def test_input_that_no_database_keeps_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"input_data|inputData"):
        new_robot(input_data=data)


def test_text_that_only_looks_like_a_nul_is_kept() -> None:
    assert new_robot(input_data={"text": "\\u0000"}).input_data == {"text": "\\u0000"}


async def test_the_list_is_paged_newest_first(bench: Bench) -> None:
    made: list[str] = []
    for _ in range(5):
        bench.clock.pass_seconds(1)
        made.append((await bench.submit(correlation_id="batch")).robot_id)
    first, cursor = await bench.database.read(bench.engine.list_robots, correlation_id="batch", limit=3)
    rest, end = await bench.database.read(bench.engine.list_robots, correlation_id="batch", limit=3, cursor=cursor)
    assert [robot.robot_id for robot in [*first, *rest]] == list(reversed(made))
    assert end is None


@pytest.mark.parametrize("limit", [0, -1, 501])
async def test_a_page_has_its_limits(bench: Bench, limit: int) -> None:
    with pytest.raises(Invalid):
        await bench.database.read(bench.engine.list_robots, limit=limit)


async def test_a_robot_can_wait_for_its_time(bench: Bench) -> None:
    later = bench.clock.now + timedelta(minutes=10)
    robot = await bench.submit(defer_until=later)
    assert await bench.claim() == []
    assert await bench.waiting(robot.robot_id) == "deferred until 2026-03-02T12:10:00.000000Z"
    await bench.tick_after(601)
    assert [claimed.robot_id for claimed in await bench.claim()] == [robot.robot_id]
