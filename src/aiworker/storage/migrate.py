"""Brings a database's schema to where this program is, and tells whether it is there."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, MetaData, event, inspect, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from aiworker.core.errors import Conflict, Unavailable
from aiworker.storage.differences import differences
from aiworker.storage.metadata import metadata as catalogue
from aiworker.storage.sqlite import sqlite_engine
from aiworker.storage.troubles import DATABASE_ERRORS, not_opened
from aiworker.storage.urls import async_url, connect_arguments

T = TypeVar("T")

_HERE = Path(__file__).parent / "migrations"
VERSIONS = _HERE / "versions"
# One upgrade at a time, also when several replicas start together.
_LOCK = 0x41695765
_PATIENCE_SECONDS = 600
_COLLATION = "utf8mb4_bin"


def revisions(versions: Path = VERSIONS) -> list[str]:
    """Every revision of this program, oldest first."""
    return [script.revision for script in reversed(list(_scripts(versions).walk_revisions()))]


async def current(url: str | URL) -> str | None:
    """The revision of a database; None if it has no tables of ours. Raises: Unavailable."""
    return await _run(make_url(url), _current)


async def upgrade(url: str | URL, *, versions: Path = VERSIONS) -> list[str]:
    """Bring a database to the newest revision; the revisions that were missing. Repeating it is safe.

    On SQLite and PostgreSQL it is done whole or not at all; on MariaDB/MySQL one that was cut short goes on where it
    was. A database of the coding half that another program made on MariaDB/MySQL is adopted, with every row.

    Raises: Conflict if a newer program has already changed the database, or rows stand in the way; Unavailable if it
    cannot be opened or changed.
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
    with _alone(connection):
        scripts, before, known = _scripts(versions), _current(connection), revisions(versions)
        if before is not None and before not in known:
            raise Conflict(
                f"The database was changed by a newer AiWorker (revision {before}); start that one.",
                code="database_newer",
            )
        missing = known if before is None else known[known.index(before) + 1 :]
        if missing:
            if before is None:
                _refuse_strangers(connection)
            _settle_characters(connection)
            _take_steps(connection, scripts)
        return missing


def _take_steps(connection: Connection, scripts: ScriptDirectory) -> None:
    def steps(revision: Any, _context: MigrationContext) -> Any:
        return scripts._upgrade_revs("head", revision)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] (as `alembic upgrade` does)

    with EnvironmentContext(Config(), scripts, fn=steps, destination_rev="head") as environment:
        # Where DDL does not roll back, each revision is on record as soon as it is done.
        environment.configure(
            connection=connection, target_metadata=catalogue, compare_type=True, transaction_per_migration=True
        )
        environment.run_migrations()


@contextmanager
def _alone(connection: Connection) -> Generator[None]:
    """While an upgrade is under way, others wait; what they then find is done."""
    # SQLite: the transaction began with BEGIN IMMEDIATE.
    match connection.dialect.name:
        case "postgresql":
            connection.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE_SECONDS}s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            yield
        case "mysql":
            # A lock of the session, not of the transaction, which each DDL statement ends. Its name is the server's.
            name = connection.execute(text("SELECT CONCAT('aiworker.', LEFT(SHA2(DATABASE(), 256), 40))")).scalar()
            if connection.execute(text("SELECT GET_LOCK(:name, :seconds)"), _lock_of(name)).scalar() != 1:
                raise Unavailable("Another upgrade of the database does not end.", code="upgrade_under_way")
            try:
                yield
                # What is on record must be seen by the one who is let in next.
                connection.commit()
            finally:
                with suppress(DBAPIError):
                    connection.rollback()
                    connection.execute(text("SELECT RELEASE_LOCK(:name)"), {"name": name})
        case _:
            yield


def _lock_of(name: object) -> dict[str, object]:
    return {"name": name, "seconds": _PATIENCE_SECONDS}


def _settle_characters(connection: Connection) -> None:
    """Texts are kept whole and compared exactly, as on the other databases, whatever the server's own default."""
    if connection.dialect.name == "mysql":
        collation = connection.execute(text("SELECT @@collation_database")).scalar()
        if collation != _COLLATION:
            connection.exec_driver_sql(f"ALTER DATABASE CHARACTER SET utf8mb4 COLLATE {_COLLATION}")


def _refuse_strangers(connection: Connection) -> None:
    """Only MariaDB/MySQL has databases of the coding half to adopt."""
    if connection.dialect.name == "mysql":
        return
    taken = sorted(set(inspect(connection).get_table_names()) & set(catalogue.tables))
    if taken:
        raise Conflict(
            f"The database has tables by the names of AiWorker's, but of another program: {', '.join(taken[:5])};"
            " name an empty database.",
            code="database_not_empty",
        )


def _check(connection: Connection, metadata: MetaData, versions: Path) -> list[str]:
    now, newest = _current(connection), revisions(versions)[-1:]
    problems = [] if [now] == newest else [f"The database is at revision {now}, this program at {newest[0]}."]
    return problems + differences(connection, metadata)


async def _run(url: URL, body: Callable[[Connection], T]) -> T:
    if url.get_backend_name() == "sqlite":
        try:
            return await asyncio.to_thread(_run_sqlite, url, body)
        except (DBAPIError, OSError) as error:
            raise Unavailable("The database cannot be opened or changed.", code="database_unavailable") from error
    try:
        return await _run_server(url, body)
    except DATABASE_ERRORS as error:
        raise not_opened(error, url) from error


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
    engine = create_async_engine(
        async_url(url), pool_size=1, isolation_level="READ COMMITTED", connect_args=connect_arguments(url)
    )
    try:
        async with engine.connect() as connection:
            result = await connection.run_sync(body)
            await connection.commit()
            return result
    finally:
        await engine.dispose()
