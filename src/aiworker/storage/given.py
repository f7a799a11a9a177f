"""Rows that a statement brings along: one JSON parameter, read as a table on each database.

So one statement changes or inserts many rows, each with its own values, in one round trip, and its text is the same for
any number of rows, so the database prepares it once.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import msgspec
from sqlalchemy import Column, ColumnElement, Dialect, Subquery, and_, bindparam, column, text
from sqlalchemy.dialects import mysql, postgresql, sqlite

_PARAMETER = "given"
_KEYS = "given_keys"
_READS_SMALL_TABLES_WHOLE = frozenset({"mariadb", "mysql"})
_DIALECTS: Mapping[str, Dialect] = {
    "sqlite": sqlite.dialect(),
    "postgresql": postgresql.dialect(),
    "mysql": mysql.dialect(),
    "mariadb": mysql.dialect(),
}


def given_table(dialect: str, columns: Iterable[Column[Any]]) -> Subquery:
    """A table `given` with these columns of real tables: by their names, of their types. Build it once and keep it."""
    wanted = list(columns)
    types = {one.name: one.type.compile(_DIALECTS[dialect]) for one in wanted}
    match dialect:
        case "postgresql":
            listed = ", ".join(f"{name} {kind}" for name, kind in types.items())
            query = f"SELECT * FROM json_to_recordset(CAST(:{_PARAMETER} AS JSON)) AS one({listed})"  # noqa: S608
        case "sqlite":
            listed = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in types)
            query = f"SELECT {listed} FROM json_each(:{_PARAMETER})"  # noqa: S608
        case _:
            listed = ", ".join(f"{name} {kind} PATH '$.{name}'" for name, kind in types.items())
            query = f"SELECT * FROM JSON_TABLE(:{_PARAMETER}, '$[*]' COLUMNS({listed})) AS one"  # noqa: S608
    typed = [column(one.name, one.type) for one in wanted]
    return text(query).bindparams(bindparam(_PARAMETER)).columns(*typed).subquery(_PARAMETER)


def given_rows(dialect: str, rows: Sequence[object], names: Sequence[str], *, key: str | None = None) -> dict[str, Any]:
    """The parameters that go with it: these attributes of the rows. `key` for a statement with `is_given`."""
    written = [{name: value for name in names if (value := getattr(row, name)) is not None} for row in rows]
    if dialect != "postgresql":
        for row in written:
            for name, value in row.items():
                if isinstance(value, datetime):
                    row[name] = value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    parameters: dict[str, Any] = {_PARAMETER: msgspec.json.encode(written).decode()}
    if key is not None and dialect in _READS_SMALL_TABLES_WHOLE:
        parameters[_KEYS] = [getattr(row, key) for row in rows]
    return parameters


def given_keys(dialect: str, key: str, values: Sequence[str]) -> dict[str, Any]:
    """The parameters of a table with nothing but a key."""
    parameters: dict[str, Any] = {_PARAMETER: msgspec.json.encode([{key: value} for value in values]).decode()}
    return parameters | {_KEYS: values} if dialect in _READS_SMALL_TABLES_WHOLE else parameters


def is_given(dialect: str, key: ColumnElement[str], given: Subquery) -> ColumnElement[bool]:
    """That a row of a real table is among the given ones, found by its key.

    MariaDB/MySQL would rather read a small table from end to end, and lock all of it: there the keys stand in the
    statement as well.
    """
    joined = key == given.c[cast("Column[str]", key).name]
    if dialect in _READS_SMALL_TABLES_WHOLE:
        return and_(joined, key.in_(bindparam(_KEYS, expanding=True)))
    return joined
