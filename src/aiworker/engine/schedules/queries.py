"""Every statement on schedules."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, true, update

from aiworker.core.sayings import keep
from aiworker.engine.schedules.records import Schedule, ScheduleRun
from aiworker.engine.schedules.tables import schedule_runs, schedules
from aiworker.storage.records import columns
from aiworker.storage.transaction import Tx
from aiworker.storage.trimming import delete_oldest

_SCHEDULE = columns(Schedule, schedules)
_LIMIT = 10_000


def find(tx: Tx, name: str) -> Schedule | None:
    """A schedule by name."""
    return tx.record(Schedule, select(*_SCHEDULE).where(schedules.c.name == name))


def lock(tx: Tx, name: str) -> Schedule | None:
    """A schedule by name, ours until the commit."""
    return tx.record(Schedule, select(*_SCHEDULE).where(schedules.c.name == name).with_for_update())


def list_schedules(tx: Tx) -> list[Schedule]:
    """All schedules, by name."""
    return tx.records(Schedule, select(*_SCHEDULE).order_by(schedules.c.name).limit(_LIMIT))


def due(tx: Tx, limit: int) -> list[Schedule]:
    """Schedules whose time has come, ours until the commit; others' are skipped."""
    statement = (
        select(*_SCHEDULE)
        .where(schedules.c.is_active == true(), schedules.c.next_due <= tx.now)
        .order_by(schedules.c.next_due)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return tx.records(Schedule, statement)


def next_due(tx: Tx) -> datetime | None:
    """When the next schedule is due."""
    return tx.scalar(select(func.min(schedules.c.next_due)).where(schedules.c.is_active == true()))


def add(tx: Tx, values: Mapping[str, Any]) -> None:
    """Insert a schedule."""
    tx.execute(insert(schedules).values({**values, "created_at": tx.now, "updated_at": tx.now}))


def change(tx: Tx, name: str, values: Mapping[str, Any]) -> None:
    """Update a schedule."""
    kept = {**keep(values, "last_error"), "updated_at": tx.now}
    tx.execute(update(schedules).where(schedules.c.name == name).values(kept))


def remove(tx: Tx, name: str) -> None:
    """Delete a schedule and its history; the robots stay."""
    tx.execute(delete(schedules).where(schedules.c.name == name))


def has_run(tx: Tx, name: str, due_at: datetime) -> bool:
    """Whether a due time has become a robot."""
    run = select(schedule_runs.c.due_at).where(schedule_runs.c.schedule_name == name, schedule_runs.c.due_at == due_at)
    return tx.row(run) is not None


def add_run(tx: Tx, run: ScheduleRun) -> None:
    """Insert a run; the primary key allows one for each due time."""
    tx.execute(insert(schedule_runs).values(asdict(run)))


def last_robot(tx: Tx, name: str) -> str | None:
    """The robot that a schedule made last."""
    statement = (
        select(schedule_runs.c.robot_id)
        .where(schedule_runs.c.schedule_name == name, schedule_runs.c.robot_id.is_not(None))
        .order_by(schedule_runs.c.due_at.desc())
        .limit(1)
    )
    return tx.scalar(statement)


def delete_runs_before(tx: Tx, moment: datetime, limit: int) -> int:
    """Remove the oldest runs from before then, about `limit`; how many."""
    return delete_oldest(tx, schedule_runs.c.due_at, moment, limit)


def runs(tx: Tx, name: str, limit: int) -> list[ScheduleRun]:
    """What became of a schedule's times, newest first."""
    statement = (
        select(*columns(ScheduleRun, schedule_runs))
        .where(schedule_runs.c.schedule_name == name)
        .order_by(schedule_runs.c.due_at.desc())
        .limit(limit)
    )
    return tx.records(ScheduleRun, statement)
