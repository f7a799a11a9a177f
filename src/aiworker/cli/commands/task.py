"""`task add|import|list|show|answer|approve|request-changes|retry|allow|stop|cancel|watch`."""

from typing import Annotated

from cyclopts import App, Parameter

from aiworker.cli.client import connect
from aiworker.cli.commands.task_import import import_tasks
from aiworker.cli.errors import WrongUse
from aiworker.cli.follow import follow_task
from aiworker.cli.output import Json, ago, print_json, print_table, say, short, state
from aiworker.cli.taskview import print_task, read_timeline
from aiworker.core.errors import Conflict, NotFound
from aiworker.wire.tasks import (
    AllowTool,
    Approve,
    Attempt,
    Milestone,
    NewTask,
    Reason,
    RequestChanges,
    Respond,
    Task,
    TaskPriority,
    TaskState,
    TimelineEntry,
)

app = App(name="task", help="Tasks: add, look, answer, approve.")
app.command(import_tasks, name="import")

_SHORTEST_COMMIT = 7
Name = Annotated[str, Parameter(help="The task's key, like SHOP-12, or its id.")]


@app.command
def add(
    project: Annotated[str, Parameter(help="The project's short name, like SHOP.")],
    title: Annotated[str, Parameter(help="What is to be done, in a line.")],
    /,
    *,
    description: Annotated[str | None, Parameter(help="The whole story, for the agent.")] = None,
    priority: Annotated[TaskPriority, Parameter(help="How urgent.")] = TaskPriority.MEDIUM,
    after: Annotated[
        tuple[str, ...], Parameter(negative="", show_default=False, help="A task that comes first (may be repeated).")
    ] = (),
    until: Annotated[Milestone, Parameter(help="How far those have to be.")] = Milestone.APPROVED,
    needs: Annotated[
        tuple[str, ...],
        Parameter(negative="", show_default=False, help="What the agent must be capable of (may be repeated)."),
    ] = (),
    json: Json = False,
) -> None:
    """Put a task on the board."""
    new = NewTask(
        project_id=project,
        title=title,
        description=description,
        priority=priority,
        depends_on=list(after),
        depends_until=until,
        capabilities=list(needs),
    )
    with connect() as server:
        data = server.post("tasks", body=new)
    if json:
        print_json(data)
        return
    task = Task.model_validate(data)
    say(f"{task.key}  {task.title}")
    if task.waiting:
        say(f"Waits: {task.waiting}", "bright_black")


@app.command(name="list")
def list_tasks(
    *,
    project: Annotated[str | None, Parameter(help="Only of this project.")] = None,
    state_: Annotated[TaskState | None, Parameter(name="--state", help="Only in this state.")] = None,
    priority: Annotated[TaskPriority | None, Parameter(help="Only of this priority.")] = None,
    search: Annotated[str | None, Parameter(help="Only with these words.")] = None,
    stuck: Annotated[
        bool, Parameter(negative="", show_default=False, help="Only what waits until a person does something.")
    ] = False,
    limit: Annotated[int, Parameter(help="At most so many.")] = 50,
    json: Json = False,
) -> None:
    """List tasks."""
    with connect() as server:
        data = server.list(
            "tasks",
            limit=limit,
            projectId=project,
            state=state_,
            priority=priority,
            waitsForPerson="true" if stuck else None,
            q=search,
        )
    if json:
        print_json(data)
        return
    tasks = [Task.model_validate(item) for item in data]
    print_table(
        ("KEY", "STATE", "PRIORITY", "AGENT", "CHANGED", "TITLE", "WAITS"),
        [
            (
                task.key,
                state(task.state),
                task.priority,
                task.assigned_agent.name if task.assigned_agent else "",
                ago(task.updated_at),
                task.title,
                task.waiting or "",
            )
            for task in tasks
        ],
        empty="No tasks.",
    )


@app.command
def show(task: Name, /, *, json: Json = False) -> None:
    """Show a task: where it stands, what it waits for, what happened."""
    with connect() as server:
        data = server.get("tasks", task)
        history = read_timeline(server, task)
    if json:
        print_json({**data, "timeline": history})
    else:
        print_task(Task.model_validate(data), [TimelineEntry.model_validate(entry) for entry in history])


