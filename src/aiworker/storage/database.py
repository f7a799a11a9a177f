"""The door to the database: `write` and `read` run a unit of work.

SQLite: one writer thread with BEGIN IMMEDIATE that commits in groups, and a few reader threads (WAL, so neither waits
for the other). Servers: SQLAlchemy's asynchronous engine, the body in a greenlet.
"""

import asyncio
import queue
import random
import threading
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import msgspec
from sqlalchemy import URL, event, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import QueuePool
from sqlalchemy.util import greenlet_spawn

from aiworker.core.clock import Clock, SteadyClock, utc_now
from aiworker.core.errors import Unavailable
from aiworker.core.logging import get_logger
from aiworker.storage.savepoints import savepoint
from aiworker.storage.sqlite import Checkpoints, sqlite_engine
from aiworker.storage.transaction import OUTBOX_TOPIC, Committed, Tx
from aiworker.storage.troubles import (
    DATABASE_ERRORS,
    in_our_words,
    is_lost,
    is_transient,
    leave_who_reads_only,
    reason_of,
    spoils_the_unit,
)
from aiworker.storage.urls import async_url, connect_arguments

_log = get_logger(__name__)

T = TypeVar("T")
P = ParamSpec("P")
Body = Callable[[Tx], Any]
CommitListener = Callable[[Committed], None]
CacheDropper = Callable[[Collection[str]], Awaitable[None]]

_GROUP = 64
_READERS = 4
_ATTEMPTS = 5
_POOL_WAIT_SECONDS = 30.0


async def _told(work: Awaitable[T]) -> T:
    """What a database complains of reaches the caller in our own words."""
    try:
        return await work
    except DATABASE_ERRORS as error:
        ours = in_our_words(error)
        if ours is None:
            raise
        if isinstance(ours, Unavailable):
            _log.warning("database_trouble", code=ours.code, reason=reason_of(error))
        raise ours from error


async def _to_the_end(work: Awaitable[T]) -> T:
    """Whoever is cancelled meanwhile leaves when it is done."""
    doing = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        await asyncio.wait({doing})
        raise


