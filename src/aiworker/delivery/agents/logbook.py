"""The agents' logs take many lines at once; they stand aside for everything else."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from aiworker.storage.database import Database
from aiworker.storage.transaction import Tx

T = TypeVar("T")


class LogBook:
    """Writes one batch after the other, so that at most one of them stands before a claim."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turn = asyncio.Lock()

    async def write(self, body: Callable[[Tx], T]) -> T:
        """A unit of work that adds lines."""
        async with self._turn:
            return await self._database.write(body)
