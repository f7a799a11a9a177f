"""Claiming: who gets which robots, exactly once.

A claim looks at the heads of lanes only. What is held, or deferred, or in a queue that is paused or full, is not there
or is passed over lane by lane, so a claim costs the same whatever waits behind.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from aiworker.core.faults import fault_point
from aiworker.core.ids import new_id
from aiworker.engine.breakers import service as breakers
from aiworker.engine.breakers.records import Breaker
from aiworker.engine.changes import Changes, Moved, Work, status_event
from aiworker.engine.checkpoints import queries as checkpoints
from aiworker.engine.claims import queries
from aiworker.engine.claims.at_once import queries as at_once
from aiworker.engine.claims.records import Claimable, Head, Issued, ReadyLane, Sensitive, Start, Terms, Ticket
from aiworker.engine.executions import queries as executions
from aiworker.engine.executions import states
from aiworker.engine.executions.records import Execution
from aiworker.engine.health.records import Check
from aiworker.engine.modules import queries as modules
from aiworker.engine.modules import service as module_service
from aiworker.engine.modules.errors import InternalModule, ModuleNotFound
from aiworker.engine.modules.pace import noted, room
from aiworker.engine.modules.records import Module
from aiworker.engine.owners import Transition
from aiworker.engine.queues.service import get_queue, rooms
from aiworker.engine.robots import queries as robots
from aiworker.engine.robots import states as robot_states
from aiworker.engine.robots.errors import NotClaimable, RobotNotFound
from aiworker.engine.robots.records import Robot
from aiworker.storage.outbox.events import Event
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import BreakerState, ClaimedRobot, ExecutionState, HealthStatus, RobotStatus

# `last_seen_at` is written this often at most, not with each claim.
_SEEN_EVERY = timedelta(minutes=1)
# At most so many robots are claimed by the single statement: ids and tokens are made beforehand for each of them.
_FEW = 16
# So many lanes are read together with the module; later reads take at least as many.
_PAGE = 16


class Claims:
    """Hands robots to workers."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    def claim(
        self,
        tx: Tx,
        module_name: str,
        *,
        holder: str,
        limit: int,
        lease_seconds: int,
        capabilities: Sequence[str],
        only_queues: Sequence[str] | None,
        internal: bool,
    ) -> list[ClaimedRobot]:
        """Up to `limit` robots of a module, most urgent first, then oldest.

        Raises: ModuleNotFound, InternalModule.
        """
        module, breaker, first = queries.find_module(tx, module_name, only=only_queues, lanes_at_most=_PAGE)
        if module is None or module.removed_at is not None:
            raise ModuleNotFound(module_name)
        if module.internal and not internal:
            raise InternalModule(module_name)
        if not _hands_out(tx, module):
            return []
        if module.last_seen_at is None or tx.now - module.last_seen_at >= _SEEN_EVERY:
            modules.saw(tx, module_name)
        module, limit = _room(tx, module, breaker, limit)
        trial = None
        if breaker is not None and breaker.state is BreakerState.OPEN:
            trial = breakers.trial(tx, breaker)
            limit = min(limit, 0 if trial is None else 1)
        open_lanes = _OpenLanes(module_name, frozenset(capabilities), only_queues, first)
        lanes = open_lanes.best(tx, limit)
        terms = Terms(module_name, holder, lease_seconds)
        # Robots of internal modules usually have an owner, which has to move with them.
        at_once = tx.may_conclude and not module.internal and _counts_nothing(module, breaker)
        if at_once and (claimed := self._claim_at_once(tx, lanes, limit, terms)):
            return claimed
        claimed = self._claim_in_turn(tx, open_lanes, lanes, limit, terms)
        if trial is not None and claimed:
            breakers.tried(tx, trial, claimed[0].execute_id)
        if claimed and module.max_per_minute is not None:
            modules.note_starts(tx, module_name, noted(module.recent_starts, tx.now, len(claimed)))
        if claimed:
            fault_point(f"claim.written.{module_name}")
        return claimed

    def claim_robot(
        self, tx: Tx, robot_id: str, *, holder: str, lease_seconds: int | None, even_if_held: bool, as_owner: bool
    ) -> ClaimedRobot:
        """This very robot; without `lease_seconds` it has no lease and no time-out.

        Raises: RobotNotFound, OwnedRobot, NotClaimable.
        """
        robot = robots.lock(tx, robot_id)
        if robot is None:
            raise RobotNotFound(robot_id)
        self._changes.owners.refuse_outsiders(robot, as_owner=as_owner)
        if (why := _why_not(tx, robot, even_if_held=even_if_held)) is not None:
            raise NotClaimable(robot_id, why)
        after = robot_states.claimed(robot, tx.now)
        execution = states.started(_claimable(after), tx.now, holder=holder, lease_seconds=lease_seconds)
        executions.add(tx, [execution])
        _mark(tx, [(_claimable(after), execution.execute_id)])
        work = Work(after, execution)
        self._changes.write(tx, Transition.CLAIMED, Work(robot), work, by=holder)
        saved = checkpoints.of_robots(tx, [robot_id] if robot.moves else [])
        return _answer(_claimable(after), execution, saved.get(robot_id))

    def take_back(self, tx: Tx, execute_id: str, *, lease_seconds: int) -> Execution | None:
        """Let a lost execution go on, if its robot could be claimed now and nobody had it since; else None."""
        robot = robots.lock_by_execution(tx, execute_id)
        if robot is None or _why_not(tx, robot, even_if_held=False) is not None:
            return None
        (last,) = executions.last_of(tx, [robot.robot_id]) or (None,)
        if last is None or last.execute_id != execute_id or last.outcome != "lost":
            return None
        execution = states.taken_back(last, tx.now, lease_seconds=lease_seconds)
        after = replace(robot_states.claimed(robot, tx.now), uncounted=max(0, robot.uncounted - 1))
        before, now = Work(robot, last), Work(after, execution)
        self._changes.write(tx, Transition.TAKEN_BACK, before, now, by=execution.holder or "AiWorker")
        return execution

    def _claim_in_turn(
        self, tx: Tx, open_lanes: "_OpenLanes", lanes: Mapping[int, ReadyLane], limit: int, terms: Terms
    ) -> list[ClaimedRobot]:
        """From lane after lane; `lanes`: those to begin with."""
        claimed: list[ClaimedRobot] = []
        while lanes and (left := limit - len(claimed)):
            planned, that_is_all = _plan(tx, lanes, left)
            taken = {lane_id: queries.take(tx, lanes[lane_id].head, number) for lane_id, number in planned.items()}
            in_order = sorted((robot for part in taken.values() for robot in part), key=_place)
            claimed += self._start(tx, in_order, terms)
            open_lanes.leave(lanes if that_is_all or not planned else _short(planned, taken))
            lanes = open_lanes.best(tx, limit - len(claimed))
        return claimed

    def _claim_at_once(self, tx: Tx, lanes: Mapping[int, ReadyLane], limit: int, terms: Terms) -> list[ClaimedRobot]:
        """Few robots of one lane in one statement; nothing where that cannot be, or others were quicker."""
        lane = next(iter(lanes.values()), None)
        if lane is None or lane.limited or (len(lanes) > 1 and limit > 1):
            return []
        started = at_once.start(
            tx,
            lane.head,
            [_ticket(place) for place in range(1, min(limit, _FEW) + 1)],
            terms,
            limit=limit,
            but_not=self._changes.owners.types,
        )
        if started:
            fault_point(f"claim.written.{terms.module_name}")
        for robot, one in started:
            tx.told(_event(robot, one.execute_id))
        saved = checkpoints.of_robots(tx, [robot.robot_id for robot, _ in started if robot.moves])
        return [_answer(robot, one, saved.get(robot.robot_id)) for robot, one in started]

    def _start(self, tx: Tx, taken: Sequence[Claimable], terms: Terms) -> list[ClaimedRobot]:
        if not taken:
            return []
        started = [_started(robot, tx.now, lease_seconds=terms.lease_seconds) for robot in taken]
        queries.start(tx, started, terms)
        _mark(tx, [(robot, one.execute_id) for robot, one in zip(taken, started, strict=True)])
        for robot, execution in zip(taken, started, strict=True):
            tx.emit(_event(robot, execution.execute_id))
        together = list(zip(taken, started, strict=True))
        moved = [Moved(robot.robot_id, robot.robot_type, one.execute_id, terms.holder) for robot, one in together]
        self._changes.tell_owners(tx, Transition.CLAIMED, moved)
        # Only what was moved before can have left something to go on from.
        saved = checkpoints.of_robots(tx, [robot.robot_id for robot in taken if robot.moves])
        return [_answer(robot, one, saved.get(robot.robot_id)) for robot, one in together]


