"""What people, owners and other rooms may do with robots."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ParamSpec

from aiworker.core.clock import iso
from aiworker.core.errors import AiWorkerError, Invalid
from aiworker.core.ids import robot_id as new_robot_id
from aiworker.core.paging import Cursor
from aiworker.core.sayings import Saying, as_said, keep
from aiworker.engine.changes import Changes, Work, tell, wake
from aiworker.engine.deadlines import service as deadlines
from aiworker.engine.executions import queries as executions
from aiworker.engine.executions.states import ended
from aiworker.engine.executions.steps import end_steps
from aiworker.engine.modules.routing import Decision
from aiworker.engine.modules.service import route
from aiworker.engine.owners import Transition
from aiworker.engine.queues import queries as queues
from aiworker.engine.queues.records import Door
from aiworker.engine.reviews import queries as reviews
from aiworker.engine.reviews.events import reviewed
from aiworker.engine.reviews.records import WAITING
from aiworker.engine.robots import queries, states
from aiworker.engine.robots.errors import NotUnderWay, RobotNotFound, SystemRobotType
from aiworker.engine.robots.records import Robot
from aiworker.engine.types import queries as type_queries
from aiworker.engine.types import service as types
from aiworker.engine.types.records import RobotTypeRecord
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import ExecutionState, NewRobot, RobotPriority, RobotStatus

_RETRIES = 3
_TIMEOUT_SECONDS = 1800
_BACKOFF_SECONDS = 5
_BACKOFF_CAP_SECONDS = 900
_TOLD_ONE_BY_ONE = 500
_STANDARD, _SENSITIVE = "STANDARD", "SENSITIVE"

P = ParamSpec("P")


def note(tx: Tx, robot_id: str, *, by: str, did: str, why: str | None = None) -> None:
    """A line in a robot's trail about what was done with its execution. It is locked by who calls."""
    robot = queries.find(tx, robot_id)
    if robot is not None:
        queries.save(tx, robot, states.trailed(robot, tx.now, by=by, did=did, why=why))


