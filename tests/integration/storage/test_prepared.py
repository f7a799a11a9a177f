"""Statements that go straight to the driver bring what SQLAlchemy brings, and fail as it fails, on each database."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import bindparam, event, func, select, update
from sqlalchemy.exc import IntegrityError

from aiworker.core.errors import Conflict
from aiworker.engine.queues.tables import queues
from aiworker.storage.database import Database
from aiworker.storage.outbox.tables import outbox
from aiworker.storage.prepared import Prepared, insert_of, this, update_of
from aiworker.storage.transaction import Tx
from aiworker.storage.types import utc_timestamp


@dataclass(frozen=True, slots=True)
class Named:
    name: str
    max_running: int | None


NAMES = ("name", "paused", "max_running")
MANY = Prepared(
    select(queues.c.max_running, queues.c.name, queues.c.paused, utc_timestamp().label("now"))
    .where(queues.c.name.in_(bindparam("names", expanding=True)), queues.c.paused == bindparam("paused"))
    .order_by(queues.c.name)
    .limit(bindparam("number"))
)
FIXED = Prepared(select(func.count()).where(queues.c.name.in_(["a", "b"]), queues.c.paused.is_(False)))
PAUSE_MANY = Prepared(
    update(queues).where(queues.c.name.in_(bindparam("names", expanding=True))).values(paused=bindparam("to"))
)
EVENTS = Prepared(select(outbox.c.feed, outbox.c.events, outbox.c.created_at).order_by(outbox.c.id).limit(10))


def fill(tx: Tx) -> None:
    rows = [{"name": name, "paused": name == "e", "max_running": place} for place, name in enumerate("abcde")]
    tx.execute(insert_of(queues, NAMES), rows)
    tx.execute(insert_of(queues, NAMES), {"name": "f", "paused": False, "max_running": None})


def both_ways(tx: Tx, statement: Prepared, told: dict[str, Any]) -> tuple[Any, Any]:
    """The rows as the driver brings them, and as SQLAlchemy does when somebody listens."""
    straight = [tuple(row) for row in tx.rows(statement, told)]
    heard: list[str] = []

    def hear(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        heard.append(text)

    event.listen(tx.connection, "before_cursor_execute", hear)
    around = [tuple(row) for row in tx.rows(statement, told)]
    event.remove(tx.connection, "before_cursor_execute", hear)
    assert len(heard) == 1
    return straight, around


async def test_rows_are_the_same_with_and_without_sqlalchemy_for_lists_of_any_length(database: Database) -> None:
    def body(tx: Tx) -> None:
        fill(tx)
        for number in range(6):
            told = {"names": list("abcdef")[:number], "paused": False, "number": 10}
            straight, around = both_ways(tx, MANY, told)
            assert [row[:3] for row in straight] == [row[:3] for row in around]
            assert [row[1] for row in straight] == [name for name in "abcdef"[:number] if name != "e"]
        assert both_ways(tx, FIXED, {}) == ([(2,)], [(2,)])
        tx.execute(PAUSE_MANY, {"names": ["a", "f"], "to": True})
        assert tx.scalar(FIXED) == 1

    await database.write(body)


async def test_values_come_back_as_they_were_written(database: Database) -> None:
    def body(tx: Tx) -> None:
        told = [{"kind": "x", "data": {"é": [1, None, "%s %% :x $1 ?"]}}]
        values = {"feed": "%(f)s", "events": told, "size": 1, "created_at": tx.now}
        tx.execute(insert_of(outbox, tuple(values)), values)
        straight, around = both_ways(tx, EVENTS, {})
        assert straight == around == [("%(f)s", told, tx.now)]

    await database.write(body)


async def test_records_are_made_of_the_columns_that_they_have_by_name_and_the_time_is_learned(
    database: Database,
) -> None:
    def body(tx: Tx) -> None:
        fill(tx)
        told = {"names": ["b"], "paused": False, "number": 1}
        assert tx.record(Named, MANY, told) == Named("b", 1)
        assert tx.records(Named, MANY, {**told, "names": ["b", "f"], "number": 5}) == [
            Named("b", 1),
            Named("f", None),
        ]
        assert tx.record(Named, MANY, {**told, "names": ["none"]}) is None
        with pytest.raises(RuntimeError, match="more"):
            tx.record(Named, MANY, {**told, "names": ["a", "b"], "number": 5})

    await database.write(body)


async def test_a_change_says_how_many_rows_it_changed(database: Database) -> None:
    def body(tx: Tx) -> None:
        fill(tx)
        pause = update_of(queues, ("name", "max_running"), ("paused",))
        assert tx.execute(pause, {"paused": True} | this(name="a", max_running=0)).rowcount == 1
        assert tx.execute(pause, {"paused": True} | this(name="a", max_running=1)).rowcount == 0

    await database.write(body)


async def test_what_the_database_refuses_is_the_same_error_and_can_be_taken_back(database: Database) -> None:
    def body(tx: Tx) -> int:
        fill(tx)
        with pytest.raises(IntegrityError), tx.savepoint():
            tx.execute(insert_of(queues, NAMES), {"name": "a", "paused": False, "max_running": None})
        return tx.scalar(FIXED)

    assert await database.write(body) == 2
    with pytest.raises(Conflict):
        await database.write(fill)
    assert await database.read(lambda tx: tx.scalar(FIXED)) == 2
