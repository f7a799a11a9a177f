"""How robots and batches look in a terminal, and how one waits for them."""

import time
from collections.abc import Sequence

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.status import Status

from aiworker.cli.client import Data, Server
from aiworker.cli.output import Cell, ago, console, print_fields, print_json, print_table, say, state
from aiworker.core.errors import Conflict
from aiworker.wire.engine import Deadline, Execution, Robot, RobotStatus
from aiworker.wire.robot_batches import Batch

_SECONDS = 0.5
_OVER = {RobotStatus.COMPLETED, RobotStatus.FAILED, RobotStatus.CANCELLED}
_NOT_TRIED_NOW = {RobotStatus.PENDING, RobotStatus.RETRYING, RobotStatus.CANCELLED}


def tries(robot: Robot) -> int:
    """How often it was tried, as far as tries count; with the one under way."""
    return robot.retry_count + (robot.status not in _NOT_TRIED_NOW)


def follow_robot(server: Server, robot_id: str, *, quiet: bool) -> Data:
    """Wait until a robot is over; its data. Raises: Conflict if it was not completed."""
    with Status("", console=console(quiet=quiet)) as status:
        while True:
            data = server.get("robots", robot_id)
            robot = Robot.model_validate(data)
            if robot.status in _OVER:
                break
            status.update(f"{robot.status}  {robot.waiting or _step(server, robot)}")
            time.sleep(_SECONDS)
    if robot.status is not RobotStatus.COMPLETED:
        why = (robot.error_details or {}).get("message") or "nobody said why"
        raise Conflict(f"{robot_id} is {robot.status}: {why}", code="robot_not_completed")
    return data


def _step(server: Server, robot: Robot) -> str:
    if robot.status is not RobotStatus.PROCESSING:
        return ""
    for item in server.list("executions", limit=1, robotId=robot.robot_id):
        execution = Execution.model_validate(item)
        return f"{execution.progress_percentage} %  {execution.current_step or ''}"
    return ""


def follow_batch(server: Server, correlation_id: str, *, quiet: bool) -> Data:
    """Wait, with a bar, until all robots of a batch are over; its data. Raises: Conflict if some were not completed."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(quiet=quiet)) as bar:
        task = bar.add_task("robots", total=None)
        while True:
            data = server.get("robots", "batches", correlation_id)
            batch = Batch.model_validate(data)
            failed = sum(batch.failures.values())
            bar.update(
                task, total=batch.total, completed=batch.done, description=f"{failed} failed" if failed else "robots"
            )
            if batch.done >= batch.total:
                break
            time.sleep(_SECONDS)
    bad = batch.by_status.get(RobotStatus.FAILED, 0) + batch.by_status.get(RobotStatus.CANCELLED, 0)
    if bad:
        reasons = ", ".join(f"{number} {category}" for category, number in sorted(batch.failures.items()))
        raise Conflict(
            f"{bad} of {batch.total} robots were not completed{': ' + reasons if reasons else ''}.",
            code="batch_not_completed",
        )
    if not quiet:
        say(f"All {batch.total} robots are completed.", "green")
    return data


def print_batch(batch: Batch) -> None:
    """How far it is."""
    fields: dict[str, Cell] = {
        "batch": batch.correlation_id,
        "made": f"{ago(batch.made_at)} ago by {batch.made_by}" if batch.made_at else None,
        "done": f"{batch.done} of {batch.total} ({batch.progress_percentage} %)",
        "robots": ", ".join(f"{number} {status}" for status, number in batch.by_status.items()),
        "failures": ", ".join(f"{number} {category}" for category, number in batch.failures.items()),
        "from cache": batch.cache_hits or None,
        "one takes": f"{batch.average_ms / 1000:.1f} s" if batch.average_ms is not None else None,
        "done by": f"{batch.estimated_completion_at:%Y-%m-%d %H:%M:%S %Z}" if batch.estimated_completion_at else None,
    }
    print_fields(fields)


def _forecast(deadline: Deadline | None) -> Cell:
    if deadline is None or deadline.why is None:
        return None
    when = f"{deadline.forecast_at:%Y-%m-%d %H:%M %Z}, " if deadline.forecast_at else ""
    return f"{'probably late: ' if deadline.at_risk else ''}{when}{deadline.why}"


def print_robot(data: Data, tries: Sequence[Data]) -> None:
    """A robot, its tries and their steps."""
    robot = Robot.model_validate(data)
    fields: dict[str, Cell] = {
        "robot": robot.robot_id,
        "type": robot.robot_type,
        "status": state(robot.status),
        "waits": robot.waiting,
        "module": robot.module_name,
        "priority": robot.priority,
        "reference": robot.source_reference,
        "batch": robot.correlation_id,
        "made": f"{ago(robot.created_at)} ago",
        "due": f"{robot.due_date:%Y-%m-%d %H:%M %Z}" if robot.due_date else None,
        "forecast": _forecast(robot.deadline),
        "error": f"{robot.error_category}: {(robot.error_details or {}).get('message')}"
        if robot.error_category
        else None,
        "same as": robot.cache_source_robot_id,
    }
    print_fields(fields)
    for item in tries:
        execution = Execution.model_validate(item)
        say("")
        say(
            f"{execution.execution_state}  {execution.progress_percentage} %  by {execution.holder}"
            f"  {ago(execution.started_at)} ago"
            + (f"  {execution.duration_ms / 1000:.1f} s" if execution.duration_ms is not None else ""),
            "bold",
        )
        if execution.error_message:
            say(execution.error_message, "red")
        print_table(
            ("STEP", "CATEGORY", "STATUS", "MS", "DETAIL"),
            [(step.name, step.category, step.status, step.duration_ms, step.detail) for step in execution.steps],
            empty="No steps.",
        )
    if robot.output_data is not None:
        say("")
        print_json(robot.output_data)
