"""Fills a database fast: rows that the program wrote itself are copied, table by table, thousands in one statement.

It knows no more of the tables than which columns are keys, so it fits whatever the catalogue holds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    cast,
    create_engine,
    insert,
    literal,
    make_url,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import create_async_engine
from tests.support.databases import load_tables

from aiworker.storage.metadata import metadata
from aiworker.storage.urls import async_url, connect_arguments

T = TypeVar("T")
Words = ColumnElement[str]
Made = Callable[[Words], Any]

_AT_ONCE = 10_000
# Numbers of the same length sort as text as they do as numbers.
_FIRST = 100_000_000_000
_MOMENTS = ("age", "created_at", "updated_at", "started_at", "completed_at")

load_tables()
_numbers = Table("bench_numbers", MetaData(), Column("i", Integer, primary_key=True, autoincrement=False))


@dataclass(frozen=True, slots=True)
class Original:
    """Rows to be copied: those of `tables` in which `column` is `value`.

    `keys`: what a copy has instead, made from the text of its number; `fixed`: what all of them have instead.
    """

    tables: Sequence[str]
    column: str
    value: str
    keys: Mapping[str, Made]
    fixed: Mapping[str, Any] = field(default_factory=dict[str, Any])


def robot(robot_id: str, prefix: str, *, keys: Mapping[str, Made] | None = None, **fixed: Any) -> Original:
    """A robot and its executions, with everything that hangs on it by `robot_id`."""
    made: dict[str, Made] = {
        "robot_id": lambda number: literal(prefix) + number,
        "execute_id": lambda number: literal(prefix) + number,
        "lease_token": lambda number: literal(prefix) + number,
        **(keys or {}),
    }
    tables = [table.name for table in metadata.sorted_tables if "robot_id" in table.c and table.name != "tasks"]
    return Original(tables, "robot_id", robot_id, made, fixed)


def task(task_id: str, prefix: str, key: str, **fixed: Any) -> Original:
    """A task and its timeline, for robots that were copied with the same prefix."""
    made: dict[str, Made] = {
        "id": uuid,
        "task_id": uuid,
        "task_key": lambda number: literal(key) + number,
        "robot_id": lambda number: literal(prefix) + number,
    }
    return Original(["tasks"], "id", task_id, made, fixed)


def uuid(number: Words) -> Words:
    """Something that looks like one."""
    return literal("00000000-0000-7000-8000-") + number


async def fill(url: str, originals: Sequence[Original], count: int, *, start: int = 0) -> None:
    """`count` copies of each, numbered from `start`, the first ones the oldest."""

    def copy(connection: Connection) -> None:
        _numbers.create(connection)
        connection.execute(insert(_numbers), [{"i": i} for i in range(_AT_ONCE)])
        connection.commit()
        now = datetime.now().astimezone()
        for first in range(start, start + count, _AT_ONCE):
            size = min(_AT_ONCE, start + count - first)
            at = now - timedelta(seconds=start + count - first)
            for original in originals:
                for name in original.tables:
                    _copy(connection, metadata.tables[name], original, first=first, size=size, at=at)
            connection.commit()
        _numbers.drop(connection)
        connection.commit()

    await on(url, copy)


async def on(url: str, body: Callable[[Connection], T]) -> T:
    """Run `body` on a connection of its own."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed)
        with engine.connect() as connection:
            result = body(connection)
        engine.dispose()
        return result
    server = create_async_engine(async_url(parsed), connect_args=connect_arguments(parsed))
    async with server.connect() as connected:
        result = await connected.run_sync(body)
    await server.dispose()
    return result


def _copy(connection: Connection, table: Table, original: Original, *, first: int, size: int, at: datetime) -> None:
    source = table.alias("original")
    number = cast(_numbers.c.i + literal(_FIRST + first), String(12))
    postgresql = connection.dialect.name == "postgresql"

    def value(column: Column[Any]) -> Any:
        if column.name in original.keys:
            made = original.keys[column.name](number)
            return cast(made, JSONB) if postgresql and column.name == "input_data" else made
        if column.name in original.fixed:
            return literal(original.fixed[column.name], column.type)
        if column.name in _MOMENTS and not column.nullable:
            return literal(at, column.type)
        return source.c[column.name]

    columns = [column for column in table.c if column.autoincrement is not True]
    copies = (
        select(*(value(column) for column in columns))
        .select_from(source.join(_numbers, _numbers.c.i < size))
        .where(source.c[original.column] == original.value)
    )
    connection.execute(insert(table).from_select([column.name for column in columns], copies, include_defaults=False))
