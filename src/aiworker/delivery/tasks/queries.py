"""Every statement on tasks, dependencies, timeline and review comments."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    union_all,
    update,
)

from aiworker.core.paging import Cursor
from aiworker.core.sayings import Saying, as_kept
from aiworker.delivery.projects.tables import projects
from aiworker.delivery.questions.tables import task_questions
from aiworker.delivery.tasks.reasons import code_of, needs_person
from aiworker.delivery.tasks.records import CommentRecord, TaskRecord, TimelineRecord
from aiworker.delivery.tasks.tables import review_comments, task_dependencies, task_timeline, tasks
from aiworker.storage.cache_table import TASK, TASK_LIST
from aiworker.storage.counting import counted
from aiworker.storage.keyset import after
from aiworker.storage.prepared import Prepared, insert_of, this, update_of
from aiworker.storage.records import columns
from aiworker.storage.text import contains
from aiworker.storage.transaction import Tx
from aiworker.wire.projects import ProjectStatus
from aiworker.wire.tasks import QuestionStatus, TaskPriority, TaskState

_TASK = columns(TaskRecord, tasks)
_ORDER = (tasks.c.urgency, tasks.c.created_at, tasks.c.id)
_URGENCIES = {priority: place for place, priority in enumerate(reversed(TaskPriority))}


# Statements on one task are built once: building costs more than running.
_NAMED = select(*_TASK).where(or_(tasks.c.id == bindparam("name"), tasks.c.task_key == bindparam("key")))
_FIND_NAMED = Prepared(_NAMED)
_LOCK_NAMED = Prepared(_NAMED.with_for_update())
_LOCK_BY_ROBOT = Prepared(select(*_TASK).where(tasks.c.robot_id == bindparam("robot")).with_for_update())
_DEPENDENCIES = Prepared(
    select(task_dependencies.c.task_id, task_dependencies.c.depends_on_id)
    .where(task_dependencies.c.task_id.in_(bindparam("tasks", expanding=True)))
    .order_by(task_dependencies.c.task_id, task_dependencies.c.depends_on_id)
    .limit(bindparam("number"))
)
_COMMENTS = Prepared(
    select(*columns(CommentRecord, review_comments))
    .where(review_comments.c.task_id == bindparam("task"))
    .order_by(review_comments.c.created_at, review_comments.c.id)
    .limit(bindparam("number"))
)


def _name_or_key(name: str) -> Mapping[str, str]:
    return {"name": name, "key": name.upper()}


def _known_as(name: str) -> str:
    """Ids have four hyphens, keys have one."""
    return TASK.key(name if name.count("-") > 1 else name.upper())


def written(tx: Tx, task: TaskRecord) -> TaskRecord:
    """A task as this unit of work knows it from now on: it has locked the row, and what it wrote it need not read."""
    tx.know(TASK.key(task.id), task)
    return tx.know(TASK.key(task.task_key), task)


def _locked(tx: Tx, statement: Prepared, wanted: Mapping[str, str]) -> TaskRecord | None:
    task = tx.record(TaskRecord, statement, wanted)
    return None if task is None else written(tx, task)


def find(tx: Tx, name: str) -> TaskRecord | None:
    """By id or key."""
    return tx.once(_known_as(name), lambda: tx.record(TaskRecord, _FIND_NAMED, _name_or_key(name)))


def lock(tx: Tx, name: str) -> TaskRecord | None:
    """By id or key, and nobody else may change it until the commit."""
    return _locked(tx, _LOCK_NAMED, _name_or_key(name))


def lock_many(tx: Tx, ids: Sequence[str]) -> None:
    """Tasks that nobody else may change until the commit, always locked in the same order."""
    if ids:
        tx.rows(select(tasks.c.id).where(tasks.c.id.in_(ids)).order_by(tasks.c.id).limit(len(ids)).with_for_update())


def by_ids(tx: Tx, ids: Sequence[str]) -> list[TaskRecord]:
    """Those of the ids that exist."""
    return tx.records(TaskRecord, select(*_TASK).where(tasks.c.id.in_(ids)).limit(len(ids))) if ids else []


def why_held(tx: Tx, robot_ids: Sequence[str]) -> dict[str, Saying]:
    """Why tasks are held whose work these robots are, by robot."""
    if not robot_ids:
        return {}
    wanted = and_(tasks.c.robot_id.in_(robot_ids), tasks.c.held.is_not(None))
    statement = select(tasks.c.robot_id, tasks.c.held, tasks.c.held_told).where(wanted).limit(len(robot_ids))
    return {row.robot_id: as_kept(row.held, row.held_told) for row in tx.rows(statement)}


def by_names(tx: Tx, names: Sequence[str]) -> list[TaskRecord]:
    """Those of the ids or keys that exist."""
    if not names:
        return []
    keys = [name.upper() for name in names]
    wanted = or_(tasks.c.id.in_(names), tasks.c.task_key.in_(keys))
    return tx.records(TaskRecord, select(*_TASK).where(wanted).limit(len(names) * 2))


def held_by(tx: Tx, agent_ids: Sequence[str]) -> list[TaskRecord]:
    """What some agents work on now, at most 1,000."""
    if not agent_ids:
        return []
    at_work = tasks.c.state.in_([TaskState.IN_PROGRESS, TaskState.NEEDS_INPUT])
    return tx.records(TaskRecord, select(*_TASK).where(tasks.c.assigned_agent_id.in_(agent_ids), at_work).limit(1000))


def by_branch(tx: Tx, project_id: str, branch: str) -> TaskRecord | None:
    """The task that works on a branch."""
    wanted = and_(tasks.c.project_id == project_id, tasks.c.branch_name == branch)
    return tx.record(TaskRecord, select(*_TASK).where(wanted).order_by(tasks.c.created_at.desc()).limit(1))


def by_pull_request(tx: Tx, project_id: str, number: int) -> TaskRecord | None:
    """The task that a pull request belongs to."""
    wanted = and_(tasks.c.project_id == project_id, tasks.c.pr_number == number)
    return tx.record(TaskRecord, select(*_TASK).where(wanted).order_by(tasks.c.created_at.desc()).limit(1))


def at_head(tx: Tx, project_id: str, commit: str) -> list[TaskRecord]:
    """Tasks whose branch stands at a commit, at most 10."""
    wanted = and_(tasks.c.project_id == project_id, tasks.c.head_commit == commit)
    return tx.records(TaskRecord, select(*_TASK).where(wanted).order_by(tasks.c.id).limit(10))


def under_review(tx: Tx, project_id: str, *, limit: int = 200) -> list[TaskRecord]:
    """Tasks before staging that have a pull request."""
    before = tasks.c.state.not_in([TaskState.STAGING, TaskState.PRODUCTION, TaskState.CANCELLED])
    wanted = and_(tasks.c.project_id == project_id, before, tasks.c.pr_number.is_not(None))
    return tx.records(TaskRecord, select(*_TASK).where(wanted).order_by(tasks.c.created_at).limit(limit))


def with_old_preview(tx: Tx, put_up_before: datetime, *, limit: int = 50) -> list[TaskRecord]:
    """Tasks whose preview was put up (or failed to come up) before an instant and has not been taken down since."""
    put_up = func.coalesce(tasks.c.preview_deployed_at, tasks.c.updated_at)
    wanted = and_(tasks.c.preview_url.is_not(None), tasks.c.preview_status != "ending", put_up < put_up_before)
    return tx.records(TaskRecord, select(*_TASK).where(wanted).order_by(tasks.c.id).limit(limit))


def without_a_round(tx: Tx, *, limit: int) -> list[TaskRecord]:
    """Tasks that are to be worked on and that the engine does not know, locked; but for those that somebody has."""
    open_states = tasks.c.state.in_([TaskState.BACKLOG, TaskState.IN_PROGRESS, TaskState.NEEDS_INPUT])
    statement = select(*_TASK).where(tasks.c.robot_id.is_(None), open_states).order_by(tasks.c.created_at, tasks.c.id)
    return tx.records(TaskRecord, statement.limit(limit).with_for_update(skip_locked=True))


def answered(tx: Tx, *, limit: int) -> list[TaskRecord]:
    """Tasks of active projects that wait for an answer though none of their questions does any more."""
    asked = exists().where(task_questions.c.task_id == tasks.c.id, task_questions.c.status == QuestionStatus.PENDING)
    statement = (
        select(*_TASK)
        .join(projects, projects.c.id == tasks.c.project_id)
        .where(tasks.c.state == TaskState.NEEDS_INPUT, projects.c.status == ProjectStatus.ACTIVE, ~asked)
        .order_by(tasks.c.id)
        .limit(limit)
    )
    return tx.records(TaskRecord, statement)


def by_robot(tx: Tx, robot_id: str) -> TaskRecord | None:
    """The task whose current round a robot is."""
    return _locked(tx, _LOCK_BY_ROBOT, {"robot": robot_id})


def list_tasks(
    tx: Tx,
    *,
    project_id: str | None = None,
    states: Sequence[TaskState] = (),
    agent_id: str | None = None,
    priority: TaskPriority | None = None,
    waits_for_person: bool | None = None,
    text: str | None = None,
    ids: Collection[str] = (),
    cursor: Cursor | None = None,
    limit: int = 100,
) -> list[TaskRecord]:
    """Most urgent first, then oldest; one more than `limit`, so that the caller knows whether there is a next page."""
    wanted: list[ColumnElement[bool]] = []
    if project_id is not None:
        wanted.append(tasks.c.project_id == project_id)
    if agent_id is not None:
        wanted.append(tasks.c.assigned_agent_id == agent_id)
    if priority is not None:
        wanted.append(tasks.c.priority == priority)
    if waits_for_person is not None:
        wanted.append(tasks.c.waits_for_person.is_(waits_for_person))
    if text:
        wanted.append(
            or_(*(contains(column, text) for column in (tasks.c.title, tasks.c.task_key, tasks.c.description)))
        )
    if ids:
        wanted.append(tasks.c.id.in_(ids))
    if cursor is not None:
        wanted.append(after(_ORDER, (cursor.rank, cursor.moment, cursor.id)))
    found = select(*_TASK, tasks.c.urgency).where(and_(True, *wanted)).order_by(*_ORDER).limit(limit + 1)
    if not states:
        return tx.records(TaskRecord, found)
    # Each column of the board is read in its own order, from its own place in the index.
    if project_id is not None:
        # MariaDB would take the shorter index that begins alike, and sort the whole column.
        found = found.with_hint(tasks, "FORCE INDEX (ix_tasks_column)", "mysql")
    parts = [found.where(tasks.c.state == state).subquery(state.value) for state in dict.fromkeys(states)]
    together = union_all(*(select(part) for part in parts)).subquery("together")
    in_order = select(together).order_by(*(together.c[column.name] for column in _ORDER))
    return tx.records(TaskRecord, in_order.limit(limit + 1))


def urgency(priority: TaskPriority) -> int:
    """The place of a priority in the order of `list_tasks`: 0 is the most urgent."""
    return _URGENCIES[priority]


def next_number(tx: Tx, project_id: str) -> int:
    """Draw the project's next task number, under the project's row lock."""
    tx.execute(
        update(projects).where(projects.c.id == project_id).values(last_task_number=projects.c.last_task_number + 1)
    )
    return tx.scalar(select(projects.c.last_task_number).where(projects.c.id == project_id))


def add(tx: Tx, values: Mapping[str, Any]) -> None:
    """Insert a task."""
    tx.execute(insert(tasks).values(_with_derived(values)))
    tx.drop(TASK.key(values["id"]), TASK.key(values["task_key"]), TASK_LIST.key(values["project_id"]))


def change(tx: Tx, task: TaskRecord, values: Mapping[str, Any]) -> bool:
    """Update a task that is still in the state that was read; False if it is not."""
    new = {**_with_derived(values), "updated_at": tx.now}
    _drop(tx, task)
    as_read = this(id=task.id, state=task.state, position=task.position)
    return tx.execute(update_of(tasks, ("id", "state", "position"), tuple(new)), new | as_read).rowcount == 1


def _with_derived(values: Mapping[str, Any]) -> Mapping[str, Any]:
    kept = dict(values)
    if "priority" in values:
        kept["urgency"] = urgency(values["priority"])
    if "held" in values:
        kept["waits_for_person"] = values["held"] is not None and needs_person(code_of(values["held_told"]))
    return kept


def _drop(tx: Tx, task: TaskRecord) -> None:
    """What is cached of it is old now. Questions and dependencies change together with their task."""
    tx.drop(TASK.key(task.id), TASK.key(task.task_key), TASK_LIST.key(task.project_id))


def add_timeline(tx: Tx, values: Mapping[str, Any]) -> None:
    """Insert a line of history."""
    tx.execute(insert_of(task_timeline, tuple(values)), values)


def timeline(tx: Tx, task_id: str, *, after: int = -1, limit: int = 500) -> list[TimelineRecord]:
    """The task's history, oldest first."""
    statement = (
        select(*columns(TimelineRecord, task_timeline))
        .where(task_timeline.c.task_id == task_id, task_timeline.c.position > after)
        .order_by(task_timeline.c.position)
        .limit(limit)
    )
    return tx.records(TimelineRecord, statement)


