"""Whatever workers, people and the clock do, in whatever order: the engine agrees with a model that fits on a page."""

import asyncio
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from aiworker.core.errors import Conflict
from aiworker.engine.breakers import states as breakers
from aiworker.engine.breakers.service import breakers_of, reset
from aiworker.engine.executions.errors import LeaseLost
from aiworker.engine.robots.errors import IllegalMove, NotClaimable
from aiworker.engine.robots.states import rank
from aiworker.wire.engine import BreakerState, ClaimedRobot, ErrorCategory, RobotPriority, RobotStatus
from tests.support.clocks import ManualClock
from tests.support.databases import Backend, fresh_database
from tests.support.engine import MODULE, Bench

LEASE, TIMEOUT, BACKOFF, CAP = 60, 300, 40, timedelta(seconds=900)
QUEUES = ("shop", "blog")
ABILITIES = ("gpu", "spanish")
OVER = {RobotStatus.COMPLETED, RobotStatus.CANCELLED}
WAITING = {RobotStatus.PENDING, RobotStatus.RETRYING}


@dataclass
class Try:
    """One execution, as the model sees it."""

    claimed: ClaimedRobot
    lease_until: datetime | None
    timeout_at: datetime | None
    paused_at: datetime | None = None
    parked: bool = False
    by_hand: bool = False
    over: bool = False
    ended_as: str | None = None


@dataclass
class Modelled:
    """One robot, as the model sees it."""

    robot_id: str
    place: tuple[int, datetime, str]
    queue: str
    needs: frozenset[str]
    retry_limit: int
    held: bool
    deferred_until: datetime | None
    due: datetime | None
    status: RobotStatus = RobotStatus.PENDING
    retries: int = 0
    returns: int = 0
    slot: bool = False
    ready: bool = False
    tries: list[Try] = field(default_factory=list["Try"])

    def settle(self, now: datetime) -> None:
        self.ready = self.status in WAITING and not self.held and (self.due is None or self.due <= now)
        self.slot = self.slot and self.status is RobotStatus.PROCESSING


