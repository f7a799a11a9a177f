"""A robot's moves: which are allowed, and what each of them changes. Nothing here touches a database."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from aiworker.core.clock import iso
from aiworker.core.sayings import Sentence
from aiworker.engine.modules.routing import Decision
from aiworker.engine.robots.backoff import backoff
from aiworker.engine.robots.errors import IllegalMove
from aiworker.engine.robots.records import Robot
from aiworker.wire.engine import Fail, ProcessingTier, RobotPriority, RobotStatus

LOST_IN_A_ROW: Final = Sentence("lost_in_a_row", "lost or given back {times} times in a row")

WAITING: Final = frozenset({RobotStatus.PENDING, RobotStatus.RETRYING})
UNFINISHED: Final = WAITING | {RobotStatus.PROCESSING}

MOVES: Final[Mapping[RobotStatus, frozenset[RobotStatus]]] = {
    RobotStatus.PENDING: frozenset({RobotStatus.PROCESSING, RobotStatus.CANCELLED}),
    RobotStatus.RETRYING: frozenset({RobotStatus.PROCESSING, RobotStatus.CANCELLED}),
    RobotStatus.PROCESSING: frozenset(
        {
            RobotStatus.COMPLETED,
            RobotStatus.FAILED,
            RobotStatus.RETRYING,
            RobotStatus.PENDING,
            RobotStatus.CANCELLED,
        }
    ),
    RobotStatus.FAILED: frozenset({RobotStatus.PENDING}),
    RobotStatus.COMPLETED: frozenset(),
    RobotStatus.CANCELLED: frozenset(),
}

# After so many lost or returned executions in a row the robot is to blame, not its workers.
UNCOUNTED_LIMIT: Final = 10
# The hold of a robot that was paused and has no worker.
PAUSED_BY_HAND: Final = Sentence("robot_paused", "paused; resume it to let it go on")
PAUSED: Final = PAUSED_BY_HAND().words
_TRAIL_LENGTH = 50


def rank(priority: RobotPriority) -> int:
    """How a lane is sorted: 0 is the most urgent."""
    return len(RobotPriority) - 1 - list(RobotPriority).index(priority)


def tier(estimated_minutes: int | None, typical_ms: int | None = None) -> ProcessingTier:
    """The tier that an estimate stands for, or else what the type typically takes; without both, STANDARD."""
    minutes = estimated_minutes
    if minutes is None and typical_ms is not None:
        minutes = typical_ms // 60_000
    match minutes:
        case None:
            return ProcessingTier.STANDARD
        case minutes if minutes < 1:
            return ProcessingTier.FAST
        case minutes if minutes < 10:  # noqa: PLR2004 (the tier's own bound)
            return ProcessingTier.STANDARD
        case minutes if minutes < 60:  # noqa: PLR2004
            return ProcessingTier.COMPLEX
        case _:
            return ProcessingTier.BULK


def settled(robot: Robot, now: datetime) -> Robot:
    """The robot at its place: in its lane's index if it may be claimed now, in the clock's if only time holds it."""
    free = robot.status in WAITING and robot.held is None
    due = max((at for at in (robot.defer_until, robot.retry_at) if at is not None and at > now), default=None)
    return replace(
        robot,
        ready_lane=robot.lane_id if free and due is None else None,
        due_at=due if free else None,
        running_lane=robot.running_lane if robot.status is RobotStatus.PROCESSING else None,
    )


def moved(robot: Robot, to: RobotStatus, now: datetime, **changes: Any) -> Robot:
    """The robot after a move. Raises: IllegalMove."""
    if to not in MOVES[robot.status]:
        raise IllegalMove(robot.robot_id, robot.status, to, MOVES[robot.status])
    return settled(replace(robot, status=to, moves=robot.moves + 1, updated_at=now, **changes), now)


def claimed(robot: Robot, now: datetime) -> Robot:
    """Taken by a worker: it has a slot of its queue and module."""
    return moved(
        robot,
        RobotStatus.PROCESSING,
        now,
        running_lane=robot.lane_id,
        retry_at=None,
        started_at=robot.started_at or now,
    )


def with_slot(robot: Robot, now: datetime, *, slot: bool) -> Robot:
    """A PROCESSING robot whose execution was paused, parked or resumed: it keeps, leaves or takes its slot."""
    return replace(robot, moves=robot.moves + 1, updated_at=now, running_lane=robot.lane_id if slot else None)


def failed(robot: Robot, failure: Fail, now: datetime, *, step: str | None, chance: float | None = None) -> Robot:
    """The try failed: RETRYING with the next one due later, or FAILED if trying again cannot help or is spent."""
    error = {
        **failure.error_details,
        "type": failure.error_category.value,
        "step": step,
        "message": failure.error_message[:2_000],
        **({} if failure.told is None else {"told": failure.told.model_dump()}),
    }
    changes: dict[str, Any] = {
        "error_details": error,
        "error_category": failure.error_category.value,
        "last_error_at": now,
        "uncounted": 0,
    }
    if failure.error_category.retried and robot.retry_count < robot.retry_limit:
        wait = backoff(
            robot.retry_count,
            base_seconds=robot.backoff_seconds,
            cap_seconds=robot.backoff_cap_seconds,
            chance=chance,
        )
        retry_at = now + timedelta(seconds=wait)
        return moved(robot, RobotStatus.RETRYING, now, retry_count=robot.retry_count + 1, retry_at=retry_at, **changes)
    # A key that leads to nothing is free for the next who asks.
    return moved(robot, RobotStatus.FAILED, now, completed_at=now, cache_key=None, **changes)


def later(robot: Robot, retry_at: datetime | None, now: datetime) -> Robot:
    """Its next try is due then."""
    return robot if retry_at == robot.retry_at else settled(replace(robot, retry_at=retry_at), now)


def returned(robot: Robot, now: datetime) -> Robot:
    """Lost or given back: it waits again and no try is counted, but ten in a row hold it for a person."""
    uncounted = robot.uncounted + 1
    held = robot.held
    if uncounted >= UNCOUNTED_LIMIT and held is None:
        held = LOST_IN_A_ROW(times=uncounted).words
        uncounted = 0
    return moved(robot, RobotStatus.PENDING, now, uncounted=uncounted, held=held)


def held_back(robot: Robot, now: datetime) -> Robot:
    """One that waits and was paused: it starts when a person resumes it."""
    return settled(replace(robot, held=robot.held or PAUSED, updated_at=now), now)


def cancelled(robot: Robot, now: datetime, *, by: str, reason: str | None) -> Robot:
    """Ended by a person or an owner."""
    trail = _trail(robot, now, by, "cancelled", reason)
    return moved(robot, RobotStatus.CANCELLED, now, completed_at=now, cache_key=None, audit_trail=trail)


def answered_from(robot: Robot, first: Robot, now: datetime) -> Robot:
    """A new robot that is done at once with an earlier one's result; the key stays with the first."""
    answered = replace(
        robot,
        status=RobotStatus.COMPLETED,
        output_data=first.output_data,
        completeness_score=first.completeness_score,
        confidence_score=first.confidence_score,
        cache_hit=True,
        cache_key=None,
        cache_source_robot_id=first.robot_id,
        processing_time_ms=0,
        actual_duration_minutes=0,
        started_at=now,
        completed_at=now,
    )
    return settled(answered, now)