def set_dependencies(tx: Tx, task_id: str, depends_on: Sequence[str]) -> None:
    """Replace what a task depends on."""
    tx.execute(delete(task_dependencies).where(task_dependencies.c.task_id == task_id))
    if depends_on:
        tx.execute(insert(task_dependencies), [{"task_id": task_id, "depends_on_id": other} for other in depends_on])


def dependencies(tx: Tx, task_ids: Sequence[str]) -> dict[str, list[TaskRecord]]:
    """What each of the tasks depends on, oldest first, one query for all."""
    found: dict[str, list[TaskRecord]] = {task_id: [] for task_id in task_ids}
    if not task_ids:
        return found
    pairs = tx.rows(_DEPENDENCIES, {"tasks": task_ids, "number": len(task_ids) * 50})
    others = {task.id: task for task in by_ids(tx, sorted({pair.depends_on_id for pair in pairs}))}
    for pair in pairs:
        found[pair.task_id].append(others[pair.depends_on_id])
    return found


def dependants(tx: Tx, task_id: str) -> list[TaskRecord]:
    """The tasks that wait for this one, by id, at most 500."""
    statement = (
        select(*_TASK)
        .join(task_dependencies, task_dependencies.c.task_id == tasks.c.id)
        .where(task_dependencies.c.depends_on_id == task_id)
        .order_by(tasks.c.id)
        .limit(500)
    )
    return tx.records(TaskRecord, statement)


