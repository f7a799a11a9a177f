"""Every statement on what is kept of the system itself."""

from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from aiworker.access.system.tables import system_config
from aiworker.storage.transaction import Tx


def find(tx: Tx, key: str) -> Any:
    """The value of a key, or None."""
    return tx.scalar(select(system_config.c.value).where(system_config.c.key == key))


def add(tx: Tx, key: str, value: Any, description: str) -> bool:
    """Insert a value; False if somebody else's came first."""
    try:
        with tx.savepoint():
            tx.execute(insert(system_config).values(key=key, value=value, description=description))
    except IntegrityError:
        return False
    return True
