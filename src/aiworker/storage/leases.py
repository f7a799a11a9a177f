"""Leases: one process at a time does a thing, and another goes on when it dies."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError

from aiworker.storage.outbox.tables import leases
from aiworker.storage.prepared import Prepared, this, update_of
from aiworker.storage.transaction import Tx
from aiworker.storage.types import utc_timestamp

_LOCK = Prepared(
    select(leases.c.holder, leases.c.expires_at, utc_timestamp().label("now"))
    .where(leases.c.name == bindparam("name"))
    .with_for_update()
)


def nobody(_holder: str) -> bool:
    """Of no holder it is known that it has ended."""
    return False


def take_lease(tx: Tx, name: str, holder: str, seconds: float, *, is_gone: Callable[[str], bool] = nobody) -> bool:
    """Take the lease, or keep one's own, for at least half of `seconds` from now; False while somebody else has it.

    The lease of a holder that `is_gone` for certain is free. The row stays locked until the commit, so what the same
    unit of work does is done by the holder alone.
    """
    row = tx.row(_LOCK, {"name": name})
    if row is not None:
        tx.learn(row.now)
    expires_at = tx.now + timedelta(seconds=seconds)
    if row is None:
        try:
            with tx.savepoint():
                tx.execute(insert(leases).values(name=name, holder=holder, expires_at=expires_at))
        except IntegrityError:
            return False
        return True
    if row.holder == holder and row.expires_at - tx.now > timedelta(seconds=seconds / 2):
        return True
    if row.holder != holder and row.expires_at > tx.now and not is_gone(row.holder):
        return False
    new = {"holder": holder, "expires_at": expires_at}
    tx.execute(update_of(leases, ("name",), tuple(new)), new | this(name=name))
    return True


def give_lease_back(tx: Tx, name: str, holder: str) -> None:
    """Let the next one in at once; not one's own: nothing happens."""
    tx.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))