def reaches(tx: Tx, start: Sequence[str], goal: str) -> bool:
    """Whether following dependencies from `start` leads to `goal`: the test for circles."""
    seen: set[str] = set()
    frontier = list(start)
    while frontier:
        if goal in frontier:
            return True
        seen.update(frontier)
        rows = tx.rows(
            select(task_dependencies.c.depends_on_id)
            .where(task_dependencies.c.task_id.in_(frontier))
            .distinct()
            .limit(5000)
        )
        frontier = [row.depends_on_id for row in rows if row.depends_on_id not in seen]
    return False


def add_comments(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert review comments."""
    if rows:
        tx.execute(insert(review_comments), list(rows))


def comments(tx: Tx, task_id: str, *, limit: int = 500) -> list[CommentRecord]:
    """The review comments on a task, oldest first."""
    return tx.records(CommentRecord, _COMMENTS, {"task": task_id, "number": limit})


def delete_task(tx: Tx, task_id: str) -> None:
    """Remove a task and everything that belongs to it."""
    for other in dependants(tx, task_id):
        _drop(tx, other)
    tx.execute(delete(tasks).where(tasks.c.id == task_id))
    tx.drop(TASK.key(task_id))


def count_open_by_state(tx: Tx) -> dict[str, int]:
    """How many tasks of all projects are in each state, without those that are done with."""
    over = {TaskState.PRODUCTION, TaskState.CANCELLED}
    return counted(tx, tasks.c.state, tasks.c.state.in_([state for state in TaskState if state not in over]))


def count_waiting_for_people(tx: Tx) -> int:
    """How many tasks wait until a person does something about their robot."""
    return sum(counted(tx, tasks.c.waits_for_person, tasks.c.waits_for_person.is_(True)).values())


def count_by_state(tx: Tx, project_id: str) -> dict[TaskState, int]:
    """How many tasks a project has in each state."""
    rows = tx.rows(
        select(tasks.c.state, func.count().label("number"))
        .where(tasks.c.project_id == project_id)
        .group_by(tasks.c.state)
    )
    return {TaskState(row.state): row.number for row in rows}


def finished_since(tx: Tx, project_id: str, since: datetime, *, limit: int = 5000) -> list[TaskRecord]:
    """Tasks that reached production since then."""
    statement = (
        select(*_TASK)
        .where(tasks.c.project_id == project_id, tasks.c.deployed_production_at >= since)
        .where(tasks.c.state == TaskState.PRODUCTION)
        .limit(limit)
    )
    return tx.records(TaskRecord, statement)
