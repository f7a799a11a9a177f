"""Follow what takes time: a task on its road, a release through its steps."""

import time

from rich.status import Status

from aiworker.cli.client import Server
from aiworker.cli.output import console
from aiworker.cli.taskview import next_step, read_timeline, timeline_line
from aiworker.core.errors import Conflict
from aiworker.wire.groups import Group, GroupStatus, RolloutStep
from aiworker.wire.tasks import Task, TaskState, TimelineEntry

_TASK_SECONDS = 1.0
_GROUP_SECONDS = 0.3
_ENDS = {TaskState.PRODUCTION, TaskState.CANCELLED}


def follow_task(server: Server, name: str, until: TaskState | None) -> None:
    """Print the timeline as it grows, until the task is at `until` or at its end.

    Raises: Conflict if it is cancelled before it was at `until`.
    """
    screen = console()
    seen = -1
    hint: str | None = None
    with Status("", console=screen) as status:
        while True:
            task = Task.model_validate(server.get("tasks", name))
            news = [TimelineEntry.model_validate(entry) for entry in read_timeline(server, name, after=seen)]
            for entry in news:
                screen.print(timeline_line(entry))
                seen = entry.position
            if task.state is until or any(entry.to_state is until for entry in news if until is not None):
                return
            if task.state is TaskState.CANCELLED and until is not None:
                raise Conflict(f"{task.key} was cancelled before it was {until}.", code="task_cancelled")
            if task.state in _ENDS and until is None:
                return
            if (step := next_step(task)) != hint and step is not None:
                screen.print(step, style="bright_black")
            hint = step
            status.update(f"{task.state.replace('_', ' ')}  {task.waiting or task.current_step or ''}")
            time.sleep(_TASK_SECONDS)


def follow_group(server: Server, group: Group, wanted: GroupStatus, *, quiet: bool = False) -> Group:
    """Print a release's steps as they end (unless quiet), and return it when nothing is under way any more.

    Raises: Conflict if it is then not `wanted`, with the reason.
    """
    screen = console(quiet=quiet)
    told: set[tuple[str | None, str]] = set()
    with Status("", console=screen) as status:
        while True:
            for step in group.steps:
                if step.completed_at is None:
                    status.update(f"{step.name}  {step.detail or ''}")
                elif (group.robot_id, step.name) not in told:
                    # One release is moved by several robots in turn, whose steps may have the same name.
                    told.add((group.robot_id, step.name))
                    if step.status != "skipped":
                        screen.print(_step_line(step), style="red" if step.status == "failed" else "")
            if group.under_way is None:
                break
            time.sleep(_GROUP_SECONDS)
            group = Group.model_validate(server.get("task-groups", group.id))
    if group.status is not wanted:
        raise Conflict(group.error or f"Release {group.number} is {group.status}, not {wanted}.", code="release_failed")
    return group


def _step_line(step: RolloutStep) -> str:
    sign = {"completed": "✓", "failed": "✗"}.get(step.status, "·")
    took = ""
    if step.started_at is not None and step.completed_at is not None:
        took = f"  {(step.completed_at - step.started_at).total_seconds():.1f} s"
    return f"{sign} {step.name}{': ' + step.detail if step.detail else ''}{took}"
