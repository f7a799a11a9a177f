"""Tasks: the board, and what people do with it."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated

from fastapi import Query

from aiworker.core.paging import Cursor
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.errors import ProjectNotFound
from aiworker.delivery.tasks import board, queries
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.edge.api.context import (
    Approver,
    Caller,
    Context,
    CursorText,
    IfMatch,
    Limit,
    ProjectWriter,
    Reader,
    TaskWriter,
)
from aiworker.edge.api.logs import LogFilter
from aiworker.edge.api.routing import api_router
from aiworker.storage.transaction import Tx
from aiworker.wire.base import Answer, Identifier, Line, ListAnswer
from aiworker.wire.groups import Output
from aiworker.wire.tasks import (
    AllowTool,
    Approve,
    Attempt,
    FileChange,
    LogLine,
    NewTask,
    Reason,
    RequestChanges,
    Respond,
    Task,
    TaskChanges,
    TaskDiff,
    TaskPriority,
    TaskState,
    TimelineEntry,
)

router = api_router("tasks", "/tasks")

States = Annotated[list[TaskState], Query(alias="state", max_length=8, description="May be given several times.")]
Text = Annotated[Line | None, Query(alias="q", max_length=200, description="Part of the title, text or key.")]
Ids = Annotated[
    list[Identifier],
    Query(alias="id", max_length=100, description="May be given several times; unknown ones are left out."),
]
Change = Callable[[Tx], TaskRecord]


@router.get("")
async def list_tasks(
    caller: Reader,
    context: Context,
    project_id: Annotated[Identifier | None, Query(alias="projectId", description="Id or key.")] = None,
    state: States = [],  # noqa: B006 (FastAPI copies it)
    assigned_agent_id: Annotated[Identifier | None, Query(alias="assignedAgentId")] = None,
    priority: TaskPriority | None = None,
    waits_for_person: Annotated[
        bool | None, Query(alias="waitsForPerson", description="Stuck until a person does something about it.")
    ] = None,
    text: Text = None,
    ids: Ids = [],  # noqa: B006 (FastAPI copies it)
    limit: Limit = 100,
    cursor: CursorText = None,
) -> ListAnswer[Task]:
    """Tasks, most urgent first, then oldest."""
    # What every board opens with.
    narrowed = state or assigned_agent_id or priority or waits_for_person is not None or text or ids or cursor
    if project_id is not None and not narrowed:
        first, following = await context.delivery.reading.tasks_of(project_id, limit)
        return ListAnswer(data=first, count=len(first), next_cursor=following)

    def body(tx: Tx) -> tuple[list[Task], str | None]:
        project = None
        if project_id is not None:
            project = project_queries.find(tx, project_id)
            if project is None:
                raise ProjectNotFound(project_id)
        found = queries.list_tasks(
            tx,
            project_id=project.id if project else None,
            states=state,
            agent_id=assigned_agent_id,
            priority=priority,
            waits_for_person=waits_for_person,
            text=text,
            ids=ids,
            cursor=Cursor.decode(cursor),
            limit=limit,
        )
        page = found[:limit]
        following = None
        if len(found) > limit:
            last = page[-1]
            following = Cursor(queries.urgency(last.priority), last.created_at, last.id).encode()
        return context.delivery.task_views.many(tx, page), following

    tasks, following = await caller.read(body)
    return ListAnswer(data=tasks, count=len(tasks), next_cursor=following)


@router.post("", status_code=201)
async def create_task(new: NewTask, caller: TaskWriter, context: Context) -> Answer[Task]:
    """Write a task on the board."""

    def body(tx: Tx) -> TaskRecord:
        project = context.delivery.projects.get(tx, new.project_id)
        return context.delivery.tasks.create(tx, caller.actor, project, new)

    return await _changed(caller, "task.create", body)


@router.get("/{task}")
async def get_task(task: Identifier, _caller: Reader, context: Context) -> Answer[Task]:
    """A task, by id or key."""
    return Answer(data=await context.delivery.reading.task(task))


@router.patch("/{task}")
async def change_task(
    task: Identifier, changes: TaskChanges, caller: TaskWriter, context: Context, version: IfMatch
) -> Answer[Task]:
    """Change what a task says."""
    if version is not None:
        changes = changes.model_copy(update={"version": version})
    return await _changed(
        caller, "task.change", lambda tx: context.delivery.tasks.change(tx, caller.actor, task, changes)
    )


@router.delete("/{task}")
async def delete_task(task: Identifier, caller: TaskWriter, context: Context) -> Answer[dict[str, str]]:
    """Remove a cancelled or untouched task for good."""
    deleted = await caller.change("task.delete", lambda found: found.task_key, context.delivery.tasks.delete, task)
    return Answer(data={"id": deleted.id, "key": deleted.task_key})


@router.post("/{task}/respond")
async def respond(task: Identifier, answer: Respond, caller: TaskWriter, context: Context) -> Answer[Task]:
    """Answer a question, or go on without; when none is left, the work goes on."""
    return await _changed(
        caller, "task.respond", lambda tx: context.delivery.questions.respond(tx, caller.actor, task, answer)
    )


@router.post("/{task}/approve")
async def approve(task: Identifier, approval: Approve, caller: Approver, context: Context) -> Answer[Task]:
    """Approve the commit that was looked at."""
    approved = await context.delivery.review.approve(caller.actor, task, approval.commit)
    await caller.record("task.approve", approved.task_key, {"commit": approval.commit})
    return await _shown(caller, approved)


@router.post("/{task}/request-changes")
async def request_changes(
    task: Identifier, request: RequestChanges, caller: TaskWriter, context: Context
) -> Answer[Task]:
    """Send the work back with comments; the next round reads them."""
    return await _changed(
        caller,
        "task.request_changes",
        lambda tx: context.delivery.review.request_changes(tx, caller.actor, task, request),
    )


@router.post("/{task}/cancel")
async def cancel(task: Identifier, caller: TaskWriter, context: Context, reason: Reason | None = None) -> Answer[Task]:
    """Give a task up; a running attempt is told to stop."""
    why = reason.reason if reason else None
    return await _changed(caller, "task.cancel", lambda tx: context.delivery.tasks.cancel(tx, caller.actor, task, why))


@router.post("/{task}/reopen")
async def reopen(task: Identifier, caller: TaskWriter, context: Context) -> Answer[Task]:
    """Put a cancelled task back on the board."""
    return await _changed(caller, "task.reopen", lambda tx: context.delivery.tasks.reopen(tx, caller.actor, task))


@router.post("/{task}/retry")
async def retry(task: Identifier, caller: TaskWriter, context: Context) -> Answer[Task]:
    """Try a task again whose attempts failed."""
    return await _changed(caller, "task.retry", lambda tx: context.delivery.tasks.retry(tx, caller.actor, task))


@router.post("/{task}/stop")
async def stop(task: Identifier, caller: TaskWriter, context: Context, reason: Reason | None = None) -> Answer[Task]:
    """Take a task from whoever works on it; the branch is kept."""
    why = reason.reason if reason else None
    return await _changed(caller, "task.stop", lambda tx: context.delivery.tasks.stop(tx, caller.actor, task, why))


@router.post("/{task}/start")
async def start(task: Identifier, caller: TaskWriter, context: Context) -> Answer[Task]:
    """Take a task oneself."""
    return await _changed(caller, "task.start", lambda tx: context.delivery.tasks.start_by_hand(tx, caller.actor, task))


@router.post("/{task}/release")
async def release(task: Identifier, caller: TaskWriter, context: Context, reason: Reason | None = None) -> Answer[Task]:
    """Give back what one took oneself."""
    why = reason.reason if reason else None
    return await _changed(
        caller, "task.release", lambda tx: context.delivery.tasks.release_by_hand(tx, caller.actor, task, why)
    )


@router.post("/{task}/submit")
async def submit(task: Identifier, caller: TaskWriter, context: Context, reason: Reason | None = None) -> Answer[Task]:
    """Hand in what one works on oneself; `reason` says what was done."""
    handed = await context.delivery.review.submit_by_hand(caller.actor, task, reason.reason if reason else None)
    await caller.record("task.submit", handed.task_key)
    return await _shown(caller, handed)


@router.get("/{task}/preview/output")
async def get_preview_output(task: Identifier, caller: Reader, context: Context) -> Answer[Output]:
    """The last lines that the task's preview has written: while it is put up, and as it runs."""
    found = await caller.read(board.get, task)
    return Answer(data=Output(text=await context.delivery.outputs.of_preview(found)))