@app.command
def answer(
    task: Name,
    response: Annotated[str | None, Parameter(help="The answer.")] = None,
    /,
    *,
    question: Annotated[str | None, Parameter(help="Which question, by its id, if several are open.")] = None,
    skip: Annotated[
        bool, Parameter(negative="", show_default=False, help="Let the agent go on without an answer.")
    ] = False,
    json: Json = False,
) -> None:
    """Answer an agent's question."""
    if (response is None) != skip:
        raise WrongUse("Give an answer, or --skip to let the agent go on without one.", code="answer_or_skip")
    with connect() as server:
        data = server.post("tasks", task, "respond", body=Respond(question_id=question, response=response, skip=skip))
    _report(data, json=json)


@app.command
def approve(
    task: Name,
    /,
    *,
    commit: Annotated[
        str | None, Parameter(help="The commit that you looked at (7 digits do); by default the newest.")
    ] = None,
    json: Json = False,
) -> None:
    """Approve a task at one commit."""
    with connect() as server:
        head = Task.model_validate(server.get("tasks", task)).head_commit
        if head is None:
            raise Conflict(f"{task} has no commit that could be approved.", code="no_commit")
        if commit is not None and (len(commit) < _SHORTEST_COMMIT or not head.startswith(commit.lower())):
            raise Conflict(f"{task} is at {short(head)}, not at {commit}; look again.", code="commit_moved")
        data = server.post("tasks", task, "approve", body=Approve(commit=head))
    _report(data, json=json, more=f" at {short(head)}")


@app.command
def request_changes(
    task: Name, body: Annotated[str, Parameter(help="What should be different.")], /, *, json: Json = False
) -> None:
    """Send a task back to its agents with what should be different."""
    with connect() as server:
        data = server.post("tasks", task, "request-changes", body=RequestChanges(body=body))
    _report(data, json=json)


@app.command
def retry(task: Name, /, *, json: Json = False) -> None:
    """Send a task back to work whose attempts failed, or that a limit has stopped."""
    with connect() as server:
        data = server.post("tasks", task, "retry")
    _report(data, json=json)


@app.command
def allow(
    task: Name,
    /,
    rule: Annotated[str | None, Parameter(help="The rule to add; without it, what was denied is listed.")] = None,
    *,
    json: Json = False,
) -> None:
    """Let agents of the task's project use what its newest attempt was denied."""
    with connect() as server:
        attempts = [Attempt.model_validate(item) for item in server.get("tasks", task, "attempts")]
        denied = next((attempt for attempt in attempts if attempt.permission_denials), None)
        if denied is None and rule is not None:
            raise NotFound(f"No attempt at {task} was denied anything, so {rule} is not added.", code="nothing_denied")
        if denied is not None and rule is not None:
            path = ("tasks", task, "attempts", denied.execution_id, "allow")
            denied = Attempt.model_validate(server.post(*path, body=AllowTool(rule=rule)))
    denials = denied.permission_denials if denied else []
    if json:
        print_json([denial.model_dump(mode="json", by_alias=True) for denial in denials])
        return
    rows = [(denial.rule, "yes" if denial.allowed else "no") for denial in denials]
    print_table(("DENIED", "ALLOWED NOW"), rows, empty="No attempt at this task was denied anything.")


@app.command
def stop(
    task: Name, /, *, reason: Annotated[str | None, Parameter(help="Why, in a sentence.")] = None, json: Json = False
) -> None:
    """Take a task from whoever works on it; the branch is kept, and the next agent may take it."""
    with connect() as server:
        data = server.post("tasks", task, "stop", body=Reason(reason=reason))
    _report(data, json=json)


@app.command
def cancel(
    task: Name, /, *, reason: Annotated[str | None, Parameter(help="Why, in a sentence.")] = None, json: Json = False
) -> None:
    """Cancel a task; a running attempt is told to stop."""
    with connect() as server:
        data = server.post("tasks", task, "cancel", body=Reason(reason=reason))
    _report(data, json=json)


@app.command
def watch(
    task: Name,
    /,
    *,
    until: Annotated[TaskState | None, Parameter(help="Stop when the task gets there.")] = None,
) -> None:
    """Follow a task as it happens, until it is in production, cancelled, or you press Ctrl-C."""
    with connect() as server:
        follow_task(server, task, until)


def _report(data: object, *, json: bool, more: str = "") -> None:
    if json:
        print_json(data)
        return
    task = Task.model_validate(data)
    say(f"{task.key} is {task.state.replace('_', ' ')}{more}.")
