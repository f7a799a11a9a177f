"""Issues that have become tasks: what people change there follows, and they are told what becomes of the task."""

from collections.abc import Sequence
from datetime import datetime

from aiworker.access.actors import SYSTEM, Actor
from aiworker.access.forge_people.service import actor_of_login
from aiworker.core.errors import NotFound
from aiworker.delivery.doors import Doors
from aiworker.delivery.imports import queries
from aiworker.delivery.imports.records import ISSUE, OriginRecord
from aiworker.delivery.ports.forge import Forge, Issue
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.seen import queries as seen_queries
from aiworker.delivery.seen.queue import one_by_one
from aiworker.delivery.tasks import board
from aiworker.delivery.tasks import queries as task_queries
from aiworker.delivery.tasks.history import (
    ISSUE_AND_TASK_EDITED,
    ISSUE_CLOSED,
    ISSUE_EDITED,
    ISSUE_REOPENED,
    ISSUE_TOLD,
)
from aiworker.delivery.tasks.records import TaskRecord
from aiworker.engine.context import Context
from aiworker.engine.service import Engine
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.base import wire_text
from aiworker.wire.engine import NewRobot
from aiworker.wire.tasks import TaskState

FORGE_ISSUES = "forge.issues"
_RETRIES = 8
_LONGEST_TITLE = 255
_LONGEST_BODY = 60_000
_MOST_PAGES = 20


class LinkedIssues:
    """Looks at issues, and tells them."""

    def __init__(self, database: Database, engine: Engine, forge: Forge, doors: Doors) -> None:
        self._database = database
        self._engine = engine
        self._forge = forge
        self._doors = doors

    async def look(self, project: ProjectRecord, by: str | None, number: int | None) -> None:
        """Take in what changed of linked issues since the last look. `by`: who changed the one with this number."""
        if not await self._database.read(queries.has_issues, project.id):
            return
        since = (await self._database.read(seen_queries.marks, project.id)).issues_at
        cursor: str | None = None
        newest = since
        for _ in range(_MOST_PAGES):
            page = await self._forge.list_issues(project.repository, since=since, state=None, cursor=cursor)
            await self._database.write(self._take_in, project.id, page.issues, by, number)
            newest = _latest(newest, page.issues)
            cursor = page.next_cursor
            if cursor is None:
                break
        if newest is not None and newest != since:
            await self._database.write(_seen, project.id, newest)

    def tell_later(self, tx: Tx, project: ProjectRecord) -> None:
        """Have issues told what they do not know yet."""
        self._engine.submit(
            tx,
            NewRobot(
                robot_type=FORGE_ISSUES,
                input_data={"projectId": project.id},
                queue=one_by_one(tx, self._engine, project.id),
                correlation_id=project.id,
                source_reference=f"{project.key} issues",
                retry_limit=_RETRIES,
            ),
        )

    async def work_off(self, context: Context) -> None:
        """`forge.issues`: tell them."""
        project = await self._database.read(project_queries.find, str(context.input_data["projectId"]))
        if project is not None and project.in_gitea:
            await self.tell(project)

    async def tell(self, project: ProjectRecord) -> None:
        """Each linked issue hears once that it has a task, and once that this is in production."""
        untold = await self._database.read(queries.untold, project.id)
        found = await self._database.read(task_queries.by_ids, [o.task_id for o in untold if o.task_id])
        tasks = {task.id: task for task in found}
        for origin in untold:
            task = tasks.get(origin.task_id or "")
            if task is not None:
                await self._tell(project, origin, task)

    async def _tell(self, project: ProjectRecord, origin: OriginRecord, task: TaskRecord) -> None:
        number = int(origin.external_id)
        arrived = task.state is TaskState.PRODUCTION
        closes = arrived and project.close_issues
        try:
            if not origin.announced:
                words = f"{task.task_key} is the task for this in AiWorker: {self._doors.task(task.task_key)}"
                await self._forge.comment_issue(project.repository, number, words)
            if arrived:
                await self._forge.comment_issue(project.repository, number, f"{task.task_key} is in production.")
            if closes:
                # Ours is known before it happens, so that it is not taken for a person's.
                await self._database.write(_closed_by_us, origin)
                await self._forge.close_issue(project.repository, number)
        except NotFound:
            # Deleted there: nobody is left to be told.
            pass
        await self._database.write(_told, origin, arrived)

    def _take_in(self, tx: Tx, project_id: str, issues: Sequence[Issue], by: str | None, number: int | None) -> None:
        known = queries.find(tx, project_id, ISSUE, [str(issue.number) for issue in issues])
        for issue in issues:
            origin = known.get(str(issue.number))
            if origin is not None:
                actor = actor_of_login(tx, by if issue.number == number else None)
                self._changed(tx, actor, origin, issue)

    def _changed(self, tx: Tx, by: Actor, origin: OriginRecord, issue: Issue) -> None:
        title, body, is_open = title_of(issue), body_of(issue), issue.state == "open"
        edited = (title, body) != (origin.title, origin.body)
        if not edited and is_open == origin.is_open:
            return
        queries.change(tx, origin, title=title, body=body, is_open=is_open)
        task = task_queries.lock(tx, origin.task_id) if origin.task_id else None
        if task is None:
            return
        if edited:
            task = _edited(tx, by, task, issue.number, title, body)
        if is_open != origin.is_open:
            said = ISSUE_REOPENED if is_open else ISSUE_CLOSED
            board.note(tx, task, said.code, by=by, message=said(actor=by.name, number=issue.number))


def title_of(issue: Issue) -> str:
    """An issue's title as a task's."""
    return " ".join(wire_text(issue.title, 1_000).split())[:_LONGEST_TITLE] or f"Issue #{issue.number}"


def body_of(issue: Issue) -> str:
    """An issue's text as a task's description, with where it came from."""
    text = wire_text(issue.body.replace("\r\n", "\n"), _LONGEST_BODY).strip()
    return f"{text}\n\nIssue #{issue.number}: {issue.url}".strip()


def _edited(tx: Tx, by: Actor, task: TaskRecord, number: int, title: str, body: str) -> TaskRecord:
    """The task follows while nobody has begun it or edited it here: from then on it is the task that counts."""
    if task.state is TaskState.BACKLOG and task.version == 1:
        said = ISSUE_AND_TASK_EDITED(actor=by.name, number=number)
        return board.note(tx, task, "edited", by=by, message=said, title=title, description=body)
    return board.note(tx, task, "issue_edited", by=by, message=ISSUE_EDITED(actor=by.name, number=number))


def _latest(newest: datetime | None, issues: Sequence[Issue]) -> datetime | None:
    moments = [issue.updated_at for issue in issues] + ([newest] if newest else [])
    return max(moments, default=None)


def _seen(tx: Tx, project_id: str, newest: datetime) -> None:
    seen_queries.set_mark(tx, project_id, issues_at=newest)


def _closed_by_us(tx: Tx, origin: OriginRecord) -> None:
    queries.change(tx, origin, is_open=False)


def _told(tx: Tx, origin: OriginRecord, arrived: bool) -> None:
    queries.change(tx, origin, announced=True, shipped=arrived)
    if origin.task_id is not None and arrived:
        task = board.lock(tx, origin.task_id)
        board.note(tx, task, "issue_told", by=SYSTEM, message=ISSUE_TOLD(number=origin.external_id))