@router.post("/{task}/preview", status_code=202)
async def put_up_preview(task: Identifier, caller: TaskWriter, context: Context) -> Answer[Task]:
    """Put the task's branch up; `previewStatus` tells when it answers."""
    found = await context.delivery.review.preview(caller.actor, task)
    await caller.record("task.preview", found.task_key)
    return await _shown(caller, found)


@router.delete("/{task}/preview", status_code=202)
async def end_preview(task: Identifier, caller: TaskWriter, context: Context) -> Answer[Task]:
    """Take the task's preview down."""
    return await _changed(
        caller,
        "task.preview_end",
        lambda tx: context.delivery.previews.end(tx, board.lock(tx, task), by=caller.actor, asked=True),
    )


@router.get("/{task}/timeline")
async def get_timeline(
    task: Identifier,
    caller: Reader,
    context: Context,
    after: Annotated[int, Query(ge=-1, le=2_000_000_000)] = -1,
    limit: Limit = 200,
) -> ListAnswer[TimelineEntry]:
    """A task's history, oldest first; `after` is the last position that was read."""
    found = await caller.read(
        lambda tx: context.delivery.task_views.timeline(tx, board.get(tx, task), after=after, limit=limit)
    )
    return ListAnswer(data=found, count=len(found))


@router.get("/{task}/attempts")
async def get_attempts(task: Identifier, caller: Reader, context: Context) -> ListAnswer[Attempt]:
    """The attempts at a task, oldest first."""
    found = await caller.read(lambda tx: context.delivery.task_views.attempts(tx, board.get(tx, task)))
    return ListAnswer(data=found, count=len(found))


