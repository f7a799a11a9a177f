"""Counting for those who watch: bounded, so that a table of a million rows costs no more than one of a hundred
thousand."""

from typing import Any

from sqlalchemy import ColumnElement, func, select

from aiworker.storage.transaction import Tx

# What is looked at in one count at most: a number that reaches it says "so many or more".
MOST = 100_000


def counted(tx: Tx, by: ColumnElement[Any], *where: ColumnElement[bool], most: int = MOST) -> dict[str, int]:
    """How many rows have each value of a column."""
    some = select(by.label("value")).where(*where).limit(most).subquery()
    rows = tx.rows(select(some.c.value, func.count().label("number")).group_by(some.c.value))
    return {str(row.value): row.number for row in rows}