class Database(ABC):
    """A database that runs units of work.

    `on_commit` is told after each commit, in the event loop. `drop_cached` is waited for before a change of what is
    cached is answered.
    """

    def __init__(self, url: URL) -> None:
        self.url = url
        self.on_commit: CommitListener | None = None
        self.drop_cached: CacheDropper | None = None

    async def write(self, body: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `body(tx, …)` and commit; when this returns, the change is on disk, and nobody is told what was before.

        The body may run more than once (deadlock, serialization failure, a connection that broke before the commit),
        so it touches nothing but the `tx`.

        Raises: what the body raises, after a rollback; Conflict or Invalid if the database refuses what it wrote;
        Unavailable if the database does not answer.
        """

        return await self._written(lambda tx: body(tx, *args, **kwargs), alone=False)

    async def write_alone(self, body: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for a body that is a single act: what it concludes (`Tx.conclude`) may be committed there and then.

        Raises: as `write`.
        """
        return await self._written(lambda tx: body(tx, *args, **kwargs), alone=True)

    async def _written(self, body: Callable[[Tx], T], *, alone: bool) -> T:
        result, committed = await _told(self._write(body, alone=alone))
        await self._leave(committed)
        if committed.topics - {OUTBOX_TOPIC}:
            # Those who were woken go first: their next statements are on their way while this one is answered.
            await asyncio.sleep(0)
        return result

    async def _leave(self, committed: Committed) -> None:
        """Nobody is told any more what was before, also if the caller is cancelled; then everybody hears of it."""
        try:
            await self._drop(committed)
        except Unavailable as error:
            # It is done. Who took this for a refusal would do it twice.
            raise _in_doubt() from error
        finally:
            if self.on_commit is not None:
                self.on_commit(committed)

    async def _drop(self, perhaps: Committed) -> None:
        if perhaps.dropped and self.drop_cached is not None:
            await _to_the_end(self.drop_cached(perhaps.dropped))

    async def read(self, body: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `body(tx, …)` on one consistent snapshot, without writing. Raises: as `write`."""

        def bound(tx: Tx) -> T:
            return body(tx, *args, **kwargs)

        return await _told(self._read(bound))

    async def ping(self) -> None:
        """Ask the database for a sign of life. Raises: Unavailable."""
        await self.read(lambda tx: tx.scalar(text("SELECT 1")))

    @property
    @abstractmethod
    def connections(self) -> tuple[int, int]:
        """How many connections are in use now, and how many there may be."""

    @abstractmethod
    async def _write(self, body: Callable[[Tx], T], *, alone: bool) -> tuple[T, Committed]: ...

    @abstractmethod
    async def _read(self, body: Callable[[Tx], T]) -> T: ...

    @abstractmethod
    async def close(self) -> None:
        """Finish what is under way and let go of every connection."""


@dataclass(slots=True)
class _Job:
    body: Body
    done: Future[tuple[Any, Committed]]


class SqliteDatabase(Database):
    """SQLite in one process: a single writer that commits in groups, and readers beside it."""

    def __init__(self, url: URL, *, clock: Clock = utc_now) -> None:
        super().__init__(url)
        self._clock = SteadyClock(clock)
        self._writer_engine = sqlite_engine(url, begin="BEGIN IMMEDIATE")
        self._reader_engine = sqlite_engine(url, begin="BEGIN", pool_size=_READERS)
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="db-read")
        self._checkpoints = Checkpoints(Path(url.database or ""))
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write_forever, name="db-write", daemon=True)
        self._writer.start()

    @property
    def connections(self) -> tuple[int, int]:
        """The readers' (the writer has one for itself)."""
        pool = self._reader_engine.pool
        return (pool.checkedout() if isinstance(pool, QueuePool) else 0), _READERS

    async def _write(self, body: Callable[[Tx], T], *, alone: bool) -> tuple[T, Committed]:  # noqa: ARG002
        job = _Job(body, Future())
        self._jobs.put(job)
        done = asyncio.wrap_future(job.done)
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            # It is never begun; or else it is over, as if nobody had been cancelled, before the caller goes on.
            if not job.done.cancel():
                with suppress(Exception):
                    await self._leave((await done)[1])
            raise

    async def _read(self, body: Callable[[Tx], T]) -> T:
        def run() -> T:
            with self._reader_engine.connect() as connection, connection.begin():
                return body(Tx(connection, clock=self._clock, writable=False))

        return await asyncio.get_running_loop().run_in_executor(self._readers, run)

    async def close(self) -> None:
        """Finish what is queued, then close."""
        self._jobs.put(None)
        await asyncio.get_running_loop().run_in_executor(None, self._stop)
        self._readers.shutdown()
        self._reader_engine.dispose()
        self._writer_engine.dispose()

    def _stop(self) -> None:
        self._writer.join()
        self._checkpoints.close()

    def _write_forever(self) -> None:
        while (first := self._jobs.get()) is not None:
            group, last = self._gather(first)
            self._commit_group([job for job in group if job.done.set_running_or_notify_cancel()])
            if last:
                return

    def _gather(self, first: _Job) -> tuple[list[_Job], bool]:
        group = [first]
        while len(group) < _GROUP:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return group, False
            if job is None:
                return group, True
            group.append(job)
        return group, False

    def _commit_group(self, group: list[_Job]) -> None:
        outcomes: list[tuple[_Job, Any, Committed]] = []
        try:
            with self._writer_engine.begin() as connection:
                for job in group:
                    tx = Tx(connection, clock=self._clock, writable=True)
                    try:
                        with savepoint(connection):
                            result = job.body(tx)
                            tx.flush()
                    except Exception as error:
                        job.done.set_exception(error)
                        if spoils_the_unit(error):
                            raise
                    else:
                        outcomes.append((job, result, tx.committed))
        except Exception as error:  # noqa: BLE001 (opening, BEGIN or COMMIT failed: every caller is told)
            for job in group:
                if not job.done.done():
                    unavailable = Unavailable("The database could not commit; try again.", code="database_unavailable")
                    unavailable.__cause__ = error
                    job.done.set_exception(unavailable)
            return
        self._checkpoints.committed()
        for job, result, committed in outcomes:
            job.done.set_result((result, committed))


class ServerDatabase(Database):
    """PostgreSQL (asyncpg) or MariaDB/MySQL (asyncmy). Writing: READ COMMITTED; reading: REPEATABLE READ, a snapshot.

    What failed for others' sake (deadlock, serialization failure, a connection that broke before the commit) is run
    again. Time is the server's; only tests bring a clock of their own.
    """

    def __init__(
        self, url: URL, *, pool_size: int, clock: Clock | None = None, pool_wait_seconds: float = _POOL_WAIT_SECONDS
    ) -> None:
        super().__init__(url)
        self._clock = SteadyClock(clock) if clock else None
        self._engine = create_async_engine(
            url,
            isolation_level="READ COMMITTED",
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=pool_wait_seconds,
            pool_recycle=1800,
            # The same few connections work as long as they suffice: they have every statement prepared.
            pool_use_lifo=True,
            connect_args=connect_arguments(url),
            **_json_of(url),
        )
        event.listen(self._engine.sync_engine, "handle_error", leave_who_reads_only)

    @property
    def connections(self) -> tuple[int, int]:
        """Those of the pool."""
        pool = self._engine.pool
        return (pool.checkedout(), pool.size()) if isinstance(pool, QueuePool) else (0, 0)

    async def _write(self, body: Callable[[Tx], T], *, alone: bool) -> tuple[T, Committed]:
        doubtful: list[Committed] = []

        def attempt() -> tuple[T, Committed]:
            with self._engine.sync_engine.connect() as connection:
                connection.begin()
                tx = Tx(connection, clock=self._clock, writable=True, alone=alone)
                try:
                    result = body(tx)
                    tx.flush()
                    tx.in_doubt = True
                    connection.commit()
                except BaseException as error:
                    if tx.in_doubt:
                        doubtful.append(tx.committed)
                    if isinstance(error, DATABASE_ERRORS) and (tx.concluded or (tx.in_doubt and is_lost(error))):
                        raise _in_doubt() from error
                    raise
                return result, tx.committed

        try:
            return await self._patiently(attempt)
        finally:
            for perhaps in doubtful:
                with suppress(Unavailable):
                    await self._drop(perhaps)

    async def _read(self, body: Callable[[Tx], T]) -> T:
        def attempt() -> T:
            with self._engine.sync_engine.connect() as connection:
                if connection.dialect.name == "postgresql":
                    connection.execution_options(isolation_level="REPEATABLE READ")
                    connection.begin()
                else:
                    connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                return body(Tx(connection, clock=self._clock, writable=False))

        return await self._patiently(attempt)

    async def _patiently(self, attempt: Callable[[], T]) -> T:
        for number in range(1, _ATTEMPTS):
            try:
                return await greenlet_spawn(attempt)
            except DATABASE_ERRORS as error:
                if not (is_transient(error) or is_lost(error)):
                    raise
            # A random pause, so that two units of work that collided do not collide again.
            await asyncio.sleep(random.uniform(0.5, 1.5) * 0.01 * 2**number)  # noqa: S311 (no secret)
        return await greenlet_spawn(attempt)

    async def close(self) -> None:
        """Let go of every connection."""
        await self._engine.dispose()


def _json_of(url: URL) -> dict[str, Any]:
    """How JSON goes in and comes out, several times as quickly as by Python's own library. Only where it is not kept as
    it was written: on the other databases texts are compared with those of earlier versions."""
    if url.get_backend_name() != "postgresql":
        return {}
    return {"json_serializer": _to_json, "json_deserializer": msgspec.json.decode}


def _to_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _in_doubt() -> Unavailable:
    return Unavailable(
        "The connection to the database broke during the commit; look whether it was done before you try again.",
        code="commit_in_doubt",
    )


def open_database(url: str | URL, *, pool_size: int = 10, clock: Clock = utc_now) -> Database:
    """Open the database that a URL names: `sqlite:///FILE`, `postgresql://…`, `mysql://…` or `mariadb://…`.

    `clock` is what SQLite, which has no clock of microseconds, uses for its own; the servers have theirs.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return SqliteDatabase(parsed, clock=clock)
    return ServerDatabase(async_url(parsed), pool_size=pool_size)
