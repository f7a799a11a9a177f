"""A SQLite database in memory that is asked in the caller's own thread: for simulations of many units of work.

The engine and its statements are the real ones; what is left out is the writer's thread, its groups and the disk.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine, make_url
from sqlalchemy.pool import StaticPool

from aiworker.core.clock import Clock, SteadyClock
from aiworker.storage.database import Database
from aiworker.storage.metadata import metadata
from aiworker.storage.transaction import Committed, Tx
from tests.support.databases import load_tables

T = TypeVar("T")


class InlineDatabase(Database):
    """New, with every table and no row."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(make_url("sqlite://"))
        load_tables()
        # One connection is the database.
        self._engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"isolation_level": None})
        metadata.create_all(self._engine)
        self._clock = SteadyClock(clock)
        self._connection: Connection = self._engine.connect()

    @property
    def connections(self) -> tuple[int, int]:
        """The one."""
        return 0, 1

    async def _write(self, body: Callable[[Tx], T], *, alone: bool) -> tuple[T, Committed]:
        tx = Tx(self._connection, clock=self._clock, writable=True)
        result = self._within(tx, body)
        return result, tx.committed

    async def _read(self, body: Callable[[Tx], T]) -> T:
        return self._within(Tx(self._connection, clock=self._clock, writable=False), body)

    def _within(self, tx: Tx, body: Callable[[Tx], Any]) -> Any:
        with self._connection.begin():
            self._connection.exec_driver_sql("BEGIN")
            result = body(tx)
            tx.flush()
            return result

    async def close(self) -> None:
        """Everything is gone."""
        self._connection.close()
        self._engine.dispose()
