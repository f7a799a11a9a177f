"""Imports: a file's rows or a repository's issues become tasks, all of them or none, and each once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aiworker.access.actors import Actor
from aiworker.core.errors import AiWorkerError, Invalid
from aiworker.core.sayings import Saying, Sentence
from aiworker.delivery.imports import queries
from aiworker.delivery.imports.files import MOST_ROWS, FileRow, read_csv, read_json, refuse_wrong
from aiworker.delivery.imports.issues import LinkedIssues, body_of, title_of
from aiworker.delivery.imports.records import FILE, ISSUE
from aiworker.delivery.people.tasks import Tasks
from aiworker.delivery.ports.forge import Forge, Issue
from aiworker.delivery.projects import queries as project_queries
from aiworker.delivery.projects.errors import ProjectNotFound
from aiworker.delivery.projects.records import ProjectRecord
from aiworker.delivery.tasks import queries as task_queries
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from aiworker.wire.imports import Imported, ImportedTask, ImportTasks
from aiworker.wire.tasks import NewTask

_NOR_ABOVE = Sentence("import_nor_row_above", "{error} or row above it")
_MOST_PAGES = 40


@dataclass(frozen=True, slots=True)
class _Incoming:
    """A task that may be new. `values`: what its origin is remembered with."""

    row: FileRow
    source: str
    values: dict[str, Any]


class Imports:
    """Use cases around imports."""

    def __init__(self, database: Database, forge: Forge, tasks: Tasks, issues: LinkedIssues) -> None:
        self._database = database
        self._forge = forge
        self._tasks = tasks
        self._issues = issues

    async def run(self, actor: Actor, name: str, wish: ImportTasks) -> Imported:
        """Import. Raises: ProjectNotFound, Conflict (archived), Invalid (a file's wrong rows, each named)."""
        project = await self._database.read(_project, name)
        _refuse_mixed(project, wish)
        incoming = await self._incoming(project, wish)
        try:
            return await self._database.write(self._make, actor, project, incoming, dry_run=wish.dry_run)
        except _DryRunOver as over:
            return over.result

    async def _incoming(self, project: ProjectRecord, wish: ImportTasks) -> list[_Incoming]:
        match wish.source:
            case "csv":
                return [_Incoming(row, FILE, {}) for row in read_csv(project.id, wish.content or "")]
            case "json":
                return [_Incoming(row, FILE, {}) for row in read_json(project.id, wish.content or "")]
            case "gitea":
                return [_of_issue(project, issue) for issue in await self._wanted(project, wish)]

    async def _wanted(self, project: ProjectRecord, wish: ImportTasks) -> list[Issue]:
        """The issues, oldest first."""
        numbers = set(wish.issues or ())
        found: list[Issue] = []
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            state = None if numbers else "open"
            page = await self._forge.list_issues(project.repository, state=state, cursor=cursor)
            found += [issue for issue in page.issues if _is_wanted(issue, numbers, wish.label)]
            cursor = page.next_cursor
            if cursor is None or (numbers and len(found) == len(numbers)):
                break
        missing = sorted(numbers - {issue.number for issue in found})
        if missing:
            raise Invalid(f"There is no issue #{missing[0]} in {project.repository}.", code="no_such_issue")
        if len(found) > MOST_ROWS:
            raise Invalid(
                f"That would be {len(found)} tasks; at most {MOST_ROWS} at a time. Choose by label or number.",
                code="too_many_rows",
            )
        return sorted(found, key=lambda issue: issue.number)

    def _make(
        self, tx: Tx, actor: Actor, project: ProjectRecord, incoming: Sequence[_Incoming], *, dry_run: bool
    ) -> Imported:
        source = incoming[0].source if incoming else FILE
        known = queries.find(tx, project.id, source, [one.row.own_id for one in incoming])
        standing = {t.id: t for t in task_queries.by_ids(tx, [o.task_id for o in known.values() if o.task_id])}
        keys = {own_id: standing[o.task_id].task_key for own_id, o in known.items() if o.task_id in standing}
        made: list[ImportedTask] = []
        origins: list[dict[str, Any]] = []
        problems: list[tuple[str, Saying]] = []
        for one in incoming:
            row = one.row
            if row.own_id in known:
                made.append(
                    ImportedTask(place=row.place, title=row.new.title, outcome="exists", key=keys.get(row.own_id))
                )
                continue
            try:
                with tx.savepoint():
                    task = self._tasks.create(tx, actor, project, _resolved(row.new, keys))
            except Invalid as error:
                problems.append((row.place, _without_stop(error.said)))
                continue
            except AiWorkerError as error:
                if error.kind != "not_found":
                    raise
                problems.append((row.place, _NOR_ABOVE(error=_without_stop(error.said))))
                continue
            keys[row.own_id] = task.task_key
            origin = {"project_id": project.id, "source": source, "external_id": row.own_id, "task_id": task.id}
            origins.append({**origin, "created_at": tx.now, **one.values})
            made.append(ImportedTask(place=row.place, title=task.title, outcome="created", key=task.task_key))
        refuse_wrong(problems)
        return self._kept(tx, project, made, origins, dry_run=dry_run)

    def _kept(
        self,
        tx: Tx,
        project: ProjectRecord,
        made: list[ImportedTask],
        origins: list[dict[str, Any]],
        *,
        dry_run: bool,
    ) -> Imported:
        created = [task for task in made if task.outcome == "created"]
        existing = len(made) - len(created)
        if dry_run:
            shown = [t.model_copy(update={"outcome": "would_create", "key": None}) if t in created else t for t in made]
            raise _DryRunOver(Imported(dry_run=True, created=len(created), existing=existing, tasks=shown))
        queries.add(tx, origins)
        if any(origin["source"] == ISSUE for origin in origins):
            self._issues.tell_later(tx, project)
        return Imported(dry_run=False, created=len(created), existing=existing, tasks=made)


class _DryRunOver(Exception):
    """Takes back what a dry run has made."""

    def __init__(self, result: Imported) -> None:
        super().__init__("a dry run")
        self.result = result


def _project(tx: Tx, name: str) -> ProjectRecord:
    project = project_queries.find(tx, name)
    if project is None:
        raise ProjectNotFound(name)
    return project


def _refuse_mixed(project: ProjectRecord, wish: ImportTasks) -> None:
    """Files have a content, issues are chosen; and only Gitea has issues."""
    from_gitea = wish.source == "gitea"
    if from_gitea and not project.in_gitea:
        raise Invalid(f"{project.key} lives in the built-in forge, which has no issues.", code="needs_gitea")
    if from_gitea != (wish.content is None):
        sentence = "content: is for files only." if from_gitea else "content: is missing; it is the text of the file."
        raise Invalid(sentence, code="content_or_gitea", details={"field": "content"})
    if not from_gitea and (wish.issues or wish.label):
        raise Invalid("issues and label choose among issues of Gitea, not in a file.", code="content_or_gitea")


def _is_wanted(issue: Issue, numbers: set[int], label: str | None) -> bool:
    return (not numbers or issue.number in numbers) and (label is None or label in issue.labels)


def _of_issue(project: ProjectRecord, issue: Issue) -> _Incoming:
    title, body = title_of(issue), body_of(issue)
    new = NewTask(project_id=project.id, title=title, description=body)
    values = {"url": issue.url[:512], "title": title, "body": body, "is_open": issue.state == "open"}
    return _Incoming(FileRow(f"issue #{issue.number}", str(issue.number), new), ISSUE, values)


def _resolved(new: NewTask, keys: Mapping[str, str]) -> NewTask:
    """A row may depend on rows above it, by their ids."""
    return new.model_copy(update={"depends_on": [keys.get(name, name) for name in new.depends_on]})


def _without_stop(said: Saying) -> Saying:
    return replace(said, words=said.words.rstrip("."))
