"""What is told after a commit: also of one that nobody can be sure of, and to whom has been cancelled meanwhile."""

import asyncio
import threading
from collections.abc import Collection
from typing import Any

import pytest
from sqlalchemy import bindparam, func, insert, select, text
from sqlalchemy.util import await_

from aiworker.core.errors import Unavailable
from aiworker.engine.queues.tables import queues
from aiworker.storage.database import Database
from aiworker.storage.prepared import Prepared
from aiworker.storage.transaction import Committed, Tx
from tests.support.databases import SERVERS
from tests.support.statements import kill_all_connections

on_the_servers = pytest.mark.parametrize("backend", SERVERS, indirect=True)
ADDED = insert(queues).values(name=bindparam("name"), paused=True).returning(queues.c.name).cte()
ADD = Prepared(select(ADDED.c.name))
COUNT = select(func.count()).select_from(queues)


class Told:
    """Which keys were dropped, and how many commits were told."""

    def __init__(self, database: Database) -> None:
        self.dropped: set[str] = set()
        self.commits = 0
        self.dropping, self.may_drop = asyncio.Event(), asyncio.Event()
        self.may_drop.set()
        database.drop_cached = self._drop
        database.on_commit = self._hear

    async def _drop(self, keys: Collection[str]) -> None:
        self.dropping.set()
        await self.may_drop.wait()
        self.dropped.update(keys)

    def _hear(self, _: Committed) -> None:
        self.commits += 1


def add(tx: Tx) -> None:
    tx.execute(insert(queues).values(name="q", paused=False))
    tx.drop("kept")


async def cancelled(task: asyncio.Task[Any]) -> bool:
    await asyncio.wait({task})
    return task.cancelled()


@on_the_servers
async def test_what_may_have_been_committed_is_not_believed_to_be_as_it_was(database: Database) -> None:
    told = Told(database)

    def body(tx: Tx) -> None:
        add(tx)
        await_(kill_all_connections(database.url))

    with pytest.raises(Unavailable, match="broke during the commit"):
        await database.write(body)
    assert (told.dropped, told.commits) == ({"kept"}, 0)


@on_the_servers
async def test_nor_is_what_was_being_committed_when_the_caller_was_cancelled(database: Database) -> None:
    told = Told(database)

    def body(tx: Tx) -> None:
        add(tx)
        task.cancel()

    task = asyncio.create_task(database.write(body))
    assert await cancelled(task)
    assert told.dropped == {"kept"}


async def test_who_is_cancelled_while_a_commit_is_told_leaves_when_it_is_told(database: Database) -> None:
    told = Told(database)
    told.may_drop.clear()
    task = asyncio.create_task(database.write(add))
    await told.dropping.wait()
    task.cancel()
    await asyncio.sleep(0)
    told.may_drop.set()
    assert await cancelled(task)
    assert (told.dropped, told.commits) == ({"kept"}, 1)


async def test_what_is_done_is_not_told_as_a_refusal_where_the_cache_cannot_be_told(database: Database) -> None:
    told = Told(database)

    async def away(_: Collection[str]) -> None:
        raise Unavailable("The database does not answer; try again.")

    database.drop_cached = away
    with pytest.raises(Unavailable) as doubt:
        await database.write(add)
    assert (doubt.value.code, told.commits) == ("commit_in_doubt", 1)
    assert await database.read(lambda tx: tx.scalar(COUNT)) == 1


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_what_was_concluded_is_not_done_again_whatever_comes_after_it(database: Database) -> None:
    told = Told(database)
    runs: list[int] = []

    def body(tx: Tx) -> None:
        runs.append(1)
        tx.drop("kept")
        tx.conclude(ADD, {"name": f"q{len(runs)}"})
        tx.execute(text("DO $$ BEGIN RAISE EXCEPTION 'later' USING ERRCODE = '55P03'; END $$"))

    with pytest.raises(Unavailable) as doubt:
        await database.write_alone(body)
    assert (doubt.value.code, len(runs), told.dropped) == ("commit_in_doubt", 1, {"kept"})
    assert await database.read(lambda tx: tx.scalar(COUNT)) == 1


class Held:
    """A unit of work that holds SQLite's writer until it is let go."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()

    def body(self, tx: Tx) -> None:
        self.begun.set()
        self.go.wait()
        add(tx)


async def begun(database: Database, held: Held) -> asyncio.Task[None]:
    task = asyncio.create_task(database.write(held.body))
    await asyncio.to_thread(held.begun.wait)
    return task


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_who_is_cancelled_before_the_writer_begins_has_written_nothing(database: Database) -> None:
    held = Held()
    first = await begun(database, held)
    second = asyncio.create_task(database.write(lambda tx: tx.execute(insert(queues).values(name="r", paused=False))))
    await asyncio.sleep(0)
    second.cancel()
    assert await cancelled(second)
    held.go.set()
    await first
    # The writer does one after the other.
    assert await database.write(lambda tx: tx.scalar(COUNT)) == 1


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_who_is_cancelled_after_that_leaves_when_it_is_written_and_told(database: Database) -> None:
    told, held = Told(database), Held()
    task = await begun(database, held)
    task.cancel()
    await asyncio.sleep(0)
    left_at_once = task.done()
    held.go.set()
    assert await cancelled(task)
    assert not left_at_once
    assert (told.dropped, told.commits) == ({"kept"}, 1)