class _OpenLanes:
    """The lanes of a module that one worker may take from, best first."""

    def __init__(
        self, module_name: str, can: frozenset[str], only_queues: Sequence[str] | None, first: Sequence[ReadyLane]
    ) -> None:
        self._module_name = module_name
        self._can = can
        self._only_queues = only_queues
        # The lanes that came with the module. They are used once; after that lanes are read anew.
        self._seen: Sequence[ReadyLane] | None = first
        self._left: set[int] = set()
        self._all: set[int] | None = None

    def best(self, tx: Tx, number: int) -> dict[int, ReadyLane]:
        """The `number` lanes with the most urgent heads: the `number` most urgent robots are in these."""
        if self._all is not None and self._all <= self._left:
            return {}
        found: dict[int, ReadyLane] = {}
        size, offset = max(_PAGE, number), 0
        while len(found) < number:
            part, asked = self._part(tx, offset, size)
            found |= {lane.head.ready_lane: lane for lane in part if self._may_take_from(lane)}
            if len(part) < asked:
                self._all = set(found)
                break
            offset += asked
        return dict(islice(found.items(), number))

    def _part(self, tx: Tx, offset: int, size: int) -> tuple[Sequence[ReadyLane], int]:
        """Lanes, and how many were asked for."""
        if self._seen is not None:
            seen, self._seen = self._seen, None
            return seen, _PAGE
        part = queries.ready_lanes(tx, self._module_name, only=self._only_queues, offset=offset, limit=size)
        return part, size

    def leave(self, lane_ids: Iterable[int]) -> None:
        """Pass these over from now on."""
        self._left.update(lane_ids)

    def _may_take_from(self, lane: ReadyLane) -> bool:
        return lane.head.ready_lane not in self._left and self._can.issuperset(lane.needs)


