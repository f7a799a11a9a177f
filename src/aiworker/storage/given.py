"""Rows that a statement brings along, read as a table: on PostgreSQL an array for each column, elsewhere one JSON.

So one statement changes or inserts many rows, each with its own values, in one round trip, and its text is the same for
any number of rows, so the database prepares it once. Arrays need no parsing: a batch costs PostgreSQL a sixth less.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Double,
    Enum,
    FromClause,
    Integer,
    Numeric,
    String,
    Subquery,
    Text,
    and_,
    bindparam,
    column,
    literal_column,
    text,
)
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.sql.elements import Grouping
from sqlalchemy.types import TypeEngine

from aiworker.storage.types import TextList

_PARAMETER = "given"
_MYSQL = mysql.dialect()


class Way(NamedTuple):
    """How a statement with given rows is written: for which database, and whether for one row and no more.

    PostgreSQL takes an array that it cannot see into for ten rows, finds so many by key, and plans once for all. For
    one row the statement says that there is no other.
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
    told = [bindparam(_PARAMETER)]
    match way.dialect:
        case "postgresql":
            told = [bindparam(_column(one.name), type_=postgresql.ARRAY(_told_as(one), dimensions=1)) for one in wanted]
            arrays, names = ", ".join(f":{one.key}" for one in told), ", ".join(one.name for one in wanted)
            listed = ", ".join(_read_as(one) for one in wanted)
            query = f"SELECT {listed} FROM unnest({arrays}) AS one({names})"  # noqa: S608
            query += " LIMIT 1" if way.one else ""
        case "sqlite":
            listed = ", ".join(f"json_extract(value, '$.{one.name}') AS {one.name}" for one in wanted)
            query = f"SELECT {listed} FROM json_each(:{_PARAMETER})"  # noqa: S608
        case _:
            types = {one.name: _told_in_json(one).compile(_MYSQL) for one in wanted}
            # MySQL would take NULL for what does not fit. MariaDB skips the comment, or it would read half as quickly.
            strictly = "/*!80000 ERROR ON ERROR */"
            listed = ", ".join(f"{name} {kind} PATH '$.{name}' {strictly}" for name, kind in types.items())
            query = f"SELECT * FROM JSON_TABLE(:{_PARAMETER}, '$[*]' COLUMNS({listed})) AS one"  # noqa: S608
    typed = [column(one.name, one.type) for one in wanted]
    return text(query).bindparams(*told).columns(*typed).subquery(_PARAMETER)


def given_rows(way: Way, rows: Sequence[object], names: Sequence[str], *keys: str) -> dict[str, Any]:
    """The parameters that go with it: these attributes of the rows. `keys`: those that the statement finds by
    `is_given`."""
    if way.dialect == "postgresql":
        return {_column(name): [getattr(row, name) for row in rows] for name in names}
    written = [{name: value for name in names if (value := getattr(row, name)) is not None} for row in rows]
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
    if way.dialect == "postgresql":
        return {_column(key): values}
    parameters: dict[str, Any] = {_PARAMETER: msgspec.json.encode([{key: value} for value in values]).decode()}
    return parameters | {_keys(key): values} if _names_keys(way) else parameters


def is_given(way: Way, key: ColumnElement[str], given: FromClause) -> ColumnElement[bool]:
    """That a row of a real table is among the given ones, found by its key.

    The key stands in the statement as well. PostgreSQL would rather read a table that was nearly empty when it planned;
    MariaDB/MySQL one of some thousand rows, and they lock all that they read.
    """
    name = cast("Column[str]", key).name
    joined = key == given.c[name]
    if way.one:
        told = Grouping(bindparam(_column(name), type_=postgresql.ARRAY(Text(), dimensions=1)))
        return and_(joined, key == told[literal_column("1", Integer)])
    if _names_keys(way):
        return and_(joined, key.in_(bindparam(_keys(name), expanding=True)))
    return joined


def _told_as(given: Column[Any]) -> TypeEngine[Any]:
    """What its array holds. A cast to a type with a length would cut off what is too long, where the column refuses it;
    lists in a list would be a second dimension; and the driver is slow with decimals."""
    match given.type:
        case Enum():
            return given.type
        case String():
            return Text()
        case TextList():
            return postgresql.JSONB(none_as_null=True)
        case Numeric():
            return Double()
        case other:
            return other


def _told_in_json(given: Column[Any]) -> TypeEngine[Any]:
    """MariaDB cuts here what is too long, without a word: with room for one character more, the column refuses it."""
    kind = given.type
    if isinstance(kind, String) and not isinstance(kind, Enum | Text) and kind.length is not None:
        return String(kind.length + 1)
    return kind


def _read_as(given: Column[Any]) -> str:
    if isinstance(given.type, TextList):
        items = f"ARRAY(SELECT jsonb_array_elements_text({given.name}))"
        return f"CASE WHEN {given.name} IS NOT NULL THEN {items} END AS {given.name}"
    return given.name


def _names_keys(way: Way) -> bool:
    return way.dialect == "mysql"


def _column(name: str) -> str:
    return f"{_PARAMETER}_{name}"


def _keys(name: str) -> str:
    return f"{_PARAMETER}_{name}s"
