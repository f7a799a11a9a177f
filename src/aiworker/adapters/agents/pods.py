"""Agents as the pods of one Deployment: how many there are is its scale."""

from typing import Any, Protocol, TypeVar

from aiworker.core.errors import Conflict
from aiworker.delivery.ports.agent_pool import PoolStanding

Kind_contra = TypeVar("Kind_contra", contravariant=True)
Json = dict[str, Any]


class Objects(Protocol[Kind_contra]):
    """What is needed of a cluster. Raises: Unavailable."""

    async def get(self, kind: Kind_contra, name: str, namespace: str | None = None) -> Json | None:
        """One object; None if it is not there."""
        ...

    async def merge(self, kind: Kind_contra, name: str, namespace: str | None, changes: Json) -> Json:
        """Change some fields of an object."""
        ...


class AgentPods:
    """Reads and sets the scale of a Deployment, and needs no other right than that (`deployments/scale`)."""

    def __init__(self, cluster: Objects[Kind_contra], deployments: Kind_contra, *, namespace: str, name: str) -> None:
        async def read() -> Json | None:
            return await cluster.get(deployments, f"{name}/scale", namespace)

        async def write(changes: Json) -> Json:
            return await cluster.merge(deployments, f"{name}/scale", namespace, changes)

        self._read = read
        self._write = write
        self._where = f"{namespace}/{name}"

    async def standing(self) -> PoolStanding:
        """How it stands now."""
        found = await self._read()
        if found is None:
            raise Conflict(
                f"The cluster has no Deployment {self._where} for agents: apply deploy/kubernetes/agents, or name "
                "yours in AIWORKER_AGENTS.",
                code="no_agent_pool",
            )
        return _standing(found)

    async def scale(self, wanted: int) -> PoolStanding:
        """Have so many; what is so already is left alone."""
        now = await self.standing()
        return now if now.wanted == wanted else _standing(await self._write({"spec": {"replicas": wanted}}))


def _standing(scale: Json) -> PoolStanding:
    # What is zero is left out.
    wanted = (scale.get("spec") or {}).get("replicas") or 0
    running = (scale.get("status") or {}).get("replicas") or 0
    return PoolStanding(wanted=int(wanted), running=int(running))
