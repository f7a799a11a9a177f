"""Every statement on what is kept of the system itself."""

from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from aiworker.access.system.tables import system_config
from aiworker.storage.transaction import Tx


def find(tx: Tx, key: str) -> Any:
    """The value of a key, or None."""
    return tx.scalar(select(system_config.c.value).where(system_config.c.key == key))


def put(tx: Tx, key: str, value: Any, description: str) -> None:
    """Replace a value, or insert it. Raises what the database says if somebody else's came first."""
    changed = update(system_config).where(system_config.c.key == key).values(value=value, updated_at=tx.now)
    if tx.execute(changed).rowcount == 0:
        tx.execute(insert(system_config).values(key=key, value=value, description=description))


def add(tx: Tx, key: str, value: Any, description: str) -> bool:
    """Insert a value; False if somebody else's came first."""
    try:
        with tx.savepoint():
            tx.execute(insert(system_config).values(key=key, value=value, description=description))
    except IntegrityError:
        return False
    return True
