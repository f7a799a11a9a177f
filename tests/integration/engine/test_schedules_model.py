"""Whatever workers and people do, and whenever the clock's hand looks: a schedule keeps to its overlap rule."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from aiworker.engine.robots.states import UNFINISHED
from aiworker.engine.schedules.service import Schedules
from aiworker.wire.engine import ClaimedRobot, ErrorCategory, RobotStatus
from aiworker.wire.schedules import CatchUp, Overlap, RunOutcome
from tests.support.clocks import ManualClock
from tests.support.databases import fresh_database
from tests.support.engine import Bench, new_robot

NAME = "often"
TRY_SECONDS = 4 * 3600


class SchedulesMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = ManualClock()
        database = fresh_database(Path(self.folder.name), clock=self.clock)
        self.bench = Bench(database, self.clock)
        self.schedules = Schedules(self.bench.engine)
        self.overlap = Overlap.QUEUE
        self.running: list[ClaimedRobot] = []

    def teardown(self) -> None:
        self.runner.run(self.bench.database.close())
        self.runner.close()
        self.folder.cleanup()

    def do(self, method: Any, *arguments: Any, **options: Any) -> Any:
        return self.runner.run(self.bench.database.write(method, *arguments, **options))

    @initialize(overlap=st.sampled_from(Overlap), catch_up=st.sampled_from(CatchUp))
    def begin(self, overlap: Overlap, catch_up: CatchUp) -> None:
        self.runner.run(self.bench.module())
        self.overlap = overlap
        template = new_robot(retry_limit=1, backoff_seconds=60, timeout_seconds=TRY_SECONDS)
        self.do(
            self.schedules.put,
            NAME,
            expression="*/10 * * * *",
            template=template,
            overlap=overlap,
            catch_up=catch_up,
        )

    @rule(minutes=st.sampled_from([1, 9, 10, 35]))
    def time_passes(self, minutes: int) -> None:
        self.clock.pass_seconds(minutes * 60)
        self.do(self.schedules.fire)
        self.do(self.bench.engine.tick)

    @rule()
    def somebody_runs_it_by_hand(self) -> None:
        self.clock.pass_seconds(1)
        self.do(self.schedules.run_now, NAME, by="ada")

    @rule()
    def a_worker_asks(self) -> None:
        self.running += self.runner.run(self.bench.claim(limit=5, lease_seconds=3600))

    @precondition(lambda self: self.running)
    @rule(well=st.booleans())
    def a_robot_ends(self, well: bool) -> None:
        claimed = self.running.pop(0)
        robot = self.runner.run(self.bench.robot(claimed.robot_id))
        if robot.status is RobotStatus.PROCESSING:
            end = self.bench.complete(claimed) if well else self.bench.fail(claimed, ErrorCategory.RESOURCE)
            self.runner.run(end)

    @invariant()
    def every_run_keeps_the_rule(self) -> None:
        read = self.bench.database.read
        robots, _ = self.runner.run(read(self.bench.engine.list_robots, limit=500))
        runs = self.runner.run(read(self.schedules.runs, NAME, limit=500))
        made = {run.robot_id for run in runs if run.outcome is RunOutcome.FIRED}
        assert made == {robot.robot_id for robot in robots}
        # One that is held waits for a person, not for its end.
        unfinished = [robot for robot in robots if robot.status in UNFINISHED and robot.held is None]
        processing = [robot for robot in robots if robot.status is RobotStatus.PROCESSING]
        if self.overlap is Overlap.QUEUE:
            assert len(processing) <= 1
        else:
            assert len(unfinished) <= 1
        skipped = {run.outcome for run in runs} - {RunOutcome.FIRED}
        assert skipped <= ({RunOutcome.SKIPPED} if self.overlap is Overlap.SKIP else set())
        if self.overlap is not Overlap.REPLACE:
            assert not any(robot.status is RobotStatus.CANCELLED for robot in robots)


_LIGHT = settings(
    max_examples=6,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestSchedulesKeepToTheirRules = SchedulesMachine.TestCase
TestSchedulesKeepToTheirRules.settings = _LIGHT


class _ForLong(SchedulesMachine):
    pass


TestSchedulesKeepToTheirRulesForLong = pytest.mark.soak(pytest.mark.timeout(3600)(_ForLong.TestCase))
TestSchedulesKeepToTheirRulesForLong.settings = settings(_LIGHT, max_examples=300, stateful_step_count=60)
