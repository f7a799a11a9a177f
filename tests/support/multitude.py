"""Many rows quickly: copies of rows that the program wrote, made by the database itself."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Integer, String, Table, cast, insert, literal, select, text

from aiworker.storage.transaction import Tx

Number = ColumnElement[int]
_DIGITS = " UNION ALL ".join(f"SELECT {digit} AS n" for digit in range(10))


def copy_row(
    tx: Tx, table: Table, row_id: str | int, times: int, changes: Callable[[Number], Mapping[str, Any]]
) -> None:
    """`times` copies of a row; `changes`: what is different in each, by its number from 0."""
    (key,) = table.primary_key
    row = tx.row(select(table).where(key == row_id))
    assert row is not None
    series = text(_numbers(len(str(times - 1)))).columns(number=Integer).subquery("series")
    values = {column.name: value for column, value in zip(table.c, row, strict=True)} | dict(changes(series.c.number))
    copied = [
        value if isinstance(value := values[column.name], ColumnElement) else literal(value, column.type)
        for column in table.c
    ]
    rows = select(*copied).select_from(series).where(series.c.number < times)
    tx.execute(insert(table).from_select([column.name for column in table.c], rows))


def named(prefix: str, number: Number) -> ColumnElement[str]:
    """`prefix` and the number, as text."""
    return literal(prefix) + cast(number, String(12))


def gather_statistics(tx: Tx, *tables: Table) -> None:
    """What the servers do by themselves before long. A laptop's SQLite goes without."""
    for table in tables:
        if tx.dialect == "postgresql":
            tx.execute(text(f"ANALYZE {table.name}"))
        elif tx.dialect != "sqlite":
            tx.execute(text(f"ANALYZE TABLE {table.name}")).close()


def _numbers(places: int) -> str:
    number = " + ".join(f"d{place}.n * {10**place}" for place in range(places))
    digits = " CROSS JOIN ".join(f"({_DIGITS}) d{place}" for place in range(places))
    return f"SELECT {number} AS number FROM {digits}"
