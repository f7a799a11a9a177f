"""`robot submit|list|show|cancel|retry|pause|resume|batch`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from aiworker.cli.client import Data, Server, connect
from aiworker.cli.commands import robot_batch
from aiworker.cli.errors import WrongUse
from aiworker.cli.output import Json, ago, print_json, print_table, say, state
from aiworker.cli.robotfiles import is_rows, read_input, read_requests
from aiworker.cli.robotview import follow_batch, follow_robot, print_robot, tries
from aiworker.core.errors import NotFound
from aiworker.core.ids import new_id
from aiworker.wire.engine import NewRobot, Robot, RobotPriority, RobotStatus
from aiworker.wire.robot_batches import SubmittedBatch
from aiworker.wire.tasks import Reason

app = App(name="robot", help="Robots: units of work of your own automations.")
app.command(robot_batch.app)

Id = Annotated[str, Parameter(help="The robot's id.")]
More = Annotated[str, Parameter(help="More robots.", show_default=False)]


@app.command
def submit(
    robot_type: Annotated[
        str | None, Parameter(help="What kind of work it is, like ocr.read; none: the file's lines are whole robots.")
    ] = None,
    /,
    *,
    input_: Annotated[
        str | None, Parameter(name="--input", help='What is to be done, as JSON like {"page": 1}, or @file.json.')
    ] = None,
    file: Annotated[
        Path | None, Parameter(help="Many at once: a .csv file (each row is an input) or JSON lines; - is the input.")
    ] = None,
    priority: Annotated[RobotPriority, Parameter(help="How urgent.")] = RobotPriority.NORMAL,
    reference: Annotated[str | None, Parameter(help="What you know it by.")] = None,
    cache_key: Annotated[str | None, Parameter(help="The same work under the same key is done once.")] = None,
    batch: Annotated[str | None, Parameter(help="The correlation id; by default a new one for a file.")] = None,
    due: Annotated[datetime | None, Parameter(help="It should be done by then.")] = None,
    after: Annotated[datetime | None, Parameter(help="It must not start before then.")] = None,
    partial: Annotated[
        bool, Parameter(negative="", show_default=False, help="Take those that are right, and name the others.")
    ] = False,
    wait: Annotated[bool, Parameter(negative="", show_default=False, help="Wait until it is done.")] = False,
    json: Json = False,
) -> None:
    """Submit one robot, or a file of them."""
    if file is not None:
        if input_ is not None or cache_key is not None or reference is not None:
            raise WrongUse("With --file each line has its own input, reference and key.", code="file_or_one")
        _submit_file(
            file,
            robot_type,
            batch or new_id(),
            priority=priority,
            due=due,
            after=after,
            partial=partial,
            wait=wait,
            json=json,
        )
        return
    if robot_type is None:
        raise WrongUse("Name the robot's type, or give --file.", code="no_type")
    new = NewRobot(
        robot_type=robot_type,
        input_data=read_input(input_),
        priority=priority,
        source_reference=reference,
        cache_key=cache_key,
        correlation_id=batch,
        due_date=due.astimezone() if due else None,
        defer_until=after.astimezone() if after else None,
    )
    with connect() as server:
        data = server.post("robots", body=new)
        if wait:
            data = follow_robot(server, Robot.model_validate(data).robot_id, quiet=json)
    _show(data, json=json)


def _submit_file(
    file: Path,
    robot_type: str | None,
    batch: str,
    *,
    priority: RobotPriority,
    due: datetime | None,
    after: datetime | None,
    partial: bool,
    wait: bool,
    json: bool,
) -> None:
    common = {
        "priority": priority.value,
        "dueDate": due.astimezone().isoformat() if due else None,
        "deferUntil": after.astimezone().isoformat() if after else None,
    }
    answers: list[Data] = []
    with connect() as server:
        schema = _input_schema(server, robot_type) if robot_type and is_rows(file) else None
        for first, lines in read_requests(file, robot_type, common, schema, partial=partial):
            data = server.post_lines("robots", "batches", lines=lines, correlationId=batch, partial=partial or None)
            answers.append(data)
            done = SubmittedBatch.model_validate(data)
            if not json:
                for refused in done.refused:
                    say(f"robot {first + refused.index}: {refused.message}", "yellow")
                say(f"{done.accepted} robots submitted, {done.cache_hits} known already, {len(done.refused)} refused.")
        if not json:
            say(f"Batch {batch}", "bold")
        final = follow_batch(server, batch, quiet=json) if wait else None
    if json:
        print_json(final if final is not None else answers)


def _input_schema(server: Server, robot_type: str) -> dict[str, Any] | None:
    try:
        return server.get("robots", "types", robot_type)["inputSchema"]
    except NotFound:
        # Nobody has described it.
        return None


@app.command(name="list")
def list_robots(
    *,
    status: Annotated[RobotStatus | None, Parameter(help="Only with this status.")] = None,
    type_: Annotated[str | None, Parameter(name="--type", help="Only of this type.")] = None,
    module: Annotated[str | None, Parameter(help="Only of this module.")] = None,
    batch: Annotated[str | None, Parameter(help="Only of this batch (correlation id).")] = None,
    reference: Annotated[str | None, Parameter(help="Only with this reference.")] = None,
    queue: Annotated[str | None, Parameter(help="Only in this queue.")] = None,
    at_risk: Annotated[bool, Parameter(help="Only those that will probably be late.", negative="")] = False,
    system: Annotated[bool, Parameter(help="Also what the system does for itself and for its tasks.")] = True,
    limit: Annotated[int, Parameter(help="At most so many.")] = 50,
    json: Json = False,
) -> None:
    """List robots, newest first."""
    with connect() as server:
        data = server.list(
            "robots",
            limit=limit,
            status=status,
            robotType=type_,
            moduleName=module,
            correlationId=batch,
            sourceReference=reference,
            queue=queue,
            atRisk=at_risk or None,
            system=None if system else False,
        )
    if json:
        print_json(data)
        return
    robots = [Robot.model_validate(item) for item in data]
    print_table(
        ("ROBOT", "STATUS", "PRIORITY", "MODULE", "TRIES", "CHANGED", "REFERENCE", "WHY"),
        [
            (
                robot.robot_id,
                state(robot.status),
                robot.priority,
                robot.module_name,
                tries(robot),
                ago(robot.updated_at),
                robot.source_reference,
                robot.waiting or (robot.error_details or {}).get("message", ""),
            )
            for robot in robots
        ],
        empty="No robots.",
    )


@app.command
def show(robot: Id, /, *, json: Json = False) -> None:
    """Show a robot with its tries and their steps."""
    with connect() as server:
        data = server.get("robots", robot)
        tries = server.list("executions", limit=20, robotId=robot)
    if json:
        print_json({**data, "executions": tries})
    else:
        print_robot(data, tries)


@app.command
def cancel(
    robot: Id,
    /,
    *more: More,
    reason: Annotated[str | None, Parameter(help="Why.")] = None,
    json: Json = False,
) -> None:
    """End robots; their workers are told with their next report."""
    _each("cancel", (robot, *more), reason, json=json)


@app.command
def retry(robot: Id, /, *more: More, json: Json = False) -> None:
    """Try robots again that failed, or that wait for their next try."""
    _each("retry", (robot, *more), None, json=json)


@app.command
def pause(
    robot: Id, /, *more: More, reason: Annotated[str | None, Parameter(help="Why.")] = None, json: Json = False
) -> None:
    """Pause robots, whether they run or wait."""
    _each("pause", (robot, *more), reason, json=json)


@app.command
def resume(robot: Id, /, *more: More, json: Json = False) -> None:
    """Let robots go on that were paused."""
    _each("resume", (robot, *more), None, json=json)


def _each(verb: str, robots: tuple[str, ...], reason: str | None, *, json: bool) -> None:
    with connect() as server:
        moved = [
            server.post("robots", robot, verb, body=Reason(reason=reason) if reason is not None else None)
            for robot in robots
        ]
    if json:
        print_json(moved if len(moved) > 1 else moved[0])
        return
    for data in moved:
        robot = Robot.model_validate(data)
        say(f"{robot.robot_id} is {robot.status}{': ' + robot.waiting if robot.waiting else ''}.")


def _show(data: Data, *, json: bool) -> None:
    if json:
        print_json(data)
        return
    robot = Robot.model_validate(data)
    say(f"{robot.robot_id}  {robot.status}")
    if robot.waiting:
        say(f"Waits: {robot.waiting}", "bright_black")
    if robot.output_data:
        print_json(robot.output_data)
