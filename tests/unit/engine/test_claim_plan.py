from datetime import timedelta

from aiworker.engine.claims.records import Head, ReadyLane
from aiworker.engine.claims.service import plan
from tests.support.clocks import NOON


def head(lane: int, age: int) -> Head:
    return Head(rank=2, age=NOON + timedelta(seconds=age), robot_id=f"r{age}", ready_lane=lane)


LANES = {
    lane: ReadyLane(head(lane, 0), queue, [], limited)
    for lane, queue, limited in [(1, "shop", True), (2, "shop", True), (3, "blog", False)]
}
HEADS = [head(1, 1), head(2, 2), head(1, 3), head(3, 4), head(3, 5)]


def test_the_first_of_all_heads_are_taken_up_to_the_limit() -> None:
    assert plan(HEADS, LANES, {"shop": 10}, 4) == {1: 2, 2: 1, 3: 1}


def test_lanes_of_one_queue_share_its_room() -> None:
    assert plan(HEADS, LANES, {"shop": 2}, 10) == {1: 1, 2: 1, 3: 2}


def test_a_full_queue_is_passed_over() -> None:
    assert plan(HEADS, LANES, {"shop": 0}, 10) == {3: 2}


def test_where_nothing_waits_nothing_is_taken() -> None:
    assert plan([], LANES, {"shop": 2}, 10) == {}
