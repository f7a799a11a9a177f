"""What the rows of an adopted database get in the columns that they did not have (MariaDB/MySQL).

Whatever is filled in can be filled in again: an upgrade that was cut short starts anew. `updated_at` stays as it was.
"""
# ruff: noqa: S608 (the names in its statements are its own)

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Table, text

_LONGEST_KEY = 12
_SHORTEST_KEY = 2
# In front of the number where a project's name has no letter of ours.
_NAMELESS = "P"


def fill_defaults(connection: Connection, form: Table) -> None:
    """Where a column has a default, NULL came from a program that did not know it."""
    touched = ", updated_at = updated_at" if "updated_at" in form.c else ""
    for column in form.columns:
        if column.server_default is not None and column.name != "updated_at":
            _run(connection, f"UPDATE {form.name} SET `{column.name}` = DEFAULT{touched} WHERE `{column.name}` IS NULL")
    if touched:
        _run(connection, f"UPDATE {form.name} SET updated_at = created_at WHERE updated_at IS NULL")


def fill_projects(connection: Connection) -> None:
    """Short names made of the names, and the counters."""
    rows = _rows(connection, "SELECT id, name, `key` FROM projects ORDER BY created_at, id")
    taken = {str(key) for _, _, key in rows if key}
    for project_id, name, key in rows:
        if not key:
            made = short_name(str(name), taken)
            taken.add(made)
            _run(
                connection,
                "UPDATE projects SET `key` = :key, updated_at = updated_at WHERE id = :id",
                key=made,
                id=project_id,
            )


def fill_tasks(connection: Connection) -> None:
    """Keys such as SHOP-12, each project counts its tasks from the oldest on; and the priorities as numbers."""
    urgency = "CASE priority WHEN 'urgent' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END"
    _run(connection, f"UPDATE tasks SET urgency = {urgency}, updated_at = updated_at WHERE urgency <> {urgency}")
    _run(connection, "UPDATE tasks SET capabilities = '[]', updated_at = updated_at WHERE capabilities IS NULL")
    unnamed = _rows(
        connection,
        "SELECT t.id, t.project_id, p.`key` FROM tasks t JOIN projects p ON p.id = t.project_id"
        " WHERE t.task_key IS NULL ORDER BY t.project_id, t.created_at, t.id",
    )
    last = _counters(connection, "last_task_number")
    for task_id, project_id, key in unnamed:
        number = last[project_id] = last[project_id] + 1
        _run(
            connection,
            "UPDATE projects SET last_task_number = :number, updated_at = updated_at WHERE id = :project",
            number=number,
            project=project_id,
        )
        _run(
            connection,
            "UPDATE tasks SET task_key = :key, updated_at = updated_at WHERE id = :id",
            key=f"{key}-{number}",
            id=task_id,
        )


def fill_questions(connection: Connection) -> None:
    """Questions without choices."""
    _run(connection, "UPDATE task_questions SET choices = '[]' WHERE choices IS NULL")


def fill_groups(connection: Connection) -> None:
    """Numbers from the oldest on, as they are tagged (`release-7`)."""
    _run(
        connection,
        "UPDATE task_groups SET conflict_files = COALESCE(conflict_files, '[]'),"
        " creator = COALESCE(creator, created_by, 'somebody'), updated_at = updated_at"
        " WHERE conflict_files IS NULL OR creator IS NULL",
    )
    last = _counters(connection, "last_group_number")
    unnumbered = _rows(
        connection,
        "SELECT id, project_id FROM task_groups WHERE number IS NULL ORDER BY project_id, created_at, id",
    )
    for group_id, project_id in unnumbered:
        number = last[project_id] = last[project_id] + 1
        _run(
            connection,
            "UPDATE projects SET last_group_number = :number, updated_at = updated_at WHERE id = :project",
            number=number,
            project=project_id,
        )
        _run(
            connection,
            "UPDATE task_groups SET number = :number, updated_at = updated_at WHERE id = :id",
            number=number,
            id=group_id,
        )


def fill_deployments(connection: Connection) -> None:
    """Which tasks went out: those of the group."""
    _run(connection, "UPDATE deployments SET actor = COALESCE(triggered_by, 'somebody') WHERE actor IS NULL")
    rows = _rows(
        connection,
        "SELECT d.id, g.task_ids FROM deployments d LEFT JOIN task_groups g ON g.id = d.task_group_id"
        " WHERE d.task_ids IS NULL",
    )
    for deployment_id, task_ids in rows:
        _run(
            connection,
            "UPDATE deployments SET task_ids = :task_ids WHERE id = :id",
            task_ids=json.dumps(json.loads(str(task_ids))) if task_ids else "[]",
            id=deployment_id,
        )


def short_name(name: str, taken: set[str]) -> str:
    """Two to twelve capital letters and digits that nobody has yet: `Tienda en línea` gives TIENDAENLINE."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().upper()
    base = re.sub(r"[^A-Z0-9]", "", plain).lstrip("0123456789")[:_LONGEST_KEY]
    if len(base) >= _SHORTEST_KEY and base not in taken:
        return base
    base = base or _NAMELESS
    number = 2 if len(base) >= _SHORTEST_KEY else 1
    while (key := f"{base[: _LONGEST_KEY - len(str(number))]}{number}") in taken:
        number += 1
    return key


def _nothing(_connection: Connection) -> None:
    return


FILLERS: Mapping[str, Callable[[Connection], None]] = MappingProxyType(
    {
        "projects": fill_projects,
        "tasks": fill_tasks,
        "task_questions": fill_questions,
        "agents": _nothing,
        "task_groups": fill_groups,
        "deployments": fill_deployments,
        "agent_logs": _nothing,
    }
)


def _counters(connection: Connection, column: str) -> dict[str, int]:
    return {str(project): number for project, number in _rows(connection, f"SELECT id, {column} FROM projects")}


def _rows(connection: Connection, statement: str) -> Sequence[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(text(statement))]


def _run(connection: Connection, statement: str, **values: object) -> None:
    connection.execute(text(statement), values)