def requeued(robot: Robot, now: datetime, *, by: str) -> Robot:
    """Sent back by a person after it failed, with all its tries. Raises: IllegalMove."""
    if robot.status is not RobotStatus.FAILED:
        # PROCESSING may become PENDING, too, but only when its execution ends: it is never taken from its holder.
        allowed = MOVES[robot.status] - {RobotStatus.PENDING}
        raise IllegalMove(robot.robot_id, robot.status, RobotStatus.PENDING, allowed)
    trail = _trail(robot, now, by, "retried", None)
    return moved(
        robot,
        RobotStatus.PENDING,
        now,
        retry_count=0,
        retry_at=None,
        uncounted=0,
        completed_at=None,
        audit_trail=trail,
    )


def rerouted(robot: Robot, decision: Decision, lane_id: int, now: datetime) -> Robot:
    """A waiting robot that goes to another module."""
    elsewhere = replace(
        robot,
        module_name=decision.module_name,
        lane_id=lane_id,
        routing_decision=dict(decision.reasons),
        updated_at=now,
    )
    return settled(elsewhere, now)


def hastened(robot: Robot, now: datetime, *, by: str) -> Robot:
    """A waiting robot that a person wants tried at once: no hold, no wait between tries."""
    trail = _trail(robot, now, by, "hastened", robot.held)
    return settled(replace(robot, held=None, retry_at=None, audit_trail=trail, updated_at=now), now)


def trailed(robot: Robot, now: datetime, *, by: str, did: str, why: str | None = None) -> Robot:
    """With a line about who did what."""
    return replace(robot, audit_trail=_trail(robot, now, by, did, why))


def _trail(robot: Robot, now: datetime, by: str, did: str, why: str | None) -> list[dict[str, Any]]:
    entry = {"at": iso(now), "by": by, "did": did, "why": why}
    return [*(robot.audit_trail or []), entry][-_TRAIL_LENGTH:]
