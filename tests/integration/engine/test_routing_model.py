"""Whatever becomes of modules: robots go to the best that is well, once for each key, and no module gets too many."""

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from aiworker.core.sayings import Saying
from aiworker.engine.health.records import Check
from aiworker.engine.modules import queries as modules
from aiworker.engine.modules.service import record_health
from aiworker.wire.engine import ClaimedRobot, ErrorCategory, HealthStatus, ModuleChanges, RobotStatus
from tests.support.clocks import ManualClock
from tests.support.databases import fresh_database
from tests.support.engine import Bench

READ, SCAN = "ocr.read", "ocr.scan"
DOES = {"ana": [READ], "bob": [READ, SCAN], "cleo": [SCAN]}
NAMES = st.sampled_from(sorted(DOES))
ORDER = [HealthStatus.HEALTHY, HealthStatus.DEGRADED, HealthStatus.UNKNOWN]


@dataclass
class Site:
    """A module, as the model sees it."""

    active: bool = True
    health: HealthStatus = HealthStatus.UNKNOWN
    failures: int = 0
    score: float = 1.0
    limit: int | None = None

    @property
    def well(self) -> bool:
        return self.active and self.health is not HealthStatus.UNHEALTHY

    @property
    def strength(self) -> tuple[int, float]:
        return (-ORDER.index(self.health), self.score) if self.well else (-len(ORDER), self.score)


@dataclass
class Modelled:
    """A robot, as the model sees it."""

    robot_type: str
    module: str
    asked: str | None
    key: str | None
    status: RobotStatus = RobotStatus.PENDING


