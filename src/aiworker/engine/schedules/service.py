"""Schedules: robots made by the clock, each due time once, however many processes look at it."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import ValidationError

from aiworker.core.errors import AiWorkerError
from aiworker.core.sayings import Saying, Sentence, as_kept, keep
from aiworker.engine.robots.states import UNFINISHED
from aiworker.engine.schedules import cron, queries
from aiworker.engine.schedules.errors import ScheduleExists, ScheduleNotFound, SystemSchedule
from aiworker.engine.schedules.records import PastRun, Schedule, ScheduleRun
from aiworker.engine.schedules.states import SHOWN_TIMES, planned
from aiworker.engine.service import Engine
from aiworker.storage.transaction import Tx
from aiworker.storage.troubles import spoils_the_unit
from aiworker.wire.engine import NewRobot
from aiworker.wire.problems import first_problem
from aiworker.wire.schedules import CatchUp, NewSchedule, Overlap, RunOutcome, ScheduleChanges

logger = logging.getLogger(__name__)

NEXT_TIME_CAME = Sentence("next_time_came", "its next time came")
_NOT_DONE = Sentence("robot_before_not_done", "robot {robot} was not done")

_BROKE = Sentence(
    "schedule_broke", "It could not be started, by a mistake of AiWorker itself; the server's log says more."
)

_RESTS_FOR: Final = timedelta(minutes=10)
_LONGEST_ERROR: Final = 500
_TRIED_AGAIN_AFTER: Final = timedelta(minutes=1)


class Schedules:
    """Keeps schedules and fires them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(
        self,
        tx: Tx,
        name: str,
        *,
        expression: str,
        template: NewRobot,
        timezone: str = "UTC",
        catch_up: CatchUp = CatchUp.LATEST,
        overlap: Overlap | None = None,
        system: bool = False,
        by: str | None = None,
    ) -> Schedule:
        """Make a schedule, or replace the one of that name. One that did not change its times keeps its next one.

        `overlap`: by default the system's own are skipped while the robot before is not done, others queue.

        Raises: Invalid (expression or zone), SystemSchedule.
        """
        due = cron.next_time(expression, timezone, after=tx.now)
        known = queries.lock(tx, name)
        if known is not None and known.system and not system:
            raise SystemSchedule(name)
        overlap = overlap or (Overlap.SKIP if system else Overlap.QUEUE)
        values: dict[str, Any] = {
            "cron": expression,
            "timezone": timezone,
            "catch_up": catch_up,
            "overlap": overlap,
            "template": template.model_dump(mode="json", exclude_unset=True),
            "system": system,
        }
        if known is None:
            queries.add(tx, {"name": name, "is_active": True, "next_due": due, "created_by": by, **values})
        elif (known.cron, known.timezone) == (expression, timezone) and known.next_due is not None:
            queries.change(tx, name, values)
        else:
            queries.change(tx, name, {**values, "next_due": due})
        if overlap is Overlap.QUEUE and not template.queue:
            self._engine.set_queue(tx, own_queue(name), max_running=1)
        return self.get(tx, name)

    def create(self, tx: Tx, new: NewSchedule, *, by: str) -> Schedule:
        """A person's schedule. Raises: Invalid, ScheduleExists, UnknownRobotType, InputRefused, SystemRobotType."""
        if queries.lock(tx, new.name) is not None:
            raise ScheduleExists(new.name)
        self._engine.check_new(tx, new.robot)
        return self.put(
            tx,
            new.name,
            expression=new.cron,
            template=new.robot,
            timezone=new.timezone,
            catch_up=new.catch_up,
            overlap=new.overlap,
            by=by,
        )

    def change(self, tx: Tx, name: str, changes: ScheduleChanges) -> Schedule:
        """Change what was given. Raises: ScheduleNotFound, Invalid, SystemSchedule, as `create`."""
        before = self.get(tx, name)
        given = {field for field in changes.model_fields_set if getattr(changes, field) is not None}
        if given - {"is_active"}:
            if changes.robot is not None:
                self._engine.check_new(tx, changes.robot)
            self.put(
                tx,
                name,
                expression=changes.cron or before.cron,
                template=changes.robot or template_of(before),
                timezone=changes.timezone or before.timezone,
                catch_up=changes.catch_up or before.catch_up,
                overlap=changes.overlap or before.overlap,
            )
        return self.get(tx, name) if changes.is_active is None else self.switch(tx, name, on=changes.is_active)

    def get(self, tx: Tx, name: str) -> Schedule:
        """Raises: ScheduleNotFound."""
        schedule = queries.find(tx, name)
        if schedule is None:
            raise ScheduleNotFound(name)
        return schedule

    def list_schedules(self, tx: Tx) -> list[Schedule]:
        """All schedules, by name."""
        return queries.list_schedules(tx)

    def switch(self, tx: Tx, name: str, *, on: bool) -> Schedule:
        """Switch on or off; what was missed while it was off is not made up for. Raises: ScheduleNotFound."""
        schedule = queries.lock(tx, name)
        if schedule is None:
            raise ScheduleNotFound(name)
        if schedule.is_active != on:
            values: dict[str, Any] = {"is_active": on}
            if on:
                values["next_due"] = cron.next_time(schedule.cron, schedule.timezone, after=tx.now)
            queries.change(tx, name, values)
        return self.get(tx, name)

    def remove(self, tx: Tx, name: str) -> None:
        """Delete a schedule and its history; the robots stay. Raises: ScheduleNotFound, SystemSchedule."""
        if self.get(tx, name).system:
            raise SystemSchedule(name)
        queries.remove(tx, name)

    def runs(self, tx: Tx, name: str, *, limit: int = 50) -> list[ScheduleRun]:
        """What became of a schedule's times, newest first."""
        return queries.runs(tx, name, limit)

    def history(self, tx: Tx, name: str, *, limit: int) -> list[PastRun]:
        """The same, with how the robots are now. Raises: ScheduleNotFound."""
        self.get(tx, name)
        runs = queries.runs(tx, name, limit)
        robots = self._engine.get_robots(tx, [run.robot_id for run in runs if run.robot_id is not None])
        status = {robot.robot_id: robot.status for robot in robots}
        return [PastRun(run, status.get(run.robot_id or "")) for run in runs]

    def next_at(self, tx: Tx) -> datetime | None:
        """When the next schedule is due."""
        return queries.next_due(tx)

    def run_now(self, tx: Tx, name: str, *, by: str) -> ScheduleRun:
        """Make its robot now, by the same rule as at its times. Raises: ScheduleNotFound."""
        schedule = queries.lock(tx, name)
        if schedule is None:
            raise ScheduleNotFound(name)
        return self._run(tx, schedule, tx.now, by=by)

    def rests(self, tx: Tx, name: str) -> bool:
        """Whether a schedule is there and switched on, and was not run by hand in the last minutes."""
        schedule = queries.find(tx, name)
        if schedule is None or not schedule.is_active:
            return False
        by_hand = (run.fired_at for run in queries.runs(tx, name, 1) if run.started_by is not None)
        return all(tx.now - fired_at > _RESTS_FOR for fired_at in by_hand)

    def fire(self, tx: Tx, limit: int = 100) -> int:
        """Make the robots of schedules whose time has come; how many robots those are."""
        return sum(self._fire_alone(tx, schedule) for schedule in queries.due(tx, limit))

    def _fire_alone(self, tx: Tx, schedule: Schedule) -> int:
        try:
            with tx.savepoint():
                return self._fire(tx, schedule)
        except Exception as error:
            if spoils_the_unit(error):
                raise
            # One that fails must not keep the others waiting, nor the leases, which the same round looks after.
            logger.exception("schedule %s could not be fired; later again", schedule.name)
            said = error.said.shortened(_LONGEST_ERROR) if isinstance(error, AiWorkerError) else _BROKE()
            queries.change(tx, schedule.name, {"last_error": said, "next_due": tx.now + _TRIED_AGAIN_AFTER})
            return 0

    def _fire(self, tx: Tx, schedule: Schedule) -> int:
        plan = planned(schedule, tx.now)
        runs = [
            self._run(tx, schedule, moment, by=None)
            for moment in plan.moments
            if not queries.has_run(tx, schedule.name, moment)
        ]
        errors = [_why(run) for run in runs if run.outcome is RunOutcome.FAILED]
        values = {
            "last_due": plan.moments[-1] if plan.moments else schedule.last_due,
            "last_error": errors[-1] if errors else None,
            "next_due": plan.next_due,
        }
        queries.change(tx, schedule.name, values)
        return sum(run.outcome is RunOutcome.FIRED for run in runs)

    def _run(self, tx: Tx, schedule: Schedule, due_at: datetime, *, by: str | None) -> ScheduleRun:
        run = ScheduleRun(
            schedule_name=schedule.name,
            due_at=due_at,
            robot_id=None,
            outcome=RunOutcome.FAILED,
            detail=None,
            detail_told=None,
            started_by=by,
            fired_at=tx.now,
        )
        under_way = self._under_way(tx, schedule)
        if under_way is not None and schedule.overlap is Overlap.SKIP:
            run = replace(run, outcome=RunOutcome.SKIPPED, **_detail(_NOT_DONE(robot=under_way)))
        else:
            try:
                with tx.savepoint():
                    if under_way is not None and schedule.overlap is Overlap.REPLACE:
                        self._engine.cancel(tx, under_way, by=f"schedule {schedule.name}", reason=NEXT_TIME_CAME())
                    robot = self._engine.submit(tx, _robot(schedule), by=by or f"schedule {schedule.name}")
                run = replace(run, outcome=RunOutcome.FIRED, robot_id=robot.robot_id)
            except AiWorkerError as error:
                run = replace(run, **_detail(error.said))
            except ValidationError as error:
                run = replace(run, **_detail(first_problem(error)))
        queries.add_run(tx, run)
        return run

    def _under_way(self, tx: Tx, schedule: Schedule) -> str | None:
        """The robot that it made last, if that is not done; one that is held waits for a person, not for its end."""
        robot_id = queries.last_robot(tx, schedule.name)
        robots = self._engine.get_robots(tx, [robot_id]) if robot_id is not None else []
        return next((robot.robot_id for robot in robots if robot.status in UNFINISHED and robot.held is None), None)


def times_of(tx: Tx, expression: str, timezone: str) -> list[datetime]:
    """The next five times of a cron expression in a time zone. Raises: Invalid."""
    cron.check(expression, timezone)
    return cron.next_times(expression, timezone, after=tx.now, number=SHOWN_TIMES)


def own_queue(name: str) -> str:
    """The queue in which a schedule's robots go one after the other."""
    return f"schedule:{name}"


def template_of(schedule: Schedule) -> NewRobot:
    """The robot as its schedule was given it. Raises: ValidationError, if it is from an older version."""
    return NewRobot.model_validate(schedule.template)


def _detail(said: Saying) -> dict[str, Any]:
    return keep({"detail": said.shortened(_LONGEST_ERROR)}, "detail")


def _why(run: ScheduleRun) -> Saying | None:
    return None if run.detail is None else as_kept(run.detail, run.detail_told)


def _robot(schedule: Schedule) -> NewRobot:
    new = template_of(schedule)
    changes: dict[str, Any] = {}
    if new.source_reference is None:
        changes["source_reference"] = f"schedule:{schedule.name}"
    if not new.queue and schedule.overlap is Overlap.QUEUE:
        changes["queue"] = own_queue(schedule.name)
    return new.model_copy(update=changes)
