"""A bell that rings when something in the cluster has changed. Who hears it looks for himself.

So nothing is lost with a watch that is cut, or that ends with 410 because its place in history is gone: it begins anew
and rings.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field

from aiworker.adapters.runtime.kubernetes.cluster import Cluster
from aiworker.adapters.runtime.kubernetes.errors import ClusterAway, ClusterRefused
from aiworker.adapters.runtime.kubernetes.kinds import Kind

_WATCH_SECONDS = 240
_AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Watched:
    """Which objects."""

    kind: Kind
    namespace: str | None
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    fields: str = ""


class Bell:
    """Rings for each change, and by itself now and then."""

    def __init__(self, pulse: float) -> None:
        self._pulse = pulse
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Something has changed."""
        self._rung.set()

    async def heard(self) -> None:
        """Wait for the next ring, `pulse` seconds at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pulse):
                await self._rung.wait()
        self._rung.clear()


@asynccontextmanager
async def bell_for(cluster: Cluster, watched: Sequence[Watched], *, pulse: float) -> AsyncGenerator[Bell]:
    """A bell that rings when one of these objects changes, for as long as the context lasts."""
    bell = Bell(pulse)
    watching = [asyncio.create_task(_watch(cluster, each, bell), name=f"watch {each.kind.plural}") for each in watched]
    try:
        yield bell
    finally:
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)


async def _watch(cluster: Cluster, watched: Watched, bell: Bell) -> None:
    since = ""
    while True:
        try:
            if not since:
                since = await cluster.standing(watched.kind, watched.namespace, watched.labels, watched.fields)
                bell.ring()
            changes = cluster.watch(
                watched.kind, watched.namespace, watched.labels, watched.fields, since=since, seconds=_WATCH_SECONDS
            )
            async with aclosing(changes):
                async for version in changes:
                    since = version or since
                    bell.ring()
        except (ClusterAway, ClusterRefused):
            # Whatever it was: who listens looks by itself meanwhile, and is told there if it is for good.
            since = ""
            await asyncio.sleep(_AGAIN_SECONDS)