class EngineMachine(RuleBasedStateMachine):
    backend: ClassVar[Backend] = "sqlite"
    tries = Bundle("tries")
    robots = Bundle("robots")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = ManualClock()
        database = fresh_database(Path(self.folder.name), backend=self.backend, clock=self.clock)
        self.bench = Bench(database, self.clock)
        self.model: dict[str, Modelled] = {}
        self.paused: set[str] = set()
        self.limits: dict[str, int | None] = dict.fromkeys(QUEUES)
        self.breaker = breakers.closed(MODULE, self.clock.now)

    def teardown(self) -> None:
        self.runner.run(self.bench.database.close())
        self.runner.close()
        self.folder.cleanup()

    def do(self, method: Any, *arguments: Any, **options: Any) -> Any:
        return self.runner.run(self.bench.database.write(method, *arguments, **options))

    @property
    def now(self) -> datetime:
        # The database's clock is some microseconds ahead of ours: it never tells the same instant twice.
        return self.clock.now

    @initialize()
    def register(self) -> None:
        self.runner.run(self.bench.module())

    # --- making and arranging ---

    @rule(
        target=robots,
        priority=st.sampled_from(RobotPriority),
        queue=st.sampled_from(QUEUES),
        needs=st.frozensets(st.sampled_from(ABILITIES)),
        retry_limit=st.integers(0, 2),
        held=st.booleans(),
        defer=st.sampled_from([None, None, 30, 100]),
    )
    def submit(
        self,
        priority: RobotPriority,
        queue: str,
        needs: frozenset[str],
        retry_limit: int,
        held: bool,
        defer: int | None,
    ) -> str:
        due = None if defer is None else self.now + timedelta(seconds=defer)
        robot = self.runner.run(
            self.bench.submit(
                priority=priority,
                queue=queue,
                needs=sorted(needs),
                retry_limit=retry_limit,
                held="held" if held else None,
                defer_until=due,
                timeout_seconds=TIMEOUT,
                backoff_seconds=BACKOFF,
            )
        )
        modelled = Modelled(
            robot.robot_id, (rank(priority), robot.age, robot.robot_id), queue, needs, retry_limit, held, due, due
        )
        modelled.settle(self.now)
        self.model[robot.robot_id] = modelled
        return robot.robot_id

    @rule(robot_id=robots, held=st.booleans())
    def hold_or_unhold(self, robot_id: str, held: bool) -> None:
        if held:
            self.do(self.bench.engine.hold, robot_id, "held")
        else:
            self.do(self.bench.engine.unhold, robot_id)
        robot = self.model[robot_id]
        if robot.status not in OVER:
            robot.held = held
            robot.settle(self.now)

    @rule(robot_id=robots, priority=st.sampled_from(RobotPriority))
    def reprioritise(self, robot_id: str, priority: RobotPriority) -> None:
        self.do(self.bench.engine.reprioritise, robot_id, priority)
        robot = self.model[robot_id]
        if robot.status not in OVER:
            robot.place = (rank(priority), *robot.place[1:])
            robot.settle(self.now)

    @rule(robot_id=robots, needs=st.frozensets(st.sampled_from(ABILITIES)))
    def change_needs(self, robot_id: str, needs: frozenset[str]) -> None:
        self.do(self.bench.engine.set_needs, robot_id, sorted(needs))
        robot = self.model[robot_id]
        if robot.status not in OVER:
            robot.needs = needs
            robot.settle(self.now)

    @rule(queue=st.sampled_from(QUEUES), paused=st.booleans())
    def pause_or_open_a_queue(self, queue: str, paused: bool) -> None:
        self.do(self.bench.engine.set_queue, queue, paused=paused)
        (self.paused.add if paused else self.paused.discard)(queue)

    @rule(queue=st.sampled_from(QUEUES), limit=st.sampled_from([None, 0, 1, 2]))
    def limit_a_queue(self, queue: str, limit: int | None) -> None:
        self.do(self.bench.engine.set_queue, queue, max_running=limit)
        self.limits[queue] = limit

    # --- workers ---

    @rule(target=tries, limit=st.integers(1, 4), abilities=st.frozensets(st.sampled_from(ABILITIES)))
    def claim(self, limit: int, abilities: frozenset[str]) -> Any:
        expected = self._next_for(limit, abilities)
        claimed: list[ClaimedRobot] = self.runner.run(
            self.bench.claim(limit=limit, lease_seconds=LEASE, capabilities=sorted(abilities))
        )
        assert [robot.robot_id for robot in claimed] == [robot.robot_id for robot in expected]
        if claimed and self.breaker.state is BreakerState.OPEN:
            self.breaker = breakers.tried(self.breaker, claimed[0].execute_id, self.now)
        return multiple(*(self._taken(robot, one) for robot, one in zip(expected, claimed, strict=True)))

    @rule(target=tries, robot_id=robots)
    def take_by_hand(self, robot_id: str) -> Any:
        robot = self.model[robot_id]
        room = self.limits[robot.queue]
        running = sum(other.slot for other in self.model.values() if other.queue == robot.queue)
        full = room is not None and running >= room
        take = {"holder": "ana", "lease_seconds": None, "even_if_held": True}
        if robot.status not in WAITING or robot.queue in self.paused or full:
            with pytest.raises(NotClaimable):
                self.do(self.bench.engine.claim_robot, robot_id, **take)
            return multiple()
        one = self._taken(robot, self.do(self.bench.engine.claim_robot, robot_id, **take))
        one.lease_until = one.timeout_at = None
        one.by_hand = True
        return one

    def _next_for(self, limit: int, abilities: frozenset[str]) -> list[Modelled]:
        chosen: list[Modelled] = []
        if self.breaker.state is BreakerState.OPEN:
            limit = 0 if breakers.open_now(self.breaker, self.now) else 1
        elif self.breaker.allowed is not None:
            limit = min(limit, self.breaker.allowed - sum(robot.slot for robot in self.model.values()))
        running = {queue: sum(r.slot for r in self.model.values() if r.queue == queue) for queue in QUEUES}
        for robot in sorted(self.model.values(), key=lambda robot: robot.place):
            room = self.limits[robot.queue]
            full = room is not None and running[robot.queue] >= room
            if len(chosen) >= limit:
                break
            if robot.ready and robot.queue not in self.paused and not full and robot.needs <= abilities:
                chosen.append(robot)
                running[robot.queue] += 1
        return chosen

    def _taken(self, robot: Modelled, claimed: ClaimedRobot) -> Try:
        one = Try(claimed, self.now + timedelta(seconds=LEASE), self.now + timedelta(seconds=TIMEOUT))
        robot.status, robot.slot, robot.due = RobotStatus.PROCESSING, True, robot.deferred_until
        robot.settle(self.now)
        robot.tries.append(one)
        assert claimed.retry_count == robot.retries
        return one

    @rule(one=tries)
    def report(self, one: Try) -> None:
        answer = self.runner.run(self.bench.report(one.claimed, progress_percentage=10))
        if one.over:
            assert answer.directive == ("cancel" if one.ended_as == "cancelled" else "lost")
            return
        assert answer.directive == ("continue" if one.paused_at is None else "pause")
        if one.lease_until is not None:
            one.lease_until = self.now + timedelta(seconds=LEASE)

    @rule(one=tries)
    def complete(self, one: Try) -> None:
        if self._accepted(one, "completed", self.bench.complete(one.claimed)):
            self.breaker = breakers.succeeded(self.breaker, 1, self.now)
            self._end(one, RobotStatus.COMPLETED, "completed")

    @rule(one=tries, category=st.sampled_from([ErrorCategory.APPLICATION, ErrorCategory.VALIDATION]))
    def fail(self, one: Try, category: ErrorCategory) -> None:
        if self._accepted(one, "failed", self.bench.fail(one.claimed, category)):
            self._failed(one, counted=category.retried, ended_as="failed")

    @rule(one=tries)
    def release(self, one: Try) -> None:
        if self._accepted(one, "released", self.bench.release(one.claimed)):
            self._returned(one, "released")

    def _accepted(self, one: Try, ended_as: str, call: Any) -> bool:
        """Whether the result counts: of what is over only one's own may be repeated, and that changes nothing."""
        if one.over and not (one.ended_as == ended_as or (ended_as == "failed" and one.ended_as == "timeout")):
            with pytest.raises(LeaseLost):
                self.runner.run(call)
            return False
        self.runner.run(call)
        return not one.over

    # --- people ---

    @rule(one=tries, move=st.sampled_from(["pause", "park", "resume"]))
    def pause_park_or_resume(self, one: Try, move: str) -> None:
        call = getattr(self.bench.engine, move)
        if one.over:
            with pytest.raises(Conflict):
                self.do(call, one.claimed.execute_id, by="ana")
            return
        self.do(call, one.claimed.execute_id, by="ana")
        robot = self.model[one.claimed.robot_id]
        if move == "resume":
            if one.paused_at is not None:
                waited = self.now - one.paused_at
                one.timeout_at = None if one.timeout_at is None else one.timeout_at + waited
                one.paused_at, one.parked, robot.slot = None, False, True
                one.lease_until = None if one.by_hand else self.now + timedelta(seconds=LEASE)
            return
        one.paused_at = one.paused_at or self.now
        if move == "park":
            one.parked, one.lease_until, robot.slot = True, None, False

    @rule(robot_id=robots)
    def cancel(self, robot_id: str) -> None:
        robot = self.model[robot_id]
        if robot.status in {RobotStatus.COMPLETED, RobotStatus.FAILED}:
            with pytest.raises(IllegalMove):
                self.do(self.bench.engine.cancel, robot_id, by="ana")
            return
        self.do(self.bench.engine.cancel, robot_id, by="ana")
        if robot.status is RobotStatus.PROCESSING:
            self._end(robot.tries[-1], RobotStatus.CANCELLED, "cancelled")
        robot.status = RobotStatus.CANCELLED
        robot.settle(self.now)

    @rule(robot_id=robots)
    def retry(self, robot_id: str) -> None:
        robot = self.model[robot_id]
        if robot.status not in WAITING | {RobotStatus.FAILED}:
            with pytest.raises(IllegalMove):
                self.do(self.bench.engine.retry, robot_id, by="ana")
            return
        self.do(self.bench.engine.retry, robot_id, by="ana")
        if robot.status is RobotStatus.FAILED:
            robot.status, robot.retries, robot.returns = RobotStatus.PENDING, 0, 0
        else:
            robot.held = False
        robot.due = robot.deferred_until
        robot.settle(self.now)

    @rule()
    def reset_the_breaker(self) -> None:
        self.do(reset, MODULE)
        self.breaker = breakers.closed(MODULE, self.now)

    # --- the clock ---

    @rule(seconds=st.sampled_from([7.37, 61.37, 301.37]))
    def let_time_pass(self, seconds: float) -> None:
        self.clock.pass_seconds(seconds)

    @rule()
    def tick(self) -> None:
        self.do(self.bench.engine.tick)
        for robot in self.model.values():
            one = robot.tries[-1] if robot.tries else None
            if one is not None and not one.over:
                if one.paused_at is None and one.timeout_at is not None and one.timeout_at <= self.now:
                    self._failed(one, counted=True, ended_as="timeout")
                elif one.lease_until is not None and one.lease_until <= self.now:
                    self._returned(one, "lost")
            elif robot.status in WAITING:
                robot.settle(self.now)

    # --- what follows from what ---

    def _end(self, one: Try, status: RobotStatus, ended_as: str) -> Modelled:
        one.over, one.ended_as = True, ended_as
        robot = self.model[one.claimed.robot_id]
        robot.status = status
        robot.settle(self.now)
        return robot

    def _failed(self, one: Try, *, counted: bool, ended_as: str) -> None:
        robot = self.model[one.claimed.robot_id]
        again = counted and robot.retries < robot.retry_limit
        in_line = breakers.planned(self.breaker, self.now, self.now, ended=0, cap=CAP) - self.now
        if counted:
            self.breaker = breakers.failed(self.breaker, one.claimed.execute_id, self.now)
        else:
            self.breaker = breakers.succeeded(self.breaker, 1, self.now)
        self._end(one, RobotStatus.RETRYING if again else RobotStatus.FAILED, ended_as)
        robot.returns = 0
        if again:
            stored = self.runner.run(self.bench.robot(robot.robot_id))
            assert stored.retry_at is not None
            most = max(timedelta(seconds=BACKOFF * 2**robot.retries), in_line)
            self.breaker = breakers.spent(self.breaker, self.now, ended=0, cap=CAP)
            assert timedelta() <= stored.retry_at - self.now <= most + timedelta(milliseconds=1)
            robot.retries += 1
            # Exactly as stored: the dice are thrown there, and the database's clock is microseconds ahead.
            robot.due = stored.due_at
            robot.settle(self.now)
            robot.ready = stored.ready_lane is not None

    def _returned(self, one: Try, ended_as: str) -> None:
        robot = self._end(one, RobotStatus.PENDING, ended_as)
        robot.returns += 1
        if robot.returns >= 10 and not robot.held:
            robot.held, robot.returns = True, 0
        # Who paused it has not said that it may go on.
        robot.held = robot.held or one.paused_at is not None
        robot.settle(self.now)

    @invariant()
    def hands_out_as_carefully_as_the_model(self) -> None:
        stored = self.runner.run(self.bench.database.read(breakers_of, [MODULE])).get(MODULE)
        if stored is None:
            assert self.breaker.state is BreakerState.CLOSED
            return
        same = ("state", "failures", "successes", "allowed", "trial", "pause_seconds")
        assert [getattr(stored, name) for name in same] == [getattr(self.breaker, name) for name in same]

    @invariant()
    def agrees_with_the_database(self) -> None:
        stored, _ = self.runner.run(self.bench.database.read(self.bench.engine.list_robots, limit=500))
        assert {robot.robot_id for robot in stored} == set(self.model)
        for robot in stored:
            modelled = self.model[robot.robot_id]
            assert (robot.status, robot.retry_count) == (modelled.status, modelled.retries), robot.robot_id
            assert (robot.held is not None) == modelled.held
            assert (robot.ready_lane is not None) == modelled.ready
            assert (robot.running_lane is not None) == modelled.slot
        tries, _ = self.runner.run(self.bench.database.read(self.bench.engine.list_executions, limit=500))
        under_way = [one.robot_id for one in tries if one.completed_at is None]
        assert len(under_way) == len(set(under_way)), "two hold the same robot"
        processing = {robot.robot_id for robot in stored if robot.status is RobotStatus.PROCESSING}
        assert set(under_way) == processing


