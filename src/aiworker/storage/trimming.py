"""Removing what is old in small portions, so that nobody waits long for a lock."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, delete, select

from aiworker.storage.transaction import Tx


def delete_oldest(tx: Tx, column: Column[Any], before: datetime | int, limit: int) -> int:
    """Remove the rows with the smallest values of an indexed column, all of them below `before`; about `limit`.

    How many those were: several with one value go together.
    """
    last = tx.scalar(select(column).where(column < before).order_by(column).limit(1).offset(limit - 1))
    old = column < before if last is None else column <= last
    return tx.execute(delete(column.table).where(old)).rowcount
