"""A result that is not good enough waits for a person, and counts only when they say so."""

from typing import Any

import pytest

from aiworker.core.errors import Conflict
from aiworker.engine.executions.errors import LeaseLost, NotUnderWay
from aiworker.engine.reviews.errors import NotInReview, ReviewNotFound
from aiworker.wire.engine import ClaimedRobot, RobotStatus
from aiworker.wire.robot_types import TypeSettings
from tests.support.engine import TYPE, Bench, new_module


@pytest.fixture(autouse=True)
async def thresholds(bench: Bench) -> None:
    await bench.module(type_settings={TYPE: TypeSettings(min_completeness=0.8, min_confidence=0.5)})


async def held(bench: Bench, **scores: Any) -> ClaimedRobot:
    await bench.submit(cache_key="page-1")
    claimed = await bench.claim_one(lease_seconds=60)
    given = {"completeness_score": 0.5, "confidence_score": 0.9, **scores}
    await bench.complete(claimed, output_data={"text": "ho?a"}, **given)
    return claimed


async def decide(bench: Bench, move: str, claimed: ClaimedRobot, **said: Any) -> None:
    said = {"comment": None, **said}
    await bench.database.write(getattr(bench.engine.reviews, move), claimed.robot_id, by="ana", **said)


async def test_a_result_that_is_good_enough_counts_at_once(bench: Bench) -> None:
    claimed = await held(bench, completeness_score=0.8)
    robot = await bench.robot(claimed.robot_id)
    assert (robot.status, robot.review, robot.output_data) == (RobotStatus.COMPLETED, None, {"text": "ho?a"})
    with pytest.raises(ReviewNotFound):
        await bench.database.read(bench.engine.reviews.get, claimed.robot_id)


@pytest.mark.parametrize(
    ("scores", "why"),
    [
        ({}, "completeness 0.5, 0.8 is wanted"),
        ({"completeness_score": 0.9, "confidence_score": 0.1}, "confidence 0.1, 0.5 is wanted"),
        ({"completeness_score": None}, "completeness not told, 0.8 is wanted"),
    ],
)
async def test_one_that_is_not_is_held_and_nobody_sees_it_as_a_result(
    bench: Bench, scores: dict[str, Any], why: str
) -> None:
    claimed = await held(bench, **scores)
    robot = await bench.robot(claimed.robot_id)
    assert (robot.status, robot.review, robot.output_data) == (RobotStatus.PROCESSING, "waiting", None)
    (review,), _ = await bench.database.read(bench.engine.reviews.waiting, limit=10, cursor=None)
    assert (review.robot_id, review.output_data, review.why) == (claimed.robot_id, {"text": "ho?a"}, why)
    assert (await bench.submit(cache_key="page-1")).robot_id == claimed.robot_id


@pytest.mark.parametrize(
    ("move", "said", "did"),
    [
        ("accept", {"output_data": None}, "accepted"),
        ("accept", {"output_data": {"text": "hola"}}, "corrected"),
        ("refuse", {}, "refused"),
        ("send_back", {}, "sent_back"),
    ],
)
async def test_who_judged_a_result_stands_in_the_robots_trail(
    bench: Bench, move: str, said: dict[str, Any], did: str
) -> None:
    claimed = await held(bench)
    await decide(bench, move, claimed, comment="blurred", **said)
    line = ((await bench.robot(claimed.robot_id)).audit_trail or [])[-1]
    assert (line["did"], line["by"], line["why"]) == (did, "ana", "blurred")


async def test_a_held_robot_says_that_a_person_reviews_its_result_until_they_have(bench: Bench) -> None:
    claimed = await held(bench)

    async def waiting() -> str | None:
        robot = await bench.robot(claimed.robot_id)
        why = (await bench.database.read(bench.engine.waiting_reasons, [robot]))[robot.robot_id]
        return why.code if why is not None else None

    assert await waiting() == "robot_in_review"
    await decide(bench, "accept", claimed, output_data=None)
    assert await waiting() is None


async def test_it_waits_for_ever_without_a_worker_and_takes_no_slot(bench: Bench) -> None:
    await bench.database.write(bench.engine.set_queue, "shop", max_running=1)
    for _ in range(2):
        await bench.submit(queue="shop")
    claimed = await bench.claim_one(lease_seconds=60)
    await bench.complete(claimed)
    await bench.complete(claimed)
    await bench.tick_after(1_000_000)
    assert (await bench.robot(claimed.robot_id)).review == "waiting"
    assert len(await bench.claim()) == 1


