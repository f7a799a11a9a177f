"""How many agents run in the cluster."""

from aiworker.delivery.ports.agent_pool import PoolStanding
from aiworker.edge.api.context import Admin, Context, Reader
from aiworker.edge.api.routing import api_router
from aiworker.wire.agents import AgentPool, AgentPoolChanges
from aiworker.wire.base import Answer

router = api_router("agents", "/agent-pool")


@router.get("")
async def get_pool(_caller: Reader, context: Context) -> Answer[AgentPool]:
    """How many agents are wanted in the cluster, and how many run."""
    return _answer(await context.agent_pool.standing())


@router.patch("")
async def change_pool(changes: AgentPoolChanges, caller: Admin, context: Context) -> Answer[AgentPool]:
    """Have so many agents in the cluster from now on; whoever is to go finishes its task first."""
    standing = await context.agent_pool.scale(changes.wanted)
    await caller.record("agent-pool.scale", "agents", {"wanted": changes.wanted})
    return _answer(standing)


def _answer(standing: PoolStanding) -> Answer[AgentPool]:
    return Answer(data=AgentPool.model_validate(standing))
