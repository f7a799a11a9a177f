"""Brings a database's schema to where this program is, and tells whether it is there."""

import asyncio
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Column, Connection, MetaData, event, inspect, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from aiworker.core.errors import Conflict, Unavailable
from aiworker.storage.database import sqlite_engine
from aiworker.storage.metadata import metadata as catalogue
from aiworker.storage.urls import async_url

T = TypeVar("T")

_HERE = Path(__file__).parent / "migrations"
VERSIONS = _HERE / "versions"
# One upgrade at a time, also when several replicas start together.
_LOCK = 0x41695765


def revisions(versions: Path = VERSIONS) -> list[str]:
    """Every revision of this program, oldest first."""
    return [script.revision for script in reversed(list(_scripts(versions).walk_revisions()))]


async def current(url: str | URL) -> str | None:
    """The revision of a database; None if it has no tables of ours. Raises: Unavailable."""
    return await _run(make_url(url), _current)


async def upgrade(url: str | URL, *, versions: Path = VERSIONS) -> list[str]:
    """Bring a database to the newest revision; the revisions that were missing. Repeating it is safe.

    On SQLite and PostgreSQL it is done whole or not at all.

    Raises: Conflict if a newer program has already changed the database; Unavailable if it cannot be opened.
    """
    return await _run(make_url(url), lambda connection: _upgrade(connection, versions))


async def check(url: str | URL, metadata: MetaData, *, versions: Path = VERSIONS) -> list[str]:
    """How a database differs from what this program expects, a sentence each; empty if it does not."""
    return await _run(make_url(url), lambda connection: _check(connection, metadata, versions))


def _scripts(versions: Path) -> ScriptDirectory:
    return ScriptDirectory(str(_HERE), version_locations=[str(versions)])


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection, versions: Path) -> list[str]:
    _lock(connection)
    scripts, before, known = _scripts(versions), _current(connection), revisions(versions)
    if before is not None and before not in known:
        raise Conflict(
            f"The database was changed by a newer AiWorker (revision {before}); start that one.", code="database_newer"
        )
    missing = known if before is None else known[known.index(before) + 1 :]
    if missing:

        def steps(revision: Any, _context: MigrationContext) -> Any:
            return scripts._upgrade_revs("head", revision)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] (as `alembic upgrade` does)

        with EnvironmentContext(Config(), scripts, fn=steps, destination_rev="head") as environment:
            environment.configure(connection=connection, target_metadata=catalogue, compare_type=True)
            environment.run_migrations()
    return missing


def _lock(connection: Connection) -> None:
    # SQLite: the transaction began with BEGIN IMMEDIATE.
    match connection.dialect.name:
        case "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        case "mysql" | "mariadb":
            if connection.execute(text("SELECT GET_LOCK('aiworker.upgrade', 600)")).scalar() != 1:
                raise Unavailable("Another upgrade of the database does not end.", code="upgrade_under_way")
        case _:
            pass


def _check(connection: Connection, metadata: MetaData, versions: Path) -> list[str]:
    now, newest = _current(connection), revisions(versions)[-1:]
    problems = [] if [now] == newest else [f"The database is at revision {now}, this program at {newest[0]}."]
    # What an index over an expression is made of cannot be read back everywhere: these are looked for by name.
    by_name = {
        (table.name, str(index.name))
        for table in metadata.sorted_tables
        for index in table.indexes
        if not all(isinstance(part, Column) for part in index.expressions)
    }
    names = {name for _, name in by_name}

    def comparable(_object: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
        return kind != "index" or name not in names

    options = {"target_metadata": metadata, "compare_type": True, "include_object": comparable}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="autogenerate skipping")
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    problems += [_sentence(difference) for difference in differences]
    inspector = inspect(connection)
    there = {
        (table, index["name"])
        for table in {table for table, _ in by_name} & set(inspector.get_table_names())
        for index in inspector.get_indexes(table)
    }
    return problems + [f"The index {table}.{name} is missing." for table, name in sorted(by_name - there)]


def _sentence(difference: Any) -> str:
    # A changed column comes as a list of changes, everything else as one tuple: what is to be done, then to what.
    change: Sequence[Any] = difference[0] if isinstance(difference, list) else difference
    done = str(change[0])
    if done.startswith("modify_"):
        return f"{change[2]}.{change[3]}: its {done.removeprefix('modify_')} is not what is expected."
    verb, _, noun = done.partition("_")
    thing = change[-1]
    table = getattr(thing, "table", None)
    name = getattr(thing, "name", thing)
    where = f"{table.name}.{name}" if table is not None else str(name)
    return f"The {noun.replace('_', ' ')} {where} is {'missing' if verb == 'add' else 'not expected'}."


async def _run(url: URL, body: Callable[[Connection], T]) -> T:
    try:
        if url.get_backend_name() == "sqlite":
            return await asyncio.to_thread(_run_sqlite, url, body)
        return await _run_server(url, body)
    except (DBAPIError, OSError) as error:
        raise Unavailable("The database cannot be opened or changed.", code="database_unavailable") from error


def _run_sqlite(url: URL, body: Callable[[Connection], T]) -> T:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = sqlite_engine(url, begin="BEGIN IMMEDIATE")

    @event.listens_for(engine, "connect")
    def let_tables_be_rebuilt(dbapi_connection: Any, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        dbapi_connection.execute("PRAGMA foreign_keys=OFF")

    try:
        with engine.begin() as connection:
            result = body(connection)
            if (broken := connection.execute(text("PRAGMA foreign_key_check")).first()) is not None:
                raise Conflict(f"Rows of {broken[0]} refer to rows that are gone.", code="database_broken")
            return result
    finally:
        engine.dispose()


async def _run_server(url: URL, body: Callable[[Connection], T]) -> T:
    engine = create_async_engine(async_url(url), pool_size=1)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(body)
    finally:
        await engine.dispose()
