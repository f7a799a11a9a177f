"""Rows that a statement brings along arrive as they were told, one or many, on each database."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Table, delete, insert, select

from aiworker.core.errors import Invalid
from aiworker.engine.queues.tables import queues
from aiworker.engine.robots.tables import robots
from aiworker.engine.types.tables import robot_types
from aiworker.storage.database import Database
from aiworker.storage.given import Way, given_rows, given_table
from aiworker.storage.prepared import Prepared
from aiworker.storage.records import names_of
from aiworker.storage.transaction import Tx
from aiworker.wire.engine import RobotStatus


@dataclass(frozen=True, slots=True)
class Told:
    robot_id: str
    correlation_id: str | None
    output_data: dict[str, Any] | None
    needs: list[str]
    compliance_tags: list[str] | None
    completeness_score: float | None
    age: datetime
    moves: int
    status: RobotStatus | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    name: str
    paused: int = 0


@dataclass(frozen=True, slots=True)
class Described:
    robot_type: str
    described_by: str | None = None
    output_schema: dict[str, Any] | None = None
    sensitive_fields: Sequence[str] = ()
    updated_at: datetime = datetime(2026, 2, 28, tzinfo=UTC)


FULL = Told(
    'it\'s "1", {2}\\',
    "ñ\n€😀",
    {"a": [1, None, {"b": 0.1}], "big": 2**64 - 1, "": "x\\y"},
    ["", "a,b", '"q"', "{}", "NULL"],
    ["/name"],
    0.29,
    datetime(2026, 2, 28, 23, 59, 59, 999_999, UTC),
    7,
    RobotStatus.RETRYING,
)
EMPTY = Told("2", None, None, [], None, None, datetime(1970, 1, 1, tzinfo=UTC), 0)


def _name(told: Told) -> str:
    return told.robot_id


@pytest.mark.parametrize("rows", [[FULL], [EMPTY], [FULL, EMPTY] * 150], ids=["full", "empty", "many"])
async def test_every_kind_of_value_arrives_as_it_was_told(database: Database, rows: list[Told]) -> None:
    def bring(tx: Tx) -> tuple[list[Told], list[Told]]:
        # MariaDB's JSON_TABLE knows no ENUM.
        names = [name for name in names_of(Told) if not (name == "status" and tx.dialect == "mysql")]
        told = [replace(row, status=row.status if "status" in names else None) for row in rows]
        way = Way.of(tx.dialect, len(rows))
        given = given_table(way, [robots.c[name] for name in names])
        found = tx.execute(Prepared(select(*given.c)), given_rows(way, told, names)).all()
        return told, [Told(**dict(zip(names, row, strict=True))) for row in found]

    told, found = await database.write(bring)

    assert sorted(found, key=_name) == sorted(told, key=_name)


async def bring(database: Database, table: Table, rows: Sequence[object]) -> None:
    def add(tx: Tx) -> None:
        way, names = Way.of(tx.dialect, len(rows)), names_of(type(rows[0]))
        given = given_table(way, [table.c[name] for name in names])
        tx.execute(Prepared(insert(table).from_select(names, select(*given.c))), given_rows(way, rows, names))

    await database.write(add)


@pytest.mark.parametrize("backend", ["postgresql", "mariadb"])
async def test_a_text_that_is_too_long_for_its_column_is_refused_and_not_cut(database: Database) -> None:
    for length in (101, 200):
        with pytest.raises(Invalid):
            await bring(database, queues, [Queue("short"), Queue("n" * length)])

    assert await database.read(lambda tx: tx.rows(select(queues.c.name).limit(2))) == []


@pytest.mark.parametrize("backend", ["postgresql", "mariadb"])
async def test_a_text_that_is_too_long_is_refused_where_there_might_be_none(database: Database) -> None:
    for length in (101, 200):
        with pytest.raises(Invalid):
            await bring(database, robot_types, [Described("one"), Described("other", "n" * length)])


async def test_json_that_is_too_much_for_a_database_is_refused_and_no_mistake_of_ours(database: Database) -> None:
    deep: dict[str, Any] = {}
    for _ in range(200):
        deep = {"a": deep}
    kept = select(robot_types.c.output_schema).where(robot_types.c.robot_type == "other")
    for schema in (deep, {"a": 10**400}):
        with suppress(Invalid):
            await bring(database, robot_types, [Described("one"), Described("other", output_schema=schema)])
            assert await database.read(lambda tx: tx.scalar(kept)) == schema
            await database.write(lambda tx: tx.execute(delete(robot_types)))