class RoutingMachine(RuleBasedStateMachine):
    robots = Bundle("robots")
    tries = Bundle("tries")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        database = fresh_database(Path(self.folder.name), clock=ManualClock())
        self.bench = Bench(database, ManualClock())
        self.sites = {name: Site() for name in DOES}
        self.model: dict[str, Modelled] = {}

    def teardown(self) -> None:
        self.runner.run(self.bench.database.close())
        self.runner.close()
        self.folder.cleanup()

    def do(self, method: Any, *arguments: Any, **options: Any) -> Any:
        return self.runner.run(self.bench.database.write(method, *arguments, **options))

    @initialize()
    def register(self) -> None:
        for name, types in DOES.items():
            self.runner.run(self.bench.module(name, types))

    # --- modules ---

    @rule(name=NAMES, well=st.booleans())
    def look_at_a_module(self, name: str, well: bool) -> None:
        self.do(record_health, name, Check() if well else Check.failed(Saying("answered 503")))
        site = self.sites[name]
        site.failures = 0 if well else site.failures + 1
        site.health = HealthStatus.HEALTHY
        if site.failures:
            site.health = HealthStatus.DEGRADED if site.failures < 3 else HealthStatus.UNHEALTHY
        self.move()

    @rule(name=NAMES, on=st.booleans())
    def switch_a_module(self, name: str, on: bool) -> None:
        self.do(self.bench.engine.change_module, name, ModuleChanges(is_active=on))
        site = self.sites[name]
        if on and not site.active:
            site.health, site.failures = HealthStatus.UNKNOWN, 0
        site.active = on
        self.move()

    @rule(name=NAMES, score=st.sampled_from([0.2, 0.5, 0.9]))
    def score_a_module(self, name: str, score: float) -> None:
        self.do(modules.change, name, {"performance_score": score})
        self.sites[name].score = score

    @rule(name=NAMES, limit=st.sampled_from([None, 1, 2]))
    def limit_a_module(self, name: str, limit: int | None) -> None:
        self.do(self.bench.engine.change_module, name, ModuleChanges(max_concurrent=limit))
        self.sites[name].limit = limit
        self.move()

    def move(self) -> None:
        """As the clock does: those that wait for a module that is not well go to another one, the best of them."""
        before = {robot_id: robot.module for robot_id, robot in self.model.items()}
        self.do(self.bench.engine.reroute)
        for robot_id, robot in self.model.items():
            robot.module = self.runner.run(self.bench.robot(robot_id)).module_name
            if robot.module != before[robot_id]:
                assert robot.status is RobotStatus.PENDING
                assert robot.asked is None
                assert not self.sites[before[robot_id]].well
                assert self.sites[robot.module].strength == max(self.best(robot.robot_type))

    def best(self, robot_type: str) -> list[tuple[int, float]]:
        return [self.sites[name].strength for name, types in DOES.items() if robot_type in types]

    # --- robots ---

    @rule(
        target=robots,
        robot_type=st.sampled_from([READ, SCAN]),
        key=st.sampled_from([None, None, "one", "two"]),
        asks=st.booleans(),
        who=NAMES,
    )
    def submit(self, robot_type: str, key: str | None, asks: bool, who: str) -> str:
        asked = who if asks and robot_type in DOES[who] else None
        known = self.holder_of(robot_type, key)
        robot = self.runner.run(self.bench.submit(robot_type, cache_key=key, module_name=asked))
        if known is not None and self.model[known].status is not RobotStatus.COMPLETED:
            assert robot.robot_id == known
            return known
        assert robot.robot_id not in self.model
        assert robot.module_name in self.meant(robot_type, asked)
        self.model[robot.robot_id] = Modelled(robot_type, robot.module_name, asked, None if known else key)
        if known is not None:
            assert (robot.status, robot.cache_source_robot_id) == (RobotStatus.COMPLETED, known)
            self.model[robot.robot_id].status = RobotStatus.COMPLETED
        return robot.robot_id

    def holder_of(self, robot_type: str, key: str | None) -> str | None:
        keeps = {RobotStatus.PENDING, RobotStatus.PROCESSING, RobotStatus.COMPLETED}
        holders = [
            robot_id
            for robot_id, robot in self.model.items()
            if key is not None and (robot.robot_type, robot.key) == (robot_type, key) and robot.status in keeps
        ]
        assert len(holders) <= 1, "two have the same key"
        return holders[0] if holders else None

    def meant(self, robot_type: str, asked: str | None) -> set[str]:
        """Where a new robot may go: the strongest, and of equals those for whom the fewest wait."""
        if asked is not None:
            return {asked}
        able = {name: self.sites[name] for name, types in DOES.items() if robot_type in types}
        if not any(site.well for site in able.values()):
            return set(able)
        best = max(site.strength for site in able.values())
        waiting = {
            name: sum(one.module == name and one.status is RobotStatus.PENDING for one in self.model.values())
            for name, site in able.items()
            if site.strength == best
        }
        return {min(sorted(waiting), key=lambda name: waiting[name])}

    @rule(target=tries, name=NAMES, limit=st.integers(1, 4))
    def claim(self, name: str, limit: int) -> Any:
        site = self.sites[name]
        claimed: list[ClaimedRobot] = self.runner.run(self.bench.claim(name, limit=limit))
        if not site.active:
            assert claimed == []
            return multiple()
        site.health, site.failures = HealthStatus.HEALTHY, 0
        mine = [robot for robot in self.model.values() if robot.module == name]
        waiting = sum(robot.status is RobotStatus.PENDING for robot in mine)
        running = sum(robot.status is RobotStatus.PROCESSING for robot in mine)
        room = limit if site.limit is None else max(0, site.limit - running)
        assert len(claimed) == min(limit, room, waiting)
        for one in claimed:
            robot = self.model[one.robot_id]
            assert (robot.module, robot.status) == (name, RobotStatus.PENDING)
            robot.status = RobotStatus.PROCESSING
        return multiple(*claimed)

    @rule(one=tries, good=st.booleans())
    def finish(self, one: ClaimedRobot, good: bool) -> None:
        robot = self.model[one.robot_id]
        if robot.status is RobotStatus.PROCESSING:
            self.runner.run(self.bench.complete(one) if good else self.bench.fail(one, ErrorCategory.BUSINESS))
            robot.status = RobotStatus.COMPLETED if good else RobotStatus.FAILED

    @rule(robot_id=robots)
    def cancel(self, robot_id: str) -> None:
        robot = self.model[robot_id]
        if robot.status in {RobotStatus.PENDING, RobotStatus.PROCESSING}:
            self.do(self.bench.engine.cancel, robot_id, by="ana")
            robot.status = RobotStatus.CANCELLED

    @invariant()
    def nobody_waits_in_vain_and_all_are_as_they_should_be(self) -> None:
        stored, _ = self.runner.run(self.bench.database.read(self.bench.engine.list_robots, limit=500))
        assert {one.robot_id: one.status for one in stored} == {
            robot_id: robot.status for robot_id, robot in self.model.items()
        }
        for one in stored:
            if one.status is RobotStatus.PENDING and one.asked_module is None and not self.sites[one.module_name].well:
                assert not any(strength[0] > -len(ORDER) for strength in self.best(one.robot_type))


_LIGHT = settings(
    max_examples=6,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestRoutingAgreesWithItsModel = RoutingMachine.TestCase
TestRoutingAgreesWithItsModel.settings = _LIGHT


class _ForLong(RoutingMachine):
    pass


TestRoutingAgreesForLong = pytest.mark.soak(pytest.mark.timeout(3600)(_ForLong.TestCase))
TestRoutingAgreesForLong.settings = settings(_LIGHT, max_examples=300, stateful_step_count=80)
