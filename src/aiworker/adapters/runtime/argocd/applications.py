"""The Applications of Argo CD, whichever door they are reached by."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from aiworker.adapters.runtime.kubernetes.bell import Bell
from aiworker.adapters.runtime.kubernetes.cluster import Json


class Busy(Exception):
    """An operation is under way, or somebody has changed the Application since it was read: look again."""


class Applications(Protocol):
    """Reads, writes and syncs Applications. Raises: ClusterAway, ClusterRefused."""

    async def get(self, name: str) -> Json | None:
        """One of them, whoever it belongs to; None if there is none by that name."""
        ...

    async def of(self, installation: str) -> Sequence[Json]:
        """Those that carry this installation's label."""
        ...

    async def put(self, manifest: Json, known: Json | None) -> Json:
        """Have it as the manifest says; `known` is what `get` gave."""
        ...

    async def sync(self, application: Json, *, revision: str, mark: str) -> None:
        """Have Argo CD sync a revision; the operation carries `mark`. Raises: Busy."""
        ...

    async def stop(self, application: Json) -> None:
        """Have the operation end that is asked for or under way. Raises: Busy."""
        ...

    async def delete(self, name: str) -> None:
        """Have it removed, with everything that it made; already gone is no error."""
        ...

    def bell(self, name: str, pulse: float) -> AbstractAsyncContextManager[Bell]:
        """Rings when it changes."""
        ...
