"""The AgentPool port: the agents that a cluster runs, as many as are wanted."""

from dataclasses import dataclass
from typing import Protocol

from aiworker.core.errors import Conflict


@dataclass(frozen=True, slots=True)
class PoolStanding:
    """How many agents are wanted, and how many there are: more, while some finish their last task."""

    wanted: int
    running: int


class AgentPool(Protocol):
    """Counts and scales. Each raises Unavailable if the cluster does not answer or does not allow it, and Conflict if
    there is no pool."""

    async def standing(self) -> PoolStanding:
        """How it stands now."""
        ...

    async def scale(self, wanted: int) -> PoolStanding:
        """Have so many from now on. Whoever is to go is told to, and finishes its task first."""
        ...


class NoAgentPool:
    """Without a cluster agents are started by hand."""

    async def standing(self) -> PoolStanding:
        """There is none."""
        raise _no_pool()

    async def scale(self, wanted: int) -> PoolStanding:  # noqa: ARG002 (there is none, whatever is wanted)
        """There is none."""
        raise _no_pool()


def _no_pool() -> Conflict:
    return Conflict(
        "This installation runs no agents in a cluster (K8S_IN_CLUSTER or KUBECONFIG is not set). Start them where "
        "they should run: aiworker agent --count N, or aiworker up --agents N.",
        code="no_agent_pool",
    )
