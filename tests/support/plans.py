"""What statements cost a database: the plan of each that ran, and the rows that were really looked at and locked."""

import json
import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, event

from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx

_PLANNED = re.compile(r"\s*(SELECT|UPDATE|DELETE|WITH|INSERT .* SELECT)", re.DOTALL)
_STEPS_AT_ONCE = 100
# A list in the order of an index may begin to read the index at its end, and stops when the page is full.
_PAGE = 1_000


@dataclass
class Cost:
    """`looked_at`: rows, or on SQLite steps of its machine. `locked`: rows of `robots` that nobody else can have."""

    looked_at: int = 0
    locked: int = 0
    scans: list[str] = field(default_factory=list[str])


class _Measured(Exception):
    """Carries what was measured out of a unit of work that is taken back."""

    def __init__(self, cost: Cost) -> None:
        self.cost = cost


@contextmanager
def noted(tx: Tx) -> Generator[list[tuple[str, Any]]]:
    """The statements of a part of a unit of work with their parameters, or the first of them, as they run."""
    statements: list[tuple[str, Any]] = []

    def note(
        _connection: Connection, _cursor: object, statement: str, parameters: Any, _context: object, many: bool
    ) -> None:
        statements.append((statement, parameters[0] if many else parameters))

    event.listen(tx.connection, "before_cursor_execute", note)
    yield statements
    event.remove(tx.connection, "before_cursor_execute", note)


async def cost_of(
    database: Database, body: Callable[[Tx], object], *, big: frozenset[str], alone: bool = False
) -> Cost:
    """Run a unit of work, take it back, and tell what it cost. `scans`: statements that read a big table whole;
    `alone`: as `Database.write_alone`."""

    def measured(tx: Tx) -> None:
        meter = _METERS[tx.dialect](tx.connection)
        with noted(tx) as statements:
            body(tx)
        cost = Cost(meter.looked_at(), meter.locked())
        for statement, parameters in statements:
            if _PLANNED.match(statement):
                cost.scans += [f"{line} in {statement}" for line in meter.scans(statement, parameters, big)]
        raise _Measured(cost)

    try:
        await (database.write_alone if alone else database.write)(measured)
    except _Measured as done:
        return done.cost
    raise AssertionError("unreachable")


class _SqliteMeter:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._steps = 0
        self._driver: Any = connection.connection.driver_connection
        self._driver.set_progress_handler(self._count, _STEPS_AT_ONCE)

    def _count(self) -> int:
        self._steps += _STEPS_AT_ONCE
        return 0

    def looked_at(self) -> int:
        self._driver.set_progress_handler(None, 0)
        return self._steps

    def locked(self) -> int:
        return 0

    def scans(self, statement: str, parameters: Any, big: frozenset[str]) -> list[str]:
        lines = [str(row[3]) for row in self._connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
        sorts = any("TEMP B-TREE FOR ORDER BY" in line for line in lines)
        in_order = "LIMIT" in statement and not sorts
        return [
            line
            for line in lines
            if (found := re.match(r"SCAN (\w+)(.*)", line))
            and found[1] in big
            and not ("USING" in found[2] and in_order)
        ]


class _PostgresMeter:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._before = self._read()

    def _read(self) -> int:
        read = "SELECT coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)"
        return int(self._connection.exec_driver_sql(f"{read} FROM pg_stat_xact_user_tables").scalar_one())

    def looked_at(self) -> int:
        return self._read() - self._before

    def locked(self) -> int:
        mine = "pg_current_xact_id()::xid"
        return self._connection.exec_driver_sql(
            f"SELECT count(*) FROM robots WHERE xmax = {mine} OR xmin = {mine}"
        ).scalar_one()

    def scans(self, statement: str, parameters: Any, big: frozenset[str]) -> list[str]:
        plan = self._connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
        nodes = _nodes(json.loads(plan) if isinstance(plan, str) else plan)
        return [
            f"{node['Node Type']} on {node['Relation Name']}"
            for node in nodes
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] in big
        ]


def _nodes(plan: Any) -> list[dict[str, Any]]:
    if isinstance(plan, list):
        return [node for part in plan for node in _nodes(part)]
    if not isinstance(plan, dict):
        return []
    here = [plan] if "Node Type" in plan else []
    return here + [node for part in plan.values() for node in _nodes(part)]


class _MariaMeter:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._before = self._read()

    def _read(self) -> int:
        rows = self._connection.exec_driver_sql("SHOW SESSION STATUS LIKE 'Handler_read%%'").all()
        return sum(int(row[1]) for row in rows)

    def looked_at(self) -> int:
        return self._read() - self._before

    def locked(self) -> int:
        # information_schema.innodb_trx tells what was true a while ago.
        mine = self._connection.exec_driver_sql("SELECT CONNECTION_ID()").scalar_one()
        status = str(self._connection.exec_driver_sql("SHOW ENGINE INNODB STATUS").one()[2])
        found = re.search(
            rf"(\d+) row lock\(s\)[^\n]*\n(?:[^-\n][^\n]*\n)*?(?:MariaDB|MySQL) thread id {mine},", status
        )
        return int(found[1]) if found else 0

    def scans(self, statement: str, parameters: Any, big: frozenset[str]) -> list[str]:
        rows = self._connection.exec_driver_sql(f"EXPLAIN FORMAT=TRADITIONAL {statement}", parameters).mappings().all()
        return [
            f"{row['type']} on {row['table']} ({row['rows']} rows)"
            for row in rows
            # MySQL lists the table that is written into, too, without a number of rows.
            if row["table"] in big
            and row["rows"] is not None
            and (row["type"] == "ALL" or (row["type"] == "index" and int(row["rows"]) > _PAGE))
        ]


_METERS: dict[str, Callable[[Connection], "_SqliteMeter | _PostgresMeter | _MariaMeter"]] = {
    "sqlite": _SqliteMeter,
    "postgresql": _PostgresMeter,
    "mysql": _MariaMeter,
}
