"""Schedules: robots made by the clock, each due time once, however many processes look at it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import ValidationError

from aiworker.core.errors import AiWorkerError
from aiworker.engine.robots.records import Robot
from aiworker.engine.schedules import cron, queries
from aiworker.engine.schedules.errors import ScheduleNotFound, SystemSchedule
from aiworker.engine.schedules.records import CatchUp, Schedule, ScheduleRun
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import NewRobot

Submit = Callable[[Tx, NewRobot], Robot]

# Later than this, a due time was missed.
_ON_TIME: Final = timedelta(seconds=60)
# Of a long absence, so many are made up for in one unit of work; the rest in the next.
_AT_ONCE: Final = 100
_LONGEST_ERROR = 500


class Schedules:
    """Keeps schedules and fires them. `submit` makes the robots (`Engine.submit`)."""

    def __init__(self, submit: Submit) -> None:
        self._submit = submit

    def put(
        self,
        tx: Tx,
        name: str,
        *,
        expression: str,
        template: NewRobot,
        timezone: str = "UTC",
        catch_up: CatchUp = CatchUp.LATEST,
        system: bool = False,
    ) -> Schedule:
        """Make a schedule, or replace the one of that name. One that did not change its times keeps its next one.

        Raises: Invalid (expression or zone), SystemSchedule.
        """
        due = cron.next_time(expression, timezone, after=tx.now)
        known = queries.lock(tx, name)
        if known is not None and known.system and not system:
            raise SystemSchedule(name)
        values: dict[str, Any] = {
            "cron": expression,
            "timezone": timezone,
            "catch_up": catch_up,
            "template": template.model_dump(mode="json", exclude_unset=True),
            "system": system,
        }
        if known is None:
            queries.add(tx, {"name": name, "is_active": True, "next_due": due, **values})
        elif (known.cron, known.timezone) == (expression, timezone) and known.next_due is not None:
            queries.change(tx, name, values)
        else:
            queries.change(tx, name, {**values, "next_due": due})
        return self.get(tx, name)

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
        """The history of a schedule, newest first."""
        return queries.runs(tx, name, limit)

    def next_at(self, tx: Tx) -> datetime | None:
        """When the next schedule is due."""
        return queries.next_due(tx)

    def fire(self, tx: Tx, limit: int = 100) -> int:
        """Make the robots of schedules whose time has come; how many robots those are."""
        return sum(self._fire(tx, schedule) for schedule in queries.due(tx, limit))

    def _fire(self, tx: Tx, schedule: Schedule) -> int:
        first = schedule.next_due or tx.now
        error: str | None = None
        made = 0
        moments = missed_and_due(schedule, first=first, now=tx.now)
        for moment in moments:
            if queries.has_run(tx, schedule.name, moment):
                continue
            try:
                with tx.savepoint():
                    robot = self._submit(tx, _template(schedule))
                    queries.add_run(tx, ScheduleRun(schedule.name, moment, robot.robot_id, tx.now))
                made += 1
            except (AiWorkerError, ValidationError) as reason:
                error = str(reason)[:_LONGEST_ERROR]
        cut = schedule.catch_up is CatchUp.ALL and len(moments) == _AT_ONCE
        after = moments[-1] if cut else tx.now
        values = {
            "last_due": moments[-1] if moments else schedule.last_due,
            "last_error": error,
            "next_due": cron.next_time(schedule.cron, schedule.timezone, after=after),
        }
        queries.change(tx, schedule.name, values)
        return made


def missed_and_due(schedule: Schedule, *, first: datetime, now: datetime) -> list[datetime]:
    """Which of the due times from `first` up to `now` become robots, by the schedule's catch-up rule, oldest first."""
    if schedule.catch_up is CatchUp.ALL:
        return cron.due_times(schedule.cron, schedule.timezone, first=first, now=now, at_most=_AT_ONCE)
    latest = max(first, cron.latest_time(schedule.cron, schedule.timezone, now=now))
    if schedule.catch_up is CatchUp.NONE and now - latest > _ON_TIME:
        return []
    return [latest]


def _template(schedule: Schedule) -> NewRobot:
    new = NewRobot.model_validate(schedule.template)
    if new.source_reference is None:
        new = new.model_copy(update={"source_reference": f"schedule:{schedule.name}"})
    return new
