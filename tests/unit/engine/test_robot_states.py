from datetime import timedelta

import pytest

from aiworker.engine.robots import states
from aiworker.engine.robots.errors import IllegalMove
from aiworker.wire.engine import ErrorCategory, ProcessingTier, RobotPriority, RobotStatus
from tests.support.clocks import NOON
from tests.unit.engine.samples import failure, robot

LATER = NOON + timedelta(minutes=3)


def test_every_status_has_its_moves_and_no_other() -> None:
    tried = {status: {to for to in RobotStatus if _may(status, to)} for status in RobotStatus}
    assert tried == {
        RobotStatus.PENDING: {RobotStatus.PROCESSING, RobotStatus.CANCELLED},
        RobotStatus.RETRYING: {RobotStatus.PROCESSING, RobotStatus.CANCELLED},
        RobotStatus.PROCESSING: {
            RobotStatus.COMPLETED,
            RobotStatus.FAILED,
            RobotStatus.RETRYING,
            RobotStatus.PENDING,
            RobotStatus.CANCELLED,
        },
        RobotStatus.FAILED: {RobotStatus.PENDING},
        RobotStatus.COMPLETED: set(),
        RobotStatus.CANCELLED: set(),
    }


def _may(status: RobotStatus, to: RobotStatus) -> bool:
    try:
        states.moved(robot(status=status), to, LATER)
    except IllegalMove:
        return False
    return True


def test_a_refused_move_names_the_allowed_ones() -> None:
    with pytest.raises(IllegalMove, match="cannot become PROCESSING; allowed from here: PENDING"):
        states.claimed(robot(status=RobotStatus.FAILED), LATER)


def test_ranks_sort_the_most_urgent_first() -> None:
    assert sorted(RobotPriority, key=states.rank) == [
        RobotPriority.CRITICAL,
        RobotPriority.HIGH,
        RobotPriority.NORMAL,
        RobotPriority.LOW,
    ]
    assert states.rank(RobotPriority.CRITICAL) == 0


@pytest.mark.parametrize(
    ("minutes", "tier"),
    [
        (None, ProcessingTier.STANDARD),
        (0, ProcessingTier.FAST),
        (1, ProcessingTier.STANDARD),
        (9, ProcessingTier.STANDARD),
        (10, ProcessingTier.COMPLEX),
        (59, ProcessingTier.COMPLEX),
        (60, ProcessingTier.BULK),
    ],
)
def test_the_tier_comes_from_the_estimate(minutes: int | None, tier: ProcessingTier) -> None:
    assert states.tier(minutes) is tier


def test_a_held_robot_stands_in_no_index() -> None:
    held = states.settled(robot(held="after SHOP-9", defer_until=LATER), NOON)
    assert (held.ready_lane, held.due_at) == (None, None)


def test_a_deferred_robot_stands_in_the_clock_until_its_time() -> None:
    deferred = robot(defer_until=LATER)
    before, after = states.settled(deferred, NOON), states.settled(deferred, LATER)
    assert (before.ready_lane, before.due_at) == (None, LATER)
    assert (after.ready_lane, after.due_at) == (7, None)


def test_a_failed_try_is_followed_by_another_until_the_limit() -> None:
    now = states.claimed(robot(retry_limit=2), NOON)
    for tries in (1, 2):
        now = states.failed(now, failure(), LATER, step="OCR", chance=0.5)
        assert (now.status, now.retry_count) == (RobotStatus.RETRYING, tries)
        now = states.claimed(states.settled(now, LATER + timedelta(hours=1)), LATER)
    now = states.failed(now, failure(), LATER, step="OCR")
    assert (now.status, now.retry_count, now.completed_at) == (RobotStatus.FAILED, 2, LATER)
    assert now.error_details == {"type": "APPLICATION", "step": "OCR", "message": "broken"}


@pytest.mark.parametrize("category", [ErrorCategory.VALIDATION, ErrorCategory.BUSINESS])
def test_what_trying_again_cannot_help_fails_at_once(category: ErrorCategory) -> None:
    failed = states.failed(states.claimed(robot(), NOON), failure(category), LATER, step=None)
    assert failed.status is RobotStatus.FAILED


def test_a_failed_robot_frees_its_cache_key() -> None:
    failed = states.failed(states.claimed(robot(retry_limit=0), NOON), failure(), LATER, step=None)
    assert failed.cache_key is None


def test_the_tenth_return_in_a_row_holds_the_robot_for_a_person() -> None:
    now = robot()
    for _ in range(9):
        now = states.returned(states.claimed(now, NOON), NOON)
    assert (now.held, now.ready_lane) == (None, 7)
    now = states.returned(states.claimed(now, NOON), NOON)
    assert now.held == "lost or given back 10 times in a row"
    assert now.ready_lane is None


def test_a_try_that_counts_starts_the_count_of_returns_again() -> None:
    now = states.returned(states.claimed(robot(uncounted=8), NOON), NOON)
    now = states.failed(states.claimed(now, NOON), failure(), NOON, step=None)
    assert now.uncounted == 0


def test_a_person_gives_a_failed_robot_all_its_tries_back() -> None:
    failed = robot(status=RobotStatus.FAILED, retry_count=3, completed_at=LATER, ready_lane=None)
    again = states.requeued(failed, LATER, by="ana")
    assert (again.status, again.retry_count, again.completed_at) == (RobotStatus.PENDING, 0, None)
    assert again.ready_lane == 7
    assert again.audit_trail is not None
    assert again.audit_trail[-1]["by"] == "ana"