@router.post("/{task}/attempts/{execution}/allow")
async def allow(
    task: Identifier, execution: Identifier, asked: AllowTool, caller: ProjectWriter, context: Context
) -> Answer[Attempt]:
    """Let agents of the project use, from now on, what this attempt was denied."""

    def body(tx: Tx) -> TaskRecord:
        return context.delivery.attempts.allow(tx, caller.actor, task, execution, asked.rule)

    found = await caller.change("project.allow", lambda found: found.task_key, body)
    attempts = await caller.read(lambda tx: context.delivery.task_views.attempts(tx, found))
    return Answer(data=next(attempt for attempt in attempts if attempt.execution_id == execution))


@router.get("/{task}/diff")
async def get_diff(task: Identifier, _caller: Reader, context: Context) -> Answer[TaskDiff]:
    """What the task's branch changes, within limits."""
    diff = await context.delivery.review.diff(task)
    files = [FileChange.model_validate(asdict(file)) for file in diff.files]
    return Answer(
        data=TaskDiff(
            base=diff.base,
            head=diff.head,
            files=files,
            additions=diff.additions,
            deletions=diff.deletions,
            truncated=diff.truncated,
        )
    )


@router.get("/{task}/logs")
async def get_logs(task: Identifier, caller: Reader, wanted: LogFilter) -> ListAnswer[LogLine]:
    """What agents said while they worked on it, newest first."""
    return await caller.read(lambda tx: wanted.lines(tx, task_id=board.get(tx, task).id))


async def _changed(caller: Caller, action: str, body: Change) -> Answer[Task]:
    return await _shown(caller, await caller.change(action, lambda task: task.task_key, body))


async def _shown(caller: Caller, task: TaskRecord) -> Answer[Task]:
    views = caller.context.delivery.task_views
    return Answer(data=await caller.read(lambda tx: views.one(tx, board.get(tx, task.id))))
