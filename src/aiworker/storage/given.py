"""Rows that a statement brings along: one JSON parameter, read as a table on each database.

So one statement changes or inserts many rows, each with its own values, in one round trip, and its text is the same for
any number of rows, so the database prepares it once.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Dialect,
    FromClause,
    String,
    Subquery,
    and_,
    any_,
    bindparam,
    column,
    text,
)
from sqlalchemy.dialects import mysql, postgresql, sqlite

_PARAMETER = "given"
_DIALECTS: Mapping[str, Dialect] = {
    "sqlite": sqlite.dialect(),
    "postgresql": postgresql.dialect(),
    "mysql": mysql.dialect(),
}


class Way(NamedTuple):
    """How a statement with given rows is written: for which database, and whether for one row and no more.

    PostgreSQL takes what it cannot see into for a hundred rows, and where the keys are told beside it, it plans anew
    each time, which costs more than one row is worth. Told that there is one row, it plans once for all.
    """

    dialect: str
    one: bool

    @classmethod
    def of(cls, dialect: str, number: int) -> "Way":
        """For so many rows."""
        return cls(dialect, one=dialect == "postgresql" and number == 1)


def given_table(way: Way, columns: Iterable[Column[Any]]) -> Subquery:
    """A table `given` with these columns of real tables: by their names, of their types. Build it once and keep it."""
    wanted = list(columns)
    types = {one.name: one.type.compile(_DIALECTS[way.dialect]) for one in wanted}
    match way.dialect:
        case "postgresql":
            listed = ", ".join(f"{name} {kind}" for name, kind in types.items())
            query = f"SELECT * FROM json_to_recordset(CAST(:{_PARAMETER} AS JSON)) AS one({listed})"  # noqa: S608
            query += " LIMIT 1" if way.one else ""
        case "sqlite":
            listed = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in types)
            query = f"SELECT {listed} FROM json_each(:{_PARAMETER})"  # noqa: S608
        case _:
            listed = ", ".join(f"{name} {kind} PATH '$.{name}'" for name, kind in types.items())
            query = f"SELECT * FROM JSON_TABLE(:{_PARAMETER}, '$[*]' COLUMNS({listed})) AS one"  # noqa: S608
    typed = [column(one.name, one.type) for one in wanted]
    return text(query).bindparams(bindparam(_PARAMETER)).columns(*typed).subquery(_PARAMETER)


def given_rows(way: Way, rows: Sequence[object], names: Sequence[str], *keys: str) -> dict[str, Any]:
    """The parameters that go with it: these attributes of the rows. `keys`: those that the statement finds by
    `is_given`."""
    written = [{name: value for name in names if (value := getattr(row, name)) is not None} for row in rows]
    if way.dialect != "postgresql":
        for row in written:
            for name, value in row.items():
                if isinstance(value, datetime):
                    row[name] = value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    parameters: dict[str, Any] = {_PARAMETER: msgspec.json.encode(written).decode()}
    if _names_keys(way):
        parameters |= {_keys(key): [getattr(row, key) for row in rows] for key in keys}
    return parameters


def given_keys(way: Way, key: str, values: Sequence[str]) -> dict[str, Any]:
    """The parameters of a table with nothing but a key."""
    parameters: dict[str, Any] = {_PARAMETER: msgspec.json.encode([{key: value} for value in values]).decode()}
    return parameters | {_keys(key): values} if _names_keys(way) else parameters


def is_given(way: Way, key: ColumnElement[str], given: FromClause) -> ColumnElement[bool]:
    """That a row of a real table is among the given ones, found by its key.

    Of many, the keys stand in the statement as well, or the servers would rather read a table of some thousand rows
    from end to end, and MariaDB/MySQL locks all that it reads.
    """
    name = cast("Column[str]", key).name
    joined = key == given.c[name]
    if not _names_keys(way):
        return joined
    if way.dialect == "postgresql":
        return and_(joined, key == any_(bindparam(_keys(name), type_=postgresql.ARRAY(String))))
    return and_(joined, key.in_(bindparam(_keys(name), expanding=True)))


def _names_keys(way: Way) -> bool:
    return way.dialect != "sqlite" and not way.one


def _keys(name: str) -> str:
    return f"{_PARAMETER}_{name}s"
