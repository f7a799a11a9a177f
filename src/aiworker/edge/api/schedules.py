"""Schedules: robots that are made by the clock."""

from typing import Annotated

from fastapi import Path, Query

from aiworker.edge.api.context import Context, Limit, ProjectWriter, Reader
from aiworker.edge.api.routing import api_router
from aiworker.engine.schedules.records import PastRun
from aiworker.engine.schedules.records import Schedule as ScheduleRecord
from aiworker.engine.schedules.service import template_of, times_of
from aiworker.engine.schedules.states import next_times
from aiworker.storage.transaction import Tx
from aiworker.wire.base import Answer, ListAnswer, Timestamp
from aiworker.wire.schedules import Cron, NewSchedule, Schedule, ScheduleChanges, ScheduleRun, TimeZone
from aiworker.wire.telling import telling

router = api_router("schedules", "/schedules")
# Beside the schedules, whose names are free.
times = api_router("schedules", "/schedule-times")
Name = Annotated[str, Path(min_length=1, max_length=100)]


@router.get("")
async def get_schedules(caller: Reader, context: Context) -> ListAnswer[Schedule]:
    """Every schedule, the system's own among them, with the next five times of each."""

    def body(tx: Tx) -> list[Schedule]:
        return [_shown(schedule) for schedule in context.schedules.list_schedules(tx)]

    found = await caller.read(body)
    return ListAnswer(data=found, count=len(found))


@router.post("", status_code=201)
async def create_schedule(new: NewSchedule, caller: ProjectWriter, context: Context) -> Answer[Schedule]:
    """Make robots like this one whenever the cron expression comes true in its time zone."""

    def body(tx: Tx) -> Schedule:
        return _shown(context.schedules.create(tx, new, by=caller.actor.name))

    return Answer(data=await caller.change("schedule.create", new.name, body))


@times.get("")
async def get_times(
    caller: Reader,
    cron: Annotated[Cron, Query()],
    timezone: Annotated[TimeZone, Query()] = "UTC",
) -> ListAnswer[Timestamp]:
    """When a schedule like this one would come, the next five times."""
    found = await caller.read(times_of, cron, timezone)
    return ListAnswer(data=found, count=len(found))


@router.get("/{name}")
async def get_schedule(name: Name, caller: Reader, context: Context) -> Answer[Schedule]:
    """One schedule, with its next five times."""

    def body(tx: Tx) -> Schedule:
        return _shown(context.schedules.get(tx, name))

    return Answer(data=await caller.read(body))


@router.patch("/{name}")
async def change_schedule(
    name: Name, changes: ScheduleChanges, caller: ProjectWriter, context: Context
) -> Answer[Schedule]:
    """Change what is given; `isActive` pauses it and lets it go on. What is missed meanwhile is not made up for."""

    def body(tx: Tx) -> Schedule:
        return _shown(context.schedules.change(tx, name, changes))

    return Answer(data=await caller.change("schedule.change", name, body))


@router.delete("/{name}")
async def remove_schedule(name: Name, caller: ProjectWriter, context: Context) -> Answer[None]:
    """Remove a schedule and its history; the robots that it made stay."""
    await caller.change("schedule.remove", name, context.schedules.remove, name)
    return Answer(data=None)


@router.post("/{name}/run")
async def run_schedule(name: Name, caller: ProjectWriter, context: Context) -> Answer[ScheduleRun]:
    """Make its robot now, by the same overlap rule as at its times."""

    def body(tx: Tx) -> ScheduleRun:
        run = context.schedules.run_now(tx, name, by=caller.actor.name)
        return _run_shown(PastRun(run, None))

    return Answer(data=await caller.change("schedule.run", name, body))


@router.get("/{name}/runs")
async def get_runs(name: Name, caller: Reader, context: Context, limit: Limit = 50) -> ListAnswer[ScheduleRun]:
    """What became of its times, newest first."""
    runs = await caller.read(context.schedules.history, name, limit=limit)
    return ListAnswer(data=[_run_shown(run) for run in runs], count=len(runs))


def _shown(schedule: ScheduleRecord) -> Schedule:
    return Schedule(
        name=schedule.name,
        cron=schedule.cron,
        timezone=schedule.timezone,
        catch_up=schedule.catch_up,
        overlap=schedule.overlap,
        robot=template_of(schedule),
        is_active=schedule.is_active,
        system=schedule.system,
        created_by=schedule.created_by,
        next_times=next_times(schedule),
        last_due=schedule.last_due,
        last_error=schedule.last_error,
        last_error_told=telling(schedule.last_error_told),
        created_at=schedule.created_at,
        updated_at=schedule.updated_at,
    )


def _run_shown(past: PastRun) -> ScheduleRun:
    run = past.run
    return ScheduleRun(
        due_at=run.due_at,
        fired_at=run.fired_at,
        outcome=run.outcome,
        robot_id=run.robot_id,
        robot_status=past.robot_status,
        detail=run.detail,
        detail_told=telling(run.detail_told),
        started_by=run.started_by,
    )