def _plan(tx: Tx, lanes: Mapping[int, ReadyLane], limit: int) -> tuple[Mapping[int, int], bool]:
    """How many to take from which lane, with the limits' rows locked; and whether the lanes have no more than that."""
    room = rooms(tx, sorted({lane.queue for lane in lanes.values() if lane.limited}))
    if len(lanes) == 1:
        ((lane_id, lane),) = lanes.items()
        number = min(limit, room.get(lane.queue, limit))
        return ({lane_id: number} if number else {}), False
    heads = [lane.head for lane in lanes.values()] if limit == 1 else queries.heads(tx, list(lanes), limit)
    return plan(heads, lanes, room, limit), len(heads) < limit


def _short(planned: Mapping[int, int], taken: Mapping[int, Sequence[Claimable]]) -> set[int]:
    """The lanes that gave less than was seen in them: others are taking the rest just now."""
    return {lane_id for lane_id, part in taken.items() if len(part) < planned[lane_id]}


def plan(
    heads: Sequence[Head], lanes: Mapping[int, ReadyLane], rooms: Mapping[str, int], limit: int
) -> Mapping[int, int]:
    """How many to take from each lane: the first `limit` of all heads whose queue still has room."""
    left = dict(rooms)
    chosen: Counter[int] = Counter()
    for head in heads:
        if chosen.total() == limit:
            break
        queue = lanes[head.ready_lane].queue
        if left.get(queue, 1) > 0:
            chosen[head.ready_lane] += 1
            if queue in left:
                left[queue] -= 1
    return chosen


def _mark(tx: Tx, started: Iterable[tuple[Claimable, str]]) -> None:
    """Note with each execution which fields of its input are sensitive."""
    sensitive = [
        Sensitive(execute_id, {"fields": robot.compliance_tags})
        for robot, execute_id in started
        if robot.compliance_tags
    ]
    if sensitive:
        queries.mark_sensitive(tx, sensitive)


def _place(robot: Claimable) -> tuple[int, datetime, str]:
    return robot.rank, robot.age, robot.robot_id