async def test_an_accepted_result_counts_and_is_used_again(bench: Bench) -> None:
    claimed = await held(bench)
    bench.clock.pass_seconds(3_600)
    await decide(bench, "accept", claimed, output_data=None, comment="fine")
    robot = await bench.robot(claimed.robot_id)
    assert (robot.status, robot.review, robot.output_data) == (RobotStatus.COMPLETED, "accepted", {"text": "ho?a"})
    assert (robot.processing_time_ms or 0) < 1_000
    assert (await bench.submit(cache_key="page-1")).output_data == {"text": "ho?a"}
    review = await bench.database.read(bench.engine.reviews.get, claimed.robot_id)
    assert (review.state, review.decided_by, review.comment) == ("accepted", "ana", "fine")


@pytest.mark.parametrize(("decision", "said"), [("accept", {"output_data": None}), ("refuse", {}), ("send_back", {})])
async def test_every_end_of_a_review_is_told(bench: Bench, decision: str, said: dict[str, Any]) -> None:
    claimed = await held(bench)
    assert await bench.events(f"robot:{claimed.robot_id}") == []
    await decide(bench, decision, claimed, **said)
    assert [event["kind"] for event in await bench.events(f"robot:{claimed.robot_id}")] == ["robot:reviewed"]


async def test_a_robot_that_is_cancelled_while_its_result_waits_ends_its_review(bench: Bench) -> None:
    claimed = await held(bench)
    await bench.database.write(bench.engine.cancel, claimed.robot_id, by="ana")
    assert [event["kind"] for event in await bench.events(f"robot:{claimed.robot_id}")] == ["robot:reviewed"]


async def test_a_corrected_result_is_the_persons(bench: Bench) -> None:
    claimed = await held(bench)
    await decide(bench, "accept", claimed, output_data={"text": "hola"})
    robot = await bench.robot(claimed.robot_id)
    assert (robot.review, robot.output_data) == ("corrected", {"text": "hola"})
    assert (await bench.database.read(bench.engine.reviews.get, claimed.robot_id)).output_data == {"text": "ho?a"}


async def test_a_refused_result_is_a_business_exception_that_is_not_tried_again(bench: Bench) -> None:
    claimed = await held(bench)
    await decide(bench, "refuse", claimed, comment="not our invoice")
    robot = await bench.robot(claimed.robot_id)
    assert (robot.status, robot.error_category, robot.review) == (RobotStatus.FAILED, "BUSINESS", "refused")
    assert (robot.error_details or {})["message"] == "not our invoice"
    assert (await bench.submit(cache_key="page-1")).robot_id != claimed.robot_id


async def test_one_that_is_sent_back_is_tried_again_and_may_be_held_again(bench: Bench) -> None:
    claimed = await held(bench)
    await decide(bench, "send_back", claimed)
    again = await bench.claim_one()
    assert (again.robot_id, again.retry_count) == (claimed.robot_id, 0)
    await bench.complete(again, output_data={"text": "ho??"})
    review = await bench.database.read(bench.engine.reviews.get, claimed.robot_id)
    assert (review.state, review.execute_id) == ("waiting", again.execute_id)


async def test_nobody_decides_twice_or_on_what_is_not_held(bench: Bench) -> None:
    claimed = await held(bench)
    await decide(bench, "refuse", claimed)
    for move, more in (("refuse", {}), ("send_back", {}), ("accept", {"output_data": None})):
        with pytest.raises(NotInReview):
            await decide(bench, move, claimed, **more)


async def test_a_held_result_is_moved_by_its_review_only_or_cancelled_with_its_robot(bench: Bench) -> None:
    claimed = await held(bench)
    with pytest.raises(NotUnderWay):
        await bench.database.write(bench.engine.resume_robot, claimed.robot_id, by="ana")
    for call in (bench.fail(claimed), bench.release(claimed)):
        with pytest.raises(LeaseLost):
            await call
    await bench.database.write(bench.engine.cancel, claimed.robot_id, by="ana")
    assert (await bench.robot(claimed.robot_id)).review == "cancelled"
    assert await bench.database.read(bench.engine.reviews.waiting, limit=10, cursor=None) == ([], None)
    with pytest.raises(NotInReview):
        await decide(bench, "accept", claimed, output_data=None)


async def test_of_many_that_end_together_only_the_poor_ones_are_held(bench: Bench) -> None:
    await bench.submit_many(3)
    claimed = await bench.claim(limit=3)
    for one, score in zip(claimed, (0.9, 0.1, 0.9), strict=True):
        await bench.complete(one, completeness_score=score, confidence_score=score)
    states = [(await bench.robot(one.robot_id)).review for one in claimed]
    assert states == [None, "waiting", None]


async def test_types_of_the_system_are_not_described_by_others(bench: Bench) -> None:
    await bench.database.write(bench.engine.register_module, new_module("inner", ["task.work"]), internal=True)
    with pytest.raises(Conflict):
        await bench.module("thief", ["task.work"], type_settings={"task.work": TypeSettings(min_confidence=1)})
