"""SQLite: connections with our pragmas, and the log of what was committed taken over into the file meanwhile."""

import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool, QueuePool

_BUSY_SECONDS = 15
# 32 MB. A writer that is faster than the checkpoints takes the log over by itself, as without them.
_LOG_PAGES = 8_000
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    f"wal_autocheckpoint={_LOG_PAGES}",
    "foreign_keys=ON",
    "temp_store=MEMORY",
)
_EVERY_SECONDS = 1.0


def sqlite_engine(url: URL, *, begin: str, pool_size: int = 1) -> Engine:
    """A SQLite engine with our pragmas, whose transactions start with `begin`.

    `synchronous=FULL`: in WAL mode that is what makes an acknowledged commit survive a power cut, too.
    """
    in_file = bool(url.database)
    engine = create_engine(
        url.set(drivername="sqlite"),
        poolclass=QueuePool if in_file else NullPool,
        pool_size=pool_size,
        max_overflow=0,
        connect_args={"check_same_thread": False, "timeout": _BUSY_SECONDS},
    )

    @event.listens_for(engine, "connect")
    def set_up(dbapi_connection: Any, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.exec_driver_sql(begin)

    return engine


class Checkpoints:
    """Takes the log over into the database's file, at most once a second, in a thread and on a connection of its own.

    SQLite itself does it within a commit, at every thousandth page: one commit in some forty waits until a thousand
    pages are written all over the file.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._due = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._take_over, name="db-checkpoint", daemon=True)
        self._thread.start()

    def committed(self) -> None:
        """Something is in the log."""
        self._due.set()

    def close(self) -> None:
        """Finish what is under way."""
        self._over.set()
        self._due.set()
        self._thread.join()

    def _take_over(self) -> None:
        while self._due.wait() and not self._over.wait(_EVERY_SECONDS):
            self._due.clear()
            # What is wrong with the file is told by the writer, to somebody.
            with suppress(sqlite3.Error), closing(sqlite3.connect(self._file, isolation_level=None)) as connection:
                # PASSIVE: nobody waits for it; what a reader still needs is left for the next time.
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