def _hands_out(tx: Tx, module: Module) -> bool:
    if not module.is_active:
        return False
    if module.health_endpoint is not None:
        return module.health_status is not HealthStatus.UNHEALTHY
    if module.health_status is not HealthStatus.HEALTHY:
        # A module without a health end point counts as healthy when it asks for work.
        module_service.record_health(tx, module.module_name, Check())
    return True


def _room(tx: Tx, module: Module, breaker: Breaker | None, limit: int) -> tuple[Module, int]:
    """How many of `limit` the module may take. Its row is locked (once) if that has to be counted."""
    most = [number for number in (module.max_concurrent, breaker and breaker.allowed) if number is not None]
    if not most and module.max_per_minute is None:
        return module, limit
    module = modules.lock(tx, module.module_name) or module
    if module.max_per_minute is not None:
        limit = min(limit, room(module.recent_starts, tx.now, module.max_per_minute))
    if most:
        limit = min(limit, max(0, min(most) - modules.running(tx, module.module_name)))
    return module, limit


def _counts_nothing(module: Module, breaker: Breaker | None) -> bool:
    """Whether the module has no limit for which its running robots must be counted."""
    limits = (module.max_concurrent, module.max_per_minute, breaker and breaker.allowed)
    return all(limit is None for limit in limits) and (breaker is None or breaker.state is not BreakerState.OPEN)


def _why_not(tx: Tx, robot: Robot, *, even_if_held: bool) -> str | None:
    if robot.status not in robot_states.WAITING:
        return f"it is {robot.status}"
    if robot.held is not None and not even_if_held:
        return f"it is held ({robot.held})"
    if robot.due_at is not None and robot.due_at > tx.now and not even_if_held:
        return "its time has not come"
    if get_queue(tx, robot.queue).paused:
        return f"queue {robot.queue!r} is paused"
    if rooms(tx, [robot.queue]).get(robot.queue, 1) == 0:
        return f"queue {robot.queue!r} has reached its limit"
    return None


def _claimable(robot: Robot) -> Claimable:
    return Claimable(
        robot_id=robot.robot_id,
        robot_type=robot.robot_type,
        module_name=robot.module_name,
        input_data=robot.input_data,
        correlation_id=robot.correlation_id,
        retry_count=robot.retry_count,
        retry_limit=robot.retry_limit,
        timeout_seconds=robot.timeout_seconds,
        compliance_tags=robot.compliance_tags,
        moves=robot.moves,
        rank=robot.rank,
        age=robot.age,
    )


def _started(robot: Claimable, now: datetime, *, lease_seconds: int) -> Start:
    execute_id = new_id()
    lease_expires_at = now + timedelta(seconds=lease_seconds)
    timeout_at = now + timedelta(seconds=robot.timeout_seconds)
    return Start(
        execute_id=execute_id,
        robot_id=robot.robot_id,
        retry_count=robot.retry_count,
        max_retries=robot.retry_limit,
        timeout_seconds=robot.timeout_seconds,
        lease_token=states.new_lease_token(execute_id),
        lease_expires_at=lease_expires_at,
        timeout_at=timeout_at,
        check_at=min(lease_expires_at, timeout_at),
    )


def _event(robot: Claimable, execute_id: str) -> Event:
    return status_event(
        robot_id=robot.robot_id,
        robot_type=robot.robot_type,
        status=RobotStatus.PROCESSING,
        module_name=robot.module_name,
        correlation_id=robot.correlation_id,
        moves=robot.moves + 1,
        execute_id=execute_id,
        execution_state=ExecutionState.RUNNING.value,
        transition=Transition.CLAIMED,
    )


def _ticket(place: int) -> Ticket:
    execute_id = new_id()
    return Ticket(place, execute_id, states.new_lease_token(execute_id))


def _answer(robot: Claimable, execution: Execution | Start | Issued, checkpoint: dict[str, Any] | None) -> ClaimedRobot:
    return ClaimedRobot(
        robot_id=robot.robot_id,
        robot_type=robot.robot_type,
        execute_id=execution.execute_id,
        lease_token=execution.lease_token,
        lease_expires_at=execution.lease_expires_at,
        input_data=robot.input_data,
        correlation_id=robot.correlation_id,
        retry_count=robot.retry_count,
        retry_limit=robot.retry_limit,
        timeout_seconds=execution.timeout_seconds,
        checkpoint=checkpoint,
    )
