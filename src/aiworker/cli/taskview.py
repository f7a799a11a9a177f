"""A task as people read it in a terminal."""

from collections.abc import Sequence

from rich.text import Text

from aiworker.cli.client import Data, Server
from aiworker.cli.output import ago, print_fields, say, short, state
from aiworker.wire.tasks import QuestionStatus, Task, TaskState, TimelineEntry

_PAGE = 500
# It goes on with other tasks, not with another try.
_WAIT_ON = ("after_cancelled", "after_all_cancelled")


def read_timeline(server: Server, task: str, *, after: int = -1) -> list[Data]:
    """The entries of a task's timeline behind position `after`, oldest first."""
    entries: list[Data] = []
    while page := server.get("tasks", task, "timeline", after=after, limit=_PAGE):
        entries += page
        after = page[-1]["position"]
        if len(page) < _PAGE:
            break
    return entries


def print_task(task: Task, history: Sequence[TimelineEntry]) -> None:
    """Where it stands, what it waits for, what happened, and the next step as a command."""
    say(Text.assemble((f"{task.key}  {task.title}  ", "bold"), state(task.state)))
    print_fields(
        {
            "waits": task.waiting,
            "priority": task.priority,
            "agent": task.assigned_agent.name if task.assigned_agent else None,
            "step": f"{task.current_step} ({task.progress} %)" if task.current_step else None,
            "branch": f"{task.branch_name} at {short(task.head_commit)}" if task.branch_name else None,
            "approved": f"{short(task.approved_commit)} by {task.approved_by}" if task.approved_commit else None,
            "pull request": task.pr_url,
            "preview": task.preview_url if task.preview_error is None else task.preview_error,
            "release": task.group_number,
            "cost": f"${task.cost_usd:,.2f}" if task.cost_usd is not None else None,
        }
    )
    if task.description:
        say("")
        say(task.description.strip())
    for question in task.questions:
        if question.status is QuestionStatus.PENDING:
            say("")
            say(f"? {question.question}", "yellow")
            if question.context:
                say(question.context.strip())
            for choice in question.choices:
                say(f"    {choice.label}" + (f": {choice.description}" if choice.description else ""))
    if history:
        say("")
    for entry in history:
        say(timeline_line(entry))
    if hint := next_step(task):
        say("")
        say(hint, "bright_black")


def timeline_line(entry: TimelineEntry) -> Text:
    """One line of the timeline."""
    return Text.assemble((f"{ago(entry.created_at):>7}  ", "bright_black"), entry.message)


def next_step(task: Task) -> str | None:
    """The one command that brings the task on, if it waits for a person."""
    match task.state:
        case TaskState.NEEDS_INPUT:
            return f'aiworker task answer {task.key} "…"'
        case TaskState.READY_TO_TEST:
            return f"aiworker task approve {task.key} --commit {short(task.head_commit)}"
        case TaskState.APPROVED if task.group_number is None:
            return f"aiworker ship {task.key}"
        case TaskState.BACKLOG if task.waits_for_person and task.waiting_code not in _WAIT_ON:
            return f"aiworker task retry {task.key}"
        case TaskState.STAGING:
            return f"aiworker promote {task.group_number}"
        case _:
            return None
