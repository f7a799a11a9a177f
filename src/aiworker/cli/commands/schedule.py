"""`schedule list|show|add|pause|resume|run|remove`."""

import json as json_text
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from cyclopts import App, Parameter

from aiworker.cli.client import connect
from aiworker.cli.errors import WrongUse
from aiworker.cli.output import Json, print_fields, print_json, print_table, say
from aiworker.wire.engine import NewRobot
from aiworker.wire.schedules import (
    CatchUp,
    NewSchedule,
    Overlap,
    RunOutcome,
    Schedule,
    ScheduleChanges,
    ScheduleRun,
)

app = App(name="schedule", help="Schedules: robots that are made by the clock.")

Name = Annotated[str, Parameter(help="The schedule's name.")]
_RUNS = 5


@app.command(name="list")
def list_schedules(
    *,
    all: Annotated[bool, Parameter(negative="", help="The system's own ones, too.")] = False,  # noqa: A002
    json: Json = False,
) -> None:
    """List the schedules."""
    with connect() as server:
        data = server.get("schedules")
    shown = [item for item in data if all or not item.get("system")]
    if json:
        print_json(shown)
        return
    print_table(
        ("SCHEDULE", "CRON", "ZONE", "ROBOT", "NEXT", "LAST PROBLEM"),
        [
            (
                one.name,
                one.cron,
                one.timezone,
                one.robot.robot_type,
                _at(one.next_times[0], one.timezone) if one.next_times else "paused",
                one.last_error,
            )
            for one in map(Schedule.model_validate, shown)
        ],
        empty="No schedules yet.",
    )


@app.command
def show(name: Name, /, *, json: Json = False) -> None:
    """Show a schedule: its next five times, and what became of the last ones."""
    with connect() as server:
        data = server.get("schedules", name)
        runs = server.get("schedules", name, "runs", limit=_RUNS)
    if json:
        print_json({**data, "runs": runs})
        return
    schedule = Schedule.model_validate(data)
    print_fields(
        {
            "schedule": schedule.name,
            "cron": f"{schedule.cron} ({schedule.timezone})",
            "robot": schedule.robot.robot_type,
            "input": json_text.dumps(schedule.robot.input_data, ensure_ascii=False),
            "overlap": schedule.overlap.lower(),
            "catch up": schedule.catch_up.lower(),
            "made by": schedule.created_by or "AiWorker",
            "next": ", ".join(_at(moment, schedule.timezone) for moment in schedule.next_times) or "paused",
        }
    )
    for run in map(ScheduleRun.model_validate, runs):
        word = run.robot_status.lower() if run.robot_status else run.outcome.lower()
        say(f"{_at(run.due_at, schedule.timezone)}  {word}  {run.robot_id or run.detail or ''}")


@app.command
def add(
    name: Name,
    /,
    *,
    cron: Annotated[str, Parameter(help="Five fields: minute, hour, day, month, weekday.")],
    type: Annotated[str, Parameter(help="The robot's type.")],  # noqa: A002
    input: Annotated[str, Parameter(help="The robot's input, a JSON object.")] = "{}",  # noqa: A002
    timezone: Annotated[str, Parameter(help="Whose clock, like Europe/Madrid.")] = "UTC",
    overlap: Annotated[Overlap, Parameter(help="What to do while the robot before is not done.")] = Overlap.QUEUE,
    catch_up: Annotated[CatchUp, Parameter(help="Which missed times are made up for.")] = CatchUp.LATEST,
    module: Annotated[str | None, Parameter(help="For this module, or NAME@VERSION.")] = None,
    json: Json = False,
) -> None:
    """Make robots whenever the clock says so."""
    robot = NewRobot(robot_type=type, input_data=_object(input), module_name=module)
    new = NewSchedule(name=name, cron=cron, timezone=timezone, overlap=overlap, catch_up=catch_up, robot=robot)
    with connect() as server:
        data = server.post("schedules", body=new)
    if json:
        print_json(data)
        return
    made = Schedule.model_validate(data)
    say(f"{name} is made. Its next times ({made.timezone}):", "green")
    for moment in made.next_times:
        say(_at(moment, made.timezone))


@app.command
def pause(name: Name, /) -> None:
    """Make no robots until it is resumed; what is missed meanwhile is not made up for."""
    with connect() as server:
        server.patch("schedules", name, body=ScheduleChanges(is_active=False))
    say(f"{name} is paused.")


@app.command
def resume(name: Name, /) -> None:
    """Let a schedule go on."""
    with connect() as server:
        data = server.patch("schedules", name, body=ScheduleChanges(is_active=True))
    resumed = Schedule.model_validate(data)
    say(f"{name} goes on; next at {_at(resumed.next_times[0], resumed.timezone)} ({resumed.timezone}).", "green")


@app.command
def run(name: Name, /, *, json: Json = False) -> None:
    """Make its robot now."""
    with connect() as server:
        data = server.post("schedules", name, "run")
    if json:
        print_json(data)
        return
    made = ScheduleRun.model_validate(data)
    if made.outcome is RunOutcome.FIRED:
        say(f"Robot {made.robot_id} is made.", "green")
    else:
        say(f"No robot was made: {(made.detail or '').rstrip('.')}.", "yellow")


@app.command
def remove(name: Name, /) -> None:
    """Remove a schedule and its history; the robots that it made stay."""
    with connect() as server:
        server.delete("schedules", name)
    say(f"{name} is removed.")


def _object(text: str) -> dict[str, Any]:
    try:
        value = json_text.loads(text)
    except ValueError as error:
        raise WrongUse("--input is not JSON.") from error
    if not isinstance(value, dict):
        raise WrongUse('--input should be a JSON object, like \'{"folder": "inbox"}\'.')
    return value


def _at(moment: datetime, zone: str) -> str:
    """By the clock that the schedule goes by, whatever this machine's is."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
