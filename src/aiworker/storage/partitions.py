"""Tables in partitions by month (PostgreSQL, MariaDB/MySQL): a month is dropped at once instead of row by row.

There is always a partition for the rest, so a row whose month nobody prepared is kept all the same; it moves to its
month when that is made.
"""
# ruff: noqa: S608 (names come from the house's own tables)

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection, Table, text

from aiworker.storage.metadata import PARTITIONED_BY
from aiworker.storage.transaction import Tx

REST = "rest"
_NAME = re.compile(r"(\d{4})_(\d{2})$")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of UTC."""

    year: int
    number: int

    @classmethod
    def of(cls, moment: datetime) -> "Month":
        """The month in which a moment lies."""
        utc = moment.astimezone(UTC)
        return cls(utc.year, utc.month)

    def plus(self, months: int) -> "Month":
        """So many months later."""
        count = self.year * 12 + self.number - 1 + months
        return Month(count // 12, count % 12 + 1)

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    def __str__(self) -> str:
        return f"{self.year:04}_{self.number:02}"


def partition_tables(connection: Connection) -> set[str]:
    """PostgreSQL keeps each partition as a table; their names."""
    if connection.dialect.name != "postgresql":
        return set()
    statement = "SELECT relname FROM pg_class WHERE relispartition AND relnamespace = current_schema()::regnamespace"
    return {str(row[0]) for row in connection.execute(text(statement))}


def months_of(tx: Tx, table: Table) -> list[Month]:
    """The months that have a partition, oldest first; none on SQLite. The first one holds everything older, too."""
    return months_there(tx.connection, table.name)


def months_there(connection: Connection, table: str) -> list[Month]:
    """As `months_of`, for those who have no unit of work."""
    if connection.dialect.name == "sqlite":
        return []
    if connection.dialect.name == "postgresql":
        statement = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = to_regclass(:table)"
    else:
        statement = (
            "SELECT partition_name FROM information_schema.partitions"
            " WHERE table_schema = DATABASE() AND table_name = :table AND partition_name IS NOT NULL"
        )
    names = [str(row[0]) for row in connection.execute(text(statement), {"table": table})]
    return sorted(Month(int(found[1]), int(found[2])) for name in names if (found := _NAME.search(name)))


def make_ahead(tx: Tx, table: Table, *, months: int) -> list[Month]:
    """Make partitions from the newest there is up to `months` after this month; those that were made."""
    present = months_of(tx, table)
    if not present:
        return []
    last = Month.of(tx.now).plus(months)
    missing: list[Month] = []
    following = present[-1].plus(1)
    while following <= last:
        missing.append(following)
        following = following.plus(1)
    for month in missing:
        _make(tx.connection, table, month)
    return missing


def drop_before(tx: Tx, table: Table, moment: datetime) -> list[Month]:
    """Drop the months that ended before `moment`, with their rows; this month and what lies ahead stays."""
    gone = [month for month in months_of(tx, table) if month.plus(1) <= Month.of(min(moment, tx.now))]
    for month in gone:
        name = f"{table.name}_{month}"
        if tx.dialect == "postgresql":
            tx.execute(text(f"DROP TABLE {name}"))
        else:
            tx.execute(text(f"ALTER TABLE {table.name} DROP PARTITION {name}"))
    return gone


def bounds(month: Month) -> tuple[str, str]:
    """A month's first instant, and the next one's, as both databases read it."""
    return f"{month.first_day} 00:00:00", f"{month.plus(1).first_day} 00:00:00"


def _make(connection: Connection, table: Table, month: Month) -> None:
    name, rest, column = f"{table.name}_{month}", f"{table.name}_{REST}", table.info[PARTITIONED_BY]
    start, end = bounds(month)
    if connection.dialect.name != "postgresql":
        connection.execute(
            text(
                f"ALTER TABLE {table.name} REORGANIZE PARTITION {rest} INTO"
                f" (PARTITION {name} VALUES LESS THAN ('{end}'), PARTITION {rest} VALUES LESS THAN (MAXVALUE))"
            )
        )
        return
    # Attached when it is whole, so that those who write wait as briefly as may be.
    connection.execute(text(f"CREATE TABLE {name} (LIKE {table.name} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"))
    within = f"{column} >= '{start}+00' AND {column} < '{end}+00'"
    connection.execute(text(f"LOCK TABLE {rest} IN ACCESS EXCLUSIVE MODE"))
    connection.execute(
        text(f"WITH moved AS (DELETE FROM {rest} WHERE {within} RETURNING *) INSERT INTO {name} SELECT * FROM moved")
    )
    connection.execute(
        text(f"ALTER TABLE {table.name} ATTACH PARTITION {name} FOR VALUES FROM ('{start}+00') TO ('{end}+00')")
    )
