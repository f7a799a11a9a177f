"""Looking at deadlines, each minute, some at a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from aiworker.core.clock import iso
from aiworker.engine.deadlines import queries, states
from aiworker.engine.deadlines.records import Deadline, Line, Pending
from aiworker.engine.executions.records import Execution
from aiworker.engine.robots.records import Robot
from aiworker.engine.robots.states import UNFINISHED, WAITING
from aiworker.engine.trends.service import minute_of
from aiworker.storage.outbox.events import SYSTEM_FEED, Event
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import ExecutionState

_AT_ONCE: Final = 500
# Places further back than this are treated as this one.
_LONGEST_LINE: Final = 10_000
_HOUR: Final = 60


def note(tx: Tx, made: Sequence[Robot]) -> None:
    """New robots: those with a due date will be looked at."""
    queries.add(
        tx,
        [
            states.first(robot.robot_id, robot.due_date, tx.now)
            for robot in made
            if robot.due_date is not None and robot.status in UNFINISHED
        ],
    )


def deadlines_of(tx: Tx, robots: Sequence[Robot]) -> Mapping[str, Deadline]:
    """What is thought of those of the robots that have a due date and are not over."""
    due = [robot.robot_id for robot in robots if robot.due_date is not None and robot.status in UNFINISHED]
    return queries.of_robots(tx, due)


def watch_again(tx: Tx, robot: Robot) -> None:
    """A robot that failed is tried again."""
    if not deadlines_of(tx, [robot]):
        note(tx, [robot])


def expected(tx: Tx, executions: Sequence[Execution]) -> Mapping[str, datetime]:
    """When those that run, and have told nothing of their progress, will probably be done, by history."""
    running = [one for one in executions if one.execution_state is ExecutionState.RUNNING]
    silent = {one.execute_id: one for one in running if one.estimated_completion_at is None}
    typical = queries.typical(tx, list(silent))
    return {
        execute_id: max(
            tx.now, silent[execute_id].started_at + timedelta(milliseconds=took + silent[execute_id].paused_ms)
        )
        for execute_id, took in typical.items()
    }


def look(tx: Tx) -> bool:
    """One round: forecasts for those whose turn it is, a warning for each that has come to be at risk.

    Whether there may be more.
    """
    found = queries.to_look_at(tx, _AT_ONCE)
    queries.forget(tx, [one.robot_id for one in found if one.status not in UNFINISHED])
    left = [one for one in found if one.status in UNFINISHED]
    lines = _lines(tx, sorted({one.module_name for one in left if one.status in WAITING}))
    thoughts = [(one, states.looked_at(one, lines.get(one.module_name), tx.now)) for one in left]
    queries.save(tx, [deadline for _, deadline in thoughts])
    for robot, deadline in thoughts:
        if deadline.at_risk and not robot.at_risk:
            _warn(tx, robot, deadline)
    return len(found) == _AT_ONCE


def _lines(tx: Tx, module_names: Sequence[str]) -> dict[str, Line]:
    if not module_names:
        return {}
    places = queries.places(tx, module_names, _LONGEST_LINE)
    pace = queries.pace(tx, module_names, minute_of(tx.now - timedelta(minutes=_HOUR)))
    return {name: Line(places.get(name, []), pace.get(name, 0.0)) for name in module_names}


def _warn(tx: Tx, robot: Pending, deadline: Deadline) -> None:
    data = {
        "robotId": robot.robot_id,
        "robotType": robot.robot_type,
        "moduleName": robot.module_name,
        "correlationId": robot.correlation_id,
        "dueDate": iso(deadline.due_date),
        "forecastAt": iso(deadline.forecast_at) if deadline.forecast_at is not None else None,
        "why": deadline.why,
    }
    tx.emit(Event(SYSTEM_FEED, f"robot:{robot.robot_id}", "robot:at_risk", data))