class Robots:
    """Makes robots and changes them."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    # --- reading ---

    def get(self, tx: Tx, robot_id: str) -> Robot:
        """Raises: RobotNotFound."""
        robot = queries.find(tx, robot_id)
        if robot is None:
            raise RobotNotFound(robot_id)
        return robot

    def lock(self, tx: Tx, robot_id: str) -> Robot:
        """The robot, ours until the commit. Raises: RobotNotFound."""
        robot = queries.lock(tx, robot_id)
        if robot is None:
            raise RobotNotFound(robot_id)
        return robot

    def list_robots(
        self,
        tx: Tx,
        *,
        wanted: dict[str, Any],
        named: str | None,
        at_risk: bool,
        among: Collection[str] | None,
        limit: int,
        cursor: str | None,
    ) -> tuple[list[Robot], str | None]:
        """Newest first, and the cursor of the next page."""
        after = Cursor.decode(cursor)
        found = queries.list_robots(
            tx, wanted=wanted, named=named, at_risk=at_risk, among=among, cursor=after, limit=limit + 1
        )
        if len(found) <= limit:
            return found, None
        last = found[limit - 1]
        return found[:limit], Cursor(0, last.created_at, last.robot_id).encode()

    # --- making ---

    def submit(
        self,
        tx: Tx,
        new_robots: Sequence[NewRobot],
        *,
        age: datetime | None,
        by: str,
        outside: bool = False,
        among: Collection[str] | None = None,
    ) -> list[Robot]:
        """One robot for each, in order; for a cache key that is under way or done, see `_added`. `outside`: not
        for the installation itself, so the system's own types are refused. `among`: only these modules exist.

        More than 500 are told of by their batch, not one by one.

        Raises: UnknownRobotType, InputRefused, Invalid, SystemRobotType.
        """
        doors = [Door.of(new.queue, {*new.needs}) for new in new_robots]
        decisions, known = route(tx, [(new.robot_type, new.module_name) for new in new_robots], set(doors), among)
        if outside:
            _leave_to_the_system(decisions)
        lanes = dict(known.lane_ids)
        turns = {pair: iter(each) for pair, each in decisions.items()}
        kinds = type_queries.by_names(tx, sorted(known.described))
        wanted: list[Robot] = []
        for new, door in zip(new_robots, doors, strict=True):
            decision = next(turns[new.robot_type, new.module_name])
            needs = sorted(set(new.needs))
            place = (decision.module_name, door)
            if place not in lanes:
                lanes[place] = queues.lane_for(tx, decision.module_name, new.queue, needs)
            kind = kinds.get(new.robot_type)
            types.check(new, kinds)
            wanted.append(_new(tx.now, new, decision, lanes[place], kind, needs=needs, age=age, by=by))
        answers = _added(tx, wanted)
        born = [answer for robot, answer in zip(wanted, answers, strict=True) if answer.robot_id == robot.robot_id]
        deadlines.note(tx, born)
        for robot in born:
            wake(tx, None, robot)
        if len(born) <= _TOLD_ONE_BY_ONE:
            for robot in born:
                tell(tx, Work(robot))
        return answers

    def refusals(
        self, tx: Tx, new_robots: Mapping[int, NewRobot], *, among: Collection[str] | None = None
    ) -> dict[int, AiWorkerError]:
        """Which of these `submit` would not take, and why."""
        kinds = type_queries.by_names(tx, sorted({new.robot_type for new in new_robots.values()}))
        pairs = {(new.robot_type, new.module_name) for new in new_robots.values()}
        unknown = {pair: error for pair in pairs if (error := _refusal(_routed, tx, pair, among)) is not None}
        found = {
            place: unknown.get((new.robot_type, new.module_name)) or _refusal(types.check, new, kinds)
            for place, new in new_robots.items()
        }
        return {place: error for place, error in found.items() if error is not None}

    # --- changing ---

    def hold(self, tx: Tx, robot_id: str, reason: str) -> None:
        """Keep it from starting, and say why. What runs goes on; what is finished is left alone."""
        self._adjust(tx, robot_id, lambda robot: replace(robot, held=reason[:200]))

    def unhold(self, tx: Tx, robot_id: str) -> None:
        """Let it start; not held is no error."""
        self._adjust(tx, robot_id, lambda robot: replace(robot, held=None))

    def reprioritise(self, tx: Tx, robot_id: str, priority: RobotPriority) -> None:
        """Change how urgent it is; its age stays."""
        self._adjust(tx, robot_id, lambda robot: replace(robot, priority=priority, rank=states.rank(priority)))

    def set_needs(self, tx: Tx, robot_id: str, needs: Sequence[str]) -> None:
        """Change what a worker must be able to do; what runs goes on."""

        def change(robot: Robot) -> Robot:
            wanted = sorted(set(needs))
            lane_id = queues.lane_for(tx, robot.module_name, robot.queue, wanted)
            return replace(robot, needs=wanted, lane_id=lane_id)

        self._adjust(tx, robot_id, change)

    def cancel(self, tx: Tx, robot_id: str, *, by: str, reason: Saying | str | None, as_owner: bool) -> Robot:
        """End it; a worker that is at it is told with its next report. Already cancelled is no error.

        Raises: RobotNotFound, OwnedRobot, IllegalMove.
        """
        robot = self.lock(tx, robot_id)
        self._changes.owners.refuse_outsiders(robot, as_owner=as_owner)
        if robot.status is RobotStatus.CANCELLED:
            return robot
        said = as_said(reason)
        why = None if said is None else said.words
        after = states.cancelled(robot, tx.now, by=by, reason=why)
        execution = executions.active(tx, robot_id, lock=True)
        stopped = execution
        if execution is not None:
            changes = keep({"error_message": said}, "error_message")
            stopped = ended(execution, ExecutionState.CANCELLED, tx.now, outcome="cancelled", by=by, **changes)
            end_steps(tx, [execution.execute_id], "cancelled")
        before, now = Work(robot, execution), Work(after, stopped)
        self._changes.write(tx, Transition.CANCELLED, before, now, by=by, reason=why)
        if robot.review == WAITING:
            reviews.decide(tx, robot_id, "cancelled", by=by, comment=why)
            tx.emit(reviewed(robot_id))
        return after

    def retry(self, tx: Tx, robot_id: str, *, by: str, as_owner: bool) -> Robot:
        """FAILED → PENDING with all its tries; one that waits (held, or for its next try) may go at once.

        Raises: RobotNotFound, OwnedRobot, IllegalMove.
        """
        robot = self.lock(tx, robot_id)
        self._changes.owners.refuse_outsiders(robot, as_owner=as_owner)
        if robot.status in states.WAITING:
            after = states.hastened(robot, tx.now, by=by)
            queries.save(tx, robot, after)
            wake(tx, robot, after)
            return after
        after = states.requeued(robot, tx.now, by=by)
        self._changes.write(tx, Transition.REQUEUED, Work(robot), Work(after), by=by)
        deadlines.watch_again(tx, after)
        return after

    def pause(self, tx: Tx, robot_id: str, *, by: str) -> None:
        """Keep one that waits from starting until it is resumed. Raises: RobotNotFound, OwnedRobot, IllegalMove."""
        robot = self._waiting(tx, robot_id)
        if robot.held is None:
            self._save(tx, robot, states.trailed(states.held_back(robot, tx.now), tx.now, by=by, did="paused"))

    def resume(self, tx: Tx, robot_id: str, *, by: str) -> None:
        """Let one that was paused and has no worker start. Raises: as `pause`."""
        robot = self._waiting(tx, robot_id)
        if robot.held == states.PAUSED:
            free = states.settled(replace(robot, held=None, updated_at=tx.now), tx.now)
            self._save(tx, robot, states.trailed(free, tx.now, by=by, did="resumed"))

    def _waiting(self, tx: Tx, robot_id: str) -> Robot:
        robot = self.lock(tx, robot_id)
        self._changes.owners.refuse_outsiders(robot, as_owner=False)
        if robot.status not in states.WAITING:
            raise NotUnderWay(robot_id, robot.status)
        return robot

    def _save(self, tx: Tx, before: Robot, after: Robot) -> None:
        queries.save(tx, before, after)
        wake(tx, before, after)

    def _adjust(self, tx: Tx, robot_id: str, change: Callable[[Robot], Robot]) -> None:
        robot = self.lock(tx, robot_id)
        if robot.status not in states.UNFINISHED and robot.status is not RobotStatus.FAILED:
            return
        after = states.settled(change(robot), tx.now)
        if after != robot:
            queries.save(tx, robot, replace(after, updated_at=tx.now))
            wake(tx, robot, after)


def _routed(tx: Tx, pair: tuple[str, str | None], among: Collection[str] | None) -> None:
    _leave_to_the_system(route(tx, [pair], among=among)[0])


def _leave_to_the_system(decisions: Mapping[tuple[str, str | None], Sequence[Decision]]) -> None:
    for (robot_type, _), each in decisions.items():
        if each[0].internal:
            raise SystemRobotType(robot_type)


def _refusal(check: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> Invalid | None:
    try:
        check(*args, **kwargs)
    except Invalid as error:
        return error
    return None


def _added(tx: Tx, wanted: Sequence[Robot]) -> list[Robot]:
    """The robots as they are now, all in few statements. In the place of one whose cache key is taken stands the one
    that is under way with it, or, if that is done, the new one, done at once with the same result."""
    keys = [robot.cache_key for robot in wanted if robot.cache_key is not None]
    while True:
        first = queries.by_cache_keys(tx, keys)
        answers: list[Robot] = []
        keyed: list[Robot] = []
        for robot in wanted:
            if robot.cache_key is None:
                answers.append(robot)
            elif (known := first.get(robot.cache_key)) is None:
                first[robot.cache_key] = robot
                keyed.append(robot)
                answers.append(robot)
            elif known.status is RobotStatus.COMPLETED:
                answers.append(states.answered_from(robot, known, tx.now))
            else:
                answers.append(known)
        # If another request took a key just now, it has committed, and reading the keys again finds its robot.
        if not keyed or queries.add_with_keys(tx, keyed):
            break
    free = [
        answer
        for robot, answer in zip(wanted, answers, strict=True)
        if answer.robot_id == robot.robot_id and answer.cache_key is None
    ]
    if free:
        queries.add(tx, free)
    return answers


def _new(
    now: datetime,
    new: NewRobot,
    decision: Decision,
    lane_id: int,
    kind: RobotTypeRecord | None,
    *,
    needs: list[str],
    age: datetime | None,
    by: str,
) -> Robot:
    sensitive = types.sensitive_of(kind, new.input_data) if kind is not None else []
    robot = Robot(
        robot_id=new_robot_id(new.robot_type, now),
        robot_type=new.robot_type,
        status=RobotStatus.PENDING,
        module_name=decision.module_name,
        input_data=new.input_data,
        output_data=None,
        priority=new.priority,
        processing_time_ms=None,
        processing_tier=states.tier(new.estimated_duration_minutes, decision.typical_ms),
        cache_hit=False,
        cache_key=f"{new.robot_type}:{new.cache_key}" if new.cache_key is not None else None,
        cache_source_robot_id=None,
        retry_count=0,
        retry_limit=_first(new.retry_limit, kind and kind.retry_limit, _RETRIES),
        error_details=None,
        error_category=None,
        last_error_at=None,
        completeness_score=0.0,
        confidence_score=0.0,
        source_reference=new.source_reference,
        correlation_id=new.correlation_id,
        estimated_duration_minutes=new.estimated_duration_minutes,
        actual_duration_minutes=None,
        queue=new.queue,
        needs=needs,
        held=new.held,
        defer_until=new.defer_until,
        due_date=new.due_date,
        timeout_seconds=_first(new.timeout_seconds, kind and kind.timeout_seconds, _TIMEOUT_SECONDS),
        backoff_seconds=_first(new.backoff_seconds, kind and kind.backoff_seconds, _BACKOFF_SECONDS),
        backoff_cap_seconds=_first(new.backoff_cap_seconds, kind and kind.backoff_cap_seconds, _BACKOFF_CAP_SECONDS),
        asked_module=new.module_name,
        required_completeness=kind.min_completeness if kind is not None else None,
        required_confidence=kind.min_confidence if kind is not None else None,
        review=None,
        routing_decision=dict(decision.reasons),
        security_classification=_SENSITIVE if sensitive else _STANDARD,
        compliance_tags=sensitive or None,
        audit_trail=[{"at": iso(now), "by": by, "did": "submitted", "why": None}],
        lane_id=lane_id,
        ready_lane=None,
        running_lane=None,
        rank=states.rank(new.priority),
        age=age or now,
        retry_at=None,
        due_at=None,
        uncounted=0,
        moves=0,
        created_at=now,
        updated_at=now,
        started_at=None,
        completed_at=None,
    )
    return states.settled(robot, now)


def _first(asked: int | None, of_type: int | None, otherwise: int) -> int:
    """What was asked for, else what the type says, else the installation's default."""
    if asked is not None:
        return asked
    return otherwise if of_type is None else of_type
