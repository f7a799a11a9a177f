"""What is SQLite's own: its log is taken over into the file beside the commits, and a disk that is full is told."""

import asyncio
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from aiworker.core.errors import Unavailable
from aiworker.engine.queues.tables import queues
from aiworker.storage.database import Database
from aiworker.storage.outbox.events import Event
from aiworker.storage.transaction import Tx
from tests.support.databases import beside, fresh_database
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


def names(tx: Tx) -> list[str]:
    return [str(row.name) for row in tx.rows(select(queues.c.name).limit(10))]


async def refusals_in_one_group(
    database: Database, body: Callable[[Tx], None], *, meanwhile: Callable[[Tx], None] = lambda _: None
) -> list[str]:
    """The codes of three changes that are of one group: `body` stands between two that are right by themselves."""
    under_way, let_go = threading.Event(), threading.Event()

    def first(tx: Tx) -> None:
        # Those that come while it runs are of one group.
        under_way.set()
        let_go.wait()
        meanwhile(tx)

    async with asyncio.TaskGroup() as group:
        group.create_task(database.write(first))
        await asyncio.to_thread(under_way.wait)
        bodies = (partial(add, name="before"), body, partial(add, name="after"))
        asked = [group.create_task(refusal(database, one)) for one in bodies]
        await asyncio.sleep(0)
        let_go.set()
    return [one.result() for one in asked]


def by_itself(_: Tx) -> AbstractContextManager[None]:
    return nullcontext()


async def refusal(database: Database, body: Callable[[Tx], None]) -> str:
    with pytest.raises(Unavailable) as refused:
        await database.write(body)
    return refused.value.code


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


@pytest.mark.parametrize("part", [by_itself, Tx.savepoint])
async def test_what_no_longer_fits_on_the_disk_is_told_and_nothing_of_it_or_beside_it_is_kept(
    tmp_path: Path, part: Callable[[Tx], AbstractContextManager[None]]
) -> None:
    database = fresh_database(tmp_path, backend="sqlite")

    def full(tx: Tx) -> None:
        pages = tx.scalar(text("PRAGMA page_count"))
        tx.scalar(text(f"PRAGMA max_page_count = {pages}"))

    def too_much(tx: Tx) -> None:
        add(tx, "half")
        with part(tx):
            tx.emit(Event("shop", "SHOP-1", "grew", {"much": "x" * 1_000_000}))
            tx.flush()

    def room(tx: Tx) -> None:
        tx.scalar(text("PRAGMA max_page_count = 1000000"))

    assert await refusals_in_one_group(database, too_much, meanwhile=full) == ["database_unavailable"] * 3
    await database.write(room)
    assert await database.read(names) == []
    await database.write(add, "again")
    assert await database.read(names) == ["again"]
    await database.close()


async def test_where_more_was_taken_back_than_one_change_those_beside_it_are_refused_as_well(tmp_path: Path) -> None:
    database = fresh_database(tmp_path, backend="sqlite")

    def taken_back(tx: Tx) -> None:
        add(tx, "half")
        # As SQLite does by itself, say when it is out of memory.
        tx.execute(text("ROLLBACK"))
        raise MemoryError

    assert await refusals_in_one_group(database, taken_back) == ["database_unavailable"] * 3
    assert await database.read(names) == []
    await database.close()


async def test_a_file_that_is_damaged_is_told_and_is_no_mistake_of_ours(tmp_path: Path) -> None:
    database = fresh_database(tmp_path, backend="sqlite")
    await database.close()
    file = tmp_path / "aiworker.db"
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    damaged = beside(database)
    assert await refusal(damaged, partial(add, name="q")) == "database_unavailable"
    with pytest.raises(Unavailable):
        await damaged.read(names)
    await damaged.close()
