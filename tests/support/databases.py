"""Fresh databases for tests: SQLite files, and databases of the private servers that are emptied and used again."""

import asyncio
import importlib
import os
import pkgutil
import tempfile
from collections import defaultdict
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

import aiworker
from aiworker.core.clock import Clock, utc_now
from aiworker.storage.database import Database, ServerDatabase, open_database
from aiworker.storage.metadata import metadata
from aiworker.storage.migrate import upgrade
from aiworker.storage.urls import async_url
from tests.support.servers import server_url

T = TypeVar("T")
Backend = Literal["sqlite", "postgresql", "mariadb"]
BACKENDS: tuple[Backend, ...] = ("sqlite", "postgresql", "mariadb")
SERVERS: tuple[Backend, ...] = ("postgresql", "mariadb")


def load_tables() -> None:
    """Import every `tables` module, so that the catalogue is whole."""
    for module in pkgutil.walk_packages(aiworker.__path__, "aiworker."):
        if module.name.endswith(".tables"):
            importlib.import_module(module.name)


def fresh_database(
    folder: Path, *, backend: Backend = "sqlite", clock: Clock | None = None, pool_size: int = 10
) -> Database:
    """A new database with every table and no row. SQLite's is made from the catalogue (a test holds the migrations
    against it), the servers' by the migrations. Without a clock it has its own time."""
    if backend == "sqlite":
        path = folder / "aiworker.db"
        path.write_bytes(_empty_database())
        return open_database(f"sqlite:///{path}", clock=clock or utc_now)
    return LentDatabase(backend, pool_size=pool_size, clock=clock)


class LentDatabase(ServerDatabase):
    """A server's database that somebody else gets, emptied, once it is closed."""

    def __init__(self, backend: Backend, *, pool_size: int, clock: Clock | None) -> None:
        self._backend: Backend = backend
        self.lent = _lend(backend)
        super().__init__(async_url(self.lent), pool_size=pool_size, clock=clock)

    async def close(self) -> None:
        """Let go of every connection, and give the database back."""
        await super().close()
        _idle[self._backend].append(self.lent)


def beside(database: Database, *, clock: Clock | None = None) -> Database:
    """The same database, as another process opens it. The caller closes it first."""
    return open_again(database.url, clock=clock)


def open_again(url: URL, *, clock: Clock | None = None) -> Database:
    """A database that is there, with a clock of the test's own if there is one."""
    if url.get_backend_name() == "sqlite":
        return open_database(url, clock=clock or utc_now)
    return ServerDatabase(async_url(url), pool_size=2, clock=clock)


def empty_server_database(backend: Backend) -> URL:
    """A new database on a server, without a table."""
    return in_a_thread(_create(backend))


def copy_of(url: URL) -> URL:
    """The same data in a new database of PostgreSQL; nobody may be connected to the old one."""
    return in_a_thread(_create("postgresql", template=url.database))


def migrated_engine(folder: Path) -> Engine:
    """A plain engine on a new SQLite database that was made by the migrations, for tests of the schema itself."""
    url = f"sqlite:///{folder / 'aiworker.db'}"
    asyncio.run(upgrade(url))
    return create_engine(url)


@cache
def _empty_database() -> bytes:
    """Made once in each process: making tables costs a second, copying them nothing."""
    load_tables()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        engine = create_engine(f"sqlite:///{path}")
        metadata.create_all(engine)
        engine.dispose()
        return path.read_bytes()


_idle: dict[Backend, list[URL]] = defaultdict(list)
_made = 0


def _lend(backend: Backend) -> URL:
    if _idle[backend]:
        url = _idle[backend].pop()
        in_a_thread(_wipe(url))
        return url
    load_tables()
    url = empty_server_database(backend)
    in_a_thread(upgrade(url))
    return url


async def _create(backend: Backend, *, template: str | None = None) -> URL:
    global _made  # noqa: PLW0603 (a counter of this process)
    _made += 1
    url = make_url(server_url(backend))
    name = f"aiworker_{os.getpid()}_{_made}"
    engine = create_async_engine(async_url(url), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else "")))
    await engine.dispose()
    return url.set(database=name)


async def _wipe(url: URL) -> None:
    engine = create_async_engine(async_url(url))
    async with engine.begin() as connection:
        await connection.run_sync(_delete_all)
    await engine.dispose()


def _delete_all(connection: Connection) -> None:
    relaxed = {"postgresql": "session_replication_role = replica"}.get(
        connection.dialect.name, "foreign_key_checks = 0"
    )
    connection.exec_driver_sql(f"SET {relaxed}")
    for table in metadata.sorted_tables:
        connection.execute(table.delete())


def in_a_thread(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end, also where a loop runs already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
