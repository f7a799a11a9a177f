"""Copies a whole database into an empty one of any kind, and proves that both hold the same.

All or nothing: the rows come in one transaction of the target, which commits when every table has been read back with
the same count and checksum, and when nobody changed the source meanwhile.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import (
    URL,
    Column,
    Connection,
    CursorResult,
    MetaData,
    Numeric,
    Table,
    bindparam,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import create_async_engine

from aiworker.core.errors import Conflict, NotFound, Unavailable
from aiworker.storage.condition import condition_of
from aiworker.storage.migrate import current, revisions, upgrade
from aiworker.storage.sqlite import sqlite_engine
from aiworker.storage.troubles import DATABASE_ERRORS, in_our_words, not_opened
from aiworker.storage.types import UtcTimestamp
from aiworker.storage.urls import async_url, connect_arguments

T = TypeVar("T")
P = ParamSpec("P")
Row = dict[str, Any]

_ROWS_AT_ONCE = 1_000
_DIGEST_BYTES = 8


@dataclass(slots=True)
class TableCopy:
    """One table: how many rows, and a checksum of them that does not depend on their order."""

    table: str
    rows: int = 0
    _sum: int = field(default=0, repr=False)

    @property
    def checksum(self) -> str:
        """16 hexadecimal digits."""
        return f"{self._sum:016x}"

    def add(self, rows: Sequence[Row]) -> None:
        """Count these rows in."""
        for row in rows:
            values = repr([_plain(value) for value in row.values()]).encode()
            digest = hashlib.blake2b(values, digest_size=_DIGEST_BYTES)
            self._sum = (self._sum + int.from_bytes(digest.digest())) % 256**_DIGEST_BYTES
        self.rows += len(rows)


# Told after each portion: the table, how many of its rows are there, and how many it has.
Told = Callable[[str, int, int], None]


async def copy_database(source: URL, target: URL, catalogue: MetaData, told: Told) -> list[TableCopy]:
    """Copy every table of `catalogue` from `source` into `target`, which is made ready if it is quite empty.

    Raises: NotFound (no source), Conflict (the source is not of this version, damaged, or changed meanwhile; the target
    is not empty, or a row does not fit into it), Unavailable.
    """
    if source.set(drivername=source.get_backend_name()) == target.set(drivername=target.get_backend_name()):
        raise Conflict("The database cannot be copied onto itself; name another one.", code="same_database")
    await _check_source(source, catalogue)
    await _make_ready(target)
    async with _opened(source) as read, _opened(target, writes=True) as write:
        await write(_refuse_rows, catalogue)
        seen = await read(_version)
        copied = [await _copy_table(read, write, table, told) for table in catalogue.sorted_tables]
        for table in catalogue.sorted_tables:
            await _fill_in(read, write, table)
        for table, copy in zip(catalogue.sorted_tables, copied, strict=True):
            await _verify(write, table, copy)
        if await read(_version_now) != seen:
            raise Conflict(
                "The database was changed while it was copied, so nothing was kept; stop the server and copy again.",
                code="source_changed",
            )
    return copied


# --- before ---


async def _check_source(source: URL, catalogue: MetaData) -> None:
    condition = await condition_of(source, catalogue)
    if not condition.exists:
        raise NotFound(f"There is no database at {condition.where}.", code="source_missing")
    if condition.revision != condition.newest:
        raise Conflict("The database is not of this version; run `aiworker db upgrade` first.", code="source_outdated")
    if condition.problems:
        raise Conflict(f"The database is not whole: {condition.problems[0]}", code="source_damaged")


async def _make_ready(target: URL) -> None:
    revision = await current(target)
    if revision is None:
        async with _opened(target) as look:
            tables = await look(_tables)
        if tables:
            raise _not_empty(f"it has a table {tables[0]} of another program")
        await upgrade(target)
    elif revision != revisions()[-1]:
        raise _not_empty("it is an AiWorker's of another version")


def _tables(connection: Connection) -> list[str]:
    return sorted(inspect(connection).get_table_names())


def _refuse_rows(connection: Connection, catalogue: MetaData) -> None:
    for table in catalogue.sorted_tables:
        if connection.execute(select(1).select_from(table).limit(1)).first() is not None:
            raise _not_empty(f"{table.name} has rows")


def _not_empty(why: str) -> Conflict:
    return Conflict(f"The target is not empty ({why}); name an empty database.", code="target_not_empty")


# --- each table ---


async def _copy_table(read: "_Do", write: "_Do", table: Table, told: Told) -> TableCopy:
    total, copied, later = await read(_count, table), TableCopy(table.name), dict.fromkeys(_later_keys(table))
    with _stopped_at(table):
        async for rows in _portions(read, table):
            copied.add(rows)
            await write(_insert, table, [{**row, **later} for row in rows] if later else rows)
            told(table.name, copied.rows, total)
        await write(_go_on_counting, table)
    return copied


async def _fill_in(read: "_Do", write: "_Do", table: Table) -> None:
    """Write the keys between tables that refer to each other, now that the rows of both are there."""
    if keys := _later_keys(table):
        with _stopped_at(table):
            async for rows in _portions(read, table):
                if named := [row for row in rows if any(row[name] is not None for name in keys)]:
                    await write(_update, table, keys, named)


async def _verify(write: "_Do", table: Table, copied: TableCopy) -> None:
    back = TableCopy(table.name)
    async for rows in _portions(write, table):
        back.add(rows)
    if back != copied:
        raise Conflict(
            f"{table.name} is not the same in the target ({copied.rows} rows, checksum {copied.checksum}; there "
            f"{back.rows} and {back.checksum}), so nothing was kept.",
            code="copy_differs",
        )


async def _portions(read: "_Do", table: Table) -> AsyncIterator[list[Row]]:
    """All rows of a table as they are kept on every database."""
    result = await read(_all, table)
    while rows := await read(_next, result, table):
        yield rows


def _all(connection: Connection, table: Table) -> CursorResult[Any]:
    return connection.execute(select(table).execution_options(stream_results=True))


def _next(_connection: Connection, result: CursorResult[Any], table: Table) -> list[Row]:
    names = [column.name for column in table.c]
    scales = {column.name: scale for column in table.c if (scale := _scale(column)) is not None}
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchmany(_ROWS_AT_ONCE)]
    for row in rows:
        for name, scale in scales.items():
            if row[name] is not None:
                row[name] = round(float(row[name]), scale)
    return rows


def _scale(column: Column[Any]) -> int | None:
    """SQLite keeps more digits of a DECIMAL than were asked for; the servers do not."""
    return column.type.scale if isinstance(column.type, Numeric) else None


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _insert(connection: Connection, table: Table, rows: list[Row]) -> None:
    connection.execute(insert(table), rows)


def _later_keys(table: Table) -> list[str]:
    return [column.name for key in table.foreign_key_constraints if key.use_alter for column in key.columns]


def _update(connection: Connection, table: Table, keys: Sequence[str], rows: Sequence[Row]) -> None:
    ids = [column.name for column in table.primary_key]
    # The times as well, or MariaDB/MySQL would touch them.
    names = [*keys, *(column.name for column in table.c if isinstance(column.type, UtcTimestamp))]
    statement = (
        update(table)
        .where(*(table.c[name] == bindparam(f"this_{name}") for name in ids))
        .values({name: bindparam(f"new_{name}") for name in names})
    )
    changes = [
        {f"this_{name}": row[name] for name in ids} | {f"new_{name}": row[name] for name in names} for row in rows
    ]
    connection.execute(statement, changes)


def _go_on_counting(connection: Connection, table: Table) -> None:
    """The next id that is given out follows the last one. (SQLite and MariaDB/MySQL see to that themselves.)"""
    counted = table.autoincrement_column
    if connection.dialect.name == "postgresql" and counted is not None:
        statement = text(
            f"SELECT setval(pg_get_serial_sequence(:table, :column), max({counted.name})) FROM {table.name}"  # noqa: S608 (ours)
        )
        connection.execute(statement, {"table": table.name, "column": counted.name})


def _plain(value: object) -> object:
    """A value as it is on every database."""
    match value:
        case datetime():
            return value.isoformat()
        case dict() | list():
            return json.dumps(value, sort_keys=True, ensure_ascii=False)
        case float():
            # Not every database keeps a negative zero.
            return value + 0.0
        case str():
            # What is an enum here is a plain text, too.
            return str(value)
        case _:
            return value


@contextmanager
def _stopped_at(table: Table) -> Generator[None]:
    try:
        yield
    except DATABASE_ERRORS as error:
        ours = in_our_words(error)
        message = ours.message if ours is not None else "A row does not fit there."
        kind = Unavailable if isinstance(ours, Unavailable) else Conflict
        raise kind(f"The copy stopped at {table.name} and nothing was kept. {message}", code="copy_stopped") from error


# --- the two ends ---


class _Do(Protocol):
    """Runs a plain function on a connection, in one transaction that lasts as long as the copy."""

    def __call__(
        self, body: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Awaitable[T]: ...


@asynccontextmanager
async def _opened(url: URL, *, writes: bool = False) -> AsyncGenerator[_Do]:
    """One transaction on one snapshot; committed only if it `writes` and nothing went wrong. Raises: Unavailable."""
    try:
        async with _in_file(url, writes=writes) if url.get_backend_name() == "sqlite" else _on_server(url) as do:
            yield do
    except DATABASE_ERRORS as error:
        raise not_opened(error, url) from error


@asynccontextmanager
async def _in_file(url: URL, *, writes: bool) -> AsyncGenerator[_Do]:
    engine = sqlite_engine(url, begin="BEGIN IMMEDIATE" if writes else "BEGIN")
    connection = await asyncio.to_thread(engine.connect)

    async def do(body: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.to_thread(body, connection, *args, **kwargs)

    try:
        yield do
        await asyncio.to_thread(connection.commit)
    finally:
        await asyncio.to_thread(connection.close)
        engine.dispose()


@asynccontextmanager
async def _on_server(url: URL) -> AsyncGenerator[_Do]:
    engine = create_async_engine(
        async_url(url), pool_size=1, isolation_level="REPEATABLE READ", connect_args=connect_arguments(url)
    )
    try:
        async with engine.begin() as connection:

            async def do(body: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
                return await connection.run_sync(body, *args, **kwargs)

            yield do
    finally:
        await engine.dispose()


def _version(connection: Connection) -> int | None:
    """What a change by anybody else changes, in a SQLite file; a server's copy is of one snapshot, whatever comes."""
    if connection.dialect.name != "sqlite":
        return None
    connection.execute(text("SELECT count(*) FROM sqlite_master"))
    return connection.execute(text("PRAGMA data_version")).scalar_one()


def _version_now(connection: Connection) -> int | None:
    if connection.dialect.name == "sqlite":
        connection.commit()
    return _version(connection)
