"""The right to believe a cache that several processes share.

A process that cannot reach the cache cannot drop what it changes, while another may still read it there. So to believe
the cache is a licence that the database gives for a second at a time, and that anybody can revoke there: a second
later, nobody believes what was kept before. When it is given again, it is for a new epoch, in which nothing is kept
yet; so nothing needs to be cleared, and a cache that comes back with its old memory does no harm.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from aiworker.core.ids import new_id
from aiworker.storage.database import Database
from aiworker.storage.outbox.tables import leases
from aiworker.storage.transaction import Tx

_ROW: Final = "cache"
LICENCE_SECONDS: Final = 1.0
REVOKED_SECONDS: Final = 30.0
# How long a second on another machine's clock may take, at most.
_LAST_SECONDS: Final = LICENCE_SECONDS * 1.1


@dataclass(frozen=True, slots=True)
class _State:
    """`epoch` is None while the licence is revoked; `left` is for how long it will be, in seconds."""

    epoch: str | None
    left: float = 0.0


class Licence:
    """One process's licence."""

    def __init__(
        self,
        database: Database,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._monotonic = monotonic
        self._sleep = sleep
        self._epoch: str | None = None
        self._certain_until = 0.0
        # From then on nobody has it any more.
        self._settled_at = 0.0
        self._revoked_until = 0.0
        self._asking = asyncio.Lock()
        self._revoking = asyncio.Lock()

    @property
    def known(self) -> str | None:
        """The epoch, if it is certain just now."""
        return self._epoch if self._monotonic() < self._certain_until else None

    async def epoch(self) -> str | None:
        """What is kept in this epoch may be believed; None: nothing may. Raises: Unavailable."""
        if self._monotonic() < self._certain_until:
            return self._epoch
        async with self._asking:
            asked = self._monotonic()
            if asked >= self._certain_until:
                state = await self._database.read(_state)
                self._epoch, self._certain_until = state.epoch, asked + LICENCE_SECONDS
                if state.epoch is None:
                    self._certain_until = asked + min(state.left, LICENCE_SECONDS)
                    self._settled_at = self._monotonic() + state.left - REVOKED_SECONDS + _LAST_SECONDS
        return self._epoch

    async def revoke(self) -> None:
        """Take it from everybody, for half a minute; when this returns, nobody has it. Raises: Unavailable."""
        async with self._revoking:
            asked = self._monotonic()
            if asked >= self._revoked_until - REVOKED_SECONDS / 2:
                await self._database.write(_revoke)
                if asked >= self._revoked_until:
                    self._settled_at = self._monotonic() + _LAST_SECONDS
                self._revoked_until = asked + REVOKED_SECONDS
                self._epoch, self._certain_until = None, self._revoked_until
        await self.settled()

    async def settled(self) -> None:
        """Once it is revoked: wait until nobody has it any more, a second at most."""
        left = self._settled_at - self._monotonic()
        if left > 0:
            await self._sleep(left)


def _state(tx: Tx) -> _State:
    row = tx.row(select(leases.c.holder, leases.c.expires_at).where(leases.c.name == _ROW))
    if row is None:
        return _State("")
    left = (row.expires_at - tx.now).total_seconds()
    return _State(None, left) if left > 0 else _State(f"{row.holder}:")


def _revoke(tx: Tx) -> None:
    values = {"holder": new_id()[-12:], "expires_at": tx.now + timedelta(seconds=REVOKED_SECONDS)}
    change = update(leases).where(leases.c.name == _ROW).values(values)
    if tx.execute(change).rowcount == 0:
        try:
            with tx.savepoint():
                tx.execute(insert(leases).values(name=_ROW, **values))
        except IntegrityError:
            tx.execute(change)
