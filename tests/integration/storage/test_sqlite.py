"""The log of a SQLite database is taken over into its file beside the commits, not within them."""

import sqlite3
import subprocess
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import insert

from aiworker.core.errors import Unavailable
from aiworker.engine.queues.tables import queues
from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx
from tests.support.databases import fresh_database
from tests.support.story import until


def add(tx: Tx, name: str) -> None:
    tx.execute(insert(queues).values(name=name, paused=False))


def in_the_file_alone(database: Database, folder: Path) -> set[str]:
    """What a copy without the log holds."""
    alone = folder / "alone.db"
    # By another process: one that closes the file loses all the locks that it has on it.
    subprocess.run(["cp", database.url.database or "", alone], check=True)
    with closing(sqlite3.connect(f"file:{alone}?immutable=1", uri=True)) as connection:
        return {str(name) for (name,) in connection.execute("SELECT name FROM queues")}


@contextmanager
def held(database: Database) -> Generator[None]:
    """A reader of another process that stays in the middle of a transaction."""
    with closing(sqlite3.connect(database.url.database or "", isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM queues").fetchone()
        yield
        other.execute("ROLLBACK")


async def test_what_was_committed_reaches_the_file_while_the_database_stays_open(tmp_path: Path) -> None:
    database = fresh_database(tmp_path, backend="sqlite")
    await database.write(add, "first")
    await until(lambda: "first" in in_the_file_alone(database, tmp_path), what="the first in the file")
    await database.write(add, "second")
    await until(lambda: "second" in in_the_file_alone(database, tmp_path), what="the second in the file")
    await database.close()


async def test_what_a_reader_kept_out_of_the_file_follows_with_the_next_commit(tmp_path: Path) -> None:
    database = fresh_database(tmp_path, backend="sqlite")
    await database.write(add, "first")
    with held(database):
        await database.write(add, "held back")
    await database.write(add, "later")
    await until(lambda: {"held back", "later"} <= in_the_file_alone(database, tmp_path), what="both in the file")
    await database.close()


async def test_a_file_that_cannot_be_opened_yet_is_told_and_tried_again(tmp_path: Path) -> None:
    database = fresh_database(tmp_path, backend="sqlite")
    # A new file becomes one with a log, for which nobody else may have it open.
    with held(database), pytest.raises(Unavailable) as refused:
        await database.write(add, "too early")
    assert refused.value.code == "database_unavailable"
    await database.write(add, "first")
    await until(lambda: in_the_file_alone(database, tmp_path) == {"first"}, what="the first in the file")
    await database.close()