class _OnPostgreSQL(EngineMachine):
    backend = "postgresql"


class _OnMariaDB(EngineMachine):
    backend = "mariadb"


class _LongOnSQLite(EngineMachine):
    pass


class _LongOnPostgreSQL(_OnPostgreSQL):
    pass


class _LongOnMariaDB(_OnMariaDB):
    pass


def _tried(machine: type[EngineMachine], examples: int, *, steps: int = 40, seconds: int = 600) -> Any:
    """The machine as a test case."""
    case = machine.TestCase
    case.settings = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    return pytest.mark.timeout(seconds)(case)


TestEngineAgreesWithItsModel = _tried(EngineMachine, 12)
TestEngineAgreesWithItsModelOnPostgreSQL = _tried(_OnPostgreSQL, 4)
TestEngineAgreesWithItsModelOnMariaDB = _tried(_OnMariaDB, 4)

TestEngineAgreesForLong = pytest.mark.soak(_tried(_LongOnSQLite, 500, steps=80, seconds=4 * 3600))
TestEngineAgreesForLongOnPostgreSQL = pytest.mark.soak(_tried(_LongOnPostgreSQL, 300, steps=80, seconds=4 * 3600))
TestEngineAgreesForLongOnMariaDB = pytest.mark.soak(_tried(_LongOnMariaDB, 300, steps=80, seconds=4 * 3600))
